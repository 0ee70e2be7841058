// SPDX-License-Identifier: GPL-3.0-or-later
#include "relayd/config/postgresurl.h"

#include <QByteArray>
#include <QRegularExpression>
#include <QStringList>

#include <algorithm>
#include <optional>

using namespace Qt::StringLiterals;

namespace relay {

namespace {

/** What a URL may set of libpq's parameters; what the relay itself sets is not among them. */
const QStringList KnownOptions {u"sslmode"_s, u"sslrootcert"_s, u"sslcert"_s, u"sslkey"_s,
    u"sslcrl"_s, u"sslcrldir"_s, u"sslsni"_s, u"sslpassword"_s, u"ssl_min_protocol_version"_s,
    u"ssl_max_protocol_version"_s, u"channel_binding"_s, u"gssencmode"_s, u"krbsrvname"_s,
    u"requirepeer"_s, u"target_session_attrs"_s, u"passfile"_s, u"service"_s, u"hostaddr"_s};

/** Nothing if it is not percent-encoded UTF-8, or holds a NUL. */
std::optional<QString> decoded(const QString &text)
{
    static const QRegularExpression stray(u"%(?![0-9A-Fa-f]{2})"_s);
    if (text.contains(stray))
        return std::nullopt;
    const QByteArray bytes = QByteArray::fromPercentEncoding(text.toUtf8());
    const QString result = QString::fromUtf8(bytes);
    if (result.toUtf8() != bytes || bytes.contains('\0'))
        return std::nullopt;
    return result;
}

/** The driver joins options with semicolons and knows no escape. */
bool fitsAnOption(const QString &value)
{
    return std::none_of(value.begin(), value.end(),
        [](QChar c) { return c == u';' || c == u'\'' || c == u'\\' || c.unicode() < u' '; });
}

class Parser {
public:
    /** The first thing that is wrong. */
    QString parse(QString rest)
    {
        if (rest.startsWith("postgresql://"_L1))
            rest.remove(0, 13);
        else if (rest.startsWith("postgres://"_L1))
            rest.remove(0, 11);
        else
            return u"does not begin with postgresql://"_s;
        if (const qsizetype query = rest.indexOf(u'?'); query >= 0) {
            m_query = rest.mid(query + 1).split(u'&', Qt::SkipEmptyParts);
            rest.truncate(query);
        }
        QString database;
        if (const qsizetype slash = rest.indexOf(u'/'); slash >= 0) {
            database = rest.mid(slash + 1);
            rest.truncate(slash);
        }
        QString credentials;
        if (const qsizetype at = rest.lastIndexOf(u'@'); at >= 0) {
            credentials = rest.left(at);
            rest.remove(0, at + 1);
        }
        const qsizetype colon = credentials.indexOf(u':');
        if (!take(colon < 0 ? credentials : credentials.left(colon), url.user)
            || !take(colon < 0 ? QString() : credentials.mid(colon + 1), url.password)
            || !take(database, url.database))
            return u"is not percent-encoded as it has to be"_s;
        if (!takeHosts(rest))
            return u"has a host or a port that is none"_s;
        for (const QString &entry : std::as_const(m_query)) {
            if (const QString wrong = takeOption(entry); !wrong.isEmpty())
                return wrong;
        }
        if (url.database.isEmpty())
            return u"names no database"_s;
        finish();
        return {};
    }

    PostgresUrl url;

private:
    static bool take(const QString &text, QString &field)
    {
        const auto value = decoded(text);
        field = value.value_or(QString());
        return value.has_value();
    }

    bool takeHosts(const QString &text)
    {
        if (text.isEmpty())
            return true;
        QStringList ports;
        const QStringList entries = text.split(u',');
        for (const QString &entry : entries) {
            static const QRegularExpression form(
                u"\\A(\\[[0-9A-Fa-f:.]+\\]|[^:\\[\\]]*)(?::(\\d{1,5}))?\\z"_s);
            const auto match = form.match(entry);
            QString host;
            if (!match.hasMatch() || !take(match.captured(1), host) || !fitsAnOption(host)
                || host.contains(u' '))
                return false;
            if (host.startsWith(u'['))
                host = host.mid(1, host.size() - 2);
            m_hosts += host;
            ports += match.captured(2);
            if (match.captured(2).toInt() > 65535)
                return false;
        }
        if (std::any_of(ports.begin(), ports.end(), [](const QString &p) { return !p.isEmpty(); }))
            m_port = ports.join(u',');
        return true;
    }

    QString takeOption(const QString &entry)
    {
        const qsizetype equals = entry.indexOf(u'=');
        const QString name = entry.left(equals);
        const auto value = decoded(equals < 0 ? QString() : entry.mid(equals + 1));
        if (!value || !fitsAnOption(*value))
            return u"has a parameter with a character that cannot be passed on"_s;
        if (name == "user"_L1)
            url.user = *value;
        else if (name == "password"_L1)
            url.password = *value;
        else if (name == "dbname"_L1)
            url.database = *value;
        else if (name == "host"_L1)
            m_hosts = value->split(u',');
        else if (name == "port"_L1)
            m_port = *value;
        else if (KnownOptions.contains(name))
            m_options += name + u"='"_s + *value + u'\'';
        else
            return u"has a parameter that is not known"_s;
        return {};
    }

    void finish()
    {
        if (!m_hosts.isEmpty())
            m_options.prepend(u"host='"_s + m_hosts.join(u',') + u'\'');
        if (!m_port.isEmpty())
            m_options.prepend(u"port='"_s + m_port + u'\'');
        // Of several servers, the one that takes writes.
        const bool choosesServer = std::any_of(m_options.begin(), m_options.end(),
            [](const QString &option) { return option.startsWith("target_session_attrs="_L1); });
        if (!choosesServer)
            m_options += u"target_session_attrs='read-write'"_s;
        url.options = m_options.join(u';');
    }

    QStringList m_query;
    QStringList m_hosts;
    QString m_port;
    QStringList m_options;
};

} // namespace

Result<PostgresUrl, QString> parsePostgresUrl(const QString &text)
{
    Parser parser;
    parser.url.text = text;
    const QString wrong = parser.parse(text);
    if (!wrong.isEmpty())
        return Err(wrong);
    return parser.url;
}

} // namespace relay
