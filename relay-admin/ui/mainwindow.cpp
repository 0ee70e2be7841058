// SPDX-License-Identifier: GPL-3.0-or-later
#include "relay-admin/ui/mainwindow.h"

#include "relay-admin/client/wholefile.h"
#include "relay-admin/models/csv.h"
#include "relay-admin/ui/alertspage.h"
#include "relay-admin/ui/filequestion.h"
#include "relay-admin/ui/icons.h"
#include "relay-admin/ui/languages.h"
#include "relay-admin/ui/metricspage.h"
#include "relay-admin/ui/overviewpage.h"
#include "relay-admin/ui/preferencesdialog.h"
#include "relay-admin/ui/profiledialog.h"
#include "relay-admin/ui/rawpage.h"
#include "relay-admin/ui/relaylistview.h"
#include "relay-admin/ui/shortcutsdialog.h"
#include "relay-admin/ui/statelabel.h"

#include <QAccessible>
#include <QAction>
#include <QApplication>
#include <QBuffer>
#include <QCloseEvent>
#include <QHeaderView>
#include <QLabel>
#include <QMenuBar>
#include <QMessageBox>
#include <QPushButton>
#include <QScrollBar>
#include <QSettings>
#include <QSplitter>
#include <QStackedWidget>
#include <QStatusBar>
#include <QSystemTrayIcon>
#include <QTabWidget>
#include <QToolBar>
#include <QVBoxLayout>

