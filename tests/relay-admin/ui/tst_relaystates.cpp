// SPDX-License-Identifier: GPL-3.0-or-later
#include "relay-admin/ui/overviewpage.h"
#include "relay-admin/ui/plot.h"
#include "relay-admin/ui/statelabel.h"
#include "tests/relay-admin/badserver.h"
#include "tests/relay-admin/ui/console.h"
#include "tests/support/mailload.h"

#include <QChart>
#include <QLabel>
#include <QLineSeries>
#include <QTcpSocket>
#include <QTemporaryDir>
#include <QTest>

#include <csignal>

using namespace relay::admin;
using namespace relay::admin::test;
using namespace relay::test;

namespace {

constexpr int Soon = 10'000;
/** After failures the poller waits longer. */
constexpr int Later = 30'000;

/** The words on the overview: state and reason. */
QString stateLine(Console &console)
{
    return console.overview().findChild<StateLabel *>()->accessibleName();
}

QString textsOf(const QWidget &widget)
{
    QStringList texts;
    for (const QLabel *label : widget.findChildren<QLabel *>())
        texts.append(label->text());
    return texts.join(QLatin1Char(' '));
}

/** How many pieces a chart draws. */
qsizetype piecesOf(const ChartPanel &chart)
{
    const auto drawn = chart.findChild<Plot *>()->chart()->series();
    return std::count_if(drawn.begin(), drawn.end(), [](const QAbstractSeries *series) {
        return qobject_cast<const QLineSeries *>(series)->count() > 0;
    });
}

std::vector<HistoryRow> rowsOf(Console &console)
{
    return console.monitor().history().rows(
        HistoryRange::last(std::chrono::minutes(5), QDateTime::currentDateTimeUtc()));
}

double lastOf(Console &console, Series series)
{
    const auto rows = rowsOf(console);
    return rows.empty() ? qQNaN() : rows.back().values[static_cast<size_t>(series)];
}

} // namespace

/** What the windows say of a real relay that stops, hangs, is not ready, or guards its metrics. */
class TestRelayStates : public QObject {
    Q_OBJECT

private slots:
    void init();
    void showsThatARelayWentAndCameBack();
    void showsThatARelayHangs();
    void showsWhyARelayIsNotReady();
    void saysThatTheTokenIsMissingOrWrong();
    void saysThatTheTokenIsMissingOrWrongForEveryPath();
    void drawsARestartAsAGap();
    void keepsWhatWasPolledOverARestartOfTheConsole();

private:
    std::unique_ptr<QTemporaryDir> m_folder;
};

void TestRelayStates::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    QVERIFY(m_folder->isValid());
}

void TestRelayStates::showsThatARelayWentAndCameBack()
{
    RelayProcess relay;
    relay.keepPorts();
    QVERIFY2(relay.start(), relay.log());
    Console console(m_folder->path());
    console.watch(monitoringUrlOf(relay));
    QTRY_COMPARE_WITH_TIMEOUT(console.state(), RelayState::Up, Soon);

    QCOMPARE(relay.stop(), 0);
    QTRY_COMPARE_WITH_TIMEOUT(console.state(), RelayState::Down, Soon);
    QCOMPARE(console.cell(RelayListModel::State), stateName(RelayState::Down));
    QVERIFY(stateLine(console).startsWith(stateName(RelayState::Down)));
    // What was last read is grey once it is old.
    QTRY_VERIFY_WITH_TIMEOUT(console.isGrey(), Soon);

    QVERIFY2(relay.start(), relay.log());
    console.action("poll")->trigger();
    QTRY_COMPARE_WITH_TIMEOUT(console.state(), RelayState::Up, Later);
    QVERIFY(!console.isGrey());
}

