// SPDX-License-Identifier: GPL-3.0-or-later
#include "relayd/http/healthboard.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

#include <thread>

using namespace relay;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace {

const HealthBoard::Clock::time_point Start {1000s};

QJsonObject jsonOf(const HttpResponse &response)
{
    return QJsonDocument::fromJson(response.body).object();
}

void makeReady(HealthBoard &board)
{
    board.set(HealthCheck::Accepting, true);
    board.set(HealthCheck::StorageWritable, true);
}

} // namespace

class TestHealthBoard : public QObject {
    Q_OBJECT

private slots:
    void isHealthyButNotReadyAtFirst();
    void isReadyWhenAllChecksHold();
    void tellsWhatDoesNotHold_data();
    void tellsWhatDoesNotHold();
    void joinsTheReasons();
    void showsANote();
    void tellsThePublicPortTheStatusAlone();
    void isWrittenFromSeveralThreads();
};

void TestHealthBoard::isHealthyButNotReadyAtFirst()
{
    const HealthBoard board(Start);
    QVERIFY(!board.isReady());
    QCOMPARE(board.ready(Start).status, 503);

    const HttpResponse health = board.health(Start + 2500ms);
    QCOMPARE(health.status, 200);
    const QJsonObject expected {{u"status"_s, u"ok"_s},
        {u"version"_s, QStringLiteral(RELAY_VERSION)}, {u"uptime_seconds"_s, 2}};
    QCOMPARE(jsonOf(health), expected);
}

void TestHealthBoard::isReadyWhenAllChecksHold()
{
    HealthBoard board(Start);
    board.set(HealthCheck::Accepting, true);
    QVERIFY(!board.isReady());
    board.set(HealthCheck::StorageWritable, true);
    QVERIFY(board.isReady());

    const HttpResponse ready = board.ready(Start + 1h);
    QCOMPARE(ready.status, 200);
    const QJsonObject body = jsonOf(ready);
    QCOMPARE(body[u"status"_s].toString(), u"ready"_s);
    QCOMPARE(body[u"version"_s].toString(), QStringLiteral(RELAY_VERSION));
    QCOMPARE(body[u"uptime_seconds"_s].toInt(), 3600);
    QVERIFY(!body.contains(u"reason"_s) && !body.contains(u"note"_s));
    QStringList names;
    const QJsonArray checks = body[u"checks"_s].toArray();
    for (const QJsonValue &check : checks) {
        QVERIFY(check[u"ok"_s].toBool());
        names += check[u"name"_s].toString();
    }
    QCOMPARE(names,
        (QStringList {u"accepting"_s, u"storage_writable"_s, u"storage_responding"_s,
            u"free_space"_s, u"storage_limit"_s, u"not_draining"_s}));
}

void TestHealthBoard::tellsWhatDoesNotHold_data()
{
    QTest::addColumn<HealthCheck>("check");
    QTest::addColumn<QString>("name");
    QTest::newRow("accepting") << HealthCheck::Accepting << u"accepting"_s;
    QTest::newRow("storage") << HealthCheck::StorageWritable << u"storage_writable"_s;
    QTest::newRow("responding") << HealthCheck::StorageResponding << u"storage_responding"_s;
    QTest::newRow("free space") << HealthCheck::FreeSpace << u"free_space"_s;
    QTest::newRow("limit") << HealthCheck::StorageLimit << u"storage_limit"_s;
    QTest::newRow("draining") << HealthCheck::NotDraining << u"not_draining"_s;
}

void TestHealthBoard::tellsWhatDoesNotHold()
{
    QFETCH(HealthCheck, check);
    QFETCH(QString, name);
    HealthBoard board(Start);
    makeReady(board);
    board.set(check, false, u"out of \"order\""_s);
    QVERIFY(!board.isReady());

    const HttpResponse ready = board.ready(Start);
    QCOMPARE(ready.status, 503);
    const QJsonObject body = jsonOf(ready);
    QCOMPARE(body[u"status"_s].toString(), u"not_ready"_s);
    QCOMPARE(body[u"reason"_s].toString(), u"out of \"order\""_s);
    const QJsonArray checks = body[u"checks"_s].toArray();
    for (const QJsonValue &entry : checks) {
        const bool isThis = entry[u"name"_s].toString() == name;
        QCOMPARE(entry[u"ok"_s].toBool(), !isThis);
        QCOMPARE(entry[u"reason"_s].toString(), isThis ? u"out of \"order\""_s : QString());
    }
    board.set(check, true);
    QVERIFY(board.isReady());
    QCOMPARE(board.health(Start).status, 200);
}

void TestHealthBoard::joinsTheReasons()
{
    HealthBoard board(Start);
    board.set(HealthCheck::NotDraining, false, u"stopping"_s);
    QCOMPARE(jsonOf(board.ready(Start))[u"reason"_s].toString(), u"starting; stopping"_s);
}

void TestHealthBoard::showsANote()
{
    HealthBoard board(Start);
    makeReady(board);
    board.setNote(u"a restart loses everything"_s);
    QCOMPARE(board.ready(Start).status, 200);
    QCOMPARE(jsonOf(board.ready(Start))[u"note"_s].toString(), u"a restart loses everything"_s);
}

void TestHealthBoard::tellsThePublicPortTheStatusAlone()
{
    HealthBoard board(Start);
    board.setNote(u"not for the world"_s);
    QCOMPARE(board.shortHealth().status, 200);
    QCOMPARE(board.shortHealth().body, QByteArray(R"({"status":"ok"})"));
    QCOMPARE(board.shortReady().status, 503);
    QCOMPARE(board.shortReady().body, QByteArray(R"({"status":"not_ready"})"));
    makeReady(board);
    QCOMPARE(board.shortReady().status, 200);
    QCOMPARE(board.shortReady().body, QByteArray(R"({"status":"ready"})"));
}

void TestHealthBoard::isWrittenFromSeveralThreads()
{
    HealthBoard board(Start);
    makeReady(board);
    const auto flip = [&](HealthCheck check) {
        for (int i = 0; i < 2000; ++i)
            board.set(check, i % 2 == 1, QString::number(i));
    };
    std::thread first(flip, HealthCheck::FreeSpace);
    std::thread second(flip, HealthCheck::StorageWritable);
    // The status code and the body are of one moment.
    bool agreed = true;
    for (int i = 0; i < 500; ++i) {
        const HttpResponse ready = board.ready(Start);
        agreed &= (ready.status == 200) == !jsonOf(ready).contains(u"reason"_s);
    }
    first.join();
    second.join();
    QVERIFY(agreed);
    QVERIFY(board.isReady());
}

QTEST_GUILESS_MAIN(TestHealthBoard)
#include "tst_healthboard.moc"
