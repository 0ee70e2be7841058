// SPDX-License-Identifier: GPL-3.0-or-later
#include "relayd/config/settings.h"

#include "relayd/config/settingstable.h"

#include <QFile>
#include <QThread>

#include <algorithm>
#include <limits>

using namespace Qt::StringLiterals;

namespace relay {

namespace {

constexpr qint64 MaxSecretFileBytes = 65536;

/** A variable that was given: under which of the setting's names, and its text. */
struct Given {
    SettingName name;
    QString variable; ///< the name, or the name with _FILE
    QString text;
};

/** What somebody wrote, for a message: short, and without anything that a terminal would obey. */
QString shown(QString text)
{
    constexpr qsizetype longest = 60;
    if (text.size() > longest)
        text = text.left(longest) + u'…';
    for (QChar &c : text) {
        if (!c.isPrint())
            c = u'?';
    }
    return text;
}

QString quoted(const QString &value)
{
    return u'"' + shown(value) + u'"';
}

/** The number of characters to insert, remove or replace to make one text the other. */
qsizetype editDistance(const QString &from, const QString &to)
{
    std::vector<qsizetype> row(static_cast<size_t>(to.size()) + 1);
    for (size_t j = 0; j < row.size(); ++j)
        row[j] = static_cast<qsizetype>(j);
    for (qsizetype i = 0; i < from.size(); ++i) {
        qsizetype diagonal = row[0];
        row[0] = i + 1;
        for (size_t j = 1; j < row.size(); ++j) {
            const bool same = from[i] == to[static_cast<qsizetype>(j) - 1];
            const qsizetype replaced = diagonal + (same ? 0 : 1);
            diagonal = row[j];
            row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
        }
    }
    return row.back();
}

/** Settings of the reference relay without a meaning here. */
bool isIgnoredReferenceName(const QString &name)
{
    return name == "RELAY_TLS_VERIFIED"_L1 || name.startsWith("RELAY_FEDERATION_"_L1);
}

class Loader {
public:
    explicit Loader(const QProcessEnvironment &environment)
        : m_environment(environment)
    {
    }

    Result<LoadedSettings, QStringList> load()
    {
        for (const SettingRow &row : settingsTable())
            loadRow(row);
        if (m_faults.isEmpty())
            checkTogether();
        if (!m_faults.isEmpty())
            return Err(m_faults);
        warnOfOtherNames();
        return LoadedSettings {m_settings, m_warnings};
    }

private:
    QString textOf(const QString &variable) const
    {
        const QString text = m_environment.value(variable);
        return text.trimmed().isEmpty() ? QString() : text;
    }

    void loadRow(const SettingRow &row)
    {
        const qsizetype faultsBefore = m_faults.size();
        std::vector<Given> accepted;
        for (const Given &given : collect(row)) {
            Settings scratch;
            const QString wrong = row.codec.read(scratch, given.text, given.name.unit);
            if (wrong.isEmpty())
                accepted.push_back(given);
            else
                addFault(row, given, wrong);
        }
        if (m_faults.size() > faultsBefore)
            return;
        if (accepted.empty()) {
            if (row.whenNotGiven)
                row.whenNotGiven(m_settings);
            return;
        }
        for (const Given &given : accepted) {
            const QString before = *row.codec.print(m_settings, 1);
            (void)row.codec.read(m_settings, given.text, given.name.unit);
            if (&given != &accepted.front() && *row.codec.print(m_settings, 1) != before)
                addDisagreement(row, accepted.front(), given);
        }
    }

    /** What was given for a setting, under whatever name, read from its file if it is in one. */
    std::vector<Given> collect(const SettingRow &row)
    {
        std::vector<Given> all;
        const auto add = [&](const SettingName &name) {
            knows(name.name);
            const QString text = textOf(name.name);
            if (!text.isEmpty())
                all.push_back({name, name.name, row.codec.spacesMatter ? text : text.trimmed()});
        };
        add(row.name);
        for (const SettingName &alias : row.aliases)
            add(alias);
        if (row.isSecret())
            collectFile(row, all);
        return all;
    }

