// SPDX-License-Identifier: GPL-3.0-or-later
#include "relay-admin/models/relaystate.h"
#include "tests/relay-admin/models/answers.h"

#include <QTest>

using namespace relay::admin;
using namespace relay::admin::test;

Q_DECLARE_METATYPE(relay::admin::RelayState)
Q_DECLARE_METATYPE(relay::admin::Outcome)

class TestRelayState : public QObject {
    Q_OBJECT

private slots:
    void followsFromTheAnswers_data();
    void followsFromTheAnswers();
    void isUnknownBeforeTheFirstAnswer();
    void turnsStaleAfterThreeIntervals_data();
    void turnsStaleAfterThreeIntervals();
    void staysDownWhileThePollerWaitsLonger();
    void turnsStaleWhenAPollHangs();
    void turnsStaleWhenItTimesOutForThreeIntervals();
    void turnsStaleWhenTheMachineWasSuspended();
    void doesNotGrowYoungerWhenTheClockIsSetBack();
    void namesTheChecksThatFail();
    void saysThatTheTokenIsWrong();
    void valuesTurnGreyInAnyState_data();
    void valuesTurnGreyInAnyState();
};

void TestRelayState::followsFromTheAnswers_data()
{
    QTest::addColumn<Outcome>("health");
    QTest::addColumn<Outcome>("ready");
    QTest::addColumn<Outcome>("metrics");
    QTest::addColumn<RelayState>("state");
    const Outcome ok = Outcome::Ok;
    const Outcome gone = Outcome::Unreachable;
    const Outcome locked = Outcome::Unauthorized;
    const Outcome busy = Outcome::Unavailable;
    using S = RelayState;

    QTest::newRow("all well") << ok << ok << ok << S::Up;
    QTest::newRow("nothing answers") << gone << gone << gone << S::Down;
    QTest::newRow("health only fails") << Outcome::HttpError << ok << ok << S::Down;
    QTest::newRow("health is 503") << busy << ok << ok << S::Down;
    QTest::newRow("health times out") << Outcome::TimedOut << ok << ok << S::Down;
    QTest::newRow("health is somebody else's page") << Outcome::Malformed << ok << ok << S::Down;
    QTest::newRow("TLS fails") << Outcome::TlsFailed << gone << gone << S::Down;
    QTest::newRow("a proxy guards all") << locked << locked << locked << S::Degraded;
    QTest::newRow("not ready") << ok << busy << ok << S::NotReady;
    QTest::newRow("not ready, no metrics") << ok << busy << gone << S::NotReady;
    QTest::newRow("not ready, token wrong") << ok << busy << locked << S::NotReady;
    QTest::newRow("ready fails otherwise") << ok << Outcome::Malformed << ok << S::Degraded;
    QTest::newRow("metrics unreachable") << ok << ok << gone << S::Degraded;
    QTest::newRow("metrics guarded") << ok << ok << locked << S::Degraded;
    QTest::newRow("metrics too large") << ok << ok << Outcome::TooLarge << S::Degraded;
    QTest::newRow("metrics redirected") << ok << ok << Outcome::Redirected << S::Degraded;
    QTest::newRow("metrics 503") << ok << ok << busy << S::Degraded;
}

void TestRelayState::followsFromTheAnswers()
{
    QFETCH(Outcome, health);
    QFETCH(Outcome, ready);
    QFETCH(Outcome, metrics);
    QFETCH(RelayState, state);
    Clocks clocks;
    PollResult result = goodPoll(clocks.now(), nullptr);
    result.health.outcome = health;
    result.ready.outcome = ready;
    result.metrics.outcome = metrics;

    const StateReport report = judge({&result, nullptr, {}, {}, seconds(5)}, clocks.now());
    QCOMPARE(report.state, state);
    QCOMPARE(report.reason.isEmpty(), state == RelayState::Up);
}

