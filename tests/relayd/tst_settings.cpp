// SPDX-License-Identifier: GPL-3.0-or-later
#include "relayd/config/settings.h"
#include "relayd/config/settingstable.h"

#include <QRegularExpression>
#include <QSet>
#include <QTemporaryDir>
#include <QTest>

using namespace relay;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

using Variables = QMap<QString, QString>;

namespace {

QProcessEnvironment environment(const Variables &variables)
{
    QProcessEnvironment result;
    for (auto it = variables.begin(); it != variables.end(); ++it)
        result.insert(it.key(), it.value());
    return result;
}

QStringList faultsOf(const Variables &variables)
{
    const auto loaded = loadSettings(environment(variables));
    return loaded ? QStringList() : loaded.error();
}

/** The settings, or a failed test. */
Settings load(const Variables &variables)
{
    const auto loaded = loadSettings(environment(variables));
    if (!loaded)
        QTest::qFail(qPrintable(loaded.error().join(u'\n')), __FILE__, __LINE__);
    return loaded ? loaded->settings : Settings {};
}

Variables parsed(const QString &text)
{
    Variables variables;
    const QStringList lines = text.split(u'\n', Qt::SkipEmptyParts);
    for (const QString &line : lines)
        variables.insert(line.section(u'=', 0, 0), line.section(u'=', 1));
    return variables;
}

} // namespace

class TestSettings : public QObject {
    Q_OBJECT

private slots:
    void hasTheGuidesDefaults();
    void hasTheOtherDefaults();
    void readsEverySetting_data();
    void readsEverySetting();
    void refusesWhatItCannotUse_data();
    void refusesWhatItCannotUse();
    void acceptsTheEndsOfARange_data();
    void acceptsTheEndsOfARange();
    void takesBlankAsNotSet();
    void takesTheRateAsTheBurst();
    void acceptsTheReferencesNames_data();
    void acceptsTheReferencesNames();
    void acceptsNamesThatAgree();
    void refusesNamesThatDisagree();
    void tellsAllFaultsAtOnce();
    void warnsOfUnknownNamesAndOffersTheNearest();
    void warnsOfNamesInPlainText();
    void warnsOfSettingsWithoutAMeaningInOneLine();
    void warnsWhenPingsComeTooLate();
    void readsTheTokenFromAFile_data();
    void readsTheTokenFromAFile();
    void refusesFilesThatItCannotUse();
    void refusesATokenBesideItsFile();
    void neverShowsASecret();
    void readsNetworks_data();
    void readsNetworks();
    void asksForWhatPostgresNeeds();
    void takesPostgresUrlsApart_data();
    void takesPostgresUrlsApart();
    void refusesWhatIsNoPostgresUrl_data();
    void refusesWhatIsNoPostgresUrl();
    void readsBackWhatItPrints_data();
    void readsBackWhatItPrints();
    void explainsEverySetting();
    void cutsLongDurationsForTimers();

private:
    QTemporaryDir m_folder;

    QString file(const QByteArray &content)
    {
        static int number = 0;
        QFile created(m_folder.filePath(u"secret%1"_s.arg(++number)));
        if (!created.open(QIODevice::WriteOnly) || created.write(content) != content.size())
            qFatal("cannot write %s", qPrintable(created.fileName()));
        return created.fileName();
    }
};

void TestSettings::hasTheGuidesDefaults()
{
    const QMap<QString, QString> guide {
        {u"RELAY_LISTEN_ADDR"_s, u"0.0.0.0:8080"_s},
        {u"RELAY_MAX_CONNECTIONS"_s, u"1000"_s},
        {u"RELAY_MAX_MESSAGE_SIZE"_s, u"1048576"_s},
        {u"RELAY_BLOB_TTL_DAYS"_s, u"90"_s},
        {u"RELAY_RATE_LIMIT_PER_MIN"_s, u"60"_s},
        {u"RELAY_CLEANUP_INTERVAL_SECS"_s, u"3600"_s},
        {u"RELAY_STORAGE_BACKEND"_s, u"sqlite"_s},
        {u"RELAY_DATA_DIR"_s, u"/data"_s},
    };
    const Variables printed = parsed(configAsText(load({})));
    for (auto it = guide.begin(); it != guide.end(); ++it)
        QCOMPARE(printed.value(it.key()), it.value());
}

