// SPDX-License-Identifier: GPL-3.0-or-later
#include "relay-admin/ui/alertspage.h"
#include "relay-admin/ui/overviewpage.h"
#include "tests/relay-admin/ui/console.h"
#include "tests/support/rawclient.h"

#include <QAction>
#include <QApplication>
#include <QPushButton>
#include <QSignalSpy>
#include <QStatusBar>
#include <QTabWidget>
#include <QTableView>
#include <QTemporaryDir>
#include <QTest>

using namespace relay;
using namespace relay::admin;
using namespace relay::admin::test;
using namespace relay::test;

namespace {

constexpr int Soon = 10'000;
/** After failures the poller waits longer. */
constexpr int Later = 30'000;

const QString Down = QStringLiteral("Nobody answers here.");
const QString Full = QStringLiteral("More than half of the connections are open.");
/** Nobody answers there. */
const QUrl Nowhere(QStringLiteral("http://127.0.0.1:1"));

/** Two of the usual kinds, with holds that a test can wait for. */
std::shared_ptr<const AlertRules> quickRules(std::chrono::seconds downFor = {})
{
    AlertRule down;
    down.id = QStringLiteral("QuickDown");
    down.severity = AlertSeverity::Critical;
    down.summary = Down;
    down.condition.kind = AlertCondition::Kind::Down;
    down.holdFor = downFor;
    AlertRule full;
    full.id = QStringLiteral("QuickFull");
    full.summary = Full;
    full.condition.kind = AlertCondition::Kind::RatioAbove;
    full.condition.metric = "relay_connections_active";
    full.condition.other = "relay_max_connections";
    full.condition.threshold = 0.5;
    full.condition.clear = 0.2;
    return std::make_shared<const AlertRules>(AlertRules {down, full});
}

QTableView &table(Console &console)
{
    return *console.alerts().findChild<QTableView *>();
}

QString cell(Console &console, int row, AlertsModel::Column column)
{
    return table(console).model()->index(row, column).data().toString();
}

QStringList column(Console &console, AlertsModel::Column column)
{
    QStringList texts;
    for (int row = 0; row < table(console).model()->rowCount(); ++row)
        texts.append(cell(console, row, column));
    return texts;
}

/** What its tab says, without the mark of its key. */
QString tabText(Console &console)
{
    const int tab = console.tabs().indexOf(&console.alerts());
    return console.tabs().tabText(tab).remove(QLatin1Char('&'));
}

/** What the window has announced since this was made. */
class Announced {
public:
    explicit Announced(Console &console)
        : m_spy(console.window().statusBar(), &QStatusBar::messageChanged)
    {
    }
    /** Of this alert. */
    QStringList of(const QString &summary) const
    {
        QStringList texts;
        for (const QList<QVariant> &change : m_spy) {
            if (change.front().toString().contains(summary))
                texts.append(change.front().toString());
        }
        return texts;
    }

private:
    QSignalSpy m_spy;
};

/** Opened clients: the relay counts them. */
std::vector<RawClient> clients(const RelayProcess &relay, size_t count)
{
    std::vector<RawClient> all;
    for (size_t n = 0; n < count; ++n) {
        all.emplace_back(relay.port());
        if (!all.back().upgrade())
            return {};
    }
    return all;
}

/** A click into the first row. */
void clickRow(Console &console)
{
    QTableView &view = table(console);
    const QRect row = view.visualRect(view.model()->index(0, AlertsModel::Summary));
    QTest::mouseClick(view.viewport(), Qt::LeftButton, {}, row.center());
}

void press(int key, Qt::KeyboardModifiers modifiers = Qt::NoModifier)
{
    QTest::keyClick(QGuiApplication::focusWindow(), static_cast<Qt::Key>(key), modifiers);
}

/** To the first row, by keys alone. */
void goToRow(Console &console)
{
    constexpr int Most = 50;
    QVERIFY(console.isBack());
    press(Qt::Key_L, Qt::AltModifier);
    QCOMPARE(console.tabs().currentWidget(), &console.alerts());
    for (int n = 0; n < Most && QApplication::focusWidget() != &table(console); ++n)
        press(Qt::Key_Tab);
    QCOMPARE(QApplication::focusWidget(), &table(console));
}

void toggleMute(Console &console, bool byKeys)
{
    if (byKeys) {
        goToRow(console);
        press(Qt::Key_T, Qt::AltModifier);
    } else {
        console.tabs().setCurrentWidget(&console.alerts());
        clickRow(console);
        QTest::mouseClick(console.alerts().findChild<QPushButton *>(), Qt::LeftButton);
    }
}

} // namespace

