// SPDX-License-Identifier: GPL-3.0-or-later
#include "relayd/storage/values.h"
#include "tests/support/fakes.h"
#include "tests/support/rawclient.h"

#include <QTest>

#include <limits>

using namespace relay;
using namespace relay::test;

class TestStoredValues : public QObject {
    Q_OBJECT

private slots:
    void keepsVersionsAndTheirOrder_data();
    void keepsVersionsAndTheirOrder();
    void keepsTheOrderOfAnyTwoVersions();
    void storesEmptyAsEmptyAndNotAsNull();
    void storesAnAbsentSenderAsNull();
    void storesIdsAsTheirBytes();
};

void TestStoredValues::keepsVersionsAndTheirOrder_data()
{
    QTest::addColumn<quint64>("version");
    QTest::addColumn<qint64>("stored");
    constexpr auto Min = std::numeric_limits<qint64>::min();
    constexpr auto Max = std::numeric_limits<qint64>::max();
    QTest::newRow("0") << quint64(0) << Min;
    QTest::newRow("1") << quint64(1) << Min + 1;
    QTest::newRow("2^63 - 1") << (quint64(1) << 63) - 1 << qint64(-1);
    QTest::newRow("2^63") << (quint64(1) << 63) << qint64(0);
    QTest::newRow("2^63 + 1") << (quint64(1) << 63) + 1 << qint64(1);
    QTest::newRow("2^64 - 1") << ~quint64(0) << Max;
}

void TestStoredValues::keepsVersionsAndTheirOrder()
{
    QFETCH(quint64, version);
    QFETCH(qint64, stored);
    QCOMPARE(versionToSql(version), stored);
    QCOMPARE(versionFromSql(stored), version);
}

void TestStoredValues::keepsTheOrderOfAnyTwoVersions()
{
    QRandomGenerator random(randomSeed());
    for (int i = 0; i < 100'000; ++i) {
        // Of all magnitudes.
        const quint64 a = random.generate64() >> random.bounded(64);
        const quint64 b = random.bounded(4) ? random.generate64() >> random.bounded(64) : a + 1;
        QCOMPARE(versionToSql(a) < versionToSql(b), a < b);
        QCOMPARE(versionFromSql(versionToSql(a)), a);
    }
}

void TestStoredValues::storesEmptyAsEmptyAndNotAsNull()
{
    QVERIFY(!notNull(QByteArray()).isNull());
    QVERIFY(notNull(QByteArray()).isEmpty());
    QVERIFY(!notNull(QByteArray("")).isNull());
    QCOMPARE(notNull("x"), QByteArray("x"));
    QCOMPARE(notNull(QByteArray(1, '\0')), QByteArray(1, '\0'));
}

void TestStoredValues::storesAnAbsentSenderAsNull()
{
    const QVariant absent = toSql(std::optional<WrittenId>());
    QVERIFY(absent.isValid());
    QVERIFY(absent.isNull());
    const QVariant zero = toSql(std::optional<WrittenId>(WrittenId {}));
    QVERIFY(!zero.isNull());
    QCOMPARE(zero.toByteArray(), QByteArray(32, '\0'));
}

void TestStoredValues::storesIdsAsTheirBytes()
{
    QCOMPARE(toSql(idOf(0xab)), QByteArray(32, '\xab'));
    const auto written = WrittenId::fromHex(QByteArray(63, 'a') + 'A');
    QVERIFY(written);
    const QByteArray stored = toSql(std::optional(*written)).toByteArray();
    QCOMPARE(stored.size(), 40);
    QVERIFY(WrittenId::fromCompact(stored) == *written);
}

QTEST_APPLESS_MAIN(TestStoredValues)
#include "tst_storedvalues.moc"
