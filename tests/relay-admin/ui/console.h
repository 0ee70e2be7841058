// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "relay-admin/ui/languages.h"
#include "relay-admin/ui/mainwindow.h"
#include "relay-admin/ui/relaylistview.h"
#include "tests/support/relayprocess.h"

#include <QSettings>

class QAction;
class QDialog;
class QTabWidget;

namespace relay::admin {
class AlertsPage;
class OverviewPage;
class ProfileDialog;
} // namespace relay::admin

namespace relay::admin::test {

using relay::test::RelayProcess;

/**
 * The console's window with all that is behind it, in a folder that outlives it: to be opened
 * again. The window is shown, and closed at the end.
 */
class Console {
public:
    explicit Console(
        const QString &folder, std::shared_ptr<const AlertRules> rules = defaultAlertRules());
    ~Console();

    MainWindow &window() { return m_window; }
    Fleet &fleet() { return m_fleet; }
    Theme &theme() { return m_theme; }
    Languages &languages() { return m_languages; }
    RelayListView &list();
    QTabWidget &tabs();
    OverviewPage &overview();
    AlertsPage &alerts();
    QAction *action(const char *name);
    /** The one that asks for a profile; null: none is open. */
    ProfileDialog *profileDialog();
    /** The open dialog of any kind; null: none. */
    QDialog *dialog();

    /** A dialog is gone. Offscreen nobody manages windows, who would give the focus back. */
    bool isBack();

    /** Watches it each second, as the current one; its profile's id. */
    QUuid watch(const QUrl &monitoringUrl, const QString &token = {});
    RelayMonitor &monitor();
    RelayState state();
    bool isGrey();
    /** What stands in a cell of the current relay. */
    QString cell(RelayListModel::Column column);
    QStringList profileNames();

private:
    QSettings m_settings;
    Theme m_theme;
    Languages m_languages;
    Fleet m_fleet;
    MainWindow m_window;
};

/** Waits until what is typed goes to this window, and to none that it belongs to. */
bool hasKeyboard(const QWidget &window);

QUrl monitoringUrlOf(const RelayProcess &relay);

} // namespace relay::admin::test