/** Alerts in the window, of a real relay. */
class TestAlerts : public QObject {
    Q_OBJECT

private slots:
    void init();
    void tellsOfARelayThatIsDownOnce();
    void endsAnAlertOnlyWellBelowItsThreshold();
    void mutes_data();
    void mutes();
    void goesToTheRelay_data();
    void goesToTheRelay();

private:
    std::unique_ptr<QTemporaryDir> m_folder;
};

void TestAlerts::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    QVERIFY(m_folder->isValid());
}

void TestAlerts::tellsOfARelayThatIsDownOnce()
{
    RelayProcess relay;
    relay.keepPorts();
    QVERIFY2(relay.start(), relay.log());
    Console console(m_folder->path(), quickRules(std::chrono::seconds(1)));
    console.watch(monitoringUrlOf(relay));
    QTRY_COMPARE_WITH_TIMEOUT(console.state(), RelayState::Up, Soon);
    QCOMPARE(tabText(console), QStringLiteral("Alerts"));
    QCOMPARE(column(console, AlertsModel::State), QStringList());

    const Announced announced(console);
    relay.kill();
    QTRY_COMPARE_WITH_TIMEOUT(
        column(console, AlertsModel::State), QStringList {QStringLiteral("Firing")}, Soon);
    QCOMPARE(cell(console, 0, AlertsModel::Summary), Down);
    QCOMPARE(cell(console, 0, AlertsModel::Relay), QStringLiteral("Home"));
    QCOMPARE(cell(console, 0, AlertsModel::Severity), severityName(AlertSeverity::Critical));
    QVERIFY(!cell(console, 0, AlertsModel::Since).isEmpty());
    QVERIFY(cell(console, 0, AlertsModel::Until).isEmpty());
    QCOMPARE(tabText(console), QStringLiteral("Alerts (1)"));
    const QString firing = QStringLiteral("Home: ") + Down;
    QCOMPARE(announced.of(Down), QStringList {firing});
    // Another failure is no other alert.
    const SteadyTime then = console.monitor().last()->ended;
    console.action("poll")->trigger();
    QTRY_VERIFY_WITH_TIMEOUT(console.monitor().last()->ended > then, Soon);
    QCOMPARE(announced.of(Down), QStringList {firing});

    QVERIFY2(relay.start(), relay.log());
    console.action("poll")->trigger();
    QTRY_COMPARE_WITH_TIMEOUT(
        column(console, AlertsModel::State), QStringList {QStringLiteral("Ended")}, Later);
    QVERIFY(!cell(console, 0, AlertsModel::Until).isEmpty());
    QCOMPARE(tabText(console), QStringLiteral("Alerts"));
    QCOMPARE(
        announced.of(Down), (QStringList {firing, QStringLiteral("Home: No longer: ") + Down}));
}

