// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/faults/crashfigures.h"
#include "tests/faults/crashload.h"
#include "tests/support/fakes.h"
#include "tests/support/postgresserver.h"

#include <QTest>

#include <csignal>

using namespace relay;
using namespace relay::test;

/** kill -9 of a relay, of its PostgreSQL server, or of both, under load, on one database. */
class TestServerKills : public QObject {
    Q_OBJECT

private slots:
    void losesNothingAcknowledged();
};

void TestServerKills::losesNothingAcknowledged()
{
    if (PostgresServer::programs().isEmpty()) {
        if (qEnvironmentVariableIsSet("RELAYTEST_REQUIRE_TOOLS"))
            QFAIL("PostgreSQL is not installed (Debian: postgresql)");
        QSKIP("PostgreSQL is not installed (Debian: postgresql)");
    }
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

QTEST_GUILESS_MAIN(TestServerKills)
#include "tst_serverkills.moc"