namespace relay::admin {

namespace {

constexpr QLatin1String GeometryKey("window/geometry");
constexpr QLatin1String SplitterKey("window/splitter");
constexpr QLatin1String ColumnsKey("window/columns");
constexpr QLatin1String CurrentKey("window/relay");
constexpr int StatusMillis = 15'000;
/** How often a window that is in the tray looks whether that is still there. */
constexpr int TrayMillis = 2'000;

/** The whole file or none of it; why not, for people. */
QString write(const QString &file, const QByteArray &bytes)
{
    const QString why = writeWhole(file, bytes);
    return why.isEmpty() ? QString() : MainWindow::tr("%1 could not be written: %2").arg(file, why);
}

} // namespace

MainWindow::MainWindow(Fleet &fleet, Theme &theme, Languages &languages, QSettings &settings)
    : m_fleet(fleet)
    , m_theme(theme)
    , m_languages(languages)
    , m_settings(settings)
    , m_preferences(Preferences::load(settings))
    , m_toolBar(addToolBar(QString()))
    , m_splitter(new QSplitter(this))
    , m_list(new RelayListView(fleet.relays(), theme, m_splitter))
    , m_right(new QStackedWidget(m_splitter))
    , m_firstRun(new QWidget(m_right))
    , m_firstRunText(new QLabel(m_firstRun))
    , m_tabs(new QTabWidget(m_right))
    , m_overview(new OverviewPage(theme))
    , m_metrics(new MetricsPage)
    , m_raw(new RawPage)
    , m_alerts(new AlertsPage(fleet.alerts(), theme))
    , m_trayMenu(new QMenu(this))
    , m_tray(new QSystemTrayIcon(icon(QStringLiteral("app")), this))
{
    apply(m_preferences);
    createActions();
    createPages();
    createTray();
    retranslate();

    connect(m_list, &RelayListView::currentChanged, this, &MainWindow::showCurrent);
    connect(m_list, &QTableView::activated, this, &MainWindow::editRelay);
    connect(m_alerts, &AlertsPage::relayWanted, this, [this](const QUuid &profile) {
        select(profile);
        m_tabs->setCurrentWidget(m_overview);
    });
    connect(m_alerts, &AlertsPage::muteWanted, this,
        [this](const QUuid &profile, const QString &rule, bool isMuted) {
            if (RelayMonitor *monitor = m_fleet.monitor(profile))
                isMuted ? monitor->mute(rule) : monitor->unmute(rule);
        });
    connect(m_overview, &OverviewPage::pictureWanted, this, &MainWindow::savePictureOf);
    connect(m_overview, &OverviewPage::exportWanted, this, &MainWindow::exportCsv);
    connect(&m_fleet, &Fleet::profilesChanged, this, [this] {
        selectSomething();
        showCurrent(current());
    });
    connect(&m_fleet, &Fleet::stateChanged, this, &MainWindow::announceState);
    connect(&m_fleet, &Fleet::alertChanged, this, &MainWindow::announceAlert);
    connect(&m_fleet, &Fleet::said, this, &MainWindow::announce);
    connect(&m_fleet.alerts(), &AlertsModel::firingCountChanged, this, &MainWindow::showAlertCount);

    resize(1440, 880);
    // The list is as wide as its columns, and as what scrolls where there are many relays.
    const int listWidth = m_list->horizontalHeader()->length() + 2 * m_list->frameWidth()
        + m_list->verticalScrollBar()->sizeHint().width();
    m_splitter->setSizes({listWidth, width() - listWidth});
    restoreGeometry(m_settings.value(GeometryKey).toByteArray());
    m_splitter->restoreState(m_settings.value(SplitterKey).toByteArray());
    m_list->horizontalHeader()->restoreState(m_settings.value(ColumnsKey).toByteArray());
    select(m_settings.value(CurrentKey).toUuid());
    selectSomething();
    showCurrent(current());
}

MainWindow::~MainWindow() = default;

void MainWindow::select(const QUuid &profile)
{
    m_list->select(profile);
}

/** Where there are relays, one of them is shown. */
void MainWindow::selectSomething()
{
    if (!current() && m_list->model()->rowCount() > 0)
        m_list->setCurrentIndex(m_list->model()->index(0, RelayListModel::Name));
}

void MainWindow::showMinimizedOrInTray()
{
    if (!prepareForTray())
        showMinimized();
}

bool MainWindow::prepareForTray()
{
    // What is hidden must have a place from where it can be shown.
    const bool hasTray = QSystemTrayIcon::isSystemTrayAvailable();
    QApplication::setQuitOnLastWindowClosed(!hasTray);
    if (hasTray)
        m_trayWatch.start();
    return hasTray;
}

RelayMonitor *MainWindow::current() const
{
    return m_list->currentMonitor();
}

// ---- what the window is made of ----

QAction *MainWindow::action(const QString &name, const QString &iconName,
    const QKeySequence &shortcut, void (MainWindow::*slot)())
{
    auto *action = new QAction(this);
    action->setObjectName(name);
    if (!iconName.isEmpty())
        action->setIcon(icon(iconName));
    action->setShortcut(shortcut);
    connect(action, &QAction::triggered, this, slot);
    m_actions.insert(name, action);
    return action;
}

void MainWindow::createActions()
{
    const auto menu = [this](const QString &name) {
        return m_menus.insert(name, menuBar()->addMenu(QString())).value();
    };
    QMenu *file = menu(QStringLiteral("file"));
    file->addAction(action(
        QStringLiteral("import"), QStringLiteral("import"), {}, &MainWindow::importProfiles));
    file->addAction(action(
        QStringLiteral("export"), QStringLiteral("export"), {}, &MainWindow::exportProfiles));
    file->addSeparator();
    file->addAction(action(QStringLiteral("csv"), QStringLiteral("table"),
        QKeySequence(Qt::CTRL | Qt::Key_E), &MainWindow::exportCsv));
    file->addAction(action(QStringLiteral("picture"), QStringLiteral("image"),
        QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_E), &MainWindow::savePicture));
    file->addSeparator();
    // Explicit, where a desktop has no standard for it.
    file->addAction(action(QStringLiteral("preferences"), QStringLiteral("settings"),
        QKeySequence(Qt::CTRL | Qt::Key_Comma), &MainWindow::preferences));
    file->addSeparator();
    file->addAction(action(
        QStringLiteral("close"), {}, QKeySequence(Qt::CTRL | Qt::Key_W), &MainWindow::closeWindow));
    file->addAction(
        action(QStringLiteral("quit"), {}, QKeySequence(Qt::CTRL | Qt::Key_Q), &MainWindow::quit));
    m_actions[QStringLiteral("quit")]->setMenuRole(QAction::QuitRole);
    m_actions[QStringLiteral("preferences")]->setMenuRole(QAction::PreferencesRole);