    void collectFile(const SettingRow &row, std::vector<Given> &all)
    {
        knows(row.fileName());
        const QString path = textOf(row.fileName());
        if (path.isEmpty())
            return;
        if (!all.empty()) {
            m_faults +=
                u"%1 and %2 are both set; set one of them"_s.arg(row.name.name, row.fileName());
            return;
        }
        QFile file(path);
        if (!file.open(QIODevice::ReadOnly)) {
            m_faults +=
                u"%1: cannot read %2: %3"_s.arg(row.fileName(), quoted(path), file.errorString());
            return;
        }
        QByteArray content = file.read(MaxSecretFileBytes + 1);
        if (content.size() > MaxSecretFileBytes) {
            m_faults += u"%1: %2 is larger than %3 bytes"_s.arg(
                row.fileName(), quoted(path), QString::number(MaxSecretFileBytes));
            return;
        }
        if (content.endsWith('\n'))
            content.chop(content.endsWith("\r\n") ? 2 : 1);
        if (content.isEmpty()) {
            // Nobody who names a file means an open endpoint.
            m_faults += u"%1: %2 is empty"_s.arg(row.fileName(), quoted(path));
            return;
        }
        all.push_back({row.name, row.fileName(), QString::fromUtf8(content)});
    }

    static QString subject(const SettingRow &row, const Given &given)
    {
        return row.isSecret() ? given.variable : given.variable + u'=' + quoted(given.text);
    }

    void addFault(const SettingRow &row, const Given &given, const QString &wrong)
    {
        m_faults += u"%1 %2; allowed: %3"_s.arg(
            subject(row, given), wrong, row.codec.allowed(given.name.unit));
    }

    void addDisagreement(const SettingRow &row, const Given &first, const Given &second)
    {
        m_faults += u"%1 and %2 name the same setting and disagree; allowed: one of them"_s.arg(
            subject(row, first), subject(row, second));
    }

    void checkTogether()
    {
        const Settings &s = m_settings;
        if (s.listenAddr == s.httpAddr && s.listenAddr.port != 0)
            m_faults += u"RELAY_LISTEN_ADDR and RELAY_HTTP_ADDR are the same address and port; "
                        "allowed: different ones"_s;
        if (s.storageBackend == StorageBackend::Postgres) {
            if (s.postgresUrl.text.isEmpty())
                m_faults += u"RELAY_STORAGE_BACKEND=postgres needs RELAY_POSTGRES_URL, or "
                            "RELAY_POSTGRES_URL_FILE"_s;
            if (s.noiseStaticKey.isEmpty())
                m_faults += u"RELAY_STORAGE_BACKEND=postgres needs RELAY_NOISE_STATIC_KEY, or "
                            "RELAY_NOISE_STATIC_KEY_FILE: all relays of one database have the "
                            "same key (vauchi-relay noise-key makes one)"_s;
        } else if (!s.postgresUrl.text.isEmpty()) {
            m_warnings +=
                u"RELAY_POSTGRES_URL is not used: RELAY_STORAGE_BACKEND is not postgres"_s;
        }
        if (s.requireAuth && !s.protectProvenIds)
            m_warnings +=
                u"RELAY_REQUIRE_AUTH without RELAY_PROTECT_PROVEN_IDS: a client that signs "
                "with any key may name somebody else's id as its routing_token"_s;
        if (s.pingInterval >= s.idleTimeout)
            m_warnings += u"RELAY_PING_INTERVAL_SECS (%1) is not below RELAY_IDLE_TIMEOUT_SECS "
                          "(%2): silent clients are closed before they are pinged"_s
                              .arg(s.pingInterval.count())
                              .arg(s.idleTimeout.count());
    }

    void knows(const QString &name) { m_known += name; }

