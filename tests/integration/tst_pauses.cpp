// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/rawclient.h"
#include "tests/support/relayprocess.h"
#include "tests/support/watching.h"

#include <QTest>

using namespace relay;
using namespace relay::test;

/** What takes longer than the WebSocket layer's own patience of five seconds. */
class TestPauses : public QObject {
    Q_OBJECT

private slots:
    void waitsForFragmentsAndFrames();
};

void TestPauses::waitsForFragmentsAndFrames()
{
    RelayProcess relay;
    QVERIFY2(relay.start(), relay.log());
    RawClient betweenFragments(relay.port());
    RawClient withinAFrame(relay.port());
    RawClient withinAHeader(relay.port());
    const QByteArray frame =
        encodeFrame({"update", 1'700'000'000, EncryptedUpdate {WrittenId::of(freshId()), {}, "x"}});
    const QByteArray fragments =
        clientFrame(OpBinary, frame.left(50), false) + clientFrame(OpContinuation, frame.mid(50));
    const qsizetype firstFragment = clientFrame(OpBinary, frame.left(50), false).size();
    struct {
        RawClient &client;
        QByteArray bytes;
        qsizetype pauseAt;
    } const rows[] {{betweenFragments, fragments, firstFragment},
        {withinAFrame, fragments, firstFragment + 30}, {withinAHeader, fragments, 1}};
    for (const auto &row : rows) {
        QVERIFY(row.client.join(freshId()));
        QVERIFY(row.client.sendBytes(row.bytes.left(row.pauseAt)));
    }
    QTest::qWait(6500);
    for (const auto &row : rows) {
        QVERIFY(row.client.sendBytes(row.bytes.mid(row.pauseAt)));
        const auto ack = row.client.expectAck("update");
        QVERIFY(ack);
        QCOMPARE(ack->status, AckStatus::Stored);
    }
}

QTEST_GUILESS_MAIN(TestPauses)
#include "tst_pauses.moc"