    QMenu *relay = menu(QStringLiteral("relay"));
    relay->addAction(action(
        QStringLiteral("add"), QStringLiteral("add"), QKeySequence::New, &MainWindow::addRelay));
    relay->addAction(action(QStringLiteral("edit"), QStringLiteral("edit"),
        QKeySequence(Qt::Key_F2), &MainWindow::editRelay));
    relay->addAction(action(QStringLiteral("duplicate"), QStringLiteral("duplicate"),
        QKeySequence(Qt::CTRL | Qt::Key_D), &MainWindow::duplicateRelay));
    relay->addAction(action(QStringLiteral("remove"), QStringLiteral("remove"),
        QKeySequence::Delete, &MainWindow::removeRelay));
    relay->addSeparator();
    relay->addAction(action(QStringLiteral("moveUp"), QStringLiteral("move-up"),
        QKeySequence(Qt::ALT | Qt::Key_Up), &MainWindow::moveRelayUp));
    relay->addAction(action(QStringLiteral("moveDown"), QStringLiteral("move-down"),
        QKeySequence(Qt::ALT | Qt::Key_Down), &MainWindow::moveRelayDown));
    relay->addSeparator();
    relay->addAction(action(QStringLiteral("poll"), QStringLiteral("refresh"),
        QKeySequence::Refresh, &MainWindow::pollNow));
    relay->addAction(action(QStringLiteral("find"), QStringLiteral("search"), QKeySequence::Find,
        &MainWindow::findMetric));

    QMenu *help = menu(QStringLiteral("help"));
    help->addAction(action(QStringLiteral("shortcuts"), {}, QKeySequence(Qt::CTRL | Qt::Key_F1),
        &MainWindow::showShortcuts));
    help->addAction(action(QStringLiteral("about"), {}, {}, &MainWindow::about));

    m_toolBar->setObjectName(QStringLiteral("toolBar"));
    m_toolBar->setMovable(false);
    m_toolBar->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    m_toolBar->setIconSize(QSize(18, 18));
    for (const char *name : {"add", "edit", "remove", "poll"})
        m_toolBar->addAction(m_actions[QLatin1String(name)]);
    m_toolBar->setContextMenuPolicy(Qt::PreventContextMenu);
    m_list->setContextMenuPolicy(Qt::ActionsContextMenu);
    m_list->addActions(relay->actions());
}

void MainWindow::createPages()
{
    m_firstRunText->setWordWrap(true);
    m_firstRunText->setAlignment(Qt::AlignCenter);
    auto *picture = new QLabel(m_firstRun);
    picture->setPixmap(icon(QStringLiteral("app")).pixmap(QSize(96, 96), devicePixelRatioF()));
    picture->setAlignment(Qt::AlignCenter);
    picture->setObjectName(QStringLiteral("picture"));
    auto *button = new QPushButton(m_firstRun);
    button->setObjectName(QStringLiteral("addFirst"));
    button->setIcon(icon(QStringLiteral("add")));
    button->setDefault(true);
    connect(button, &QPushButton::clicked, this, &MainWindow::addRelay);
    auto *layout = new QVBoxLayout(m_firstRun);
    layout->setSpacing(16);
    layout->addStretch();
    layout->addWidget(picture);
    layout->addWidget(m_firstRunText);
    layout->addWidget(button, 0, Qt::AlignHCenter);
    layout->addStretch();

    m_tabs->setDocumentMode(true);
    m_tabs->addTab(m_overview, QString());
    m_tabs->addTab(m_metrics, QString());
    m_tabs->addTab(m_raw, QString());
    m_tabs->addTab(m_alerts, icon(QStringLiteral("alert")), QString());
    m_right->addWidget(m_firstRun);
    m_right->addWidget(m_tabs);
    m_splitter->addWidget(m_list);
    m_splitter->addWidget(m_right);
    m_splitter->setStretchFactor(0, 0);
    m_splitter->setStretchFactor(1, 1);
    m_splitter->setChildrenCollapsible(false);
    setCentralWidget(m_splitter);
    statusBar();
}

void MainWindow::createTray()
{
    // A panel may come later than a console that is started with the session, and may go.
    m_tray->setContextMenu(m_trayMenu);
    m_trayMenu->addAction(action(QStringLiteral("show"), {}, {}, &MainWindow::raiseWindow));
    m_trayMenu->addAction(m_actions[QStringLiteral("quit")]);
    connect(m_tray, &QSystemTrayIcon::activated, this,
        [this](QSystemTrayIcon::ActivationReason reason) {
            // The menu opens by itself.
            if (reason != QSystemTrayIcon::Context)
                raiseWindow();
        });
    connect(m_tray, &QSystemTrayIcon::messageClicked, this, [this] {
        raiseWindow();
        m_tabs->setCurrentWidget(m_alerts);
    });
    m_tray->show();
    m_trayWatch.setInterval(TrayMillis);
    connect(&m_trayWatch, &QTimer::timeout, this, [this] {
        if (isHidden() && !QSystemTrayIcon::isSystemTrayAvailable())
            showMinimized();
        if (!isHidden())
            m_trayWatch.stop();
    });
}

