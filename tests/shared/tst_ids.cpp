// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/protocol/ids.h"

#include <QTest>

using namespace relay;

class TestIds : public QObject {
    Q_OBJECT

private slots:
    void readsEitherCaseAsTheSameBytes();
    void refusesWhatIsNotAnId_data();
    void refusesWhatIsNotAnId();
    void givesBackTheCaseThatWasWritten();
    void keepsTheCaseThroughStorage();
};

void TestIds::readsEitherCaseAsTheSameBytes()
{
    const auto lower = Id::fromHex(QByteArray(QByteArray(32, 'a') + QByteArray(32, '9')));
    const auto upper = Id::fromHex(QByteArray(QByteArray(32, 'A') + QByteArray(32, '9')));
    QVERIFY(lower && upper);
    QCOMPARE(*lower, *upper);
    QCOMPARE(upper->toHex(), QByteArray(32, 'a') + QByteArray(32, '9'));
}

void TestIds::refusesWhatIsNotAnId_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::newRow("empty") << QByteArray();
    QTest::newRow("one digit short") << QByteArray(63, 'a');
    QTest::newRow("one digit long") << QByteArray(65, 'a');
    QTest::newRow("not a hex digit") << QByteArray(QByteArray(63, 'a') + 'g');
    QTest::newRow("leading space") << QByteArray(' ' + QByteArray(63, 'a'));
    QTest::newRow("0x prefix") << QByteArray("0x" + QByteArray(62, 'a'));
    QTest::newRow("high bit set") << QByteArray(QByteArray(63, 'a') + '\xe1');
    QTest::newRow("NUL") << QByteArray(QByteArray(63, 'a') + '\0');
}

void TestIds::refusesWhatIsNotAnId()
{
    QFETCH(QByteArray, text);
    QVERIFY(!Id::fromHex(text));
    QVERIFY(!WrittenId::fromHex(text));
}

void TestIds::givesBackTheCaseThatWasWritten()
{
    const QByteArray mixed = "AbCdEf0123456789aBcDeF0123456789ABCDEF0123456789abcdef0123456789";
    const auto written = WrittenId::fromHex(mixed);
    QVERIFY(written);
    QCOMPARE(written->toHex(), mixed);
    QCOMPARE(written->id, *Id::fromHex(mixed.toLower()));
}

void TestIds::keepsTheCaseThroughStorage()
{
    const auto lower = *WrittenId::fromHex(QByteArray(64, 'b'));
    QCOMPARE(lower.toCompact().size(), 32);
    QCOMPARE(*WrittenId::fromCompact(lower.toCompact()), lower);

    const auto mixed = *WrittenId::fromHex(QByteArray(QByteArray(63, 'b') + 'B'));
    QCOMPARE(mixed.toCompact().size(), 40);
    QCOMPARE(*WrittenId::fromCompact(mixed.toCompact()), mixed);
    QVERIFY(!WrittenId::fromCompact(QByteArray(33, 'x')));
}

QTEST_APPLESS_MAIN(TestIds)
#include "tst_ids.moc"