void TestSettings::hasTheOtherDefaults()
{
    const Settings settings = load({});
    QCOMPARE(settings.httpAddr, (ListenAddress {QHostAddress(QHostAddress::AnyIPv4), 8081}));
    QCOMPARE(settings.rateBurst, 60);
    QCOMPARE(settings.metricsToken, QByteArray());
    QCOMPARE(settings.slowClientTimeout, 60s);
    QCOMPARE(settings.minFreeBytes, 268435456);
    QCOMPARE(settings.idleTimeout, 300s);
    QCOMPARE(settings.handshakeTimeout, 10s);
    QCOMPARE(settings.pingInterval, 25s);
    QCOMPARE(settings.maxBlobsPerRecipient, 1000);
    QCOMPARE(settings.maxBytesPerRecipient, 50000000);
    QCOMPARE(settings.maxStorageBytes, 10737418240);
    QCOMPARE(settings.maxUnsentBytes, 262144);
    QCOMPARE(settings.recoveryRateLimitPerMin, 10);
    QVERIFY(settings.ioThreads >= 1 && settings.ioThreads <= 8);
    QCOMPARE(settings.sqliteSynchronous, SqliteSynchronous::Full);
    QCOMPARE(settings.drain, 5s);
    QCOMPARE(settings.logLevel, LogLevel::Info);
    QCOMPARE(settings.logFormat, LogFormat::Text);
    QVERIFY(loadSettings(environment({}))->warnings.isEmpty());
}

void TestSettings::readsEverySetting_data()
{
    using Check = std::function<bool(const Settings &)>;
    QTest::addColumn<QString>("name");
    QTest::addColumn<QString>("value");
    QTest::addColumn<Check>("holds");

    const auto row = [](const char *name, const char *value, Check holds) {
        QTest::addRow("%s=%s", name, value)
            << QString::fromUtf8(name) << QString::fromUtf8(value) << std::move(holds);
    };
    row("RELAY_LISTEN_ADDR", "127.0.0.1:9000", [](auto &s) {
        return s.listenAddr == ListenAddress {QHostAddress(QHostAddress::LocalHost), 9000};
    });
    row("RELAY_LISTEN_ADDR", "[::1]:0", [](auto &s) {
        return s.listenAddr == ListenAddress {QHostAddress(QHostAddress::LocalHostIPv6), 0};
    });
    row("RELAY_LISTEN_ADDR", "[fe80::1%eth0.2]:80",
        [](auto &s) { return s.listenAddr.host.scopeId() == u"eth0.2"; });
    row("RELAY_LISTEN_ADDR", "[::]:8080",
        [](auto &s) { return s.listenAddr.host.protocol() == QAbstractSocket::AnyIPProtocol; });
    row("RELAY_LISTEN_ADDR", "0.0.0.0:8080",
        [](auto &s) { return s.listenAddr.host.protocol() == QAbstractSocket::IPv4Protocol; });
    row("RELAY_HTTP_ADDR", "10.1.2.3:65535", [](auto &s) {
        return s.httpAddr == ListenAddress {QHostAddress(u"10.1.2.3"_s), 65535};
    });
    row("RELAY_MAX_CONNECTIONS", "5", [](auto &s) { return s.maxConnections == 5; });
    row("RELAY_MAX_CONNECTIONS", " 5\r", [](auto &s) { return s.maxConnections == 5; });
    row("RELAY_MAX_MESSAGE_SIZE", "2048", [](auto &s) { return s.maxMessageSize == 2048; });
    row("RELAY_BLOB_TTL_DAYS", "2", [](auto &s) { return s.blobTtl == 48h; });
    row("RELAY_RATE_LIMIT_PER_MIN", "0", [](auto &s) { return s.rateLimitPerMin == 0; });
    row("RELAY_RATE_BURST", "1000", [](auto &s) { return s.rateBurst == 1000; });
    row("RELAY_CLEANUP_INTERVAL_SECS", "7", [](auto &s) { return s.cleanupInterval == 7s; });
    row("RELAY_STORAGE_BACKEND", "memory",
        [](auto &s) { return s.storageBackend == StorageBackend::Memory; });
    row("RELAY_STORAGE_BACKEND", "SQLite",
        [](auto &s) { return s.storageBackend == StorageBackend::Sqlite; });
    row("RELAY_DATA_DIR", "/var/lib/with space ",
        [](auto &s) { return s.dataDir == "/var/lib/with space "_L1; });
    row("RELAY_METRICS_TOKEN", "s3cret~", [](auto &s) { return s.metricsToken == "s3cret~"; });
    row("RELAY_SLOW_CLIENT_TIMEOUT_SECS", "8", [](auto &s) { return s.slowClientTimeout == 8s; });
    row("RELAY_MIN_FREE_BYTES", "9", [](auto &s) { return s.minFreeBytes == 9; });
    row("RELAY_IDLE_TIMEOUT_SECS", "90", [](auto &s) { return s.idleTimeout == 90s; });
    row("RELAY_HANDSHAKE_TIMEOUT_SECS", "11", [](auto &s) { return s.handshakeTimeout == 11s; });
    row("RELAY_PING_INTERVAL_SECS", "0", [](auto &s) { return s.pingInterval == 0s; });
    row("RELAY_MAX_BLOBS_PER_RECIPIENT", "12",
        [](auto &s) { return s.maxBlobsPerRecipient == 12; });
    row("RELAY_MAX_BYTES_PER_RECIPIENT", "13",
        [](auto &s) { return s.maxBytesPerRecipient == 13; });
    row("RELAY_MAX_STORAGE_BYTES", "9007199254740992",
        [](auto &s) { return s.maxStorageBytes == 9007199254740992; });
    row("RELAY_MAX_UNSENT_BYTES", "65536", [](auto &s) { return s.maxUnsentBytes == 65536; });
    row("RELAY_RECOVERY_RATE_LIMIT_PER_MIN", "14",
        [](auto &s) { return s.recoveryRateLimitPerMin == 14; });
    row("RELAY_IO_THREADS", "3", [](auto &s) { return s.ioThreads == 3; });
    row("RELAY_SQLITE_SYNCHRONOUS", "normal",
        [](auto &s) { return s.sqliteSynchronous == SqliteSynchronous::Normal; });
    row("RELAY_SQLITE_SYNCHRONOUS", "off",
        [](auto &s) { return s.sqliteSynchronous == SqliteSynchronous::Off; });
    row("RELAY_DRAIN_SECS", "15", [](auto &s) { return s.drain == 15s; });
    row("RELAY_LOG_LEVEL", "debug", [](auto &s) { return s.logLevel == LogLevel::Debug; });
    row("RELAY_LOG_LEVEL", "critical", [](auto &s) { return s.logLevel == LogLevel::Critical; });
    row("RELAY_LOG_FORMAT", "json", [](auto &s) { return s.logFormat == LogFormat::Json; });
}

