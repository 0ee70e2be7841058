// SPDX-License-Identifier: GPL-3.0-or-later
#include "relayd/relay/wireids.h"
#include "tests/support/fakes.h"

#include <QRegularExpression>
#include <QSet>
#include <QTest>
#include <QUuid>

#include <bit>
#include <limits>

using namespace relay;
using namespace relay::test;

namespace {

const QByteArray Key = QByteArray::fromHex("000102030405060708090a0b0c0d0e0f");

} // namespace

class TestWireIds : public QObject {
    Q_OBJECT

private slots:
    void namesWhatItNamed_data();
    void namesWhatItNamed();
    void namesTheSameAfterARestart();
    void doesNotTakeOneKindForTheOther();
    void knowsNoForeignIds();
    void takesEitherCase();
    void refusesWhatIsNoId_data();
    void refusesWhatIsNoId();
    void givesNeighboursUnrelatedIds();
    void makesFreshIdsOfVersionFour();
};

void TestWireIds::namesWhatItNamed_data()
{
    QTest::addColumn<qint64>("sequence");
    for (qint64 sequence : {qint64(0), qint64(1), qint64(2), qint64(255), qint64(1) << 32,
             std::numeric_limits<qint64>::max()})
        QTest::addRow("%lld", static_cast<long long>(sequence)) << sequence;
}

void TestWireIds::namesWhatItNamed()
{
    QFETCH(qint64, sequence);
    WireIds ids(Key);
    for (const ItemKind kind : {ItemKind::Blob, ItemKind::DeviceMessage}) {
        const QByteArray id = ids.idOf(kind, {sequence});
        QCOMPARE(id.size(), 36);
        QVERIFY(QRegularExpression(QStringLiteral("^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"))
                    .match(QString::fromLatin1(id))
                    .hasMatch());
        const auto back = ids.sequenceOf(kind, id);
        QVERIFY(back);
        QCOMPARE(back->value, sequence);
    }
}

void TestWireIds::namesTheSameAfterARestart()
{
    WireIds before(Key);
    WireIds after(Key);
    QCOMPARE(before.idOf(ItemKind::Blob, {77}), after.idOf(ItemKind::Blob, {77}));
    WireIds other(QByteArray(WireIds::KeySize, 'k'));
    QVERIFY(before.idOf(ItemKind::Blob, {77}) != other.idOf(ItemKind::Blob, {77}));
}

void TestWireIds::doesNotTakeOneKindForTheOther()
{
    WireIds ids(Key);
    QVERIFY(!ids.sequenceOf(ItemKind::DeviceMessage, ids.idOf(ItemKind::Blob, {5})));
    QVERIFY(!ids.sequenceOf(ItemKind::Blob, ids.idOf(ItemKind::DeviceMessage, {5})));
}

void TestWireIds::knowsNoForeignIds()
{
    WireIds ids(Key);
    WireIds other(QByteArray(WireIds::KeySize, 'k'));
    for (qint64 n = 0; n < 1000; ++n) {
        QVERIFY(!ids.sequenceOf(ItemKind::Blob, other.idOf(ItemKind::Blob, {n})));
        QVERIFY(!ids.sequenceOf(ItemKind::Blob, ids.fresh()));
        QVERIFY(
            !ids.sequenceOf(ItemKind::Blob, QUuid::createUuid().toByteArray(QUuid::WithoutBraces)));
    }
    QVERIFY(!ids.sequenceOf(ItemKind::Blob, "00000000-0000-0000-0000-000000000000"));
    QVERIFY(!ids.sequenceOf(ItemKind::Blob, "00000000-0000-0001-0000-000000000001"));
}

void TestWireIds::takesEitherCase()
{
    WireIds ids(Key);
    const QByteArray id = ids.idOf(ItemKind::Blob, {123456});
    QVERIFY(id.toUpper() != id);
    QCOMPARE(ids.sequenceOf(ItemKind::Blob, id.toUpper())->value, 123456);
    QByteArray mixed = id;
    for (qsizetype i = 0; i < mixed.size(); i += 2)
        mixed[i] = mixed.mid(i, 1).toUpper()[0];
    QCOMPARE(ids.sequenceOf(ItemKind::Blob, mixed)->value, 123456);
}

void TestWireIds::refusesWhatIsNoId_data()
{
    QTest::addColumn<QByteArray>("id");
    WireIds ids(Key);
    const QByteArray id = ids.idOf(ItemKind::Blob, {9});
    QTest::newRow("empty") << QByteArray();
    QTest::newRow("short") << id.chopped(1);
    QTest::newRow("long") << id + "0";
    QTest::newRow("braces") << '{' + id + '}';
    QTest::newRow("no hyphens") << QByteArray(id).replace('-', "");
    QTest::newRow("a space in front") << ' ' + id.chopped(1);
    QTest::newRow("no hexadecimal digit") << QByteArray(id).replace(0, 1, "g");
    QTest::newRow("a digit for a hyphen") << QByteArray(id).replace(8, 1, "0");
    QTest::newRow("a hyphen for a digit") << QByteArray(id).replace(0, 1, "-");
    QTest::newRow("a hyphen too far") << QByteArray(id).replace(7, 2, "-0");
    QTest::newRow("all hyphens") << QByteArray(36, '-');
    QTest::newRow("NUL") << QByteArray(id).replace(35, 1, QByteArray(1, '\0'));
    QTest::newRow("not ASCII") << QByteArray(id).replace(35, 1, "\xe9");
    QTest::newRow("1 MB") << QByteArray(1'000'000, 'a');
}

void TestWireIds::refusesWhatIsNoId()
{
    QFETCH(QByteArray, id);
    WireIds ids(Key);
    QVERIFY(!ids.sequenceOf(ItemKind::Blob, id));
}

void TestWireIds::givesNeighboursUnrelatedIds()
{
    WireIds ids(Key);
    QSet<QByteArray> seen;
    int differing = 0;
    QByteArray before;
    constexpr int Count = 2000;
    for (qint64 n = 1; n <= Count; ++n) {
        const QByteArray id = ids.idOf(ItemKind::Blob, {n});
        seen.insert(id);
        const QByteArray bits = QByteArray::fromHex(QByteArray(id).replace('-', ""));
        for (qsizetype i = 0; i < before.size(); ++i)
            differing += std::popcount(static_cast<quint8>(bits[i] ^ before[i]));
        before = bits;
    }
    QCOMPARE(seen.size(), Count);
    // Half of the 128 bits on average.
    const double average = double(differing) / (Count - 1);
    QVERIFY2(average > 62 && average < 66, QByteArray::number(average).constData());
}

void TestWireIds::makesFreshIdsOfVersionFour()
{
    WireIds ids(Key);
    QSet<QByteArray> seen;
    for (int i = 0; i < 1000; ++i) {
        const QByteArray id = ids.fresh();
        const QUuid uuid(QString::fromLatin1(id));
        QCOMPARE(uuid.version(), QUuid::Random);
        QCOMPARE(uuid.variant(), QUuid::DCE);
        QCOMPARE(uuid.toByteArray(QUuid::WithoutBraces), id);
        seen.insert(id);
    }
    QCOMPARE(seen.size(), 1000);
}

QTEST_APPLESS_MAIN(TestWireIds)
#include "tst_wireids.moc"