void TestRelayState::isUnknownBeforeTheFirstAnswer()
{
    Clocks clocks;
    const Moment began = clocks.now();
    QCOMPARE(judge({nullptr, nullptr, {}, {}, seconds(5)}, began), StateReport());
    QCOMPARE(judge({nullptr, nullptr, began, {}, seconds(5)}, clocks.advance(seconds(15)).now()),
        StateReport());
    const StateReport late =
        judge({nullptr, nullptr, began, {}, seconds(5)}, clocks.advance(seconds(1)).now());
    QCOMPARE(late.state, RelayState::Unknown);
    QVERIFY(late.reason.contains(QLatin1String("16")));
}

void TestRelayState::turnsStaleAfterThreeIntervals_data()
{
    QTest::addColumn<int>("interval");
    QTest::addColumn<qint64>("age");
    QTest::addColumn<RelayState>("state");

    QTest::newRow("at once") << 5 << qint64(0) << RelayState::Up;
    QTest::newRow("three intervals") << 5 << qint64(15'000) << RelayState::Up;
    QTest::newRow("a little more") << 5 << qint64(15'001) << RelayState::Stale;
    QTest::newRow("shortest interval") << 1 << qint64(3'001) << RelayState::Stale;
    QTest::newRow("longest interval") << 600 << qint64(1'800'000) << RelayState::Up;
    QTest::newRow("longest interval and more") << 600 << qint64(1'800'001) << RelayState::Stale;
}

void TestRelayState::turnsStaleAfterThreeIntervals()
{
    QFETCH(int, interval);
    QFETCH(qint64, age);
    QFETCH(RelayState, state);
    Clocks clocks;
    const PollResult result = goodPoll(clocks.now(), nullptr);
    const StateInputs inputs {&result, nullptr, {}, {}, seconds(interval)};
    QCOMPARE(judge(inputs, clocks.advance(milliseconds(age)).now()).state, state);
}

void TestRelayState::staysDownWhileThePollerWaitsLonger()
{
    Clocks clocks;
    const PollResult result = failedPoll(clocks.now());
    const StateInputs inputs {&result, nullptr, {}, {}, seconds(5)};
    QCOMPARE(judge(inputs, clocks.advance(seconds(300)).now()).state, RelayState::Down);
    // A suspend is another matter: the relay may have been up since long.
    QCOMPARE(judge(inputs, clocks.jump(seconds(60)).now()).state, RelayState::Stale);
}

void TestRelayState::turnsStaleWhenAPollHangs()
{
    Clocks clocks;
    for (const PollResult &result : {goodPoll(clocks.now(), nullptr), failedPoll(clocks.now())}) {
        Clocks later = clocks;
        const Moment began = later.advance(seconds(5)).now();
        const StateInputs inputs {&result, nullptr, began, {}, seconds(10)};
        const RelayState before = judge(inputs, began).state;
        QCOMPARE(judge(inputs, later.advance(seconds(20)).now()).state, before);
        QCOMPARE(judge(inputs, later.advance(milliseconds(10'001)).now()).state, RelayState::Stale);
    }
}

void TestRelayState::turnsStaleWhenItTimesOutForThreeIntervals()
{
    Clocks clocks;
    PollResult answered = goodPoll(clocks.now(), nullptr);
    answered.ready.outcome = Outcome::Unavailable;
    PollResult late = failedPoll(clocks.advance(seconds(5)).now());
    late.health = late.ready = late.metrics = {Outcome::TimedOut, 0, {}};
    const StateInputs inputs {&late, &answered, {}, {}, seconds(5)};
    QCOMPARE(judge(inputs, clocks.now()).state, RelayState::NotReady);
    QCOMPARE(judge(inputs, clocks.advance(seconds(10)).now()).state, RelayState::NotReady);
    const StateReport report = judge(inputs, clocks.advance(milliseconds(1)).now());
    QCOMPARE(report.state, RelayState::Stale);
    QVERIFY(report.reason.contains(QLatin1String("15")));
    // Where it failed before, it still does.
    const PollResult failed = failedPoll(clocks.now());
    QCOMPARE(judge({&late, &failed, {}, {}, seconds(5)}, clocks.now()).state, RelayState::Down);
}

void TestRelayState::turnsStaleWhenTheMachineWasSuspended()
{
    Clocks clocks;
    const PollResult result = goodPoll(clocks.now(), nullptr);
    const StateInputs inputs {&result, nullptr, {}, clocks.now(), seconds(5)};
    QCOMPARE(judge(inputs, clocks.advance(seconds(2)).now()).state, RelayState::Up);
    const StateReport report = judge(inputs, clocks.jump(std::chrono::hours(8)).now());
    QCOMPARE(report.state, RelayState::Stale);
    QVERIFY(report.isGrey);

    const PollResult next = goodPoll(clocks.now(), nullptr);
    QCOMPARE(judge({&next, nullptr, {}, clocks.now(), seconds(5)}, clocks.now()),
        (StateReport {RelayState::Up, {}, false}));
}

void TestRelayState::doesNotGrowYoungerWhenTheClockIsSetBack()
{
    Clocks clocks;
    const PollResult result = goodPoll(clocks.now(), nullptr);
    const StateInputs inputs {&result, nullptr, {}, clocks.now(), seconds(5)};
    clocks.jump(std::chrono::hours(-1));
    QCOMPARE(judge(inputs, clocks.now()).state, RelayState::Up);
    QCOMPARE(judge(inputs, clocks.advance(seconds(16)).now()).state, RelayState::Stale);
}

void TestRelayState::namesTheChecksThatFail()
{
    Clocks clocks;
    PollResult result = goodPoll(clocks.now(), nullptr);
    result.ready.outcome = Outcome::Unavailable;
    result.readyChecks = {{QStringLiteral("accepting"), true, {}},
        {QStringLiteral("free_space"), false, QStringLiteral("12 MB are free")},
        {QStringLiteral("not_draining"), false, {}}};
    const StateReport report = judge({&result, nullptr, {}, {}, seconds(5)}, clocks.now());
    QCOMPARE(report.reason, QStringLiteral("free_space: 12 MB are free; not_draining"));

    result.readyChecks.clear();
    QVERIFY(!judge({&result, nullptr, {}, {}, seconds(5)}, clocks.now()).reason.isEmpty());
}

void TestRelayState::saysThatTheTokenIsWrong()
{
    Clocks clocks;
    PollResult result = goodPoll(clocks.now(), nullptr);
    result.metrics = {Outcome::Unauthorized, 401, {}};
    QVERIFY(judge({&result, nullptr, {}, {}, seconds(5)}, clocks.now())
                .reason.contains(QLatin1String("token")));
}

void TestRelayState::valuesTurnGreyInAnyState_data()
{
    QTest::addColumn<Outcome>("metrics");
    QTest::addColumn<bool>("hasHealth");
    QTest::newRow("Up") << Outcome::Ok << true;
    QTest::newRow("Degraded") << Outcome::TimedOut << true;
    QTest::newRow("Down") << Outcome::Unreachable << false;
}

void TestRelayState::valuesTurnGreyInAnyState()
{
    QFETCH(Outcome, metrics);
    QFETCH(bool, hasHealth);
    Clocks clocks;
    const Moment valuesAt = clocks.now();
    clocks.advance(seconds(14));
    PollResult result = hasHealth ? goodPoll(clocks.now(), nullptr) : failedPoll(clocks.now());
    result.metrics.outcome = metrics;
    const StateInputs inputs {&result, nullptr, {}, valuesAt, seconds(5)};
    QVERIFY(!judge(inputs, clocks.advance(seconds(1)).now()).isGrey);
    QVERIFY(judge(inputs, clocks.advance(milliseconds(1)).now()).isGrey);
    QVERIFY(judge({&result, nullptr, {}, {}, seconds(5)}, clocks.now()).isGrey);
}

QTEST_GUILESS_MAIN(TestRelayState)
#include "tst_relaystate.moc"
