// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/rawclient.h"
#include "tests/support/relayprocess.h"

#include <QProcess>
#include <QTest>

using namespace relay;
using namespace relay::test;

/**
 * Two people exchange cards and edit one, with clients that behave as those in the field do: each
 * step is a process of its own (exchangeperson.cpp). RELAYTEST_ROUNDS repeats it.
 */
class TestExchange : public QObject {
    Q_OBJECT

private slots:
    void initTestCase() { QVERIFY2(m_relay.start(), m_relay.log()); }
    void cleanupTestCase() { QCOMPARE(m_relay.stop(), 0); }

    void leavesNothingBehind_data();
    void leavesNothingBehind();

private:
    QByteArray send(const Id &self, const Id &to, const char *payload);
    /** Of so many deliveries, at least. */
    QByteArray sync(const Id &self, const Id &to, int expected, const char *payload = "");
    QByteArray act(
        const char *what, const Id &self, const Id &to, int expected, const char *payload);

    RelayProcess m_relay;
};

QByteArray TestExchange::send(const Id &self, const Id &to, const char *payload)
{
    return act("send", self, to, 0, payload);
}

QByteArray TestExchange::sync(const Id &self, const Id &to, int expected, const char *payload)
{
    return act("sync", self, to, expected, payload);
}

QByteArray TestExchange::act(
    const char *what, const Id &self, const Id &to, int expected, const char *payload)
{
    QProcess process;
    process.start(QStringLiteral(EXCHANGE_PERSON),
        {QString::number(m_relay.port()), QString::fromLatin1(what),
            QString::fromLatin1(self.toHex()), QString::fromLatin1(to.toHex()),
            QString::number(expected), QString::fromLatin1(payload)});
    process.waitForFinished(60'000);
    if (process.exitCode() != 0)
        return "exit code " + QByteArray::number(process.exitCode());
    return process.readAllStandardOutput();
}

void TestExchange::leavesNothingBehind_data()
{
    QTest::addColumn<int>("round");
    bool isSet = false;
    const int rounds = qEnvironmentVariableIntValue("RELAYTEST_ROUNDS", &isSet);
    for (int round = 1; round <= (isSet ? rounds : 2); ++round)
        QTest::addRow("round %d", round) << round;
}

void TestExchange::leavesNothingBehind()
{
    const Id alice = freshId();
    const Id bob = freshId();
    const auto sentWithReset = [](const QByteArray &output) {
        // Bytes left unread at the exit are what makes the kernel send a reset.
        const qsizetype at = output.indexOf("unread ");
        return at >= 0 && output.mid(at + 7).trimmed().toInt() > 0;
    };
    // Alice completes Bob's code: two blobs for Bob.
    QVERIFY(sentWithReset(send(alice, bob, "request")));
    QVERIFY(sentWithReset(send(alice, bob, "card-of-alice")));
    // Bob syncs: gets both, and answers on a second connection.
    const QByteArray bobs = sync(bob, alice, 2, "card-of-bob");
    QVERIFY2(bobs.startsWith("got request\ngot card-of-alice\n"), bobs);
    QVERIFY2(sentWithReset(bobs), bobs);
    QCOMPARE(sync(alice, bob, 1), "got card-of-bob\n");
    // Alice edits her card and syncs; Bob syncs.
    const QByteArray edit = sync(alice, bob, 0, "new-card-of-alice");
    QVERIFY2(sentWithReset(edit) && !edit.contains("got"), edit);
    QCOMPARE(sync(bob, alice, 1), "got new-card-of-alice\n");
    QTRY_COMPARE(m_relay.metric("relay_blobs_stored"), 0.0);
}

QTEST_GUILESS_MAIN(TestExchange)
#include "tst_exchange.moc"