void MainWindow::retranslate()
{
    // By what it shows numbers and times; of itself it keeps that of its beginning.
    setLocale(QLocale());
    showTitle();
    m_menus[QStringLiteral("file")]->setTitle(tr("&File"));
    m_menus[QStringLiteral("relay")]->setTitle(tr("&Relay"));
    m_menus[QStringLiteral("help")]->setTitle(tr("&Help"));
    const auto name = [this](const char *action, const QString &text) {
        if (QAction *found = m_actions.value(QLatin1String(action)))
            found->setText(text);
    };
    name("import", tr("&Import relays…"));
    name("export", tr("E&xport relays…"));
    name("csv", tr("Export &CSV of the visible range…"));
    name("picture", tr("&Save a picture of the chart…"));
    name("preferences", tr("&Preferences…"));
    name("close", tr("Close &window"));
    name("quit", tr("&Quit"));
    name("add", tr("&Add…"));
    name("edit", tr("&Edit…"));
    name("duplicate", tr("&Duplicate"));
    name("remove", tr("&Remove"));
    name("moveUp", tr("Move &up"));
    name("moveDown", tr("Move do&wn"));
    name("poll", tr("Ask &now"));
    name("find", tr("&Find a metric"));
    name("shortcuts", tr("&Keyboard shortcuts"));
    name("about", tr("&About"));
    name("show", tr("&Show the window"));
    m_toolBar->setWindowTitle(tr("Tools"));
    m_toolBar->setAccessibleName(tr("Tools"));
    m_list->setAccessibleName(tr("Relays"));
    m_firstRun->findChild<QLabel *>(QStringLiteral("picture"))
        ->setAccessibleName(tr("Vauchi Relay Console"));
    m_firstRunText->setText(
        tr("<h2>No relay yet</h2>Add the monitoring port of a relay to see how it is doing."));
    m_firstRun->findChild<QPushButton *>(QStringLiteral("addFirst"))->setText(tr("A&dd a relay…"));
    m_tabs->setTabText(0, tr("&Overview"));
    m_tabs->setTabText(1, tr("All &metrics"));
    m_tabs->setTabText(2, tr("Ra&w"));
    m_tabs->setAccessibleName(tr("Views of the relay"));
    showAlertCount();
}

void MainWindow::changeEvent(QEvent *event)
{
    if (event->type() == QEvent::LanguageChange)
        retranslate();
    QMainWindow::changeEvent(event);
}

void MainWindow::closeEvent(QCloseEvent *event)
{
    m_settings.setValue(GeometryKey, saveGeometry());
    m_settings.setValue(SplitterKey, m_splitter->saveState());
    m_settings.setValue(ColumnsKey, m_list->horizontalHeader()->saveState());
    if (RelayMonitor *monitor = current())
        m_settings.setValue(CurrentKey, monitor->profile().id);
    prepareForTray();
    QMainWindow::closeEvent(event);
}

// ---- what it shows ----

void MainWindow::showCurrent(RelayMonitor *monitor)
{
    m_overview->setMonitor(monitor);
    m_metrics->setMonitor(monitor);
    m_raw->setMonitor(monitor);
    m_right->setCurrentWidget(monitor ? static_cast<QWidget *>(m_tabs) : m_firstRun);
    showTitle();
    updateActions();
}

void MainWindow::showTitle()
{
    const RelayMonitor *monitor = current();
    setWindowTitle(monitor ? tr("%1 – Vauchi Relay Console").arg(monitor->profile().name)
                           : tr("Vauchi Relay Console"));
}

void MainWindow::updateActions()
{
    const bool hasRelay = current() != nullptr;
    for (const char *name :
        {"edit", "duplicate", "remove", "moveUp", "moveDown", "poll", "csv", "picture", "find"})
        m_actions[QLatin1String(name)]->setEnabled(hasRelay);
    m_actions[QStringLiteral("export")]->setEnabled(m_list->model()->rowCount() > 0);
}

void MainWindow::showAlertCount()
{
    const int firing = m_fleet.alerts().firingCount();
    m_tabs->setTabText(3, firing == 0 ? tr("A&lerts") : tr("A&lerts (%n)", nullptr, firing));
    m_tray->setToolTip(firing == 0 ? windowTitle() : tr("%n alert(s)", nullptr, firing));
}