void TestSettings::readsEverySetting()
{
    QFETCH(QString, name);
    QFETCH(QString, value);
    QFETCH(std::function<bool(const Settings &)>, holds);
    QVERIFY(holds(load({{name, value}})));
}

void TestSettings::refusesWhatItCannotUse_data()
{
    QTest::addColumn<QString>("name");
    QTest::addColumn<QString>("value");
    QTest::addColumn<QString>("says");

    const auto row = [](const char *name, const char *value, const char *says) {
        QTest::addRow("%s=%s", name, value)
            << QString::fromUtf8(name) << QString::fromUtf8(value) << QString::fromUtf8(says);
    };
    for (const char *value : {"abc", "-1", "+5", "0x10", "1e3", "1.5", "1 000", "5s", "٣"})
        row("RELAY_MAX_CONNECTIONS", value, "1 to 2147483647");
    row("RELAY_MAX_CONNECTIONS", "0", "1 to 2147483647");
    row("RELAY_MAX_CONNECTIONS", "2147483648", "1 to 2147483647");
    row("RELAY_MAX_CONNECTIONS", "99999999999999999999999", "out of range");
    row("RELAY_MAX_MESSAGE_SIZE", "1023", "1024 to 67108864");
    row("RELAY_MAX_MESSAGE_SIZE", "67108865", "1024 to 67108864");
    row("RELAY_BLOB_TTL_DAYS", "0", "1 to 24855");
    row("RELAY_BLOB_TTL_DAYS", "24856", "1 to 24855");
    row("RELAY_BLOB_TTL_SECS", "2147483648", "1 to 2147483647");
    row("RELAY_RATE_LIMIT_PER_MIN", "-1", "0: no limit");
    row("RELAY_RATE_BURST", "2147483648", "0 to 2147483647");
    row("RELAY_CLEANUP_INTERVAL_SECS", "0", "1 to 2147483647");
    row("RELAY_STORAGE_BACKEND", "mysql", "sqlite, memory, postgres");
    row("RELAY_SLOW_CLIENT_TIMEOUT_SECS", "0", "1 to 2147483647");
    row("RELAY_MIN_FREE_BYTES", "0", "1 to 9007199254740992");
    row("RELAY_MIN_FREE_BYTES", "9007199254740993", "1 to 9007199254740992");
    row("RELAY_IDLE_TIMEOUT_SECS", "0", "1 to 2147483647");
    row("RELAY_HANDSHAKE_TIMEOUT_SECS", "0", "1 to 2147483647");
    row("RELAY_PING_INTERVAL_SECS", "2147483648", "0: no pings");
    row("RELAY_MAX_UNSENT_BYTES", "4095", "4096 to 9007199254740992");
    row("RELAY_IO_THREADS", "0", "1 to 256");
    row("RELAY_IO_THREADS", "257", "1 to 256");
    row("RELAY_DRAIN_SECS", "0", "1 to 2147483647");
    row("RELAY_SQLITE_SYNCHRONOUS", "extra", "full, normal, off");
    row("RELAY_LOG_LEVEL", "verbose", "debug, info, warning, critical");
    row("RELAY_LOG_FORMAT", "xml", "text, json");
    for (const char *value : {"8080", "0.0.0.0", "0.0.0.0:", ":8080", "localhost:8080",
             "0.0.0.0:65536", "0.0.0.0:-1", "127.1:8080", "1.2.3.256:80", "::1:8080", "[::1]",
             "[::1]8080", "[127.0.0.1]:80", "[::g]:80", "0.0.0.0:80:80", "http://0.0.0.0:80",
             "[fe80::1%]:80", "[fe80::1%eth0\x1b[2J]:80", "[fe80::1%a\nRELAY_LOG_LEVEL=debug]:80"})
        row("RELAY_LISTEN_ADDR", value, "IPv4:port or [IPv6]:port");
    row("RELAY_METRICS_TOKEN", "two words", "visible ASCII");
    row("RELAY_DATA_DIR", "/data\nRELAY_LOG_LEVEL=debug", "control character");
    row("RELAY_METRICS_TOKEN", "schlüssel", "visible ASCII");
    row("RELAY_METRICS_TOKEN", "<set>", "placeholder");
}

