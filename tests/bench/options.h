// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>
#include <QJsonObject>
#include <QString>

#include <sys/socket.h>

#include <optional>
#include <vector>

namespace relay::bench {

/** Where a server is. */
struct Endpoint {
    sockaddr_storage address {};
    socklen_t addressSize = 0;
    /** For the request: "host:port", and "/path". */
    QByteArray host;
    QByteArray path;

    /** Nothing if `url` is none of this scheme, or its host has no address. */
    static std::optional<Endpoint> fromUrl(const QString &url, const QString &scheme);
};

/** What the command line says. Each scenario reads some of it (`--help`). */
struct Options {
    Endpoint relay;
    /** Where the recipients of live are: on this relay, or on another of its database. */
    Endpoint recipientsRelay;
    /** The monitoring port, if it was given. */
    std::optional<Endpoint> monitoring;
    QString url = QStringLiteral("ws://127.0.0.1:8080");
    QString recipientsUrl;
    QString monitoringUrl;
    QString syncCount;
    QString dataDir;
    int relayPid = 0;
    int patience = 10;
    int connections = 0;
    int depth = 0;
    int size = 0;
    int seconds = 0;
    int rate = 0;
    int silent = 0;
    int blobs = 0;
};

/** An option that a scenario takes, and its default there. */
struct OptionDefault {
    const char *name;
    int value;
};

/** A way to put load on a relay, or a yardstick. */
struct Scenario {
    const char *name;
    const char *help;
    std::vector<OptionDefault> options;
    /** Ends the program if something is not as it has to be; else the figures. */
    QJsonObject (*run)(const Options &options);
};

/** All of them; the first is the default. */
const std::vector<Scenario> &scenarios();

QJsonObject runStore(const Options &options);
QJsonObject runDrain(const Options &options);
QJsonObject runLive(const Options &options);
QJsonObject runIdle(const Options &options);
QJsonObject runShake(const Options &options);
QJsonObject runSlowFill(const Options &options);
QJsonObject runSlow(const Options &options);
QJsonObject runMixed(const Options &options);
QJsonObject runExpiry(const Options &options);
QJsonObject runCeilingNet(const Options &options);
QJsonObject runCeilingStore(const Options &options);

} // namespace relay::bench
