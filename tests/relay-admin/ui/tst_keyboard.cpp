// SPDX-License-Identifier: GPL-3.0-or-later
#include "relay-admin/ui/alertspage.h"
#include "relay-admin/ui/connectiontestview.h"
#include "relay-admin/ui/profiledialog.h"
#include "tests/relay-admin/ui/console.h"

#include <QAbstractButton>
#include <QAction>
#include <QApplication>
#include <QDialog>
#include <QLabel>
#include <QMenu>
#include <QMenuBar>
#include <QSignalSpy>
#include <QSpinBox>
#include <QTabWidget>
#include <QTableView>
#include <QTemporaryDir>
#include <QTest>
#include <QTimer>

using namespace relay::admin;
using namespace relay::admin::test;

namespace {

constexpr int Soon = 10'000;

/** As the keyboard does it: to whichever window is active, and there to what has the focus. */
void press(int key, Qt::KeyboardModifiers modifiers = Qt::NoModifier)
{
    QTest::keyClick(QGuiApplication::focusWindow(), static_cast<Qt::Key>(key), modifiers);
}

void type(const QString &text)
{
    for (const QChar c : text)
        QTest::keyClick(QGuiApplication::focusWindow(), c.toLatin1());
}

/** Everything that Tab should reach in a window as it is now. */
QSet<QWidget *> reachable(QWidget &window)
{
    QSet<QWidget *> found;
    for (QWidget *widget : window.findChildren<QWidget *>()) {
        const bool isThere = widget->isVisible() && widget->isEnabled() && !widget->focusProxy()
            && widget->window() == &window;
        if (isThere && (widget->focusPolicy() & Qt::TabFocus) == Qt::TabFocus)
            found.insert(widget);
    }
    return found;
}

QString nameOf(const QWidget &widget)
{
    return QStringLiteral("%1 \"%2\"")
        .arg(QLatin1String(widget.metaObject()->className()), widget.accessibleName());
}

/** One round of Tab through the active window. */
QList<QWidget *> tabRound()
{
    constexpr int Most = 100;
    QList<QWidget *> visited;
    QWidget *const first = QApplication::focusWidget();
    do {
        visited.append(QApplication::focusWidget());
        press(Qt::Key_Tab);
    } while (QApplication::focusWidget() != first && visited.size() < Most);
    return visited;
}

/** The keys that Alt goes with, of all that can be seen: key and text. */
QStringList doubleMnemonics(const QList<std::pair<QKeySequence, QString>> &all)
{
    QMap<QString, QStringList> byKey;
    for (const auto &[key, text] : all) {
        if (!key.isEmpty())
            byKey[key.toString()].append(text);
    }
    QStringList twice;
    for (auto it = byKey.begin(); it != byKey.end(); ++it) {
        if (it.value().size() > 1)
            twice.append(it.key() + QStringLiteral(": ") + it.value().join(QLatin1String(", ")));
    }
    return twice;
}

QStringList doubleMnemonics(const QWidget &window)
{
    QList<std::pair<QKeySequence, QString>> all;
    const auto add = [&](const QString &text) { all.append({QKeySequence::mnemonic(text), text}); };
    const auto isThere = [&](const QWidget *widget) {
        return widget->isVisible() && widget->window() == &window;
    };
    for (const auto *button : window.findChildren<QAbstractButton *>()) {
        // Those of a tool bar have none: it is their action's, in its menu.
        if (isThere(button) && button->focusPolicy() != Qt::NoFocus)
            add(button->text());
    }
    for (const auto *label : window.findChildren<QLabel *>()) {
        if (isThere(label) && label->buddy())
            add(label->text());
    }
    for (const auto *bar : window.findChildren<QTabBar *>()) {
        for (int n = 0; isThere(bar) && n < bar->count(); ++n)
            add(bar->tabText(n));
    }
    for (const auto *bar : window.findChildren<QMenuBar *>()) {
        for (const QAction *action : bar->actions())
            add(action->text());
    }
    return doubleMnemonics(all);
}

} // namespace

/** No mouse is needed. */
class TestKeyboard : public QObject {
    Q_OBJECT

private slots:
    void init();
    void worksWithoutAMouse();
    void quitsByItsKey();
    void escapeClosesEachDialog_data() { dialogs(); }
    void escapeClosesEachDialog();
    void tabVisitsAllOfADialogInItsOrder_data() { dialogs(); }
    void tabVisitsAllOfADialogInItsOrder();
    void tabVisitsAllOfThePages();
    void noKeyMeansTwoThingsInADialog_data() { dialogs(); }
    void noKeyMeansTwoThingsInADialog();
    void noKeyMeansTwoThingsInTheWindow();
    void noKeyMeansTwoThingsInAMenu();
    void noShortcutMeansTwoThings();

private:
    static void dialogs();
    static void open(Console &console, const QByteArray &action);

    std::unique_ptr<QTemporaryDir> m_folder;
};

