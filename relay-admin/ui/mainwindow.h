// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "relay-admin/ui/fleet.h"
#include "relay-admin/ui/preferences.h"

#include <QMainWindow>
#include <QMap>
#include <QTimer>

class QLabel;
class QSettings;
class QSplitter;
class QStackedWidget;
class QSystemTrayIcon;
class QTabWidget;

namespace relay::admin {

class AlertsPage;
class ChartPanel;
class Languages;
class MetricsPage;
class OverviewPage;
class RawPage;
class RelayListView;

/**
 * The console's window: the relays at the left, what is known of the current one at the right.
 * Closed, it goes into the tray where there is one; else the program ends with it.
 */
class MainWindow : public QMainWindow {
    Q_OBJECT

public:
    MainWindow(Fleet &fleet, Theme &theme, Languages &languages, QSettings &settings);
    ~MainWindow() override;

    void select(const QUuid &profile);
    /** Into the tray where there is one, else as an icon of the desktop's. */
    void showMinimizedOrInTray();

protected:
    void changeEvent(QEvent *event) override;
    void closeEvent(QCloseEvent *event) override;

private:
    /** Each action by the name that its place in the menus has. */
    QAction *action(const QString &name, const QString &iconName, const QKeySequence &shortcut,
        void (MainWindow::*slot)());
    void createActions();
    void createPages();
    void createTray();
    /** Before there is no window: whether it is in the tray then, and the program goes on. */
    bool prepareForTray();
    void retranslate();
    void selectSomething();
    void showTitle();
    void showCurrent(RelayMonitor *monitor);
    void updateActions();
    void showAlertCount();
    void announceState(RelayMonitor *monitor, RelayState state);
    void announceAlert(RelayMonitor *monitor, const Alert &alert);
    void announce(const QString &text);
    /** Empty text: there is nothing to warn of. */
    void warn(const QString &title, const QString &text);
    void apply(const Preferences &preferences);

    void raiseWindow();
    void closeWindow();
    void quit();
    void addRelay();
    void editRelay();
    void duplicateRelay();
    void removeRelay();
    void moveRelayUp();
    void moveRelayDown();
    /** By so many rows of the list, within its group. */
    void moveRelay(int rows);
    void pollNow();
    void importProfiles();
    void exportProfiles();
    void exportCsv();
    void savePicture();
    void savePictureOf(ChartPanel *chart);
    void findMetric();
    void preferences();
    void showShortcuts();
    void about();
    RelayMonitor *current() const;
    void ask(const Profile &profile, const QString &token, bool isNew);
    QStringList groups() const;

    Fleet &m_fleet;
    Theme &m_theme;
    Languages &m_languages;
    QSettings &m_settings;
    Preferences m_preferences;
    QMap<QString, QAction *> m_actions;
    QMap<QString, QMenu *> m_menus;
    QToolBar *m_toolBar;
    QSplitter *m_splitter;
    RelayListView *m_list;
    QStackedWidget *m_right;
    QWidget *m_firstRun;
    QLabel *m_firstRunText;
    QTabWidget *m_tabs;
    OverviewPage *m_overview;
    MetricsPage *m_metrics;
    RawPage *m_raw;
    AlertsPage *m_alerts;
    QMenu *m_trayMenu;
    QSystemTrayIcon *m_tray;
    /** Runs while the window is in the tray. */
    QTimer m_trayWatch;
};

} // namespace relay::admin
