// SPDX-License-Identifier: GPL-3.0-or-later
#include "relay-admin/ui/connectiontestview.h"
#include "relay-admin/ui/overviewpage.h"
#include "relay-admin/ui/profiledialog.h"
#include "tests/relay-admin/ui/console.h"

#include <QAction>
#include <QApplication>
#include <QDialogButtonBox>
#include <QLabel>
#include <QLineEdit>
#include <QMessageBox>
#include <QPushButton>
#include <QSignalSpy>
#include <QSystemTrayIcon>
#include <QTemporaryDir>
#include <QTest>
#include <QTimer>

#include <cmath>
#include <memory>

using namespace relay::admin;
using namespace relay::admin::test;

/** The window as a person uses it, with a real relay. */
class TestMainWindow : public QObject {
    Q_OBJECT

private slots:
    void init();
    void addsTestsAndWatchesARelay();
    void saysWhatIsWrongBesideTheField();
    void keepsRelaysAndPlaceOverARestart();
    void removesARelayOnlyWhenAsked();
    void drawsChartsAndShowsThemAsTables();
    void followsTheTheme();
    void isNeverHiddenWithoutATray();
    void endsWithItsWindowWithoutATray();

private:
    void add(Console &console, const QString &url);

    std::unique_ptr<QTemporaryDir> m_folder;
};

void TestMainWindow::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    QVERIFY(m_folder->isValid());
}

void TestMainWindow::add(Console &console, const QString &url)
{
    console.action("add")->trigger();
    QTRY_VERIFY(console.profileDialog() && console.profileDialog()->isVisible());
    ProfileDialog *dialog = console.profileDialog();
    // The form says the usual address already, selected.
    auto *address = qobject_cast<QLineEdit *>(dialog->focusWidget());
    QVERIFY(address);
    QCOMPARE(address->selectedText(), QStringLiteral("http://127.0.0.1:8081"));
    QTest::keyClicks(address, url);
    QTest::keyClick(address, Qt::Key_Return);
    QTRY_VERIFY(!console.profileDialog());
}