void TestAlerts::endsAnAlertOnlyWellBelowItsThreshold()
{
    RelayProcess relay({{QStringLiteral("MAX_CONNECTIONS"), QStringLiteral("10")}});
    QVERIFY2(relay.start(), relay.log());
    // One poll that times out is not to be an alert here.
    Console console(m_folder->path(), quickRules(std::chrono::seconds(60)));
    console.watch(monitoringUrlOf(relay));
    const auto isSeen = [&](double connections) {
        return QTest::qWaitFor(
            [&] { return console.monitor().figures().connections == connections; }, Soon);
    };
    // At the threshold is not beyond it.
    auto open = clients(relay, 5);
    QCOMPARE(open.size(), 5U);
    QVERIFY(isSeen(5));
    QCOMPARE(column(console, AlertsModel::State), QStringList());

    open.emplace_back(relay.port());
    QVERIFY(open.back().upgrade());
    QVERIFY(isSeen(6));
    QCOMPARE(column(console, AlertsModel::State), QStringList {QStringLiteral("Firing")});
    QCOMPARE(cell(console, 0, AlertsModel::Summary), Full);
    QCOMPARE(cell(console, 0, AlertsModel::Severity), severityName(AlertSeverity::Warning));

    // Between the two values it stays what it is, and nobody is told anything.
    const Announced announced(console);
    open.erase(open.begin() + 3, open.end());
    QVERIFY(isSeen(3));
    QCOMPARE(column(console, AlertsModel::State), QStringList {QStringLiteral("Firing")});
    QCOMPARE(announced.of(Full), QStringList());

    open.pop_back();
    QVERIFY(isSeen(2));
    QCOMPARE(column(console, AlertsModel::State), QStringList {QStringLiteral("Ended")});
    QCOMPARE(announced.of(Full), QStringList {QStringLiteral("Home: No longer: ") + Full});

    // A second time is a second row; the first is still known.
    for (int n = 0; n < 4; ++n) {
        open.emplace_back(relay.port());
        QVERIFY(open.back().upgrade());
    }
    QVERIFY(isSeen(6));
    QCOMPARE(column(console, AlertsModel::State),
        (QStringList {QStringLiteral("Firing"), QStringLiteral("Ended")}));
    QCOMPARE(tabText(console), QStringLiteral("Alerts (1)"));
}

void TestAlerts::mutes_data()
{
    QTest::addColumn<bool>("byKeys");
    QTest::newRow("by mouse") << false;
    QTest::newRow("by keys") << true;
}

void TestAlerts::mutes()
{
    QFETCH(bool, byKeys);
    const QStringList firing {QStringLiteral("Firing")};
    const QStringList muted {QStringLiteral("Firing, muted")};
    {
        Console console(m_folder->path(), quickRules());
        console.watch(Nowhere);
        QTRY_COMPARE_WITH_TIMEOUT(column(console, AlertsModel::State), firing, Soon);
        toggleMute(console, byKeys);
        QTRY_COMPARE(column(console, AlertsModel::State), muted);
        QCOMPARE(tabText(console), QStringLiteral("Alerts"));
    }
    {
        // It is kept, and nothing is said of it from the beginning.
        Console console(m_folder->path(), quickRules());
        const Announced announced(console);
        QTRY_COMPARE_WITH_TIMEOUT(column(console, AlertsModel::State), muted, Soon);
        QCOMPARE(tabText(console), QStringLiteral("Alerts"));
        QCOMPARE(announced.of(Down), QStringList());
        toggleMute(console, byKeys);
        QTRY_COMPARE(column(console, AlertsModel::State), firing);
        QCOMPARE(tabText(console), QStringLiteral("Alerts (1)"));
    }
    Console console(m_folder->path(), quickRules());
    const Announced announced(console);
    QTRY_COMPARE_WITH_TIMEOUT(column(console, AlertsModel::State), firing, Soon);
    QCOMPARE(announced.of(Down).size(), 1);
}

void TestAlerts::goesToTheRelay_data()
{
    mutes_data();
}

void TestAlerts::goesToTheRelay()
{
    QFETCH(bool, byKeys);
    RelayProcess relay;
    QVERIFY2(relay.start(), relay.log());
    Console console(m_folder->path(), quickRules());
    const QUuid gone = console.watch(Nowhere);
    const QUuid there = console.watch(monitoringUrlOf(relay));
    QCOMPARE(console.monitor().profile().id, there);
    QTRY_COMPARE_WITH_TIMEOUT(table(console).model()->rowCount(), 1, Soon);
    if (byKeys) {
        goToRow(console);
        press(Qt::Key_Return);
    } else {
        console.tabs().setCurrentWidget(&console.alerts());
        clickRow(console);
        QCOMPARE(console.monitor().profile().id, there);
        const QRect row =
            table(console).visualRect(table(console).model()->index(0, AlertsModel::Summary));
        QTest::mouseDClick(table(console).viewport(), Qt::LeftButton, {}, row.center());
    }
    QCOMPARE(console.monitor().profile().id, gone);
    QCOMPARE(console.tabs().currentWidget(), &console.overview());
}

QTEST_MAIN(TestAlerts)
#include "tst_alerts.moc"
