// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>
#include <QUrl>
#include <QUuid>

#include <chrono>

namespace relay::admin {

/** A closed set, so that each has its shade in both themes and a name that is read aloud. */
enum class ColourTag { None, Red, Orange, Yellow, Green, Blue, Purple };

/** How one relay is reached. Without the bearer token, which SecretStore keeps under `id`. */
struct Profile {
    static constexpr std::chrono::seconds MinInterval {1};
    static constexpr std::chrono::seconds MaxInterval {600};

    QUuid id;
    QString name;
    /** Empty: in no group. */
    QString group;
    ColourTag colour = ColourTag::None;
    /** Of the monitoring port: http or https, a host, perhaps a path that a proxy puts before. */
    QUrl monitoringUrl {QStringLiteral("http://127.0.0.1:8081")};
    /** Of the public port, ws or wss; empty: the connection test leaves it out. */
    QUrl publicUrl;
    /** PEM file with authorities that are trusted besides the system's; empty: none. */
    QString caFile;
    /** A header that a proxy asks for; empty: none. */
    QString headerName;
    QString headerValue;
    std::chrono::seconds interval {5};

    bool operator==(const Profile &) const = default;
};

} // namespace relay::admin
