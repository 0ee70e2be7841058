// SPDX-License-Identifier: GPL-3.0-or-later
#include "relayd/app/help.h"

#include "relayd/config/settings.h"
#include "shared/manpage.h"

#include <QStringList>

#include <vector>

using namespace Qt::StringLiterals;

namespace relay {

namespace {

struct HelpRow {
    QString term;
    QString text;
    std::vector<HelpRow> options = {};
};

const QString Summary = u"store-and-forward relay for end-to-end encrypted contact cards"_s;
const QString Description =
    u"Holds end-to-end encrypted blobs for recipients who are offline and delivers them when they "
    "connect. Without a command it runs the relay."_s;

/** Every command that is documented. */
const std::vector<HelpRow> &commands()
{
    static const std::vector<HelpRow> rows {
        {u"check-config"_s, u"check the environment; exit 78 with every fault"_s},
        {u"print-config"_s, u"print the settings in force, without secrets"_s},
        {u"healthcheck [--ready]"_s, u"ask the running relay's /health (or /ready); exit 0 or 1"_s},
        {u"probe URL"_s, u"send a message through a relay and check each step"_s,
            {{u"--sign"_s, u"with signed handshakes"_s},
                {u"--noise PUBKEY"_s, u"in Noise sessions with the relay that has this key"_s},
                {u"--ca FILE"_s, u"trust the certificates in FILE (wss)"_s},
                {u"--timeout SECS"_s, u"for each step (default 10)"_s}}},
        {u"backup FILE"_s, u"copy the database into a new FILE, while the relay runs or not"_s,
            {{u"--with-keys"_s, u"and its key, if it has one, into FILE.noise_key.bin"_s}}},
        {u"restore FILE"_s,
            u"put a backup in the place of the database, which is kept beside it; what was "
            "acknowledged since is delivered again"_s,
            {{u"--with-keys"_s, u"and FILE.noise_key.bin in the place of the key"_s}}},
        {u"verify [FILE]"_s, u"check the database, or a backup; exit 1 if a check fails"_s},
        {u"stats [--json]"_s, u"what is stored, and how large it is"_s},
        {u"forget-proof"_s,
            u"forget that the id on the standard input has signed its handshakes, for a user "
            "whose client cannot any more"_s},
        {u"migrate-storage"_s,
            u"copy the SQLite database of a relay that does not run into an empty PostgreSQL "
            "database; killed, and started again, it goes on"_s,
            {{u"--from sqlite:PATH"_s, u"the database, relay.db in the data folder"_s},
                {u"--to postgres[:URL]"_s,
                    u"where to; without URL (others can see a command line), RELAY_POSTGRES_URL"_s}}},
        {u"noise-key [FILE]"_s,
            u"print a new key for RELAY_NOISE_STATIC_KEY, or the one in a relay_noise_key.bin"_s},
        {u"--version"_s, u"versions of the program and its libraries"_s},
        {u"--man"_s, u"this text as a manual page (roff)"_s},
        {u"--help"_s, u"this text"_s},
    };
    return rows;
}

const std::vector<HelpRow> &exitCodes()
{
    static const std::vector<HelpRow> rows {
        {u"0"_s, u"done"_s},
        {u"1"_s, u"failed"_s},
        {u"64"_s, u"usage"_s},
        {u"69"_s, u"a service it needs is missing"_s},
        {u"73"_s, u"cannot create a file"_s},
        {u"74"_s, u"cannot write, or the database is damaged"_s},
        {u"75"_s, u"another relay holds the folder"_s},
        {u"77"_s, u"permission"_s},
        {u"78"_s, u"configuration"_s},
    };
    return rows;
}

/** @p text in lines that end before column 80, each but the first behind @p indent spaces. */
QString wrapped(const QString &text, qsizetype indent)
{
    constexpr qsizetype Columns = 79;
    QString result;
    qsizetype column = indent;
    const QStringList words = text.split(u' ');
    for (const QString &word : words) {
        if (column > indent && column + 1 + word.size() > Columns) {
            result += u'\n' + QString(indent, u' ');
            column = indent;
        } else if (column > indent) {
            result += u' ';
            ++column;
        }
        result += word;
        column += word.size();
    }
    return result + u'\n';
}

QString row(const QString &indent, const HelpRow &row)
{
    constexpr qsizetype TextColumn = 24;
    QString term = indent + row.term;
    if (term.size() >= TextColumn)
        term += u'\n' + QString(TextColumn, u' ');
    return term.leftJustified(TextColumn) + wrapped(row.text, TextColumn);
}

} // namespace

QString helpText()
{
    QString text = u"Usage: vauchi-relay [COMMAND]\n\n"_s + wrapped(Description, 0);
    text += u"\nCommands:\n"_s;
    for (const HelpRow &command : commands()) {
        text += row(u"  "_s, command);
        for (const HelpRow &option : command.options)
            text += row(u"      "_s, option);
    }
    text += u"\nExit codes:\n"_s;
    for (const HelpRow &code : exitCodes())
        text += u"  "_s + code.term.leftJustified(4) + code.text + u'\n';
    return text + u"\nSettings, all of them environment variables:\n"_s + settingsHelp();
}

QString manualPage()
{
    ManPage page(u"vauchi-relay"_s, QStringLiteral(RELAY_VERSION), Summary);
    page.section(u"SYNOPSIS"_s);
    page.paragraph(u"vauchi-relay [COMMAND]"_s);
    page.section(u"DESCRIPTION"_s);
    page.paragraph(Description);
    page.section(u"COMMANDS"_s);
    for (const HelpRow &command : commands()) {
        page.item(command.term, command.text);
        if (command.options.empty())
            continue;
        page.beginDetails();
        for (const HelpRow &option : command.options)
            page.item(option.term, option.text);
        page.endDetails();
    }
    page.section(u"ENVIRONMENT"_s);
    const QList<SettingInWords> settings = settingsInWords();
    for (const SettingInWords &setting : settings)
        page.item(setting.name,
            setting.meaning + u".\n"_s + setting.values + u".\n"_s
                + (setting.also.isEmpty() ? QString() : u"Also "_s + setting.also + u'.'));
    page.section(u"EXIT STATUS"_s);
    for (const HelpRow &code : exitCodes())
        page.item(code.term, code.text);
    page.section(u"FILES"_s);
    page.item(
        u"/etc/vauchi-relay/vauchi-relay.env"_s, u"settings of the relay that systemd runs"_s);
    page.item(u"/var/lib/vauchi-relay"_s, u"its data"_s);
    page.section(u"EXAMPLES"_s);
    page.paragraph(u"A backup of the relay that systemd runs, with the same settings:"_s);
    page.verbatim(u"sudo sh -c 'set -a; . /etc/vauchi-relay/vauchi-relay.env\n"
                  "    vauchi-relay backup /root/relay.db'"_s);
    return page.text();
}

} // namespace relay
