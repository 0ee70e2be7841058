// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/faults/crashfigures.h"
#include "tests/faults/crashload.h"
#include "tests/faults/diskfaults.h"
#include "tests/faults/powercut.h"
#include "tests/support/fakes.h"
#include "tests/support/tries.h"

#include <QTest>

#include <atomic>
#include <thread>

using namespace relay;
using namespace relay::test;
using namespace Qt::StringLiterals;

/** The power fails under load: the disk holds what was synced, and perhaps some of the rest. */
class TestPowerLoss : public QObject {
    Q_OBJECT

private slots:
    void losesNothingAcknowledged();
    void losesNothingStoredWhenSyncsFail();
    void losesWithoutSyncingEachCommit();

private:
    /** For what happens while the relay is under load; `isEnough`, asked after each round. */
    struct Rounds {
        std::function<bool(const Findings &, int rounds)> isEnough;
        std::function<void(bool isUnderLoad)> underLoad = [](bool) {};
        std::optional<ExitCode> allowedEnd = std::nullopt;
    };
    void cutUnderLoad(RelayProcess &relay, const Rounds &asked);
    Findings m_found;
};

void TestPowerLoss::cutUnderLoad(RelayProcess &relay, const Rounds &asked)
{
    CrashLoad load(relay, randomSeed());
    PowerCut power(relay);
    CrashFigures figures;
    if (asked.allowedEnd)
        load.allowEnd(*asked.allowedEnd);
    QVERIFY2(power.start(), relay.log());
    do {
        asked.underLoad(true);
        const auto round = load.run([&] { power.cut(load.random()); });
        asked.underLoad(false);
        QVERIFY2(round, load.fault());
        figures.add(*round);
        QVERIFY2(power.start(), relay.log());
        int exitCode = -1;
        const QByteArray verified = relay.run({u"verify"_s}, &exitCode);
        QVERIFY2(exitCode == 0, verified);
        QVERIFY2(load.compare(), load.fault());
        m_found = load.ledger().findings();
    } while (!asked.isEnough(m_found, figures.rounds()));
    figures.print(load.ledger());
    if (asked.allowedEnd)
        qInfo("rounds that the relay ended itself: %d", load.endedItself());
}

void TestPowerLoss::losesNothingAcknowledged()
{
    RelayProcess relay;
    cutUnderLoad(relay, {.isEnough = [](const Findings &found, int rounds) {
        return found != Findings {} || rounds >= roundsAsked(tries(20));
    }});
    QCOMPARE(m_found, Findings {});
}

/** A disk of whose syncs some fail, until it is told to work. */
class FlakyDisk {
public:
    FlakyDisk(DiskFaults &disk, quint32 seed)
        : m_thread([this, &disk, seed] { run(disk, seed); })
    {
    }
    ~FlakyDisk()
    {
        m_isStopping = true;
        m_thread.join();
    }

private:
    void run(DiskFaults &disk, quint32 seed)
    {
        std::mt19937 random(seed);
        std::uniform_int_distribution<int> micros(100, 20'000);
        while (!m_isStopping) {
            for (const int error : {0, EIO}) {
                disk->syncError = error;
                std::this_thread::sleep_for(std::chrono::microseconds(micros(random)));
            }
        }
        disk->syncError = 0;
    }

    std::atomic<bool> m_isStopping {false};
    std::thread m_thread;
};

void TestPowerLoss::losesNothingStoredWhenSyncsFail()
{
    // What a failed sync should have written is not written by the next one that succeeds, and
    // SQLite does not ask again for what it believes to be on disk: where only its log has that
    // still, the relay ends itself, so that the next start reads the log.
    RelayProcess relay;
    DiskFaults disk(relay);
    std::unique_ptr<FlakyDisk> flaky;
    quint32 seed = randomSeed();
    cutUnderLoad(relay,
        {.isEnough = [](const Findings &found,
                         int rounds) { return found.lost > 0 || rounds >= roundsAsked(tries(20)); },
            .underLoad =
                [&](bool isUnderLoad) {
                    flaky = isUnderLoad ? std::make_unique<FlakyDisk>(disk, ++seed) : nullptr;
                },
            .allowedEnd = ExitCode::CannotWrite});
    QVERIFY(m_found.refused > 0);
    QVERIFY(disk->failures > 0);
    // An ack in a transaction that failed has no answer that says so: it is delivered again.
    QCOMPARE(m_found.lost + m_found.invented + m_found.disordered + m_found.repeated, 0);
}

void TestPowerLoss::losesWithoutSyncingEachCommit()
{
    // The documented price of this setting; and if it costs nothing, the shim cuts nothing.
    RelayProcess relay({{u"SQLITE_SYNCHRONOUS"_s, u"normal"_s}});
    constexpr int MaxRounds = 1000;
    cutUnderLoad(relay, {.isEnough = [](const Findings &found, int rounds) {
        return (found.lost > 0 && rounds >= roundsAsked(tries(20))) || rounds >= MaxRounds;
    }});
    QVERIFY(m_found.lost > 0);
    // The rest of what is promised holds all the same.
    QCOMPARE(m_found.invented + m_found.disordered + m_found.repeated + m_found.refused, 0);
}

QTEST_GUILESS_MAIN(TestPowerLoss)
#include "tst_powerloss.moc"