void TestRelayStates::showsThatARelayHangs()
{
    RelayProcess relay;
    QVERIFY2(relay.start(), relay.log());
    Console console(m_folder->path());
    console.watch(monitoringUrlOf(relay));
    QTRY_COMPARE_WITH_TIMEOUT(console.state(), RelayState::Up, Soon);
    QList<RelayState> states;
    connect(&console.fleet(), &Fleet::stateChanged, this,
        [&](RelayMonitor *, RelayState state) { states.append(state); });

    QCOMPARE(::kill(static_cast<pid_t>(relay.pid()), SIGSTOP), 0);
    const auto goOn = qScopeGuard([&] { ::kill(static_cast<pid_t>(relay.pid()), SIGCONT); });
    QTRY_COMPARE_WITH_TIMEOUT(console.state(), RelayState::Stale, Soon);
    // One that takes its time is not one that is gone.
    QCOMPARE(states, QList<RelayState> {RelayState::Stale});
    QCOMPARE(console.cell(RelayListModel::State), stateName(RelayState::Stale));
    QVERIFY(stateLine(console).startsWith(stateName(RelayState::Stale)));
    QVERIFY(!console.monitor().state().reason.isEmpty());
    QTRY_VERIFY_WITH_TIMEOUT(console.isGrey(), Soon);
    // The age is that of the last answer, not of the last question.
    QVERIFY(*console.monitor().age() > std::chrono::seconds(3));

    QCOMPARE(::kill(static_cast<pid_t>(relay.pid()), SIGCONT), 0);
    console.action("poll")->trigger();
    QTRY_COMPARE_WITH_TIMEOUT(console.state(), RelayState::Up, Later);
    QVERIFY(!console.isGrey());
}

void TestRelayStates::showsWhyARelayIsNotReady()
{
    // More than any disk has.
    RelayProcess relay({{QStringLiteral("MIN_FREE_BYTES"), QStringLiteral("9007199254740992")}});
    QVERIFY2(relay.start(), relay.log());
    Console console(m_folder->path());
    console.watch(monitoringUrlOf(relay));
    QTRY_COMPARE_WITH_TIMEOUT(console.state(), RelayState::NotReady, Soon);
    QCOMPARE(console.cell(RelayListModel::State), stateName(RelayState::NotReady));
    QVERIFY2(
        stateLine(console).contains(QLatin1String("free_space: ")), qPrintable(stateLine(console)));
    QVERIFY(textsOf(console.overview()).contains(QLatin1String("free_space: ")));
    // It answers: nothing is old.
    QVERIFY(!console.isGrey());
}

void TestRelayStates::saysThatTheTokenIsMissingOrWrong()
{
    RelayProcess relay({{QStringLiteral("METRICS_TOKEN"), QStringLiteral("correct")}});
    QVERIFY2(relay.start(), relay.log());
    Console console(m_folder->path());
    const QUuid id = console.watch(monitoringUrlOf(relay));
    const QString words = QStringLiteral("token is missing or wrong");
    QTRY_COMPARE_WITH_TIMEOUT(console.state(), RelayState::Degraded, Soon);
    QVERIFY2(stateLine(console).contains(words), qPrintable(stateLine(console)));

    const auto giveToken = [&](const char *token) {
        console.fleet().edit(console.fleet().monitor(id)->profile(), QLatin1String(token));
    };
    giveToken("wrong");
    const SteadyTime then = console.monitor().last()->ended;
    QTRY_VERIFY_WITH_TIMEOUT(console.monitor().last()->ended > then, Soon);
    QCOMPARE(console.state(), RelayState::Degraded);
    QVERIFY(stateLine(console).contains(words));

    giveToken("correct");
    QTRY_COMPARE_WITH_TIMEOUT(console.state(), RelayState::Up, Soon);
    QVERIFY(!stateLine(console).contains(words));
}

