// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "relayd/config/postgresurl.h"
#include "shared/result.h"

#include <QByteArray>
#include <QHostAddress>
#include <QList>
#include <QProcessEnvironment>
#include <QString>
#include <QStringList>

#include <chrono>

namespace relay {

/** Where a port listens. QHostAddress::Any stands for `[::]`: both address families. */
struct ListenAddress {
    QHostAddress host;
    quint16 port = 0; ///< 0: the system chooses

    bool operator==(const ListenAddress &) const = default;
};

/** The addresses whose first `prefix` bits are those of `base`. */
struct Subnet {
    QHostAddress base;
    int prefix = 0;

    bool operator==(const Subnet &) const = default;
};

enum class StorageBackend { Sqlite, Memory, Postgres };
enum class SqliteSynchronous { Full, Normal, Off };
enum class LogLevel { Debug, Info, Warning, Critical };
enum class LogFormat { Text, Json };

/** The number of processor cores, at least 1 and at most 8. */
int defaultIoThreads();

/**
 * What the operator can choose, as values of the right type. The names, ranges and texts of the
 * environment variables behind the fields stand in settingstable.cpp, one row for each.
 */
struct Settings {
    ListenAddress listenAddr {QHostAddress(QHostAddress::AnyIPv4), 8080};
    ListenAddress httpAddr {QHostAddress(QHostAddress::AnyIPv4), 8081};
    int maxConnections = 1000;
    qint64 maxMessageSize = 1048576; ///< bytes of a whole WebSocket message
    std::chrono::seconds blobTtl = std::chrono::days(90);
    int rateLimitPerMin = 60; ///< 0: no limit
    int rateBurst = 60;       ///< loadSettings() takes the rate if it is not given; 0: no limit
    std::chrono::seconds cleanupInterval {3600};
    StorageBackend storageBackend = StorageBackend::Sqlite;
    QString dataDir = QStringLiteral("/data");
    PostgresUrl postgresUrl; ///< of the backend Postgres
    QByteArray metricsToken; ///< empty: /metrics is open
    std::chrono::seconds slowClientTimeout {60};
    qint64 minFreeBytes = 268435456;
    std::chrono::seconds idleTimeout {300};
    std::chrono::seconds handshakeTimeout {10};
    std::chrono::seconds pingInterval {25}; ///< 0: no pings
    int maxBlobsPerRecipient = 1000;        ///< 0: no limit
    qint64 maxBytesPerRecipient = 50000000; ///< 0: no limit
    qint64 maxStorageBytes = 10737418240;   ///< 0: no limit
    qint64 maxUnsentBytes = 262144;
    int recoveryRateLimitPerMin = 10; ///< 0: no limit
    bool requireAuth = false;
    bool protectProvenIds = true;
    bool requireNoise = false;
    QByteArray noiseStaticKey;    ///< private and public key, 64 bytes; empty: not given
    QList<Subnet> trustedProxies; ///< whose X-Forwarded-For is believed
    int maxConnectionsPerIp = 0;  ///< 0: no limit
    int ioThreads = defaultIoThreads();
    SqliteSynchronous sqliteSynchronous = SqliteSynchronous::Full;
    std::chrono::seconds drain {5};
    LogLevel logLevel = LogLevel::Info;
    LogFormat logFormat = LogFormat::Text;
};

/**
 * @p duration as an interval that a QTimer can take. Settings of seconds go up to 2^31-1, a
 * QTimer up to 2^31-1 milliseconds: what is longer becomes these 24 days.
 */
std::chrono::milliseconds timerInterval(std::chrono::seconds duration);

struct LoadedSettings {
    Settings settings;
    QStringList warnings; ///< one line each, for the log
};

/**
 * Reads the RELAY_* variables of @p environment. The error is the list of all faults, one line
 * each; no line holds the value of a secret. A variable that is empty or blank counts as not set
 * (compose files pass `NAME=` for what the operator left out).
 */
Result<LoadedSettings, QStringList> loadSettings(const QProcessEnvironment &environment);

/** `NAME=value`, one a line, in a form that loadSettings() reads back; secrets as `<set>`. */
QString configAsText(const Settings &settings);

/** What the documentation says of a setting. */
struct SettingInWords {
    QString name;
    QString meaning;
    QString values; ///< what is allowed, and the default
    QString also;   ///< other names; empty if there is none
};

/** All settings of this version, in the order of the documentation. */
QList<SettingInWords> settingsInWords();

/** The part of --help about the environment. */
QString settingsHelp();

/** The rows of the documentation's table: name, default, allowed, meaning. */
QString settingsMarkdown();

} // namespace relay
