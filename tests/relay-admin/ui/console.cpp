// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/relay-admin/ui/console.h"

#include "relay-admin/ui/alertspage.h"
#include "relay-admin/ui/overviewpage.h"
#include "relay-admin/ui/profiledialog.h"

#include <QAction>
#include <QGuiApplication>
#include <QTabWidget>
#include <QTest>
#include <QWindow>

namespace relay::admin::test {

Console::Console(const QString &folder, std::shared_ptr<const AlertRules> rules)
    : m_settings(folder + QStringLiteral("/settings.ini"), QSettings::IniFormat)
    , m_fleet(QDir(folder), m_settings, std::move(rules))
    , m_window(m_fleet, m_theme, m_languages, m_settings)
{
    m_window.show();
}

Console::~Console()
{
    m_window.close();
}

RelayListView &Console::list()
{
    return *m_window.findChild<RelayListView *>();
}

QTabWidget &Console::tabs()
{
    return *m_window.findChild<QTabWidget *>();
}

OverviewPage &Console::overview()
{
    return *m_window.findChild<OverviewPage *>();
}

AlertsPage &Console::alerts()
{
    return *m_window.findChild<AlertsPage *>();
}

QAction *Console::action(const char *name)
{
    return m_window.findChild<QAction *>(QLatin1String(name));
}

ProfileDialog *Console::profileDialog()
{
    return m_window.findChild<ProfileDialog *>();
}

QDialog *Console::dialog()
{
    for (QDialog *dialog : m_window.findChildren<QDialog *>()) {
        if (dialog->isVisible())
            return dialog;
    }
    return nullptr;
}

bool Console::isBack()
{
    m_window.activateWindow();
    return hasKeyboard(m_window);
}

QUuid Console::watch(const QUrl &monitoringUrl, const QString &token)
{
    Profile profile;
    profile.name = QStringLiteral("Home");
    profile.monitoringUrl = monitoringUrl;
    profile.interval = Profile::MinInterval;
    const QUuid id = m_fleet.add(profile, token);
    m_window.select(id);
    return id;
}

RelayMonitor &Console::monitor()
{
    return *list().currentMonitor();
}

RelayState Console::state()
{
    return monitor().state().state;
}

bool Console::isGrey()
{
    return list().currentIndex().data(RelayListModel::GreyRole).toBool();
}

QString Console::cell(RelayListModel::Column column)
{
    return list().currentIndex().siblingAtColumn(column).data().toString();
}

QStringList Console::profileNames()
{
    QStringList names;
    for (const Profile &profile : m_fleet.profiles())
        names.append(profile.name);
    return names;
}

bool hasKeyboard(const QWidget &window)
{
    constexpr int Soon = 10'000;
    return QTest::qWaitFor(
        [&] { return QGuiApplication::focusWindow() == window.windowHandle(); }, Soon);
}

QUrl monitoringUrlOf(const RelayProcess &relay)
{
    return QUrl(QStringLiteral("http://127.0.0.1:%1").arg(relay.httpPort()));
}

} // namespace relay::admin::test
