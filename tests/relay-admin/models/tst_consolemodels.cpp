// SPDX-License-Identifier: GPL-3.0-or-later
#include "relay-admin/models/alertsmodel.h"
#include "relay-admin/models/formats.h"
#include "relay-admin/models/metricsmodel.h"
#include "relay-admin/models/relaylistmodel.h"
#include "tests/relay-admin/models/answers.h"

#include <QAbstractItemModelTester>
#include <QLocale>
#include <QPersistentModelIndex>
#include <QSignalSpy>
#include <QSortFilterProxyModel>
#include <QTest>

#include <cmath>

using namespace relay;
using namespace relay::admin;
using namespace relay::admin::test;

namespace {

using Tester = QAbstractItemModelTester;
constexpr auto Fatal = Tester::FailureReportingMode::Fatal;

Profile profile(const char *name, const char *group = "")
{
    Profile result;
    result.id = QUuid::createUuid();
    result.name = QString::fromLatin1(name);
    result.group = QString::fromLatin1(group);
    return result;
}

/** Fires "A" while a > 10 and "B" while b > 10. */
std::shared_ptr<const AlertRules> twoRules()
{
    AlertRules rules;
    for (const char *name : {"A", "B"}) {
        const QString id = QString::fromLatin1(name);
        rules.push_back({id, AlertSeverity::Critical, id + u'.',
            {AlertCondition::Kind::Above, id.toLower().toUtf8(), {}, {}, 0, {}, 10, 10}, seconds(0),
            {}});
    }
    return std::make_shared<const AlertRules>(std::move(rules));
}

std::unique_ptr<RelayMonitor> monitorOf(const Profile &profile)
{
    return std::make_unique<RelayMonitor>(profile, twoRules());
}

QString text(const QAbstractItemModel &model, int row, int column, int role = Qt::DisplayRole)
{
    return model.index(row, column).data(role).toString();
}

QStringList names(const QAbstractItemModel &model)
{
    QStringList result;
    for (int row = 0; row < model.rowCount(); ++row)
        result.append(text(model, row, 0));
    return result;
}

QStringList list(std::initializer_list<const char *> texts)
{
    QStringList result;
    for (const char *one : texts)
        result.append(QString::fromLatin1(one));
    return result;
}

/** Every cell is read aloud as something. */
void checkAccessible(const QAbstractItemModel &model)
{
    QVERIFY(model.rowCount() > 0);
    for (int row = 0; row < model.rowCount(); ++row) {
        for (int column = 0; column < model.columnCount(); ++column)
            QVERIFY(!text(model, row, column, Qt::AccessibleTextRole).isEmpty());
    }
    for (int column = 0; column < model.columnCount(); ++column)
        QVERIFY(!model.headerData(column, Qt::Horizontal).toString().isEmpty());
}

} // namespace

class TestConsoleModels : public QObject {
    Q_OBJECT

private slots:
    void initTestCase();
    void listShowsARelay();
    void listFollowsTheTime();
    void listComesAndGoes();
    void listKeepsGroupsTogether();
    void listSortsNumbersAsNumbers();
    void metricsShowEachSample();
    void metricsStayInPlace();
    void metricsComeAndGo();
    void metricsOfAnotherRelay();
    void metricsAreFilteredByAnyOfTheirTexts();
    void metricsTakeASeriesThatStandsTwice();
    void alertsFireAndEnd();
    void alertsAreMuted();
    void alertsGoWithTheirRelay();
    void alertsAreBounded();
    void valuesAreFormattedByLocale();
};

void TestConsoleModels::initTestCase()
{
    QLocale::setDefault(QLocale(QLocale::English, QLocale::UnitedStates));
}