void MainWindow::announceState(RelayMonitor *monitor, RelayState state)
{
    announce(tr("%1: %2").arg(monitor->profile().name, stateName(state)));
}

void MainWindow::announceAlert(RelayMonitor *monitor, const Alert &alert)
{
    if (alert.phase == AlertPhase::Pending || monitor->isMuted(alert.ruleId))
        return;
    const bool isFiring = alert.phase == AlertPhase::Firing;
    const QString summary = summaryText(alert);
    const QString text = isFiring ? summary : tr("No longer: %1").arg(summary);
    announce(tr("%1: %2").arg(monitor->profile().name, text));
    if (m_preferences.notifies && QSystemTrayIcon::isSystemTrayAvailable())
        m_tray->showMessage(monitor->profile().name, text,
            isFiring ? QSystemTrayIcon::Warning : QSystemTrayIcon::Information);
}

void MainWindow::announce(const QString &text)
{
    statusBar()->showMessage(text, StatusMillis);
    statusBar()->setAccessibleName(text);
    QAccessibleEvent event(statusBar(), QAccessible::Alert);
    QAccessible::updateAccessibility(&event);
}

void MainWindow::apply(const Preferences &preferences)
{
    const bool isOtherLanguage = preferences.language != m_preferences.language;
    m_preferences = preferences;
    m_theme.choose(preferences.theme);
    m_languages.choose(preferences.language);
    if (isOtherLanguage)
        m_fleet.tellAgain();
}

// ---- what people do ----

void MainWindow::raiseWindow()
{
    showNormal();
    raise();
    activateWindow();
}

void MainWindow::closeWindow()
{
    close();
}

void MainWindow::quit()
{
    close();
    QApplication::quit();
}

QStringList MainWindow::groups() const
{
    QStringList groups;
    for (const Profile &profile : m_fleet.profiles()) {
        if (!profile.group.isEmpty() && !groups.contains(profile.group))
            groups.append(profile.group);
    }
    groups.sort(Qt::CaseInsensitive);
    return groups;
}

void MainWindow::ask(const Profile &profile, const QString &token, bool isNew)
{
    auto *dialog = new ProfileDialog(profile, token,
        m_fleet.hasKeychain() ? TokenKept::InKeychain : TokenKept::InMemory, groups(), m_theme,
        this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &QDialog::accepted, this, [this, dialog, token, isNew] {
        const Profile asked = dialog->profile();
        if (isNew) {
            select(m_fleet.add(asked, dialog->token()));
            return;
        }
        // One that nobody touched stays what it is: it may come from the keychain while the form
        // is open.
        const bool isTouched = dialog->token() != token;
        m_fleet.edit(asked, isTouched ? dialog->token() : m_fleet.token(asked.id));
    });
    dialog->open();
}

void MainWindow::addRelay()
{
    Profile profile;
    profile.id = QUuid::createUuid();
    ask(profile, QString(), true);
}

void MainWindow::editRelay()
{
    if (RelayMonitor *monitor = current())
        ask(monitor->profile(), m_fleet.token(monitor->profile().id), false);
}

void MainWindow::duplicateRelay()
{
    if (RelayMonitor *monitor = current()) {
        Profile copy = monitor->profile();
        copy.id = QUuid::createUuid();
        copy.name = tr("%1 (copy)").arg(copy.name);
        ask(copy, m_fleet.token(monitor->profile().id), true);
    }
}

void MainWindow::removeRelay()
{
    RelayMonitor *monitor = current();
    if (!monitor)
        return;
    const QUuid id = monitor->profile().id;
    auto *box = new QMessageBox(QMessageBox::Question, tr("Remove a relay"),
        tr("Remove %1 from this list, with its history and its token?\n\nThe relay itself is not "
           "touched.")
            .arg(monitor->profile().name),
        QMessageBox::Cancel, this);
    QPushButton *remove = box->addButton(tr("&Remove"), QMessageBox::DestructiveRole);
    box->setDefaultButton(QMessageBox::Cancel);
    box->setTextFormat(Qt::PlainText);
    box->setAttribute(Qt::WA_DeleteOnClose);
    connect(remove, &QPushButton::clicked, this, [this, id] { m_fleet.remove(id); });
    box->open();
}

void MainWindow::moveRelayUp()
{
    moveRelay(-1);
}

void MainWindow::moveRelayDown()
{
    moveRelay(1);
}