void TestKeyboard::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
}

void TestKeyboard::dialogs()
{
    QTest::addColumn<QByteArray>("action");
    for (const char *action : {"add", "edit", "preferences", "shortcuts", "about", "remove"})
        QTest::newRow(action) << QByteArray(action);
}

void TestKeyboard::open(Console &console, const QByteArray &action)
{
    console.watch(QUrl(QStringLiteral("http://127.0.0.1:1")));
    QVERIFY(hasKeyboard(console.window()));
    console.action(action.constData())->trigger();
    QTRY_VERIFY(console.dialog());
    QVERIFY(hasKeyboard(*console.dialog()));
}

void TestKeyboard::worksWithoutAMouse()
{
    RelayProcess relay;
    QVERIFY2(relay.start(), relay.log());
    Console console(m_folder->path());
    QVERIFY(hasKeyboard(console.window()));

    // Add, test, save.
    press(Qt::Key_N, Qt::ControlModifier);
    QTRY_VERIFY(console.profileDialog());
    QVERIFY(hasKeyboard(*console.profileDialog()));
    type(monitoringUrlOf(relay).toString());
    press(Qt::Key_N, Qt::AltModifier);
    type(QStringLiteral("First"));
    press(Qt::Key_E, Qt::AltModifier);
    type(QStringLiteral("600"));
    auto *view = console.profileDialog()->findChild<ConnectionTestView *>();
    QSignalSpy tested(view, &ConnectionTestView::finished);
    press(Qt::Key_T, Qt::AltModifier);
    QVERIFY(tested.wait(Soon));
    QCOMPARE(view->test().result(TestStep::Metrics).state, TestState::Ok);
    press(Qt::Key_Return);
    QTRY_VERIFY(!console.profileDialog());
    QVERIFY(console.isBack());
    QCOMPARE(console.profileNames(), QStringList {QStringLiteral("First")});
    QCOMPARE(console.monitor().profile().interval, std::chrono::seconds(600));
    QTRY_COMPARE_WITH_TIMEOUT(console.state(), RelayState::Up, Soon);

    // Another, which nobody answers; then back to the first, in the list.
    press(Qt::Key_N, Qt::ControlModifier);
    QTRY_VERIFY(console.profileDialog());
    QVERIFY(hasKeyboard(*console.profileDialog()));
    type(QStringLiteral("http://127.0.0.1:1"));
    press(Qt::Key_Return);
    QTRY_VERIFY(!console.profileDialog());
    QVERIFY(console.isBack());
    QCOMPARE(console.cell(RelayListModel::Name), QStringLiteral("127.0.0.1"));
    for (int n = 0; n < 50 && QApplication::focusWidget() != &console.list(); ++n)
        press(Qt::Key_Tab);
    QCOMPARE(QApplication::focusWidget(), &console.list());
    press(Qt::Key_Up);
    QCOMPARE(console.cell(RelayListModel::Name), QStringLiteral("First"));

    // Ask now: it would be ten minutes else.
    const SteadyTime asked = console.monitor().last()->ended;
    press(Qt::Key_F5);
    QTRY_VERIFY_WITH_TIMEOUT(console.monitor().last()->ended > asked, Soon);

    // The pages.
    const auto goTo = [&](Qt::Key key, int page) {
        press(key, Qt::AltModifier);
        return console.tabs().currentIndex() == page;
    };
    QVERIFY(goTo(Qt::Key_M, 1));
    QVERIFY(goTo(Qt::Key_W, 2));
    QVERIFY(goTo(Qt::Key_L, 3));
    QVERIFY(goTo(Qt::Key_O, 0));
    press(Qt::Key_F, Qt::ControlModifier);
    QCOMPARE(console.tabs().currentIndex(), 1);
    type(QStringLiteral("relay_ready"));
    QTRY_COMPARE(console.tabs().currentWidget()->findChild<QTableView *>()->model()->rowCount(), 1);

    press(Qt::Key_Comma, Qt::ControlModifier);
    QTRY_VERIFY(console.dialog());
    QVERIFY(hasKeyboard(*console.dialog()));
    press(Qt::Key_Escape);
    QTRY_VERIFY(!console.dialog());
    QVERIFY(console.isBack());
}

void TestKeyboard::quitsByItsKey()
{
    Console console(m_folder->path());
    QVERIFY(hasKeyboard(console.window()));
    QTimer::singleShot(0, &console.window(), [] { press(Qt::Key_Q, Qt::ControlModifier); });
    QTimer::singleShot(Soon, &console.window(), [] { QApplication::exit(1); });
    QCOMPARE(QApplication::exec(), 0);
    QVERIFY(!console.window().isVisible());
}

void TestKeyboard::escapeClosesEachDialog()
{
    QFETCH(QByteArray, action);
    Console console(m_folder->path());
    open(console, action);
    const QStringList before = console.profileNames();
    press(Qt::Key_Escape);
    QTRY_VERIFY(!console.dialog());
    QVERIFY(console.isBack());
    QCOMPARE(console.profileNames(), before);
}