void TestConsoleModels::listShowsARelay()
{
    RelayListModel model;
    const Tester tester(&model, Fatal);
    Profile prod = profile("prod", "live");
    prod.colour = ColourTag::Red;
    const auto monitor = monitorOf(prod);
    model.append(monitor.get());
    QCOMPARE(text(model, 0, RelayListModel::State), QStringLiteral("Unknown"));
    QCOMPARE(text(model, 0, RelayListModel::Connections), QStringLiteral("\u2013"));

    QSignalSpy changes(&model, &QAbstractItemModel::dataChanged);
    Clocks clocks;
    monitor->pollEnded(goodPoll(clocks.now(),
        Metrics()
            .gauge("relay_connections_active", 37)
            .gauge("relay_max_connections", 1000)
            .gauge("relay_blobs_stored", 12'345)));
    QVERIFY(!changes.isEmpty());
    QCOMPARE(text(model, 0, RelayListModel::Name), QStringLiteral("prod"));
    QCOMPARE(text(model, 0, RelayListModel::State), QStringLiteral("Up"));
    QCOMPARE(text(model, 0, RelayListModel::Version), QStringLiteral("0.1.0"));
    QCOMPARE(text(model, 0, RelayListModel::Connections), QStringLiteral("37 of 1,000"));
    QCOMPARE(text(model, 0, RelayListModel::Blobs), QStringLiteral("12,345"));
    const QModelIndex index = model.index(0, 0);
    QCOMPARE(index.data(RelayListModel::GroupRole).toString(), QStringLiteral("live"));
    QCOMPARE(index.data(RelayListModel::ColourRole).toInt(), static_cast<int>(ColourTag::Red));
    QCOMPARE(index.data(RelayListModel::StateRole).toInt(), static_cast<int>(RelayState::Up));
    QCOMPARE(index.data(RelayListModel::ProfileIdRole).toUuid(), prod.id);
    QVERIFY(!index.data(RelayListModel::GreyRole).toBool());
    QCOMPARE(text(model, 0, 0, Qt::AccessibleTextRole), QStringLiteral("prod, Up"));
    checkAccessible(model);

    monitor->pollEnded(failedPoll(clocks.advance(seconds(5)).now()));
    QCOMPARE(text(model, 0, RelayListModel::State), QStringLiteral("Down"));
    QVERIFY(text(model, 0, 0, Qt::ToolTipRole).contains(QLatin1String("refused")));
    QCOMPARE(text(model, 0, RelayListModel::Version), QStringLiteral("\u2013"));
}

void TestConsoleModels::listFollowsTheTime()
{
    RelayListModel model;
    const auto monitor = monitorOf(profile("prod"));
    model.append(monitor.get());
    Clocks clocks;
    monitor->pollEnded(goodPoll(clocks.now(), Metrics()));
    QSignalSpy changes(&model, &QAbstractItemModel::dataChanged);
    monitor->tick(clocks.advance(seconds(7)).now());
    QCOMPARE(changes.size(), 1);
    QCOMPARE(changes[0][0].toModelIndex().column(), int(RelayListModel::Age));
    QVERIFY(text(model, 0, RelayListModel::Age).startsWith(u'7'));
    monitor->tick(clocks.advance(seconds(60)).now());
    QCOMPARE(text(model, 0, RelayListModel::State), QStringLiteral("Stale"));
    QVERIFY(model.index(0, 0).data(RelayListModel::GreyRole).toBool());
}

void TestConsoleModels::listComesAndGoes()
{
    RelayListModel model;
    const Tester tester(&model, Fatal);
    std::vector<std::unique_ptr<RelayMonitor>> monitors;
    for (const char *name : {"a", "b", "c", "d"}) {
        monitors.push_back(monitorOf(profile(name)));
        model.append(monitors.back().get());
    }
    model.moveRelay(0, 2);
    QCOMPARE(names(model), list({"b", "c", "a", "d"}));
    model.moveRelay(3, 0);
    QCOMPARE(names(model), list({"d", "b", "c", "a"}));
    model.moveRelay(0, 4);
    model.moveRelay(-1, 0);
    QCOMPARE(names(model), list({"d", "b", "c", "a"}));
    QCOMPARE(model.rowOf(monitors[0]->profile().id), 3);
    QCOMPARE(model.monitor(model.index(3, 0)), monitors[0].get());
    model.remove(monitors[1].get());
    QCOMPARE(names(model), list({"d", "c", "a"}));
    QCOMPARE(model.rowOf(monitors[1]->profile().id), -1);
    monitors[2].reset(); // destroyed without a word
    QCOMPARE(names(model), list({"d", "a"}));
    // One that was removed does not speak any more.
    QSignalSpy changes(&model, &QAbstractItemModel::dataChanged);
    monitors[1]->pollEnded(failedPoll(Clocks().now()));
    QVERIFY(changes.isEmpty());
}

void TestConsoleModels::listKeepsGroupsTogether()
{
    RelayListModel model;
    RelayListProxy proxy;
    proxy.setSourceModel(&model);
    const Tester tester(&proxy, Fatal);
    std::vector<std::unique_ptr<RelayMonitor>> monitors;
    for (const auto &[name, group] :
        {std::pair {"1", "test"}, {"2", ""}, {"3", "live"}, {"4", "test"}, {"5", "live"}}) {
        monitors.push_back(monitorOf(profile(name, group)));
        model.append(monitors.back().get());
    }
    proxy.sort(RelayListModel::Name);
    QCOMPARE(names(proxy), list({"3", "5", "1", "4", "2"}));
    proxy.sort(RelayListModel::Name, Qt::DescendingOrder);
    QCOMPARE(names(proxy), list({"5", "3", "4", "1", "2"}));
    // It follows what is edited.
    Profile moved = monitors[1]->profile();
    moved.group = QStringLiteral("live");
    monitors[1]->setProfile(moved);
    QCOMPARE(names(proxy), list({"5", "3", "2", "4", "1"}));
}

void TestConsoleModels::listSortsNumbersAsNumbers()
{
    RelayListModel model;
    RelayListProxy proxy;
    proxy.setSourceModel(&model);
    std::vector<std::unique_ptr<RelayMonitor>> monitors;
    Clocks clocks;
    for (const auto &[name, active] : {std::pair {"1", 9.0}, {"2", 100.0}, {"3", std::nan("")}}) {
        monitors.push_back(monitorOf(profile(name)));
        model.append(monitors.back().get());
        if (!std::isnan(active)) {
            monitors.back()->pollEnded(
                goodPoll(clocks.now(), Metrics().gauge("relay_connections_active", active)));
        }
    }
    proxy.sort(RelayListModel::Connections);
    QCOMPARE(names(proxy), list({"3", "1", "2"}));
}

void TestConsoleModels::metricsShowEachSample()
{
    MetricsModel model;
    const Tester tester(&model, Fatal);
    const auto monitor = monitorOf(profile("prod"));
    model.setMonitor(monitor.get());
    QCOMPARE(model.rowCount(), 0);
    Clocks clocks;
    const auto answer = [&](double count) {
        monitor->pollEnded(goodPoll(clocks.advance(seconds(5)).now(),
            Metrics()
                .gauge("relay_storage_bytes", 1234567)
                .counters("r_total", "reason", {{"a", count}})
                .histogram("h_seconds", {{"0.1", 1}, {"+Inf", 2}})));
    };
    answer(0);
    answer(10);
    QCOMPARE(model.rowCount(), 6);
    QCOMPARE(text(model, 0, MetricsModel::Name), QStringLiteral("relay_storage_bytes"));
    QCOMPARE(text(model, 0, MetricsModel::Value), QStringLiteral("1,234,567"));
    QCOMPARE(text(model, 0, MetricsModel::Rate), QString());
    QCOMPARE(text(model, 0, MetricsModel::Help), QStringLiteral("A gauge."));
    QCOMPARE(text(model, 1, MetricsModel::Labels), QStringLiteral("reason=\"a\""));
    QCOMPARE(text(model, 1, MetricsModel::Rate), QStringLiteral("2/s"));
    QCOMPARE(text(model, 2, MetricsModel::Labels), QStringLiteral("le=\"0.1\""));
    QCOMPARE(text(model, 0, MetricsModel::Value, MetricsModel::CopyRole),
        QStringLiteral("relay_storage_bytes 1234567"));
    QCOMPARE(text(model, 1, MetricsModel::Value, MetricsModel::CopyRole),
        QStringLiteral("r_total{reason=\"a\"} 10"));
    const QString toolTip = text(model, 0, MetricsModel::Value, Qt::ToolTipRole);
    QVERIFY(toolTip.contains(QLatin1String("relay_storage_bytes")));
    QVERIFY(toolTip.contains(QLatin1String("bytes"), Qt::CaseSensitive));
    QVERIFY(
        text(model, 5, MetricsModel::Value, Qt::ToolTipRole).contains(QLatin1String("seconds")));
    checkAccessible(model);
}

void TestConsoleModels::metricsStayInPlace()
{
    MetricsModel model;
    const Tester tester(&model, Fatal);
    const auto monitor = monitorOf(profile("prod"));
    model.setMonitor(monitor.get());
    Clocks clocks;
    const auto answer = [&](const std::shared_ptr<const Exposition> &exposition) {
        monitor->pollEnded(goodPoll(clocks.advance(seconds(5)).now(), exposition));
    };
    answer(Metrics().gauge("a", 1).gauge("b", 2).gauge("c", 3));
    const QPersistentModelIndex selected = model.index(2, MetricsModel::Value);
    QSignalSpy resets(&model, &QAbstractItemModel::modelReset);
    QSignalSpy inserts(&model, &QAbstractItemModel::rowsInserted);
    QSignalSpy removals(&model, &QAbstractItemModel::rowsRemoved);
    answer(Metrics().gauge("a", 10).gauge("b", 20).gauge("c", 30));
    QCOMPARE(selected.data().toString(), QStringLiteral("30"));
    // In another order: nothing moves.
    answer(Metrics().gauge("c", 31).gauge("a", 11).gauge("b", 21));
    QCOMPARE(names(model), list({"a", "b", "c"}));
    QCOMPARE(selected.row(), 2);
    QCOMPARE(selected.data().toString(), QStringLiteral("31"));
    // A poll that brought nothing leaves what is there.
    monitor->pollEnded(failedPoll(clocks.advance(seconds(5)).now()));
    QCOMPARE(model.rowCount(), 3);
    QCOMPARE(resets.size() + inserts.size() + removals.size(), 0);
}

void TestConsoleModels::metricsComeAndGo()
{
    MetricsModel model;
    const Tester tester(&model, Fatal);
    const auto monitor = monitorOf(profile("prod"));
    model.setMonitor(monitor.get());
    Clocks clocks;
    const auto answer = [&](std::initializer_list<const char *> series) {
        Metrics metrics;
        for (const char *name : series)
            metrics.gauge(name, name[0]);
        monitor->pollEnded(goodPoll(clocks.advance(seconds(5)).now(), metrics));
    };
    answer({"a", "b", "c", "d", "e"});
    const QPersistentModelIndex kept = model.index(3, MetricsModel::Value);
    const QPersistentModelIndex gone = model.index(1, MetricsModel::Value);
    QSignalSpy resets(&model, &QAbstractItemModel::modelReset);
    answer({"x", "a", "d", "y"});
    QCOMPARE(names(model), list({"a", "d", "x", "y"}));
    QVERIFY(!gone.isValid());
    QCOMPARE(kept.row(), 1);
    QCOMPARE(kept.data().toInt(), int('d'));
    for (int row = 0; row < model.rowCount(); ++row) {
        QCOMPARE(text(model, row, MetricsModel::Value).toInt(),
            int(text(model, row, MetricsModel::Name)[0].unicode()));
    }
    answer({});
    QCOMPARE(model.rowCount(), 0);
    answer({"b"});
    QCOMPARE(names(model), list({"b"}));
    QCOMPARE(resets.size(), 0);
}

void TestConsoleModels::metricsOfAnotherRelay()
{
    MetricsModel model;
    const Tester tester(&model, Fatal);
    auto one = monitorOf(profile("one"));
    auto two = monitorOf(profile("two"));
    Clocks clocks;
    one->pollEnded(goodPoll(clocks.now(), Metrics().gauge("a", 1)));
    two->pollEnded(goodPoll(clocks.now(), Metrics().gauge("b", 1).gauge("c", 1)));
    model.setMonitor(one.get());
    QCOMPARE(names(model), list({"a"}));
    QVERIFY(!model.isGrey());
    model.setMonitor(two.get());
    QCOMPARE(names(model), list({"b", "c"}));
    one->pollEnded(goodPoll(clocks.advance(seconds(5)).now(), Metrics().gauge("a", 2)));
    QCOMPARE(names(model), list({"b", "c"}));
    two.reset();
    QCOMPARE(model.rowCount(), 0);
    QVERIFY(model.isGrey());
    model.setMonitor(nullptr);
}

void TestConsoleModels::metricsAreFilteredByAnyOfTheirTexts()
{
    MetricsModel model;
    QSortFilterProxyModel proxy;
    proxy.setSourceModel(&model);
    proxy.setFilterRole(MetricsModel::FilterRole);
    proxy.setFilterCaseSensitivity(Qt::CaseInsensitive);
    const Tester tester(&proxy, Fatal);
    const auto monitor = monitorOf(profile("prod"));
    model.setMonitor(monitor.get());
    monitor->pollEnded(goodPoll(Clocks().now(),
        Metrics().gauge("bytes", 1).counters("r_total", "reason", {{"quota", 1}, {"rate", 2}})));
    for (const auto &[filter, count] : {std::pair {"", 3}, {"BYTES", 1}, {"quota", 1},
             {"A gauge", 1}, {"Counters", 2}, {"x", 0}}) {
        proxy.setFilterFixedString(QString::fromLatin1(filter));
        QCOMPARE(proxy.rowCount(), count);
    }
}

void TestConsoleModels::metricsTakeASeriesThatStandsTwice()
{
    MetricsModel model;
    const Tester tester(&model, Fatal);
    const auto monitor = monitorOf(profile("prod"));
    model.setMonitor(monitor.get());
    Clocks clocks;
    for (int i = 0; i < 3; ++i) {
        monitor->pollEnded(goodPoll(clocks.advance(seconds(5)).now(),
            Metrics().counters("r_total", "reason", {{"a", i}, {"a", 5}, {"b", 1}})));
        QCOMPARE(model.rowCount(), 2);
        QCOMPARE(text(model, 0, MetricsModel::Value).toInt(), i);
    }
}

void TestConsoleModels::alertsFireAndEnd()
{
    AlertsModel model;
    const Tester tester(&model, Fatal);
    const auto monitor = monitorOf(profile("prod"));
    model.append(monitor.get());
    QSignalSpy counts(&model, &AlertsModel::firingCountChanged);
    Clocks clocks;
    const auto answer = [&](double a, double b) {
        monitor->pollEnded(
            goodPoll(clocks.advance(seconds(5)).now(), Metrics().gauge("a", a).gauge("b", b)));
    };
    answer(0, 0);
    QCOMPARE(model.rowCount(), 0);
    answer(11, 0);
    answer(11, 12);
    QCOMPARE(model.rowCount(), 2);
    QCOMPARE(model.firingCount(), 2);
    QVERIFY(!counts.isEmpty());
    QCOMPARE(text(model, 0, AlertsModel::Summary), QStringLiteral("B."));
    QCOMPARE(text(model, 0, AlertsModel::Relay), QStringLiteral("prod"));
    QCOMPARE(text(model, 0, AlertsModel::Severity), QStringLiteral("Critical"));
    QCOMPARE(text(model, 0, AlertsModel::Value), QStringLiteral("12"));
    checkAccessible(model);
    answer(0, 12);
    QCOMPARE(model.rowCount(), 2);
    QCOMPARE(model.firingCount(), 1);
    QVERIFY(!model.index(1, 0).data(AlertsModel::FiringRole).toBool());
    QVERIFY(!text(model, 1, AlertsModel::Until).isEmpty());
    // The same rule again is another alert.
    answer(20, 12);
    QCOMPARE(model.rowCount(), 3);
    // Whoever comes late sees the same.
    AlertsModel late;
    late.append(monitor.get());
    QCOMPARE(late.rowCount(), 3);
    QCOMPARE(late.firingCount(), 2);
}

void TestConsoleModels::alertsAreMuted()
{
    AlertsModel model;
    const Tester tester(&model, Fatal);
    const auto monitor = monitorOf(profile("prod"));
    model.append(monitor.get());
    monitor->pollEnded(goodPoll(Clocks().now(), Metrics().gauge("a", 11)));
    QCOMPARE(model.firingCount(), 1);
    monitor->mute(QStringLiteral("A"));
    QCOMPARE(model.firingCount(), 0);
    QVERIFY(model.index(0, 0).data(AlertsModel::MutedRole).toBool());
    QVERIFY(text(model, 0, AlertsModel::State).contains(QLatin1String("muted")));
    monitor->unmute(QStringLiteral("A"));
    QCOMPARE(model.firingCount(), 1);
}

void TestConsoleModels::alertsGoWithTheirRelay()
{
    AlertsModel model;
    const Tester tester(&model, Fatal);
    std::vector<std::unique_ptr<RelayMonitor>> monitors;
    for (const char *name : {"one", "two", "three"}) {
        monitors.push_back(monitorOf(profile(name)));
        model.append(monitors.back().get());
        monitors.back()->pollEnded(goodPoll(Clocks().now(), Metrics().gauge("a", 11)));
    }
    QCOMPARE(model.rowCount(), 3);
    monitors[0].reset();
    QCOMPARE(model.rowCount(), 2);
    model.remove(monitors[1].get());
    QCOMPARE(model.rowCount(), 1);
    // At another address nothing is known to fire.
    Profile elsewhere = monitors[2]->profile();
    elsewhere.monitoringUrl = QUrl(QStringLiteral("http://127.0.0.1:9999"));
    monitors[2]->setProfile(elsewhere);
    QCOMPARE(model.rowCount(), 0);
}

void TestConsoleModels::alertsAreBounded()
{
    AlertsModel model;
    const auto monitor = monitorOf(profile("prod"));
    model.append(monitor.get());
    Clocks clocks;
    for (int i = 0; i < 2 * AlertsModel::MaxRows + 10; ++i) {
        monitor->pollEnded(goodPoll(clocks.advance(seconds(5)).now(),
            Metrics().gauge("a", i % 2 == 0 ? 11 : 0).gauge("b", 11)));
    }
    QCOMPARE(model.rowCount(), AlertsModel::MaxRows);
    // What fires stays, though it is the oldest.
    QCOMPARE(text(model, model.rowCount() - 1, AlertsModel::Summary), QStringLiteral("B."));
    QCOMPARE(model.firingCount(), 1);
}

void TestConsoleModels::valuesAreFormattedByLocale()
{
    QCOMPARE(numberText(1234567), QStringLiteral("1,234,567"));
    QCOMPARE(numberText(0.12345), QStringLiteral("0.1235"));
    QCOMPARE(numberText(std::nan("")), QStringLiteral("\u2013"));
    QCOMPARE(numberText(1e300), QStringLiteral("1e+300").toUpper().replace(u'E', u'E'));
    QCOMPARE(numberText(6255.744), QStringLiteral("6,256"));
    QCOMPARE(numberText(123456.7), QStringLiteral("123,457"));
    QCOMPARE(numberText(12.3456), QStringLiteral("12.35"));
    QCOMPARE(shortDurationText(std::chrono::seconds(59)), QStringLiteral("59 s"));
    QCOMPARE(shortDurationText(std::chrono::seconds(61)), QStringLiteral("1 min 1 s"));
    QCOMPARE(shortDurationText(std::chrono::seconds(3600 * 5 + 60)), QStringLiteral("5 h 1 min"));
    QCOMPARE(shortDurationText(std::chrono::hours(49)), QStringLiteral("2 d 1 h"));
    QCOMPARE(bytesText(1536), QStringLiteral("1.5 KiB"));
    QCOMPARE(secondsText(0.0042), QStringLiteral("4.2 ms"));
    QCOMPARE(secondsText(0.00025), QStringLiteral("250 \u00b5s"));
    QCOMPARE(secondsText(2.5), QStringLiteral("2.5 s"));
    QLocale::setDefault(QLocale(QLocale::German));
    QCOMPARE(numberText(1234567), QStringLiteral("1.234.567"));
    QCOMPARE(bytesText(1536), QStringLiteral("1,5 KiB"));
    QLocale::setDefault(QLocale(QLocale::English, QLocale::UnitedStates));
}

QTEST_GUILESS_MAIN(TestConsoleModels)
#include "tst_consolemodels.moc"