void TestSettings::refusesWhatItCannotUse()
{
    QFETCH(QString, name);
    QFETCH(QString, value);
    QFETCH(QString, says);
    const QStringList faults = faultsOf({{name, value}});
    QCOMPARE(faults.size(), 1);
    QVERIFY2(faults.first().startsWith(name), qPrintable(faults.first()));
    QVERIFY2(faults.first().contains(says), qPrintable(faults.first()));
}

void TestSettings::acceptsTheEndsOfARange_data()
{
    QTest::addColumn<QString>("name");
    QTest::addColumn<QString>("value");
    static const QRegularExpression range(u"^(\\d+) to (\\d+)"_s);
    int numbers = 0;
    for (const SettingRow &row : settingsTable()) {
        const auto match = range.match(row.codec.allowed(row.name.unit));
        if (!match.hasMatch())
            continue;
        ++numbers;
        for (int end : {1, 2})
            QTest::addRow("%s=%s", qPrintable(row.name.name), qPrintable(match.captured(end)))
                << row.name.name << match.captured(end);
    }
    QVERIFY(numbers > 10);
}

void TestSettings::acceptsTheEndsOfARange()
{
    QFETCH(QString, name);
    QFETCH(QString, value);
    QCOMPARE(parsed(configAsText(load({{name, value}}))).value(name), value);
}

void TestSettings::takesBlankAsNotSet()
{
    Variables variables;
    for (const SettingRow &row : settingsTable()) {
        variables.insert(row.name.name, QString());
        if (row.isSecret())
            variables.insert(row.fileName(), u" "_s);
        for (const SettingName &alias : row.aliases)
            variables.insert(alias.name, u"  "_s);
    }
    variables.insert(u"RELAY_UNHEARD_OF"_s, QString());
    const auto loaded = loadSettings(environment(variables));
    QVERIFY(loaded);
    QCOMPARE(configAsText(loaded->settings), configAsText(Settings {}));
    QCOMPARE(loaded->warnings, QStringList());
}

void TestSettings::takesTheRateAsTheBurst()
{
    QCOMPARE(load({{u"RELAY_RATE_LIMIT_PER_MIN"_s, u"7"_s}}).rateBurst, 7);
    QCOMPARE(load({{u"RELAY_RATE_LIMIT"_s, u"7"_s}}).rateBurst, 7);
    QCOMPARE(
        load({{u"RELAY_RATE_LIMIT_PER_MIN"_s, u"7"_s}, {u"RELAY_RATE_BURST"_s, u"9"_s}}).rateBurst,
        9);
}

void TestSettings::acceptsTheReferencesNames_data()
{
    QTest::addColumn<QString>("alias");
    QTest::addColumn<QString>("value");
    QTest::addColumn<QString>("line");
    const auto row = [](const QString &alias, const QString &value, const QString &line) {
        QTest::newRow(qPrintable(alias + u'=' + value)) << alias << value << line;
    };
    row(u"RELAY_BLOB_TTL_SECS"_s, u"172800"_s, u"RELAY_BLOB_TTL_DAYS=2"_s);
    row(u"RELAY_BLOB_TTL_SECS"_s, u"90"_s, u"RELAY_BLOB_TTL_SECS=90"_s);
    row(u"RELAY_RATE_LIMIT"_s, u"5"_s, u"RELAY_RATE_LIMIT_PER_MIN=5"_s);
    row(u"RELAY_CLEANUP_INTERVAL"_s, u"6"_s, u"RELAY_CLEANUP_INTERVAL_SECS=6"_s);
    row(u"RELAY_METRICS_ADDR"_s, u"[::1]:7"_s, u"RELAY_HTTP_ADDR=[::1]:7"_s);
    row(u"RELAY_IDLE_TIMEOUT"_s, u"88"_s, u"RELAY_IDLE_TIMEOUT_SECS=88"_s);
    row(u"RELAY_MAX_BLOBS_PER_USER"_s, u"9"_s, u"RELAY_MAX_BLOBS_PER_RECIPIENT=9"_s);
    row(u"RELAY_MAX_STORAGE_PER_USER"_s, u"10"_s, u"RELAY_MAX_BYTES_PER_RECIPIENT=10"_s);
    row(u"RELAY_RECOVERY_RATE_LIMIT"_s, u"11"_s, u"RELAY_RECOVERY_RATE_LIMIT_PER_MIN=11"_s);
}

void TestSettings::acceptsTheReferencesNames()
{
    QFETCH(QString, alias);
    QFETCH(QString, value);
    QFETCH(QString, line);
    const auto loaded = loadSettings(environment({{alias, value}}));
    QVERIFY(loaded);
    QVERIFY(configAsText(loaded->settings).split(u'\n').contains(line));
    QCOMPARE(loaded->warnings, QStringList());
}

