// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "relay-admin/client/profile.h"
#include "shared/result.h"

#include <QByteArray>
#include <QList>
#include <QString>

namespace relay::admin {

/** What is written besides the rest. */
enum class HeaderValues {
    Included, ///< for the program's own file
    LeftOut,  ///< for others: what a proxy asks for is often a secret
};

/** Version of what is written; an older one is read, a newer one is refused. */
inline constexpr int ProfileJsonVersion = 1;
inline constexpr qsizetype MaxProfiles = 1000;
inline constexpr qsizetype MaxProfileJsonBytes = 4 * 1024 * 1024;

/**
 * `{"format": "vauchi-relay-admin profiles", "version": 1, "profiles": [{"id": …, "name": …}]}`
 * Without tokens, which no profile has.
 */
QByteArray toJson(const QList<Profile> &profiles, HeaderValues values);

/**
 * All of them or none. The error is one sentence for people, with the place. Fields that are
 * missing have their defaults, but for name and address; unknown ones are ignored. Each profile
 * is without faults (faultsOf()); ids may be missing (null) or there twice.
 */
Result<QList<Profile>, QString> profilesFromJson(const QByteArray &json);

} // namespace relay::admin
