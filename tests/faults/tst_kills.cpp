// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/faults/crashfigures.h"
#include "tests/faults/crashload.h"
#include "tests/support/fakes.h"
#include "tests/support/tries.h"

#include <QTest>

using namespace relay;
using namespace relay::test;

/** kill -9 under load, again and again on the same data folder. */
class TestKills : public QObject {
    Q_OBJECT

private slots:
    void losesNothingAcknowledged();
    void seesWhatARelayLosesThatAnswersTooEarly();
};

void TestKills::losesNothingAcknowledged()
{
    RelayProcess relay;
    CrashLoad load(relay, randomSeed());
    CrashFigures figures;
    QVERIFY2(relay.start(), relay.log());
    for (const int rounds = roundsAsked(tries(30)); figures.rounds() < rounds;) {
        const auto round = load.run([&] { relay.kill(); });
        QVERIFY2(round, load.fault());
        figures.add(*round);
        QVERIFY2(relay.start(), relay.log());
        QVERIFY2(load.compare(), load.fault());
        if (load.ledger().findings() != Findings {})
            break;
    }
    figures.print(load.ledger());
    QCOMPARE(load.ledger().findings(), Findings {});
}

void TestKills::seesWhatARelayLosesThatAnswersTooEarly()
{
    constexpr int MaxRounds = 300;
    RelayProcess relay;
    relay.setProgram(QStringLiteral(EARLY_ACK_PROGRAM));
    CrashLoad load(relay, randomSeed());
    CrashFigures figures;
    QVERIFY2(relay.start(), relay.log());
    while (load.ledger().findings().lost == 0 && figures.rounds() < MaxRounds) {
        const auto round = load.run([&] { relay.kill(); });
        QVERIFY2(round, load.fault());
        figures.add(*round);
        QVERIFY2(relay.start(), relay.log());
        QVERIFY2(load.compare(), load.fault());
    }
    figures.print(load.ledger());
    QVERIFY(load.ledger().findings().lost > 0);
}

QTEST_GUILESS_MAIN(TestKills)
#include "tst_kills.moc"