void TestSettings::acceptsNamesThatAgree()
{
    const Settings settings =
        load({{u"RELAY_BLOB_TTL_DAYS"_s, u"2"_s}, {u"RELAY_BLOB_TTL_SECS"_s, u"172800"_s},
            {u"RELAY_IDLE_TIMEOUT"_s, u"050"_s}, {u"RELAY_IDLE_TIMEOUT_SECS"_s, u"50"_s}});
    QCOMPARE(settings.blobTtl, 48h);
    QCOMPARE(settings.idleTimeout, 50s);
}

void TestSettings::refusesNamesThatDisagree()
{
    const QStringList faults =
        faultsOf({{u"RELAY_BLOB_TTL_DAYS"_s, u"90"_s}, {u"RELAY_BLOB_TTL_SECS"_s, u"172801"_s}});
    QCOMPARE(faults.size(), 1);
    QVERIFY(faults.first().contains("RELAY_BLOB_TTL_DAYS=\"90\""_L1));
    QVERIFY(faults.first().contains("RELAY_BLOB_TTL_SECS=\"172801\""_L1));
    QVERIFY(faults.first().contains("disagree"_L1));
}

void TestSettings::tellsAllFaultsAtOnce()
{
    const QStringList faults = faultsOf({{u"RELAY_LISTEN_ADDR"_s, u"nowhere"_s},
        {u"RELAY_MAX_CONNECTIONS"_s, u"0"_s}, {u"RELAY_LOG_LEVEL"_s, u"loud"_s},
        {u"RELAY_RATE_LIMIT"_s, u"5"_s}, {u"RELAY_RATE_LIMIT_PER_MIN"_s, u"6"_s},
        {u"RELAY_METRICS_TOKEN"_s, u"a"_s}, {u"RELAY_METRICS_TOKEN_FILE"_s, u"/b"_s},
        {u"RELAY_REQUIRE_AUTH"_s, u"perhaps"_s}, {u"RELAY_DRAIN_SECS"_s, u"7"_s}});
    QCOMPARE(faults.size(), 6);
    const QString all = faults.join(u'\n');
    for (const char *name : {"RELAY_LISTEN_ADDR", "RELAY_MAX_CONNECTIONS", "RELAY_LOG_LEVEL",
             "RELAY_RATE_LIMIT_PER_MIN", "RELAY_METRICS_TOKEN", "RELAY_REQUIRE_AUTH"})
        QVERIFY2(all.contains(QLatin1StringView(name)), name);

    const QStringList same =
        faultsOf({{u"RELAY_LISTEN_ADDR"_s, u"[::]:80"_s}, {u"RELAY_HTTP_ADDR"_s, u"[::]:80"_s}});
    QCOMPARE(same.size(), 1);
    QVERIFY(same.first().contains("RELAY_HTTP_ADDR"_L1));
    // Two ports that the system chooses differ.
    load({{u"RELAY_LISTEN_ADDR"_s, u"[::]:0"_s}, {u"RELAY_HTTP_ADDR"_s, u"[::]:0"_s}});
}

void TestSettings::warnsOfUnknownNamesAndOffersTheNearest()
{
    const auto loaded = loadSettings(environment(
        {{u"RELAY_MAX_CONECTIONS"_s, u"17"_s}, {u"RELAY_PORT"_s, u"tcp://10.0.0.1:8080"_s},
            {u"PATH"_s, u"/bin"_s}, {u"MY_RELAY_X"_s, u"1"_s}}));
    QVERIFY(loaded);
    QCOMPARE(loaded->settings.maxConnections, 1000);
    QCOMPARE(loaded->warnings.size(), 2);
    QVERIFY(loaded->warnings[0].startsWith("RELAY_MAX_CONECTIONS "_L1));
    QVERIFY(loaded->warnings[0].endsWith(" RELAY_MAX_CONNECTIONS"_L1));
    QVERIFY(loaded->warnings[1].startsWith("RELAY_PORT "_L1));
    // A mistyped name may be that of a secret.
    QVERIFY(!loaded->warnings.join(u'\n').contains("17"_L1));
}

void TestSettings::warnsOfNamesInPlainText()
{
    const auto loaded = loadSettings(
        environment({{u"RELAY_\x1b[2J"_s, u"1"_s}, {u"RELAY_FEDERATION_\n"_s, u"1"_s}}));
    QVERIFY(loaded);
    QCOMPARE(loaded->warnings.size(), 2);
    QVERIFY(loaded->warnings[0].startsWith("RELAY_?[2J "_L1));
    QVERIFY(loaded->warnings[1].endsWith("RELAY_FEDERATION_?"_L1));
}

