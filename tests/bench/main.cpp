// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/bench/options.h"

#include <QCoreApplication>
#include <QJsonDocument>
#include <QUrl>

#include <netdb.h>
#include <sys/resource.h>

#include <cstdio>
#include <cstring>

using namespace relay::bench;

namespace {

constexpr int UsageError = 64;

struct TextOption {
    const char *name;
    const char *help;
    QString Options::*field;
};

struct NumberOption {
    const char *name;
    const char *help;
    int Options::*field;
};

/** What every scenario takes. */
const std::vector<TextOption> CommonTexts {
    {"url", "the relay, ws://HOST:PORT", &Options::url},
    {"recipients-url", "live: where the recipients are, if not there", &Options::recipientsUrl},
    {"monitoring", "its monitoring port, http://HOST:PORT, for counts of /metrics",
        &Options::monitoringUrl},
    {"sync-count", "the file in which the relay's syncs are counted (see synccount.cpp)",
        &Options::syncCount},
    {"data-dir", "where ceiling-store makes its database: on the relay's disk", &Options::dataDir},
};

const std::vector<NumberOption> Numbers {
    {"relay-pid", "whose memory and processor time to print", &Options::relayPid},
    {"patience", "seconds until an answer counts as missing (10)", &Options::patience},
    {"connections", "active connections", &Options::connections},
    {"depth", "messages in flight on each", &Options::depth},
    {"size", "bytes of ciphertext", &Options::size},
    {"seconds", "duration", &Options::seconds},
    {"rate", "messages a second; 0: as fast as answers come", &Options::rate},
    {"silent", "connections that only shake hands", &Options::silent},
    {"blobs", "messages; in drain, large and slow for each mailbox", &Options::blobs},
};

[[noreturn]] void usageError(const QString &what)
{
    std::fprintf(stderr, "relay-bench: %s (see --help)\n", qPrintable(what));
    std::exit(UsageError);
}

void printHelp()
{
    std::printf("Usage: relay-bench [SCENARIO] [--OPTION VALUE]...\n\n"
                "Puts load on a relay, checks each answer, and prints what it took, as JSON. Ends\n"
                "with 1 if an answer is missing or wrong. The relay needs\n"
                "RELAY_RATE_LIMIT_PER_MIN=0, RELAY_MAX_STORAGE_BYTES=0 and enough\n"
                "RELAY_MAX_CONNECTIONS.\n\n");
    for (const TextOption &option : CommonTexts)
        std::printf("  --%-14s %s\n", option.name, option.help);
    for (const NumberOption &option : Numbers)
        std::printf("  --%-14s %s\n", option.name, option.help);
    std::printf("\nScenarios, with the options that each takes and their defaults:\n");
    for (const Scenario &scenario : scenarios()) {
        std::printf("\n  %-14s %s\n                ", scenario.name, scenario.help);
        for (const OptionDefault &option : scenario.options)
            std::printf(" --%s %d", option.name, option.value);
        std::printf("\n");
    }
}

const NumberOption *numberNamed(const QByteArray &name)
{
    for (const NumberOption &option : Numbers) {
        if (name == option.name)
            return &option;
    }
    return nullptr;
}

const Scenario &scenarioNamed(const QString &name)
{
    for (const Scenario &scenario : scenarios()) {
        if (name == QLatin1String(scenario.name))
            return scenario;
    }
    usageError(QStringLiteral("there is no scenario %1").arg(name));
}

bool takes(const Scenario &scenario, const QByteArray &name)
{
    for (const OptionDefault &option : scenario.options) {
        if (name == option.name)
            return true;
    }
    return name == "relay-pid" || name == "patience";
}

void read(Options &options, const Scenario &scenario, const QString &name, const QString &value)
{
    const QByteArray key = name.toLatin1();
    for (const TextOption &option : CommonTexts) {
        if (key == option.name) {
            options.*option.field = value;
            return;
        }
    }
    const NumberOption *option = numberNamed(key);
    if (!option || !takes(scenario, key))
        usageError(QStringLiteral("%1 takes no --%2").arg(QLatin1String(scenario.name), name));
    bool ok = false;
    options.*option->field = value.toInt(&ok);
    if (!ok || options.*option->field < 0)
        usageError(QStringLiteral("--%1 needs a number").arg(name));
}

/** The options of a command line behind its scenario, if it names one. */
Options read(const Scenario &scenario, const QStringList &arguments)
{
    Options options;
    for (const OptionDefault &option : scenario.options)
        options.*numberNamed(option.name)->field = option.value;
    for (qsizetype i = 0; i < arguments.size(); i += 2) {
        if (!arguments[i].startsWith(QLatin1String("--")) || i + 1 == arguments.size())
            usageError(QStringLiteral("options are --NAME VALUE"));
        read(options, scenario, arguments[i].mid(2), arguments[i + 1]);
    }
    const auto relay = Endpoint::fromUrl(options.url, QStringLiteral("ws"));
    if (!relay)
        usageError(QStringLiteral("--url needs ws://HOST:PORT"));
    options.relay = *relay;
    options.recipientsRelay = *relay;
    if (!options.recipientsUrl.isEmpty()) {
        const auto recipients = Endpoint::fromUrl(options.recipientsUrl, QStringLiteral("ws"));
        if (!recipients)
            usageError(QStringLiteral("--recipients-url needs ws://HOST:PORT"));
        options.recipientsRelay = *recipients;
    }
    if (!options.monitoringUrl.isEmpty()) {
        options.monitoring = Endpoint::fromUrl(options.monitoringUrl, QStringLiteral("http"));
        if (!options.monitoring)
            usageError(QStringLiteral("--monitoring needs http://HOST:PORT"));
    }
    return options;
}

} // namespace

namespace relay::bench {

std::optional<Endpoint> Endpoint::fromUrl(const QString &text, const QString &scheme)
{
    const QUrl url(text, QUrl::StrictMode);
    if (!url.isValid() || url.scheme() != scheme || url.host().isEmpty() || url.port() < 0)
        return std::nullopt;
    addrinfo hints {};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo *found = nullptr;
    const QByteArray port = QByteArray::number(url.port());
    if (::getaddrinfo(url.host().toLatin1().constData(), port.constData(), &hints, &found) != 0)
        return std::nullopt;
    Endpoint endpoint;
    std::memcpy(&endpoint.address, found->ai_addr, found->ai_addrlen);
    endpoint.addressSize = found->ai_addrlen;
    ::freeaddrinfo(found);
    endpoint.host = url.authority().toLatin1();
    endpoint.path = url.path().isEmpty() ? QByteArray("/") : url.path().toLatin1();
    return endpoint;
}

} // namespace relay::bench

int main(int argc, char *argv[])
{
    const QCoreApplication application(argc, argv);
    rlimit files {};
    ::getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &files);

    QStringList arguments = QCoreApplication::arguments().mid(1);
    if (arguments.contains(QStringLiteral("--help"))) {
        printHelp();
        return 0;
    }
    const bool isNamed = !arguments.isEmpty() && !arguments.first().startsWith(QLatin1Char('-'));
    const Scenario &scenario = isNamed ? scenarioNamed(arguments.takeFirst()) : scenarios().front();
    const Options options = read(scenario, arguments);
    QJsonObject figures = scenario.run(options);
    figures.insert(QStringLiteral("scenario"), QLatin1String(scenario.name));
    for (const OptionDefault &option : scenario.options)
        figures.insert(QLatin1String(option.name), options.*numberNamed(option.name)->field);
    std::printf("%s\n", QJsonDocument(figures).toJson(QJsonDocument::Compact).constData());
    return 0;
}