void TestMainWindow::addsTestsAndWatchesARelay()
{
    RelayProcess relay;
    QVERIFY2(relay.start(), relay.log());
    Console console(m_folder->path());
    QVERIFY(console.window().findChild<QPushButton *>(QStringLiteral("addFirst"))->isVisible());
    QVERIFY(QTest::qWaitForWindowActive(&console.window()));
    QTest::keySequence(&console.window(), QKeySequence::New);
    QTRY_VERIFY(console.profileDialog() && console.profileDialog()->isVisible());
    ProfileDialog *dialog = console.profileDialog();
    QVERIFY(QTest::qWaitForWindowActive(dialog));
    QTest::keyClicks(dialog->focusWidget(), monitoringUrlOf(relay).toString());
    auto *view = dialog->findChild<ConnectionTestView *>();
    QSignalSpy tested(view, &ConnectionTestView::finished);
    QTest::mouseClick(dialog->findChild<QPushButton *>(QStringLiteral("test")), Qt::LeftButton);
    QVERIFY(tested.wait(15'000));
    for (const TestStep step :
        {TestStep::Tcp, TestStep::Health, TestStep::Ready, TestStep::Metrics})
        QCOMPARE(view->test().result(step).state, TestState::Ok);
    QCOMPARE(view->test().result(TestStep::WebSocket).state, TestState::Skipped);
    QTest::mouseClick(
        dialog->findChild<QDialogButtonBox *>()->button(QDialogButtonBox::Ok), Qt::LeftButton);

    QTRY_VERIFY(console.list().currentMonitor());
    QTRY_COMPARE_WITH_TIMEOUT(console.state(), RelayState::Up, 10'000);
    QCOMPARE(console.cell(RelayListModel::Name), QStringLiteral("127.0.0.1"));
    QCOMPARE(console.cell(RelayListModel::State), stateName(RelayState::Up));
    QCOMPARE(console.cell(RelayListModel::Version), QStringLiteral(RELAY_VERSION));
}

void TestMainWindow::saysWhatIsWrongBesideTheField()
{
    Console console(m_folder->path());
    console.action("add")->trigger();
    QTRY_VERIFY(console.profileDialog() && console.profileDialog()->isVisible());
    ProfileDialog *dialog = console.profileDialog();
    auto *address = qobject_cast<QLineEdit *>(dialog->focusWidget());
    QTest::keyClicks(address, QStringLiteral("gopher://relay"));
    QTest::keyClick(address, Qt::Key_Return);
    QVERIFY(dialog->isVisible());
    const Profile wrong = dialog->profile();
    const QList<ProfileFault> faults = faultsOf(wrong);
    QCOMPARE(faults.size(), 1);
    const auto labels = dialog->findChildren<QLabel *>();
    QVERIFY(std::any_of(labels.begin(), labels.end(), [&](const QLabel *label) {
        return label->isVisible() && label->text() == faults.front().text;
    }));
    auto *ok = dialog->findChild<QDialogButtonBox *>()->button(QDialogButtonBox::Ok);
    QVERIFY(!ok->isEnabled());
    // Mended, it goes.
    address->selectAll();
    QTest::keyClicks(address, QStringLiteral("http://relay:8081"));
    QVERIFY(ok->isEnabled());
    QTest::keyClick(dialog, Qt::Key_Escape);
    QTRY_VERIFY(!console.profileDialog());
    QCOMPARE(console.fleet().profiles().size(), 0);
}

void TestMainWindow::keepsRelaysAndPlaceOverARestart()
{
    {
        Console console(m_folder->path());
        add(console, QStringLiteral("http://127.0.0.1:1"));
        add(console, QStringLiteral("http://127.0.0.2:1"));
        add(console, QStringLiteral("http://127.0.0.3:1"));
        console.action("moveUp")->trigger();
        QCOMPARE(console.cell(RelayListModel::Name), QStringLiteral("127.0.0.3"));
    }
    Console console(m_folder->path());
    QCOMPARE(console.cell(RelayListModel::Name), QStringLiteral("127.0.0.3"));
    QCOMPARE(console.profileNames(),
        (QStringList {QStringLiteral("127.0.0.1"), QStringLiteral("127.0.0.3"),
            QStringLiteral("127.0.0.2")}));
}

void TestMainWindow::removesARelayOnlyWhenAsked()
{
    Console console(m_folder->path());
    add(console, QStringLiteral("http://127.0.0.1:1"));
    const auto question = [&] { return console.window().findChild<QMessageBox *>(); };
    console.action("remove")->trigger();
    QTRY_VERIFY(question() && question()->isVisible());
    QTest::keyClick(question(), Qt::Key_Escape);
    QTRY_VERIFY(!question());
    QCOMPARE(console.fleet().profiles().size(), 1);

    console.action("remove")->trigger();
    QTRY_VERIFY(question() && question()->isVisible());
    QVERIFY(QTest::qWaitForWindowActive(question()));
    QTest::keyClick(question(), Qt::Key_R, Qt::AltModifier);
    QTRY_VERIFY(!question());
    QCOMPARE(console.fleet().profiles().size(), 0);
    QVERIFY(console.window().findChild<QPushButton *>(QStringLiteral("addFirst"))->isVisible());
}

void TestMainWindow::drawsChartsAndShowsThemAsTables()
{
    RelayProcess relay;
    QVERIFY2(relay.start(), relay.log());
    Console console(m_folder->path());
    console.watch(monitoringUrlOf(relay));
    ChartPanel *connections = console.overview().charts().front();
    QTRY_VERIFY_WITH_TIMEOUT(
        !connections->lines().isEmpty() && connections->lines().front().points.size() >= 2, 10'000);
    QCOMPARE(connections->lines().size(), 2);
    QCOMPARE(connections->lines()[1].points.back().y(), 1000.0);
    QVERIFY(connections->lines()[1].isLimit);

    auto *button = connections->findChild<QAbstractButton *>(QStringLiteral("table"));
    QTest::mouseClick(button, Qt::LeftButton);
    QVERIFY(connections->isTableShown());
    auto *table = connections->findChild<QTableView *>();
    QVERIFY(table->model()->rowCount() >= 2);
    QCOMPARE(table->model()->columnCount(), 3);
    QCOMPARE(table->model()->index(0, 2).data().toString(), valueText(Unit::Count, 1000));
}

void TestMainWindow::followsTheTheme()
{
    Console console(m_folder->path());
    console.theme().choose(ThemeChoice::Dark);
    QVERIFY(console.theme().isDark());
    QTRY_VERIFY(console.window().palette().color(QPalette::Window).lightness() < 128);
    console.theme().choose(ThemeChoice::Light);
    QVERIFY(!console.theme().isDark());
    for (const auto choice : {ThemeChoice::Dark, ThemeChoice::Light}) {
        console.theme().choose(choice);
        const auto luminance = [](const QColor &color) {
            const auto linear = [](double part) {
                return part <= 0.04045 ? part / 12.92 : std::pow((part + 0.055) / 1.055, 2.4);
            };
            return 0.2126 * linear(color.redF()) + 0.7152 * linear(color.greenF())
                + 0.0722 * linear(color.blueF());
        };
        // 4.5:1, as WCAG 2.1 asks of text.
        for (const auto background : {QPalette::Window, QPalette::Base}) {
            const double behind = luminance(QApplication::palette().color(background));
            for (int n = 0; n <= static_cast<int>(Shade::Accent); ++n) {
                const double before = luminance(console.theme().color(static_cast<Shade>(n)));
                const double contrast =
                    (std::max(before, behind) + 0.05) / (std::min(before, behind) + 0.05);
                QVERIFY2(
                    contrast >= 4.5, qPrintable(QStringLiteral("%1: %2").arg(n).arg(contrast)));
            }
        }
    }
}

void TestMainWindow::isNeverHiddenWithoutATray()
{
    QVERIFY(!QSystemTrayIcon::isSystemTrayAvailable());
    Console console(m_folder->path());
    console.window().hide();
    console.window().showMinimizedOrInTray();
    QVERIFY(console.window().isVisible());
    QVERIFY(console.window().isMinimized());
}

void TestMainWindow::endsWithItsWindowWithoutATray()
{
    Console console(m_folder->path());
    QTimer::singleShot(0, console.action("close"), &QAction::trigger);
    QTimer::singleShot(10'000, &console.window(), [] { QApplication::exit(1); });
    QCOMPARE(QApplication::exec(), 0);
}

QTEST_MAIN(TestMainWindow)
#include "tst_mainwindow.moc"