void TestSettings::warnsOfSettingsWithoutAMeaningInOneLine()
{
    const auto loaded = loadSettings(environment({{u"RELAY_TLS_VERIFIED"_s, u"true"_s},
        {u"RELAY_FEDERATION_ENABLED"_s, u"true"_s}, {u"RELAY_FEDERATION_PEERS"_s, u"a"_s}}));
    QVERIFY(loaded);
    QCOMPARE(loaded->warnings.size(), 1);
    for (const char *name :
        {"RELAY_TLS_VERIFIED", "RELAY_FEDERATION_ENABLED", "RELAY_FEDERATION_PEERS", "ignored"})
        QVERIFY(loaded->warnings.first().contains(QLatin1StringView(name)));
}

void TestSettings::warnsWhenPingsComeTooLate()
{
    const auto loaded = loadSettings(environment({{u"RELAY_PING_INTERVAL_SECS"_s, u"300"_s}}));
    QVERIFY(loaded);
    QCOMPARE(loaded->warnings.size(), 1);
    QVERIFY(loaded->warnings.first().contains("RELAY_IDLE_TIMEOUT_SECS"_L1));
}

void TestSettings::readsTheTokenFromAFile_data()
{
    QTest::addColumn<QByteArray>("content");
    QTest::newRow("bare") << QByteArray("s3cret");
    QTest::newRow("a line") << QByteArray("s3cret\n");
    QTest::newRow("a line from elsewhere") << QByteArray("s3cret\r\n");
}

void TestSettings::readsTheTokenFromAFile()
{
    QFETCH(QByteArray, content);
    QCOMPARE(
        load({{u"RELAY_METRICS_TOKEN_FILE"_s, file(content)}}).metricsToken, QByteArray("s3cret"));
}

void TestSettings::refusesFilesThatItCannotUse()
{
    const auto fault = [](const QString &path) {
        const QStringList faults = faultsOf({{u"RELAY_METRICS_TOKEN_FILE"_s, path}});
        return faults.size() == 1 && faults[0].startsWith("RELAY_METRICS_TOKEN_FILE"_L1)
            ? faults[0]
            : QString();
    };
    QVERIFY(fault(u"/nowhere/at/all"_s).contains("/nowhere/at/all"_L1));
    QVERIFY(!fault(m_folder.path()).isEmpty());
    QVERIFY(fault(file("")).contains("empty"_L1));
    QVERIFY(fault(file("\n")).contains("empty"_L1));
    QVERIFY(fault(file("two\nlines\n")).contains("visible ASCII"_L1));
    QVERIFY(fault(file("one\n\n")).contains("visible ASCII"_L1));
    QVERIFY(fault(file(QByteArray(70000, 'a'))).contains("larger"_L1));
}

void TestSettings::refusesATokenBesideItsFile()
{
    const QStringList faults = faultsOf(
        {{u"RELAY_METRICS_TOKEN"_s, u"s3cret"_s}, {u"RELAY_METRICS_TOKEN_FILE"_s, file("s3cret")}});
    QCOMPARE(faults.size(), 1);
    QVERIFY(faults.first().contains("both"_L1));
}

void TestSettings::neverShowsASecret()
{
    const Settings settings = load({{u"RELAY_METRICS_TOKEN"_s, u"s3cret"_s}});
    QVERIFY(!configAsText(settings).contains("s3cret"_L1));
    QVERIFY(configAsText(settings).contains("RELAY_METRICS_TOKEN=<set>\n"_L1));
    QVERIFY(configAsText(Settings {}).contains("RELAY_METRICS_TOKEN=\n"_L1));

    int secrets = 0;
    for (const SettingRow &row : settingsTable()) {
        if (!row.isSecret())
            continue;
        ++secrets;
        const QStringList faults = faultsOf({{row.name.name, u"s3cret with\u00a0fault"_s}});
        QCOMPARE(faults.size(), 1);
        QVERIFY2(!faults.first().contains("s3cret"_L1), qPrintable(faults.first()));
        const QStringList inFile = faultsOf({{row.fileName(), file("s3cret with fault")}});
        QCOMPARE(inFile.size(), 1);
        QVERIFY2(!inFile.first().contains("s3cret"_L1), qPrintable(inFile.first()));
    }
    QCOMPARE(secrets, 3);
}

void TestSettings::readsNetworks_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("printed"); // null: a fault
    const auto row = [](const char *text, const char *printed) {
        QTest::newRow(text) << QString::fromUtf8(text) << QString::fromUtf8(printed);
    };
    row("127.0.0.1", "127.0.0.1/32");
    row("10.0.0.0/8, 192.168.0.0/16", "10.0.0.0/8,192.168.0.0/16");
    row(" ::1\tfd00::/8 ", "::1/128,fd00::/8");
    row("0.0.0.0/0 ::/0", "0.0.0.0/0,::/0");
    row("127.1", nullptr);
    row("10/8", nullptr);
    row("10.0.0.0/33", nullptr);
    row("10.0.0.0/", nullptr);
    row("10.0.0.0/-1", nullptr);
    row("10.0.0.0/8/8", nullptr);
    row("fd00::/129", nullptr);
    row("[::1]", nullptr);
    row("proxy.example", nullptr);
    row("127.0.0.1:80", nullptr);
    row("fe80::1%eth0", nullptr);
    row("::1%l\x1b\x1b", nullptr); // found by fuzzing: print-config printed it
}