    void warnOfOtherNames()
    {
        QStringList ignored;
        QStringList names = m_environment.keys();
        names.sort();
        for (const QString &name : std::as_const(names)) {
            if (!name.startsWith("RELAY_"_L1) || m_known.contains(name) || textOf(name).isEmpty())
                continue;
            if (isIgnoredReferenceName(name))
                ignored += shown(name);
            else
                m_warnings += u"%1 is not a setting of this relay and is ignored; the nearest "
                              "name is %2"_s.arg(shown(name), nearestTo(name));
        }
        if (!ignored.isEmpty())
            m_warnings +=
                u"ignored, as without a meaning for this relay: "_s + ignored.join(u", "_s);
    }

    QString nearestTo(const QString &name) const
    {
        return *std::min_element(
            m_known.begin(), m_known.end(), [&](const QString &left, const QString &right) {
                return editDistance(name, left) < editDistance(name, right);
            });
    }

    const QProcessEnvironment &m_environment;
    Settings m_settings;
    QStringList m_known;
    QStringList m_faults;
    QStringList m_warnings;
};

/** The name and the text under which a field can be written without losing anything. */
std::pair<QString, QString> printed(const SettingRow &row, const Settings &settings)
{
    if (const auto text = row.codec.print(settings, row.name.unit))
        return {row.name.name, *text};
    for (const SettingName &alias : row.aliases) {
        if (const auto text = row.codec.print(settings, alias.unit))
            return {alias.name, *text};
    }
    return {row.name.name, QString()};
}

QString defaultText(const SettingRow &row)
{
    if (!row.defaultText.isEmpty())
        return row.defaultText;
    return printed(row, Settings {}).second;
}

QString aliasText(const SettingRow &row)
{
    QStringList texts;
    for (const SettingName &alias : row.aliases)
        texts += alias.unitName.isEmpty() ? alias.name : alias.name + u' ' + alias.unitName;
    if (row.isSecret())
        texts += row.fileName() + u" (a path)"_s;
    return texts.join(u", "_s);
}

} // namespace

int defaultIoThreads()
{
    return std::clamp(QThread::idealThreadCount(), 1, 8);
}

std::chrono::milliseconds timerInterval(std::chrono::seconds duration)
{
    return std::min<std::chrono::milliseconds>(
        duration, std::chrono::milliseconds(std::numeric_limits<int>::max()));
}

Result<LoadedSettings, QStringList> loadSettings(const QProcessEnvironment &environment)
{
    return Loader(environment).load();
}

QString configAsText(const Settings &settings)
{
    QString text;
    for (const SettingRow &row : settingsTable()) {
        const auto [name, value] = printed(row, settings);
        const bool hidden = row.isSecret() && !value.isEmpty();
        text += name + u'=' + (hidden ? secretPlaceholder() : value) + u'\n';
    }
    return text;
}

QList<SettingInWords> settingsInWords()
{
    QList<SettingInWords> list;
    for (const SettingRow &row : settingsTable()) {
        const QString byDefault = defaultText(row);
        list += {row.name.name, row.help,
            row.codec.allowed(row.name.unit)
                + (byDefault.isEmpty() ? u"; not set by default"_s : u"; default "_s + byDefault),
            aliasText(row)};
    }
    return list;
}

QString settingsHelp()
{
    const QString indent(4, u' ');
    QString text;
    const QList<SettingInWords> settings = settingsInWords();
    for (const SettingInWords &setting : settings) {
        text += u"  "_s + setting.name + u'\n' + indent + setting.meaning + u'\n' + indent
            + setting.values + u'\n';
        if (!setting.also.isEmpty())
            text += indent + u"also "_s + setting.also + u'\n';
    }
    return text;
}

QString settingsMarkdown()
{
    QString text;
    for (const SettingRow &row : settingsTable()) {
        QString byDefault = defaultText(row);
        if (byDefault.isEmpty())
            byDefault = u"not set"_s;
        else if (row.defaultText.isEmpty())
            byDefault = u'`' + byDefault + u'`';
        const QString also = aliasText(row);
        text += u"| `%1` | %2 | %3 | %4 |\n"_s.arg(row.name.name, byDefault,
            row.codec.allowed(row.name.unit),
            also.isEmpty() ? row.help : row.help + u" (also "_s + also + u')');
    }
    return text;
}

} // namespace relay
