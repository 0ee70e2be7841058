// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "relay-admin/client/profile.h"

#include <QList>
#include <QString>

namespace relay::admin {

/** What a person fills in, so that a fault stands beside it. */
enum class ProfileField {
    Name,
    Group,
    Colour,
    MonitoringUrl,
    PublicUrl,
    CaFile,
    HeaderName,
    HeaderValue,
    Interval,
    Token,
};

struct ProfileFault {
    ProfileField field;
    /** One sentence for people, translated. */
    QString text;

    bool operator==(const ProfileFault &) const = default;
};

/** Longest name, group, or header; what people write is shorter. */
inline constexpr qsizetype MaxProfileTextLength = 200;
/** Longest URL or path of a file. */
inline constexpr qsizetype MaxProfileUrlLength = 2000;

/**
 * What keeps a profile from being used: nothing, if it can be polled. Does not look at the disk or
 * the network: whether a file or a host is there is for the connection test.
 */
QList<ProfileFault> faultsOf(const Profile &profile);

/** The same for a bearer token, which may be empty. */
QList<ProfileFault> faultsOfToken(const QString &token);

} // namespace relay::admin
