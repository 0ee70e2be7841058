// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/faults/crashfigures.h"
#include "tests/faults/crashload.h"
#include "tests/support/fakes.h"
#include "tests/support/needs.h"
#include "tests/support/postgresserver.h"

#include <QTest>

#include <array>
#include <csignal>
#include <vector>

using namespace relay;
using namespace relay::test;

/**
 * kill -9 of a relay, of its PostgreSQL server, or of both, under load, on one database, which the
 * relay has for itself or shares with others.
 */
class TestServerKills : public QObject {
    Q_OBJECT

private slots:
    void initTestCase();
    void losesNothingAcknowledged();
    void losesNothingOfSeveralRelays();
};

namespace {

/** Whether it stores and delivers: its connections to the server are there again. */
bool serves(const RelayProcess &relay)
{
    const Id id = freshId();
    RawClient client(relay.port());
    if (!client.join(id))
        return false;
    const auto stored = client.store(id, "there?", id);
    if (!stored || stored->status != AckStatus::Stored)
        return false;
    RawClient again(relay.port());
    return again.join(id) && again.expect<EncryptedUpdate>();
}

} // namespace

void TestServerKills::initTestCase()
{
    RELAYTEST_NEEDS_POSTGRES();
}

void TestServerKills::losesNothingAcknowledged()
{
    PostgresServer server;
    QVERIFY(server.start());
    RelayProcess relay;
    relay.useDatabase(server.newDatabase());
    CrashLoad load(relay, randomSeed());
    CrashFigures figures;
    QVERIFY2(relay.start(), relay.log());
    int serverKills = 0;
    for (const int rounds = roundsAsked(8); figures.rounds() < rounds;) {
        const bool killsServer = figures.rounds() % 2 == 0;
        const auto round = load.run([&] {
            // The server in the middle of what the relay gave it; the relay stands still, so that
            // it does not refuse what it was sent meanwhile.
            if (killsServer) {
                ::kill(static_cast<pid_t>(relay.pid()), SIGSTOP);
                server.kill();
            }
            relay.kill();
        });
        QVERIFY2(round, load.fault());
        figures.add(*round);
        serverKills += killsServer;
        if (killsServer)
            QVERIFY(server.start());
        QVERIFY2(relay.start(), relay.log());
        QVERIFY2(load.compare(), load.fault());
        if (load.ledger().findings() != Findings {})
            break;
    }
    qInfo("%d of the rounds killed the server too", serverKills);
    figures.print(load.ledger());
    QCOMPARE(load.ledger().findings(), Findings {});
}

void TestServerKills::losesNothingOfSeveralRelays()
{
    PostgresServer server;
    QVERIFY(server.start());
    const QString url = server.newDatabase();
    std::array<RelayProcess, 3> relays;
    std::vector<RelayProcess *> all;
    for (RelayProcess &relay : relays) {
        relay.useDatabase(url);
        all.push_back(&relay);
    }
    CrashLoad load(all, randomSeed());
    CrashFigures figures;
    for (RelayProcess &relay : relays)
        QVERIFY2(relay.start(), relay.log());
    std::array<int, 3> kills {};
    int serverKills = 0;
    qint64 mayBeRefused = 0;
    for (const int rounds = roundsAsked(8); figures.rounds() < rounds;) {
        const bool killsServer = figures.rounds() % 4 == 3;
        const size_t victim = load.random()() % relays.size();
        const qint64 refusedBefore = load.ledger().findings().refused;
        auto round = load.run([&] {
            if (killsServer)
                server.kill();
            else
                relays[victim].kill();
        });
        QVERIFY2(round, load.fault());
        if (killsServer) {
            // All relays go on, and say of what was under way that it was not stored. While the
            // server is there, nothing may be refused.
            round->inFlight = round->refused;
            mayBeRefused += load.ledger().findings().refused - refusedBefore;
            ++serverKills;
            QVERIFY(server.start());
            for (const RelayProcess &relay : relays)
                QTRY_VERIFY_WITH_TIMEOUT(serves(relay), 30'000);
        } else {
            ++kills[victim];
            QVERIFY2(relays[victim].start(), relays[victim].log());
        }
        figures.add(*round);
        QVERIFY2(load.compare(), load.fault());
        Findings found = load.ledger().findings();
        found.refused -= mayBeRefused;
        if (found != Findings {})
            break;
    }
    qInfo("ended: the relays %d, %d and %d times, the server %d times", kills[0], kills[1],
        kills[2], serverKills);
    qInfo("refused while the server was away: %lld", qlonglong(mayBeRefused));
    figures.print(load.ledger());
    Findings found = load.ledger().findings();
    found.refused -= mayBeRefused;
    QCOMPARE(found, Findings {});
}

QTEST_GUILESS_MAIN(TestServerKills)
#include "tst_serverkills.moc"