void TestRelayStates::saysThatTheTokenIsMissingOrWrongForEveryPath()
{
    // A proxy that guards all of it.
    BadServer proxy(BadServer::always(BadServer::answer(401, "no")));
    Console console(m_folder->path());
    console.watch(proxy.url());
    QTRY_COMPARE_WITH_TIMEOUT(console.state(), RelayState::Degraded, Soon);
    QVERIFY(stateLine(console).contains(QLatin1String("token is missing or wrong")));
}

void TestRelayStates::drawsARestartAsAGap()
{
    RelayProcess relay;
    relay.keepPorts();
    QVERIFY2(relay.start(), relay.log());
    Console console(m_folder->path());
    console.watch(monitoringUrlOf(relay));
    constexpr int Before = 300;
    QVERIFY(storeMail(relay, idOf(1), 0, Before));
    // Two answers behind each other make a rate.
    QTRY_VERIFY_WITH_TIMEOUT(!std::isnan(lastOf(console, Series::MessagesIn)), Soon);
    ChartPanel &traffic = *console.overview().charts()[1];
    ChartPanel &connections = *console.overview().charts().front();
    QTRY_VERIFY_WITH_TIMEOUT(piecesOf(traffic) > 0, Soon);
    const qsizetype trafficPieces = piecesOf(traffic);
    const qsizetype connectionsPieces = piecesOf(connections);

    relay.kill();
    QVERIFY2(relay.start(), relay.log());
    constexpr int After = 900;
    QVERIFY(storeMail(relay, idOf(2), 0, After));
    const auto restarts = [&] {
        const auto rows = rowsOf(console);
        return std::count_if(
            rows.begin(), rows.end(), [](const HistoryRow &row) { return row.isGap(); });
    };
    QTRY_VERIFY_WITH_TIMEOUT(restarts() > 0, Soon);
    QTRY_VERIFY_WITH_TIMEOUT(
        piecesOf(traffic) > trafficPieces && piecesOf(connections) > connectionsPieces, Later);
    QTRY_VERIFY_WITH_TIMEOUT(!std::isnan(lastOf(console, Series::MessagesIn)), Soon);

    // Not negative, and not more than all that happened, within one second.
    for (const HistoryRow &row : rowsOf(console)) {
        for (size_t n = 0; n < SeriesCount; ++n) {
            const double value = row.values[n];
            QVERIFY2(std::isnan(value) || value >= 0, qPrintable(seriesName(Series(n))));
            if (info(Series(n)).unit == Unit::PerSecond)
                QVERIFY2(std::isnan(value) || value <= 2 * (Before + After),
                    qPrintable(seriesName(Series(n))));
        }
    }
}

void TestRelayStates::keepsWhatWasPolledOverARestartOfTheConsole()
{
    RelayProcess relay;
    QVERIFY2(relay.start(), relay.log());
    QList<QPointF> before;
    {
        Console console(m_folder->path());
        console.watch(monitoringUrlOf(relay));
        const ChartPanel &chart = *console.overview().charts().front();
        QTRY_VERIFY_WITH_TIMEOUT(
            !chart.lines().isEmpty() && chart.lines().front().points.size() >= 3, Soon);
        before = chart.lines().front().points;
        // A poll that failed is a gap, whose value equals nothing.
        before.removeIf([](const QPointF &point) { return std::isnan(point.y()); });
    }
    // Nobody is there any more: what is shown then is from the file.
    relay.kill();
    Console console(m_folder->path());
    QCOMPARE(console.cell(RelayListModel::Name), QStringLiteral("Home"));
    const ChartPanel &chart = *console.overview().charts().front();
    const auto shows = [&](const QPointF &point) {
        return !chart.lines().isEmpty() && chart.lines().front().points.contains(point);
    };
    QTRY_VERIFY_WITH_TIMEOUT(std::all_of(before.begin(), before.end(), shows), Soon);
    QVERIFY(piecesOf(chart) > 0);
    QVERIFY(console.isGrey());
}

QTEST_MAIN(TestRelayStates)
#include "tst_relaystates.moc"
