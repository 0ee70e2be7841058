// SPDX-License-Identifier: GPL-3.0-or-later
#include "relay-admin/ui/application.h"

#include "relay-admin/client/profilefaults.h"
#include "relay-admin/ui/icons.h"
#include "relay-admin/ui/languages.h"
#include "relay-admin/ui/mainwindow.h"
#include "shared/manpage.h"

#include <QApplication>
#include <QCommandLineParser>
#include <QDir>
#include <QSettings>
#include <QStandardPaths>

#include <algorithm>
#include <cstdio>

namespace relay::admin {

namespace {

constexpr int UsageError = 64;

/** What is called `<name>` is `name` in every language. */
struct CommandLine {
    Q_DECLARE_TR_FUNCTIONS(relay::admin::CommandLine)

public:
    static QString description()
    {
        return tr("Watches store-and-forward relays: state, traffic, storage, alerts.");
    }

    QCommandLineParser parser;
    const QCommandLineOption profile {QStringLiteral("profile"),
        tr("Show the relay that is called <name>."), QStringLiteral("name")};
    const QCommandLineOption url {QStringLiteral("url"),
        tr("Watch the monitoring port <url>; it is added if no relay has it."),
        QStringLiteral("url")};
    const QCommandLineOption minimized {
        QStringLiteral("minimized"), tr("Start in the tray, or minimized.")};

    CommandLine()
    {
        parser.setApplicationDescription(description());
        options << parser.addHelpOption() << parser.addVersionOption() << profile << url
                << minimized;
        parser.addOptions({profile, url, minimized});
    }

    QList<QCommandLineOption> options;
};

/** For the build, which makes a manual page of it: without a screen, and in English. */
int printManualPage()
{
    const CommandLine line;
    ManPage page(QStringLiteral("vauchi-relay-admin"), QStringLiteral(RELAY_VERSION),
        QStringLiteral("desktop console for vauchi-relay"));
    page.section(QStringLiteral("SYNOPSIS"));
    page.paragraph(QStringLiteral("vauchi-relay-admin [OPTION...]"));
    page.section(QStringLiteral("DESCRIPTION"));
    page.paragraph(CommandLine::description());
    page.section(QStringLiteral("OPTIONS"));
    for (const QCommandLineOption &option : line.options) {
        QStringList names;
        const QStringList given = option.names();
        for (const QString &name : given)
            names << (name.size() == 1 ? QStringLiteral("-") : QStringLiteral("--")) + name;
        QString term = names.join(QStringLiteral(", "));
        if (!option.valueName().isEmpty())
            term += QStringLiteral(" <%1>").arg(option.valueName());
        page.item(term, option.description());
    }
    page.section(QStringLiteral("SEE ALSO"));
    page.paragraph(QStringLiteral("vauchi-relay(1)"));
    std::fputs(page.text().toUtf8().constData(), stdout);
    return 0;
}

int usageError(const QString &why)
{
    std::fprintf(stderr, "vauchi-relay-admin: %s\n", qPrintable(why));
    return UsageError;
}

/** By name, or by address, which is added where it is new; null and a word: it cannot be. */
QUuid wantedRelay(const CommandLine &line, Fleet &fleet, QString &why)
{
    const QList<Profile> profiles = fleet.profiles();
    if (line.parser.isSet(line.profile)) {
        const QString name = line.parser.value(line.profile);
        const auto found = std::find_if(profiles.begin(), profiles.end(),
            [&](const Profile &profile) { return profile.name == name; });
        if (found != profiles.end())
            return found->id;
        why = CommandLine::tr("no relay is called “%1”").arg(name);
    } else if (line.parser.isSet(line.url)) {
        Profile added;
        added.monitoringUrl = QUrl(line.parser.value(line.url), QUrl::StrictMode);
        added.name = added.monitoringUrl.host();
        const auto found = std::find_if(profiles.begin(), profiles.end(),
            [&](const Profile &profile) { return profile.monitoringUrl == added.monitoringUrl; });
        if (found != profiles.end())
            return found->id;
        if (const auto faults = faultsOf(added); !faults.isEmpty()) {
            why = faults.front().text;
            return {};
        }
        return fleet.add(added, QString());
    }
    return {};
}

} // namespace

int runConsole(int argc, char *argv[])
{
    if (argc == 2 && qstrcmp(argv[1], "--man") == 0)
        return printManualPage();
    QApplication application(argc, argv);
    QCoreApplication::setOrganizationName(QStringLiteral("vauchi"));
    QCoreApplication::setApplicationName(QStringLiteral("vauchi-relay-admin"));
    QCoreApplication::setApplicationVersion(QStringLiteral(RELAY_VERSION));
    QGuiApplication::setDesktopFileName(QStringLiteral("org.vauchi.RelayAdmin"));
    QGuiApplication::setWindowIcon(icon(QStringLiteral("app")));

    QSettings settings(QSettings::IniFormat, QSettings::UserScope,
        QCoreApplication::organizationName(), QCoreApplication::applicationName());
    Languages languages;
    languages.choose(Preferences::load(settings).language);
    CommandLine line;
    line.parser.process(application);
    if (!line.parser.positionalArguments().isEmpty())
        return usageError(CommandLine::tr("unexpected argument “%1”")
                              .arg(line.parser.positionalArguments().front()));

    const QString folder = QStandardPaths::writableLocation(QStandardPaths::AppDataLocation);
    QDir().mkpath(folder);
    Theme theme;
    Fleet fleet(QDir(folder), settings);
    QString why;
    const QUuid wanted = wantedRelay(line, fleet, why);
    if (!why.isEmpty())
        return usageError(why);
    MainWindow window(fleet, theme, languages, settings);
    if (!wanted.isNull())
        window.select(wanted);
    if (line.parser.isSet(line.minimized))
        window.showMinimizedOrInTray();
    else
        window.show();
    return QApplication::exec();
}

} // namespace relay::admin