void MainWindow::moveRelay(int rows)
{
    RelayMonitor *monitor = current();
    if (!monitor)
        return;
    // The order that is changed is to be seen.
    m_list->sortByColumn(RelayListModel::Name, m_list->horizontalHeader()->sortIndicatorOrder());
    if (const RelayMonitor *other = m_list->neighbour(rows))
        m_fleet.moveTo(monitor->profile().id, other->profile().id);
}

void MainWindow::pollNow()
{
    if (RelayMonitor *monitor = current())
        m_fleet.pollNow(monitor->profile().id);
}

void MainWindow::importProfiles()
{
    askForFile(this,
        {QFileDialog::AcceptOpen, tr("Import relays"), tr("Relays (*.json);;All files (*)"), {},
            {}},
        [this](const QString &file) { warn(tr("Import relays"), m_fleet.importFrom(file)); });
}

void MainWindow::exportProfiles()
{
    askForFile(this,
        {QFileDialog::AcceptSave, tr("Export relays"), tr("Relays (*.json)"),
            QStringLiteral("relays.json"), QStringLiteral("json")},
        [this](
            const QString &file) { warn(tr("Export relays"), write(file, m_fleet.exported())); });
}

void MainWindow::exportCsv()
{
    RelayMonitor *monitor = current();
    if (!monitor)
        return;
    std::vector<Series> columns;
    for (size_t n = 0; n < SeriesCount; ++n)
        columns.push_back(static_cast<Series>(n));
    // What is seen now, and not when a name for it was found.
    const QByteArray text = csv(monitor->history().rows(m_overview->range()), columns);
    askForFile(this,
        {QFileDialog::AcceptSave, tr("Export CSV"), tr("CSV (*.csv)"), QStringLiteral("relay.csv"),
            QStringLiteral("csv")},
        [this, text](const QString &file) { warn(tr("Export CSV"), write(file, text)); });
}

void MainWindow::savePicture()
{
    savePictureOf(m_overview->currentChart());
}

void MainWindow::savePictureOf(ChartPanel *chart)
{
    // As it is now, not as it is when the name has been found.
    QByteArray png;
    QBuffer buffer(&png);
    buffer.open(QBuffer::WriteOnly);
    chart->picture().save(&buffer, "PNG");
    askForFile(this,
        {QFileDialog::AcceptSave, tr("Save a picture"), tr("PNG (*.png)"),
            QStringLiteral("chart.png"), QStringLiteral("png")},
        [this, png](const QString &file) { warn(tr("Save a picture"), write(file, png)); });
}

void MainWindow::warn(const QString &title, const QString &text)
{
    if (text.isEmpty())
        return;
    auto *box = new QMessageBox(QMessageBox::Warning, title, text, QMessageBox::Ok, this);
    // Part of it may be from a file.
    box->setTextFormat(Qt::PlainText);
    box->setAttribute(Qt::WA_DeleteOnClose);
    box->open();
}

void MainWindow::findMetric()
{
    m_tabs->setCurrentWidget(m_metrics);
    m_metrics->focusFilter();
}

void MainWindow::preferences()
{
    const Preferences before = m_preferences;
    auto *dialog = new PreferencesDialog(before, this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &PreferencesDialog::edited, this, &MainWindow::apply);
    connect(dialog, &QDialog::accepted, this, [this, dialog] {
        apply(dialog->preferences());
        m_preferences.save(m_settings);
    });
    connect(dialog, &QDialog::rejected, this, [this, before] { apply(before); });
    dialog->open();
}

void MainWindow::showShortcuts()
{
    auto *dialog = new ShortcutsDialog(m_actions.values(), this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->open();
}

void MainWindow::about()
{
    auto *box = new QMessageBox(QMessageBox::NoIcon, tr("About"),
        tr("<h3>Vauchi Relay Console %1</h3><p>Watches store-and-forward relays. It reads what "
           "they "
           "say about themselves and changes nothing.</p><p>Free software under the GNU General "
           "Public License, version 3 or later. Qt %2.</p>")
            .arg(QCoreApplication::applicationVersion(), QString::fromLatin1(qVersion())),
        QMessageBox::Ok, this);
    box->setAttribute(Qt::WA_DeleteOnClose);
    box->setIconPixmap(icon(QStringLiteral("app")).pixmap(QSize(64, 64), devicePixelRatioF()));
    box->open();
}

} // namespace relay::admin
