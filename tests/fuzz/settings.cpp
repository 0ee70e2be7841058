// SPDX-License-Identifier: GPL-3.0-or-later
#include "relayd/config/settings.h"

#include "relayd/config/settingstable.h"
#include "tests/fuzz/fuzzing.h"

#include <QFile>
#include <QMap>
#include <QTemporaryDir>

#include <algorithm>

using namespace relay;
using namespace relay::test;
using namespace Qt::StringLiterals;

// The input is an environment as /proc/PID/environ shows it: NAME=value, separated by NUL. What is
// given as NAME_FILE is the content of a file, not its path.

namespace {

using Variables = QMap<QString, QString>;

Variables variablesOf(QByteArrayView input)
{
    // Unknown names are compared with all that are known, which takes long for long ones.
    constexpr qsizetype MaxName = 40;
    Variables variables;
    const auto entries = input.toByteArray().split('\0');
    for (const QByteArray &entry : entries) {
        const qsizetype end = entry.indexOf('=');
        if (end > 0)
            variables.insert(QString::fromUtf8(entry.first(std::min(end, MaxName))),
                QString::fromUtf8(entry.sliced(end + 1)));
    }
    return variables;
}

bool namesSecretFile(const QString &name)
{
    return std::ranges::any_of(settingsTable(),
        [&](const SettingRow &row) { return row.isSecret() && row.fileName() == name; });
}

/** Nobody but its setting's own rule may look at the value: of a secret, or of no setting at all.
 */
bool isHidden(const QString &name)
{
    return std::ranges::none_of(settingsTable(), [&](const SettingRow &row) {
        return !row.isSecret()
            && (row.name.name == name
                || std::ranges::any_of(
                    row.aliases, [&](const SettingName &alias) { return alias.name == name; }));
    });
}

Result<LoadedSettings, QStringList> load(const Variables &variables)
{
    static const QTemporaryDir folder;
    QProcessEnvironment environment;
    for (auto it = variables.begin(); it != variables.end(); ++it) {
        if (!namesSecretFile(it.key()) || it->trimmed().isEmpty()) {
            environment.insert(it.key(), it.value());
            continue;
        }
        QFile file(folder.filePath(it.key()));
        require(file.open(QIODevice::WriteOnly), "a file can be written");
        file.write(it->toUtf8());
        environment.insert(it.key(), file.fileName());
    }
    return loadSettings(environment);
}

bool isPlain(const QString &line)
{
    return !line.isEmpty()
        && std::ranges::none_of(line, [](QChar c) { return c.category() == QChar::Other_Control; });
}

/** The same text in other letters and digits: as valid or wrong as it was, and another secret. */
QString shifted(QString text)
{
    for (QChar &c : text) {
        if (c == u'z' || c == u'Z' || c == u'9')
            c = QChar(c == u'9' ? u'0' : c == u'z' ? u'a' : u'A');
        else if ((c >= u'a' && c < u'z') || (c >= u'A' && c < u'Z') || (c >= u'0' && c < u'9'))
            c = QChar(c.unicode() + 1);
    }
    return text;
}

QStringList linesOf(const Result<LoadedSettings, QStringList> &loaded)
{
    return loaded ? loaded->warnings : loaded.error();
}

/** What is said does not depend on what must not be shown. */
void requireSecrecy(const Variables &variables, const Result<LoadedSettings, QStringList> &loaded)
{
    Variables others = variables;
    for (auto it = others.begin(); it != others.end(); ++it) {
        // A URL has a form, which tells valid ones from others: that nothing of it is repeated is
        // seen by tst_settings.
        if (!isHidden(it.key()) || it.key().startsWith("RELAY_POSTGRES_URL"_L1))
            continue;
        const QString other = shifted(it.value());
        // The one text that a rule looks for.
        if (other.trimmed() == secretPlaceholder() || it->trimmed() == secretPlaceholder())
            return;
        it.value() = other;
    }
    const auto loadedOthers = load(others);
    require(loaded.hasValue() == loadedOthers.hasValue(), "no secret is better than another");
    require(linesOf(loaded) == linesOf(loadedOthers), "no line depends on a secret");
    if (loaded)
        require(configAsText(loaded->settings) == configAsText(loadedOthers->settings),
            "what is printed does not depend on a secret");
}

/** What print-config prints, as an environment again. */
Variables printed(const Settings &settings)
{
    Variables variables;
    const auto lines = configAsText(settings).split(u'\n', Qt::SkipEmptyParts);
    for (const QString &line : lines) {
        require(isPlain(line), "what is printed is plain text");
        const qsizetype end = line.indexOf(u'=');
        require(end > 0, "each line is NAME=value");
        variables.insert(line.first(end), line.sliced(end + 1));
    }
    return variables;
}

/** "1 to 86400": numbers keep to what their row allows. */
void requireRange(const SettingRow &row, const QString &text)
{
    const QStringList words = row.codec.allowed(row.name.unit).split(u' ');
    bool isRange = words.size() >= 3 && words[1] == "to"_L1;
    bool isNumber = false;
    const qint64 value = text.toLongLong(&isNumber);
    if (!isRange || text.isEmpty())
        return;
    const qint64 least = words[0].toLongLong(&isRange);
    const qint64 most = words[2].chopped(words[2].endsWith(u',') ? 1 : 0).toLongLong();
    require(isRange && isNumber && value >= least && value <= most, "a number keeps its range");
}

void requireReadsBack(const Settings &settings)
{
    Variables variables = printed(settings);
    for (const SettingRow &row : settingsTable()) {
        if (!row.isSecret())
            requireRange(row, variables.value(row.name.name));
        else if (!variables.value(row.name.name).isEmpty())
            require(variables.value(row.name.name) == secretPlaceholder(), "no secret is printed");
    }
    if (variables.contains(u"RELAY_METRICS_TOKEN"_s))
        variables[u"RELAY_METRICS_TOKEN"_s] = QString::fromLatin1(settings.metricsToken);
    // The other secrets, as their owner has them.
    if (!settings.noiseStaticKey.isEmpty())
        variables[u"RELAY_NOISE_STATIC_KEY"_s] =
            QString::fromLatin1(settings.noiseStaticKey.toBase64(QByteArray::Base64UrlEncoding));
    if (!settings.postgresUrl.text.isEmpty())
        variables[u"RELAY_POSTGRES_URL"_s] = settings.postgresUrl.text;
    const auto again = load(variables);
    require(again.hasValue(), "what is printed can be loaded");
    require(again->settings.metricsToken == settings.metricsToken, "a token loads as itself");
    require(configAsText(again->settings) == configAsText(settings), "settings load as themselves");
}

} // namespace

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const Variables variables = variablesOf({data, static_cast<qsizetype>(size)});
    const auto loaded = load(variables);
    require(loaded || !loaded.error().isEmpty(), "a fault is told");
    const QStringList lines = linesOf(loaded);
    require(std::ranges::all_of(lines, isPlain), "each line is plain text");
    requireSecrecy(variables, loaded);
    if (loaded)
        requireReadsBack(loaded->settings);
    return 0;
}