void TestKeyboard::tabVisitsAllOfADialogInItsOrder()
{
    QFETCH(QByteArray, action);
    Console console(m_folder->path());
    open(console, action);
    QDialog &dialog = *console.dialog();
    QList<QWidget *> visited = tabRound();
    const QSet<QWidget *> all = reachable(dialog);
    QStringList names;
    for (const QWidget *widget : visited)
        names.append(nameOf(*widget));
    for (QWidget *widget : all)
        QVERIFY2(visited.contains(widget),
            qPrintable(nameOf(*widget) + QStringLiteral(" is not among ") + names.join(u',')));
    QCOMPARE(visited.size(), all.size());

    // From the topmost on: the round may begin in the middle.
    const auto place = [&](QWidget *widget) {
        return widget->mapTo(&dialog, widget->rect().center());
    };
    const auto isBefore = [&](QWidget *a, QWidget *b) {
        const bool isOneRow = std::abs(place(a).y() - place(b).y()) < a->height() / 2;
        return isOneRow ? place(a).x() < place(b).x() : place(a).y() < place(b).y();
    };
    const auto first = std::min_element(visited.begin(), visited.end(), isBefore);
    std::rotate(visited.begin(), first, visited.end());
    for (qsizetype n = 1; n < visited.size(); ++n)
        QVERIFY2(isBefore(visited[n - 1], visited[n]),
            qPrintable(
                nameOf(*visited[n - 1]) + QStringLiteral(" stands after ") + nameOf(*visited[n])));
}

void TestKeyboard::tabVisitsAllOfThePages()
{
    RelayProcess relay;
    QVERIFY2(relay.start(), relay.log());
    Console console(m_folder->path());
    console.watch(monitoringUrlOf(relay));
    QVERIFY(hasKeyboard(console.window()));
    QTRY_COMPARE_WITH_TIMEOUT(console.state(), RelayState::Up, Soon);
    for (int page = 0; page < console.tabs().count(); ++page) {
        console.tabs().setCurrentIndex(page);
        console.list().setFocus();
        const QList<QWidget *> visited = tabRound();
        const QSet<QWidget *> all = reachable(console.window());
        for (QWidget *widget : all)
            QVERIFY2(visited.contains(widget), qPrintable(nameOf(*widget)));
        QCOMPARE(visited.size(), all.size());
    }
}

void TestKeyboard::noKeyMeansTwoThingsInADialog()
{
    QFETCH(QByteArray, action);
    Console console(m_folder->path());
    open(console, action);
    const QStringList twice = doubleMnemonics(*console.dialog());
    QVERIFY2(twice.isEmpty(), qPrintable(twice.join(QLatin1Char('\n'))));
}

void TestKeyboard::noKeyMeansTwoThingsInTheWindow()
{
    Console console(m_folder->path());
    const auto verifyNow = [&] {
        const QStringList twice = doubleMnemonics(console.window());
        QVERIFY2(twice.isEmpty(), qPrintable(twice.join(QLatin1Char('\n'))));
    };
    verifyNow();
    console.watch(QUrl(QStringLiteral("http://127.0.0.1:1")));
    for (int page = 0; page < console.tabs().count(); ++page) {
        console.tabs().setCurrentIndex(page);
        // All that may be seen there at one time or another.
        for (auto *button : console.tabs().currentWidget()->findChildren<QAbstractButton *>())
            button->setVisible(true);
        verifyNow();
    }
}

void TestKeyboard::noKeyMeansTwoThingsInAMenu()
{
    Console console(m_folder->path());
    const auto menus = console.window().menuBar()->findChildren<QMenu *>();
    QVERIFY(menus.size() >= 3);
    for (const QMenu *menu : menus) {
        QList<std::pair<QKeySequence, QString>> all;
        for (const QAction *action : menu->actions())
            all.append({QKeySequence::mnemonic(action->text()), action->text()});
        const QStringList twice = doubleMnemonics(all);
        QVERIFY2(twice.isEmpty(), qPrintable(twice.join(QLatin1Char('\n'))));
    }
}

void TestKeyboard::noShortcutMeansTwoThings()
{
    Console console(m_folder->path());
    QMap<QString, QString> owners;
    for (const QAction *action : console.window().findChildren<QAction *>()) {
        if (action->shortcutContext() != Qt::WindowShortcut)
            continue;
        for (const QKeySequence &key : action->shortcuts()) {
            QVERIFY2(!owners.contains(key.toString()), qPrintable(key.toString()));
            owners.insert(key.toString(), action->objectName());
        }
    }
    for (const char *key : {"F5", "Ctrl+N", "Ctrl+W", "Ctrl+Q", "Ctrl+,"})
        QVERIFY2(owners.contains(QLatin1String(key)), key);
}

QTEST_MAIN(TestKeyboard)
#include "tst_keyboard.moc"
