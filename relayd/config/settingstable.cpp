// SPDX-License-Identifier: GPL-3.0-or-later
#include "relayd/config/settingstable.h"

#include <QRegularExpression>

#include <algorithm>
#include <limits>
#include <type_traits>

using namespace Qt::StringLiterals;

namespace relay {

namespace {

constexpr qint64 MaxCount = std::numeric_limits<int>::max();
constexpr qint64 MaxBytes = qint64(1) << 53; // what JSON and Prometheus still hold exactly
constexpr qint64 SecondsPerDay = 86400;

// A signed handshake is about 700 bytes of JSON: below this nobody could connect.
constexpr qint64 MinMessageSize = 1024;
// All messages on their way to the store together are held to 256 MiB: a few of the largest fit.
constexpr qint64 MaxMessageSize = 64 * 1024 * 1024;
// The answers to a handshake and some pongs have to fit, or nobody could be served.
constexpr qint64 MinUnsentBytes = 4096;
constexpr qint64 MaxIoThreads = 256;

/** The allowed values of a number, in the unit of the field. */
struct Range {
    qint64 least;
    qint64 most;
    QString zeroMeans = {};
};

std::optional<qint64> readWholeNumber(const QString &text)
{
    if (!std::all_of(text.begin(), text.end(), [](QChar c) { return c >= u'0' && c <= u'9'; }))
        return std::nullopt;
    bool ok = false;
    const qint64 number = text.toLongLong(&ok);
    return ok ? number : std::numeric_limits<qint64>::max(); // only digits: it is too large
}

template <typename T>
qint64 asNumber(T value)
{
    if constexpr (std::is_integral_v<T>)
        return value;
    else
        return value.count();
}

/** A field that is an int, a qint64 or std::chrono::seconds. */
template <typename T>
SettingCodec number(T Settings::*field, Range range)
{
    const auto least = [range](qint64 unit) { return (range.least + unit - 1) / unit; };
    return {
        .read = [=](Settings &settings, const QString &text, qint64 unit) -> QString {
            const auto value = readWholeNumber(text);
            if (!value)
                return u"is not a whole number"_s;
            if (*value < least(unit) || *value > range.most / unit)
                return u"is out of range"_s;
            settings.*field = static_cast<T>(*value * unit);
            return {};
        },
        .print = [=](const Settings &settings, qint64 unit) -> std::optional<QString> {
            const qint64 value = asNumber(settings.*field);
            if (value % unit != 0)
                return std::nullopt;
            return QString::number(value / unit);
        },
        .allowed =
            [=](qint64 unit) {
                QString text = u"%1 to %2"_s.arg(least(unit)).arg(range.most / unit);
                if (!range.zeroMeans.isEmpty())
                    text += u", 0: "_s + range.zeroMeans;
                return text;
            },
    };
}

template <typename E>
struct Choice {
    E value;
    QString word;
};

/** One of a few words, in either case. */
template <typename E>
SettingCodec oneOf(E Settings::*field, std::vector<Choice<E>> choices)
{
    return {
        .read = [=](Settings &settings, const QString &text, qint64) -> QString {
            for (const Choice<E> &choice : choices) {
                if (text.compare(choice.word, Qt::CaseInsensitive) == 0) {
                    settings.*field = choice.value;
                    return {};
                }
            }
            return u"is none of the known words"_s;
        },
        .print = [=](const Settings &settings, qint64) -> std::optional<QString> {
            for (const Choice<E> &choice : choices) {
                if (choice.value == settings.*field)
                    return choice.word;
            }
            return std::nullopt;
        },
        .allowed =
            [=](qint64) {
                QStringList words;
                for (const Choice<E> &choice : choices)
                    words += choice.word;
                return words.join(u", "_s);
            },
    };
}

SettingCodec flag(bool Settings::*field)
{
    return oneOf<bool>(field,
        {{true, u"true"_s}, {false, u"false"_s}, {true, u"1"_s}, {false, u"0"_s}, {true, u"yes"_s},
            {false, u"no"_s}, {true, u"on"_s}, {false, u"off"_s}});
}

std::optional<QHostAddress> readHost(const QString &text)
{
    // QHostAddress itself takes short forms such as "127.1" too.
    static const QRegularExpression dottedQuad(u"\\A(\\d{1,3}\\.){3}\\d{1,3}\\z"_s);
    const bool bracketed = text.startsWith(u'[') && text.endsWith(u']');
    const QString host = bracketed ? text.mid(1, text.size() - 2) : text;
    if (bracketed != host.contains(u':') || (!bracketed && !dottedQuad.match(host).hasMatch()))
        return std::nullopt;
    // It takes any text behind a % as well, and print-config and the log would show it.
    static const QRegularExpression interface(u"\\A[\\w.:-]{1,15}\\z"_s);
    const qsizetype scope = host.indexOf(u'%');
    if (scope >= 0 && !interface.match(host.mid(scope + 1)).hasMatch())
        return std::nullopt;
    QHostAddress address;
    if (!address.setAddress(host))
        return std::nullopt;
    if (address == QHostAddress(QHostAddress::AnyIPv6))
        return QHostAddress(QHostAddress::Any); // one socket for both families
    return address;
}

QString printHost(const QHostAddress &host)
{
    if (host.protocol() == QAbstractSocket::AnyIPProtocol)
        return u"[::]"_s;
    if (host.protocol() == QAbstractSocket::IPv6Protocol)
        return u'[' + host.toString() + u']';
    return host.toString();
}

SettingCodec address(ListenAddress Settings::*field)
{
    return {
        .read = [=](Settings &settings, const QString &text, qint64) -> QString {
            const qsizetype colon = text.lastIndexOf(u':');
            const QString portText = text.mid(colon + 1);
            const auto port = readWholeNumber(portText);
            if (colon < 0 || text.endsWith(u']') || portText.isEmpty() || !port)
                return u"has no port number"_s;
            const auto host = readHost(text.left(colon));
            if (!host)
                return u"is not an IP address and a port"_s;
            if (*port > std::numeric_limits<quint16>::max())
                return u"has a port over 65535"_s;
            settings.*field = {*host, static_cast<quint16>(*port)};
            return {};
        },
        .print = [=](const Settings &settings, qint64) -> std::optional<QString> {
            const ListenAddress &value = settings.*field;
            return printHost(value.host) + u':' + QString::number(value.port);
        },
        .allowed = [](qint64) { return u"IPv4:port or [IPv6]:port"_s; },
    };
}

/** `192.0.2.0/24`, `2001:db8::/32`, or one address. */
std::optional<Subnet> readSubnet(const QString &text)
{
    const qsizetype slash = text.indexOf(u'/');
    const QString host = slash < 0 ? text : text.left(slash);
    // A network is not on one interface.
    if (host.contains(u'%'))
        return std::nullopt;
    const auto base = readHost(host.contains(u':') ? u'[' + host + u']' : host);
    if (!base)
        return std::nullopt;
    const bool isFourth = base->protocol() == QAbstractSocket::IPv4Protocol;
    const int bits = isFourth ? 32 : 128;
    const auto prefix = slash < 0 ? bits : readWholeNumber(text.mid(slash + 1));
    if (!prefix || text.endsWith(u'/') || *prefix > bits)
        return std::nullopt;
    return Subnet {base->protocol() == QAbstractSocket::AnyIPProtocol
            ? QHostAddress(QHostAddress::AnyIPv6)
            : *base,
        static_cast<int>(*prefix)};
}

SettingCodec subnets(QList<Subnet> Settings::*field)
{
    return {
        .read = [=](Settings &settings, const QString &text, qint64) -> QString {
            QList<Subnet> list;
            static const QRegularExpression between(u"[\\s,]+"_s);
            const QStringList entries = text.split(between, Qt::SkipEmptyParts);
            for (const QString &entry : entries) {
                const auto subnet = readSubnet(entry);
                if (!subnet)
                    return u"has an entry that is neither an address nor a network"_s;
                list += *subnet;
            }
            settings.*field = list;
            return {};
        },
        .print = [=](const Settings &settings, qint64) -> std::optional<QString> {
            QStringList entries;
            for (const Subnet &subnet : settings.*field)
                entries += subnet.base.toString() + u'/' + QString::number(subnet.prefix);
            return entries.join(u',');
        },
        .allowed =
            [](qint64) {
                return u"addresses and networks, such as 127.0.0.1, 10.0.0.0/8, fd00::/8"_s;
            },
    };
}

SettingCodec path(QString Settings::*field)
{
    return {
        .read = [=](Settings &settings, const QString &text, qint64) -> QString {
            // print-config writes a line for each setting, and a path is shown in the log.
            if (std::any_of(text.begin(), text.end(),
                    [](QChar c) { return c.category() == QChar::Other_Control; }))
                return u"holds a control character"_s;
            settings.*field = text;
            return {};
        },
        .print = [=](const Settings &settings, qint64) -> std::optional<QString> {
            return settings.*field;
        },
        .allowed = [](qint64) { return u"a path"_s; },
        .spacesMatter = true,
    };
}

/** A bearer token: it must survive an HTTP header. */
SettingCodec token(QByteArray Settings::*field)
{
    return {
        .read = [=](Settings &settings, const QString &text, qint64) -> QString {
            if (text == secretPlaceholder())
                return u"is the placeholder of print-config, not a token"_s;
            if (!std::all_of(
                    text.begin(), text.end(), [](QChar c) { return c > u' ' && c < u'\x7f'; }))
                return u"holds a character that an HTTP header cannot carry"_s;
            settings.*field = text.toLatin1();
            return {};
        },
        .print = [=](const Settings &settings, qint64) -> std::optional<QString> {
            return QString::fromLatin1(settings.*field);
        },
        .allowed = [](qint64) { return u"visible ASCII characters without spaces"_s; },
    };
}

/** An X25519 key pair, private before public. Whether the halves fit is seen by who uses it. */
SettingCodec keyPair(QByteArray Settings::*field)
{
    constexpr qsizetype KeyPairBytes = 64;
    return {
        .read = [=](Settings &settings, const QString &text, qint64) -> QString {
            if (text == secretPlaceholder())
                return u"is the placeholder of print-config, not a key"_s;
            const auto decoded = QByteArray::fromBase64Encoding(text.toLatin1(),
                QByteArray::Base64UrlEncoding | QByteArray::AbortOnBase64DecodingErrors);
            if (!decoded || decoded.decoded.size() != KeyPairBytes)
                return u"is not 64 bytes as base64url"_s;
            settings.*field = decoded.decoded;
            return {};
        },
        .print = [=](const Settings &settings, qint64) -> std::optional<QString> {
            return QString::fromLatin1((settings.*field).toBase64(QByteArray::Base64UrlEncoding));
        },
        .allowed = [](qint64) { return u"64 bytes as base64url: private key, public key"_s; },
    };
}

/** The server of the backend Postgres. */
SettingCodec postgresUrl(PostgresUrl Settings::*field)
{
    return {
        .read = [=](Settings &settings, const QString &text, qint64) -> QString {
            if (text == secretPlaceholder())
                return u"is the placeholder of print-config, not a URL"_s;
            auto url = parsePostgresUrl(text);
            if (!url)
                return url.error();
            settings.*field = std::move(url).value();
            return {};
        },
        .print = [=](const Settings &settings, qint64) -> std::optional<QString> {
            return (settings.*field).text;
        },
        .allowed =
            [](qint64) { return u"postgresql://USER:PASSWORD@HOST:PORT/DATABASE?sslmode=…"_s; },
    };
}

std::vector<SettingRow> makeTable()
{
    const QString noLimit = u"no limit"_s;
    return {
        {.name = {u"RELAY_LISTEN_ADDR"_s},
            .aliases = {},
            .codec = address(&Settings::listenAddr),
            .help = u"WebSocket listen address; port 0 lets the system choose"_s},
        {.name = {u"RELAY_HTTP_ADDR"_s},
            .aliases = {{u"RELAY_METRICS_ADDR"_s}},
            .codec = address(&Settings::httpAddr),
            .help = u"listen address of the health checks and metrics"_s},
        {.name = {u"RELAY_MAX_CONNECTIONS"_s},
            .aliases = {},
            .codec = number(&Settings::maxConnections, {1, MaxCount}),
            .help = u"most WebSocket connections at a time; further ones get 503"_s},
        {.name = {u"RELAY_MAX_MESSAGE_SIZE"_s},
            .aliases = {},
            .codec = number(&Settings::maxMessageSize, {MinMessageSize, MaxMessageSize}),
            .help = u"largest WebSocket message in bytes"_s},
        {.name = {u"RELAY_BLOB_TTL_DAYS"_s, SecondsPerDay},
            .aliases = {{u"RELAY_BLOB_TTL_SECS"_s, 1, u"in seconds"_s}},
            .codec = number(&Settings::blobTtl, {1, MaxCount}),
            .help = u"days until a blob that nobody fetched expires"_s},
        {.name = {u"RELAY_RATE_LIMIT_PER_MIN"_s},
            .aliases = {{u"RELAY_RATE_LIMIT"_s}},
            .codec = number(&Settings::rateLimitPerMin, {0, MaxCount, noLimit}),
            .help = u"messages a client may send per minute"_s},
        {.name = {u"RELAY_RATE_BURST"_s},
            .aliases = {},
            .codec = number(&Settings::rateBurst, {0, MaxCount, noLimit}),
            .help = u"messages a client may send at once after a silence"_s,
            .defaultText = u"the rate"_s,
            .whenNotGiven =
                [](Settings &settings) { settings.rateBurst = settings.rateLimitPerMin; }},
        {.name = {u"RELAY_CLEANUP_INTERVAL_SECS"_s},
            .aliases = {{u"RELAY_CLEANUP_INTERVAL"_s}},
            .codec = number(&Settings::cleanupInterval, {1, MaxCount}),
            .help = u"seconds between two sweeps of what has expired"_s},
        {.name = {u"RELAY_STORAGE_BACKEND"_s},
            .aliases = {},
            .codec = oneOf<StorageBackend>(&Settings::storageBackend,
                {{StorageBackend::Sqlite, u"sqlite"_s}, {StorageBackend::Memory, u"memory"_s},
                    {StorageBackend::Postgres, u"postgres"_s}}),
            .help = u"where blobs are kept: memory loses everything at a restart, postgres is a "
                    "server that several relays share"_s},
        {.name = {u"RELAY_POSTGRES_URL"_s},
            .aliases = {},
            .codec = postgresUrl(&Settings::postgresUrl),
            .help = u"the server of RELAY_STORAGE_BACKEND=postgres"_s,
            .visibility = Visibility::Secret},
        {.name = {u"RELAY_DATA_DIR"_s},
            .aliases = {},
            .codec = path(&Settings::dataDir),
            .help = u"folder of the database"_s},
        {.name = {u"RELAY_METRICS_TOKEN"_s},
            .aliases = {},
            .codec = token(&Settings::metricsToken),
            .help = u"bearer token that /metrics asks for; without one it is open"_s,
            .visibility = Visibility::Secret},
        {.name = {u"RELAY_SLOW_CLIENT_TIMEOUT_SECS"_s},
            .aliases = {},
            .codec = number(&Settings::slowClientTimeout, {1, MaxCount}),
            .help = u"seconds until a client that takes nothing of what waits for it is cut off"_s},
        {.name = {u"RELAY_MIN_FREE_BYTES"_s},
            .aliases = {},
            .codec = number(&Settings::minFreeBytes, {1, MaxBytes}),
            .help = u"free disk space in bytes below which nothing more is stored"_s},
        {.name = {u"RELAY_IDLE_TIMEOUT_SECS"_s},
            .aliases = {{u"RELAY_IDLE_TIMEOUT"_s}},
            .codec = number(&Settings::idleTimeout, {1, MaxCount}),
            .help = u"seconds until a connection from which nothing comes is closed"_s},
        {.name = {u"RELAY_HANDSHAKE_TIMEOUT_SECS"_s},
            .aliases = {},
            .codec = number(&Settings::handshakeTimeout, {1, MaxCount}),
            .help = u"seconds from the connect until the handshake has to be finished"_s},
        {.name = {u"RELAY_PING_INTERVAL_SECS"_s},
            .aliases = {},
            .codec = number(&Settings::pingInterval, {0, MaxCount, u"no pings"_s}),
            .help = u"seconds between two pings to a client"_s},
        {.name = {u"RELAY_MAX_BLOBS_PER_RECIPIENT"_s},
            .aliases = {{u"RELAY_MAX_BLOBS_PER_USER"_s}},
            .codec = number(&Settings::maxBlobsPerRecipient, {0, MaxCount, noLimit}),
            .help = u"most blobs in one mailbox"_s},
        {.name = {u"RELAY_MAX_BYTES_PER_RECIPIENT"_s},
            .aliases = {{u"RELAY_MAX_STORAGE_PER_USER"_s}},
            .codec = number(&Settings::maxBytesPerRecipient, {0, MaxBytes, noLimit}),
            .help = u"most bytes in one mailbox"_s},
        {.name = {u"RELAY_MAX_STORAGE_BYTES"_s},
            .aliases = {},
            .codec = number(&Settings::maxStorageBytes, {0, MaxBytes, noLimit}),
            .help = u"most bytes stored in all"_s},
        {.name = {u"RELAY_MAX_UNSENT_BYTES"_s},
            .aliases = {},
            .codec = number(&Settings::maxUnsentBytes, {MinUnsentBytes, MaxBytes}),
            .help = u"bytes that may wait in memory for one client to read them"_s},
        {.name = {u"RELAY_RECOVERY_RATE_LIMIT_PER_MIN"_s},
            .aliases = {{u"RELAY_RECOVERY_RATE_LIMIT"_s}},
            .codec = number(&Settings::recoveryRateLimitPerMin, {0, MaxCount, noLimit}),
            .help = u"recovery proof messages a client may send per minute"_s},
        {.name = {u"RELAY_REQUIRE_AUTH"_s},
            .aliases = {},
            .codec = flag(&Settings::requireAuth),
            .help = u"refuse clients that do not sign their handshake"_s},
        {.name = {u"RELAY_PROTECT_PROVEN_IDS"_s},
            .aliases = {},
            .codec = flag(&Settings::protectProvenIds),
            .help = u"refuse others the id of a client that has signed its handshake once"_s},
        {.name = {u"RELAY_REQUIRE_NOISE"_s},
            .aliases = {{u"RELAY_REQUIRE_NOISE_ENCRYPTION"_s}},
            .codec = flag(&Settings::requireNoise),
            .help = u"refuse clients that do not begin a Noise session"_s},
        {.name = {u"RELAY_NOISE_STATIC_KEY"_s},
            .aliases = {},
            .codec = keyPair(&Settings::noiseStaticKey),
            .help =
                u"key of the Noise sessions in place of relay_noise_key.bin in the data folder"_s,
            .visibility = Visibility::Secret},
        {.name = {u"RELAY_TRUSTED_PROXIES"_s},
            .aliases = {},
            .codec = subnets(&Settings::trustedProxies),
            .help = u"proxies whose X-Forwarded-For is believed; nobody's if not set"_s},
        {.name = {u"RELAY_MAX_CONNECTIONS_PER_IP"_s},
            .aliases = {},
            .codec = number(&Settings::maxConnectionsPerIp, {0, MaxCount, noLimit}),
            .help =
                u"most connections from one address (IPv6: from one /64); further ones get 429"_s},
        {.name = {u"RELAY_IO_THREADS"_s},
            .aliases = {},
            .codec = number(&Settings::ioThreads, {1, MaxIoThreads}),
            .help = u"threads that serve connections"_s,
            .defaultText = u"the number of cores, at most 8"_s},
        {.name = {u"RELAY_SQLITE_SYNCHRONOUS"_s},
            .aliases = {},
            .codec = oneOf<SqliteSynchronous>(&Settings::sqliteSynchronous,
                {{SqliteSynchronous::Full, u"full"_s}, {SqliteSynchronous::Normal, u"normal"_s},
                    {SqliteSynchronous::Off, u"off"_s}}),
            .help = u"normal: a power loss may undo what was confirmed; off: it may also damage "
                    "the database"_s},
        {.name = {u"RELAY_DRAIN_SECS"_s},
            .aliases = {},
            .codec = number(&Settings::drain, {1, MaxCount}),
            .help = u"seconds over which a stop spreads the closing of connections"_s},
        {.name = {u"RELAY_LOG_LEVEL"_s},
            .aliases = {},
            .codec = oneOf<LogLevel>(&Settings::logLevel,
                {{LogLevel::Debug, u"debug"_s}, {LogLevel::Info, u"info"_s},
                    {LogLevel::Warning, u"warning"_s}, {LogLevel::Critical, u"critical"_s}}),
            .help = u"least severity that is logged"_s},
        {.name = {u"RELAY_LOG_FORMAT"_s},
            .aliases = {},
            .codec = oneOf<LogFormat>(
                &Settings::logFormat, {{LogFormat::Text, u"text"_s}, {LogFormat::Json, u"json"_s}}),
            .help = u"how a line of the log is written"_s},
    };
}

} // namespace

QString SettingRow::fileName() const
{
    return name.name + u"_FILE"_s;
}

const std::vector<SettingRow> &settingsTable()
{
    static const std::vector<SettingRow> table = makeTable();
    return table;
}

QString secretPlaceholder()
{
    return u"<set>"_s;
}

} // namespace relay
