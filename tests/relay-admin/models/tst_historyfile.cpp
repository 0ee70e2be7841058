// SPDX-License-Identifier: GPL-3.0-or-later
#include "relay-admin/models/historyfile.h"
#include "relay-admin/models/historystore.h"
#include "relay-admin/models/relaymonitor.h"
#include "tests/relay-admin/models/answers.h"

#include <QDir>
#include <QSignalSpy>
#include <QSqlDatabase>
#include <QSqlError>
#include <QSqlQuery>
#include <QTemporaryDir>
#include <QTest>

#include <cmath>

using namespace relay::admin;
using namespace relay::admin::test;

namespace {

constexpr qint64 Start = 1'700'000'040'000;
constexpr qint64 Hour = 3'600'000;

QDateTime at(qint64 time)
{
    return QDateTime::fromMSecsSinceEpoch(time, Qt::UTC);
}

HistoryRow rawRow(qint64 time, double value)
{
    HistoryRow row {time, unknownValues()};
    row.values[3] = value;
    return row;
}

MinuteRow minuteRow(qint64 time, double mean)
{
    MinuteRow row {time, unknownValues(), unknownValues(), unknownValues()};
    row.mean[3] = mean;
    row.min[3] = mean - 1;
    row.max[3] = mean + 1;
    return row;
}

/** The file, by a connection of its own. */
QVariant ask(const QString &path, const QString &sql)
{
    QVariant answer;
    {
        QSqlDatabase database =
            QSqlDatabase::addDatabase(QStringLiteral("QSQLITE"), QStringLiteral("test"));
        database.setDatabaseName(path);
        QSqlQuery query(database.open() ? database : QSqlDatabase());
        if (query.exec(sql) && query.next())
            answer = query.value(0);
    }
    QSqlDatabase::removeDatabase(QStringLiteral("test"));
    return answer;
}

HistoryRows loaded(HistoryStore &store, const QUuid &profile, qint64 now)
{
    HistoryRows rows;
    const auto connection = QObject::connect(&store, &HistoryStore::loaded, &store,
        [&](const QUuid &, const HistoryRows &found) { rows = found; });
    store.load(profile, at(now));
    QObject::disconnect(connection);
    return rows;
}

} // namespace

class TestHistoryFile : public QObject {
    Q_OBJECT

private slots:
    void init();
    void givesBackWhatItWasGiven();
    void keepsProfilesApart();
    void removesAProfile();
    void prunesWhatIsOld();
    void forgetsWhatTheClockTookBack();
    void readsRowsWithFewerSeries();
    void setsAside_data();
    void setsAside();
    void setsAsideAFileThatBreaksWhileItIsUsed();
    void saysOnceThatItCannotWrite();
    void isNobodyElsesToRead();
    void monitorFindsItsHistoryAgain();

private:
    std::unique_ptr<QTemporaryDir> m_folder;
    QString m_path;
    const QUuid m_profile = QUuid::createUuid();
};

void TestHistoryFile::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    m_path = m_folder->filePath(QStringLiteral("sub/history.db"));
}