void TestSettings::readsNetworks()
{
    QFETCH(QString, text);
    QFETCH(QString, printed);
    const auto loaded = loadSettings(environment({{u"RELAY_TRUSTED_PROXIES"_s, text}}));
    QCOMPARE(loaded.hasValue(), !printed.isNull());
    if (loaded)
        QVERIFY(configAsText(loaded->settings)
                    .split(u'\n')
                    .contains(QString(u"RELAY_TRUSTED_PROXIES="_s + printed)));
}

void TestSettings::asksForWhatPostgresNeeds()
{
    const QStringList faults = faultsOf({{u"RELAY_STORAGE_BACKEND"_s, u"postgres"_s}});
    QCOMPARE(faults.size(), 2);
    QVERIFY(faults[0].contains("needs RELAY_POSTGRES_URL"_L1));
    QVERIFY(faults[1].contains("needs RELAY_NOISE_STATIC_KEY"_L1));
    const auto unused =
        loadSettings(environment({{u"RELAY_POSTGRES_URL"_s, u"postgresql://u:secret@h/d"_s}}));
    QVERIFY(unused);
    QCOMPARE(unused->warnings.size(), 1);
    QVERIFY(unused->warnings.first().contains("RELAY_POSTGRES_URL is not used"_L1));
    QVERIFY(!configAsText(unused->settings).contains("secret"_L1));
}

void TestSettings::takesPostgresUrlsApart_data()
{
    QTest::addColumn<QString>("url");
    QTest::addColumn<QString>("user");
    QTest::addColumn<QString>("password");
    QTest::addColumn<QString>("database");
    QTest::addColumn<QString>("options");
    const auto row = [](const char *url, const char *user, const char *password,
                         const char *database, const QString &options) {
        QTest::newRow(url) << QString::fromUtf8(url) << QString::fromUtf8(user)
                           << QString::fromUtf8(password) << QString::fromUtf8(database)
                           << options + u"target_session_attrs='read-write'"_s;
    };
    row("postgresql://u:p@h/d", "u", "p", "d", u"host='h';"_s);
    row("postgres://u@h:5433/d", "u", "", "d", u"port='5433';host='h';"_s);
    row("postgresql:///d", "", "", "d", {});
    row("postgresql://u:a%40b%3Ac%2F%3B%27%20d%C3%A9@h/d", "u", "a@b:c/;' d\xc3\xa9", "d",
        u"host='h';"_s);
    row("postgresql://u:p:q@h/d", "u", "p:q", "d", u"host='h';"_s);
    row("postgresql://u@a,b:5433/d", "u", "", "d", u"port=',5433';host='a,b';"_s);
    row("postgresql://[::1]:5433/d", "", "", "d", u"port='5433';host='::1';"_s);
    row("postgresql://%2Frun%2Fpg/d", "", "", "d", u"host='/run/pg';"_s);
    row("postgresql:///d?host=/run/pg&user=u&password=p&port=1", "u", "p", "d",
        u"port='1';host='/run/pg';"_s);
    row("postgresql://h/d?sslmode=verify-full&sslrootcert=/etc/ca.pem", "", "", "d",
        u"host='h';sslmode='verify-full';sslrootcert='/etc/ca.pem';"_s);
}

void TestSettings::takesPostgresUrlsApart()
{
    QFETCH(QString, url);
    const auto parsed = parsePostgresUrl(url);
    QVERIFY(parsed);
    QTEST(parsed->user, "user");
    QTEST(parsed->password, "password");
    QTEST(parsed->database, "database");
    QTEST(parsed->options, "options");
    QCOMPARE(parsed->text, url);
}

void TestSettings::refusesWhatIsNoPostgresUrl_data()
{
    QTest::addColumn<QString>("url");
    for (const char *url : {"host=h dbname=d", "http://h/d", "postgresql://h", "postgresql://h/",
             "postgresql://h:port/d", "postgresql://h:65536/d", "postgresql://u%zz@h/d",
             "postgresql://h/d%00", "postgresql://u:%ff@h/d", "postgresql://[::1/d",
             "postgresql://h/d?options=-c%20fsync%3Doff", "postgresql://h/d?connect_timeout=0",
             "postgresql://h/d?sslmode=a;b", "postgresql://h/d?sslmode=a%27b",
             "postgresql://h%3Bx/d", "<set>"})
        QTest::newRow(url) << QString::fromUtf8(url);
}

void TestSettings::refusesWhatIsNoPostgresUrl()
{
    QFETCH(QString, url);
    const QStringList faults = faultsOf({{u"RELAY_POSTGRES_URL"_s, url}});
    QCOMPARE(faults.size(), 1);
    QVERIFY(faults.first().startsWith("RELAY_POSTGRES_URL"_L1));
    // It may hold a password.
    QVERIFY(!faults.first().contains(url));
}