void TestHistoryFile::givesBackWhatItWasGiven()
{
    HistoryRows rows;
    rows.raw = {rawRow(Start, 1), rawRow(Start + 1, std::nan("")), rawRow(Start + 5000, 0.1)};
    rows.minutes = {minuteRow(Start - 60'000, 7)};
    {
        HistoryStore store(m_path);
        store.save(m_profile, rows, at(Start + 6000));
    }
    HistoryStore store(m_path);
    const HistoryRows found = loaded(store, m_profile, Start + 7000);
    QCOMPARE(found.raw.size(), size_t(3));
    QCOMPARE(found.raw[0].time, Start);
    QCOMPARE(found.raw[2].values[3], 0.1);
    QVERIFY(std::isnan(found.raw[2].values[0]));
    QVERIFY(found.raw[1].isGap());
    QCOMPARE(found.minutes.size(), size_t(1));
    QCOMPARE(found.minutes[0].mean[3], 7.0);
    QCOMPARE(found.minutes[0].min[3], 6.0);
    QCOMPARE(found.minutes[0].max[3], 8.0);
}

void TestHistoryFile::keepsProfilesApart()
{
    HistoryStore store(m_path);
    const QUuid other = QUuid::createUuid();
    store.save(m_profile, {{rawRow(Start, 1)}, {}, {}}, at(Start));
    store.save(other, {{rawRow(Start, 2)}, {}, {}}, at(Start));
    QCOMPARE(loaded(store, m_profile, Start).raw[0].values[3], 1.0);
    QCOMPARE(loaded(store, other, Start).raw[0].values[3], 2.0);
    QVERIFY(loaded(store, QUuid::createUuid(), Start).isEmpty());
}

void TestHistoryFile::removesAProfile()
{
    HistoryStore store(m_path);
    const QUuid other = QUuid::createUuid();
    store.save(m_profile, {{rawRow(Start, 1)}, {minuteRow(Start, 1)}, {}}, at(Start));
    store.save(other, {{rawRow(Start, 2)}, {}, {}}, at(Start));
    store.remove(m_profile, at(Start));
    QVERIFY(loaded(store, m_profile, Start).isEmpty());
    QCOMPARE(ask(m_path, QStringLiteral("SELECT count(*) FROM history")).toInt(), 1);
}

void TestHistoryFile::prunesWhatIsOld()
{
    HistoryStore store(m_path);
    HistoryRows rows;
    rows.raw = {rawRow(Start, 1), rawRow(Start + Hour, 2)};
    rows.minutes = {minuteRow(Start, 1), minuteRow(Start + 24 * Hour, 2)};
    store.save(m_profile, rows, at(Start));
    const auto count = [&](int tier) {
        return ask(m_path, QStringLiteral("SELECT count(*) FROM history WHERE tier = %1").arg(tier))
            .toInt();
    };
    QCOMPARE(count(0), 2);
    store.save(m_profile, {{rawRow(Start + Hour + 1, 1)}, {}, {}}, at(Start + Hour + 1));
    QCOMPARE(count(0), 2);
    QCOMPARE(count(1), 2);
    store.save(m_profile, {{rawRow(Start + 24 * Hour + 1, 1)}, {}, {}}, at(Start + 24 * Hour + 1));
    QCOMPARE(count(0), 1);
    QCOMPARE(count(1), 1);
}

void TestHistoryFile::forgetsWhatTheClockTookBack()
{
    HistoryStore store(m_path);
    HistoryRows rows;
    for (int i = 0; i < 10; ++i) {
        rows.raw.push_back(rawRow(Start + i * 60'000 + 30'000, i));
        rows.minutes.push_back(minuteRow(Start + i * 60'000, i));
    }
    store.save(m_profile, rows, at(Start));
    store.save(m_profile, {{rawRow(Start + 300'001, 100)}, {}, Start + 300'001}, at(Start));
    const HistoryRows found = loaded(store, m_profile, Start + Hour);
    QCOMPARE(found.raw.size(), size_t(6));
    QCOMPARE(found.raw.back().values[3], 100.0);
    QCOMPARE(found.minutes.size(), size_t(5));
}

void TestHistoryFile::readsRowsWithFewerSeries()
{
    HistoryStore store(m_path);
    store.save(m_profile, {{rawRow(Start, 1)}, {minuteRow(Start, 5)}, {}}, at(Start));
    ask(m_path, QStringLiteral("UPDATE history SET series = substr(series, 1, 32) WHERE tier = 0"));
    ask(m_path, QStringLiteral("UPDATE history SET series = x'01' WHERE tier = 1"));
    const HistoryRows found = loaded(store, m_profile, Start);
    QCOMPARE(found.raw[0].values[3], 1.0);
    QVERIFY(std::isnan(found.raw[0].values[4]));
    QVERIFY(std::isnan(found.minutes[0].mean[0]));
}

void TestHistoryFile::setsAside_data()
{
    QTest::addColumn<QString>("what");
    QTest::newRow("no database") << QStringLiteral("text");
    QTest::newRow("damaged") << QStringLiteral("damage");
    QTest::newRow("newer") << QStringLiteral("PRAGMA user_version = 2");
    QTest::newRow("another program's") << QStringLiteral("PRAGMA application_id = 7");
}

void TestHistoryFile::setsAside()
{
    QFETCH(QString, what);
    {
        HistoryStore store(m_path);
        HistoryRows rows;
        for (int i = 0; i < 2000; ++i)
            rows.raw.push_back(rawRow(Start + i, i));
        store.save(m_profile, rows, at(Start));
    }
    QFile file(m_path);
    if (what == QLatin1String("text")) {
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(QByteArray("This is no database. ").repeated(500));
    } else if (what == QLatin1String("damage")) {
        QVERIFY(file.open(QIODevice::ReadWrite));
        QVERIFY(file.size() > 5 * 4096);
        file.seek(2 * 4096);
        file.write(QByteArray(2 * 4096, '\x5a'));
    } else {
        ask(m_path, what);
    }
    file.close();
    QVERIFY(file.open(QIODevice::ReadOnly));
    const QByteArray before = file.readAll();
    file.close();

    HistoryStore store(m_path);
    QSignalSpy aside(&store, &HistoryStore::setAside);
    QSignalSpy failed(&store, &HistoryStore::failed);
    QVERIFY(loaded(store, m_profile, Start + 2000).isEmpty());
    QCOMPARE(aside.size(), 1);
    QCOMPARE(failed.size(), 0);
    QVERIFY(!aside[0][1].toString().isEmpty());
    // It is all there, under the name that was said.
    QFile moved(aside[0][0].toString());
    QVERIFY(moved.open(QIODevice::ReadOnly));
    QCOMPARE(moved.readAll(), before);
    store.save(m_profile, {{rawRow(Start, 5)}, {}, {}}, at(Start));
    QCOMPARE(loaded(store, m_profile, Start).raw.size(), size_t(1));
}

void TestHistoryFile::setsAsideAFileThatBreaksWhileItIsUsed()
{
    HistoryStore store(m_path);
    HistoryRows rows;
    for (int i = 0; i < 2000; ++i)
        rows.raw.push_back(rawRow(Start + i, i));
    store.save(m_profile, rows, at(Start));
    ask(m_path, QStringLiteral("PRAGMA wal_checkpoint(TRUNCATE)"));
    QFile file(m_path);
    QVERIFY(file.open(QIODevice::ReadWrite));
    file.seek(4096);
    file.write(QByteArray(static_cast<int>(file.size()) - 4096, '\x5a'));
    file.close();
    // Somebody else's change makes it read the file anew.
    ask(m_path, QStringLiteral("PRAGMA user_version = 1"));
    QSignalSpy aside(&store, &HistoryStore::setAside);
    store.save(m_profile, {{rawRow(Start + 9000, 5)}, {}, {}}, at(Start + 9000));
    QCOMPARE(aside.size(), 1);
    QCOMPARE(loaded(store, m_profile, Start + 9000).raw.size(), size_t(1));
}

void TestHistoryFile::saysOnceThatItCannotWrite()
{
    // A folder stands where the file would.
    QVERIFY(QDir().mkpath(m_path + QStringLiteral("/x")));
    HistoryStore store(m_path);
    QSignalSpy failed(&store, &HistoryStore::failed);
    QSignalSpy aside(&store, &HistoryStore::setAside);
    for (int i = 0; i < 3; ++i)
        store.save(m_profile, {{rawRow(Start, 5)}, {}, {}}, at(Start));
    QCOMPARE(failed.size(), 1);
    QVERIFY(!failed[0][0].toString().isEmpty());
    QCOMPARE(aside.size(), 0);
    QVERIFY(loaded(store, m_profile, Start).isEmpty());
    // It goes on by itself.
    QVERIFY(QDir(m_path).removeRecursively());
    store.save(m_profile, {{rawRow(Start, 5)}, {}, {}}, at(Start));
    QCOMPARE(loaded(store, m_profile, Start).raw.size(), size_t(1));
}

void TestHistoryFile::isNobodyElsesToRead()
{
    HistoryStore store(m_path);
    store.save(m_profile, {{rawRow(Start, 5)}, {}, {}}, at(Start));
    for (const char *suffix : {"", "-wal", "-shm"}) {
        const auto permissions = QFile::permissions(m_path + QLatin1String(suffix));
        QVERIFY(permissions & QFile::ReadOwner);
        QVERIFY(!(permissions & (QFile::ReadGroup | QFile::ReadOther | QFile::WriteGroup)));
    }
}

void TestHistoryFile::monitorFindsItsHistoryAgain()
{
    Profile profile;
    profile.id = m_profile;
    const auto rules = std::make_shared<const AlertRules>();
    Clocks clocks;
    const auto clock = [&] { return clocks.now().wall; };
    {
        RelayMonitor monitor(profile, rules);
        HistoryFile file(m_path, nullptr, clock);
        QSignalSpy restored(&file, &HistoryFile::restored);
        file.watch(&monitor);
        QVERIFY(restored.wait());
        for (int i = 0; i < 200; ++i) {
            monitor.pollEnded(goodPoll(
                clocks.advance(seconds(5)).now(), Metrics().gauge("relay_connections_active", i)));
            if (i == 100)
                file.save();
        }
        // What is left is written at the end.
    }
    clocks.advance(seconds(60));
    const HistoryRange range = HistoryRange::last(std::chrono::hours(1), clocks.now().wall);
    RelayMonitor monitor(profile, rules);
    HistoryFile file(m_path, nullptr, clock);
    QSignalSpy restored(&file, &HistoryFile::restored);
    QSignalSpy told(&monitor, &RelayMonitor::historyRestored);
    file.watch(&monitor);
    // An answer comes before the file does.
    monitor.pollEnded(goodPoll(clocks.now(), Metrics().gauge("relay_connections_active", 999)));
    QVERIFY(restored.wait());
    QCOMPARE(told.size(), 1);
    const auto lines = segments(monitor.history().points(Series::ConnectionsActive, range));
    QCOMPARE(lines.size(), size_t(2));
    QCOMPARE(lines[0].size(), 200);
    QCOMPARE(lines[0].last().y(), 199.0);
    QCOMPARE(lines[1].last().y(), 999.0);
    QCOMPARE(monitor.history().minuteCount(), size_t(17));

    // Removed is removed, for the next start too.
    file.remove(m_profile);
    RelayMonitor again(profile, rules);
    QSignalSpy toldAgain(&again, &RelayMonitor::historyRestored);
    file.watch(&again);
    QVERIFY(toldAgain.wait());
    QVERIFY(again.history().isEmpty());
}

QTEST_GUILESS_MAIN(TestHistoryFile)
#include "tst_historyfile.moc"