void TestSettings::readsBackWhatItPrints_data()
{
    QTest::addColumn<Variables>("variables");
    QTest::newRow("defaults") << Variables {};
    QTest::newRow("everything else") << Variables {{u"RELAY_LISTEN_ADDR"_s, u"[::]:1"_s},
        {u"RELAY_HTTP_ADDR"_s, u"[fe80::1]:2"_s}, {u"RELAY_MAX_CONNECTIONS"_s, u"3"_s},
        {u"RELAY_MAX_MESSAGE_SIZE"_s, u"4096"_s}, {u"RELAY_BLOB_TTL_SECS"_s, u"5"_s},
        {u"RELAY_RATE_LIMIT_PER_MIN"_s, u"6"_s}, {u"RELAY_RATE_BURST"_s, u"7"_s},
        {u"RELAY_CLEANUP_INTERVAL_SECS"_s, u"8"_s}, {u"RELAY_STORAGE_BACKEND"_s, u"memory"_s},
        {u"RELAY_DATA_DIR"_s, u"rel/a=b c"_s}, {u"RELAY_SLOW_CLIENT_TIMEOUT_SECS"_s, u"9"_s},
        {u"RELAY_MIN_FREE_BYTES"_s, u"10"_s}, {u"RELAY_IDLE_TIMEOUT_SECS"_s, u"11"_s},
        {u"RELAY_HANDSHAKE_TIMEOUT_SECS"_s, u"12"_s}, {u"RELAY_PING_INTERVAL_SECS"_s, u"0"_s},
        {u"RELAY_MAX_BLOBS_PER_RECIPIENT"_s, u"0"_s}, {u"RELAY_MAX_BYTES_PER_RECIPIENT"_s, u"0"_s},
        {u"RELAY_MAX_STORAGE_BYTES"_s, u"0"_s}, {u"RELAY_MAX_UNSENT_BYTES"_s, u"5000"_s},
        {u"RELAY_RECOVERY_RATE_LIMIT_PER_MIN"_s, u"0"_s}, {u"RELAY_REQUIRE_AUTH"_s, u"true"_s},
        {u"RELAY_PROTECT_PROVEN_IDS"_s, u"false"_s}, {u"RELAY_REQUIRE_NOISE"_s, u"true"_s},
        {u"RELAY_TRUSTED_PROXIES"_s, u"127.0.0.1/32,fd00::/8"_s},
        {u"RELAY_MAX_CONNECTIONS_PER_IP"_s, u"15"_s}, {u"RELAY_IO_THREADS"_s, u"13"_s},
        {u"RELAY_SQLITE_SYNCHRONOUS"_s, u"off"_s}, {u"RELAY_DRAIN_SECS"_s, u"14"_s},
        {u"RELAY_LOG_LEVEL"_s, u"warning"_s}, {u"RELAY_LOG_FORMAT"_s, u"json"_s}};
}

void TestSettings::readsBackWhatItPrints()
{
    QFETCH(Variables, variables);
    const QString printed = configAsText(load(variables));
    QCOMPARE(configAsText(load(parsed(printed))), printed);
    for (auto it = variables.begin(); it != variables.end(); ++it)
        QCOMPARE(parsed(printed).value(it.key()), it.value());
    if (variables.isEmpty())
        return;
    // The row above names every setting but the secret one: a new setting has to be added to it.
    int supported = 0;
    for (const SettingRow &row : settingsTable())
        supported += !row.isSecret();
    QCOMPARE(variables.size(), supported);
}

void TestSettings::explainsEverySetting()
{
    const QString help = settingsHelp();
    const QStringList markdown = settingsMarkdown().split(u'\n', Qt::SkipEmptyParts);
    QSet<QString> names;
    int supported = 0;
    for (const SettingRow &row : settingsTable()) {
        QVERIFY2(!names.contains(row.name.name), qPrintable(row.name.name));
        names += row.name.name;
        ++supported;
        QVERIFY(!row.help.isEmpty() && !row.help.contains(u'|'));
        QVERIFY(help.contains(row.name.name + u'\n'));
        QCOMPARE(markdown.filter(u"| `"_s + row.name.name + u"` |"_s).size(), 1);
        for (const SettingName &alias : row.aliases) {
            QVERIFY(help.contains(alias.name));
            QCOMPARE(markdown.filter(alias.name + u" in seconds"_s).size()
                    + markdown.filter(alias.name + u')').size(),
                1);
        }
    }
    QCOMPARE(markdown.size(), supported);
    QVERIFY(markdown.contains(
        u"| `RELAY_BLOB_TTL_DAYS` | `90` | 1 to 24855 | days until a blob that nobody fetched "
        "expires (also RELAY_BLOB_TTL_SECS in seconds) |"_s));
}

void TestSettings::cutsLongDurationsForTimers()
{
    QCOMPARE(timerInterval(25s), 25000ms);
    QCOMPARE(timerInterval(std::chrono::seconds(2147483647)), 2147483647ms);
}

QTEST_GUILESS_MAIN(TestSettings)
#include "tst_settings.moc"
