// SPDX-License-Identifier: GPL-3.0-or-later
#include "relay-admin/ui/ticks.h"

#include <QDateTime>
#include <QTest>

using namespace relay::admin;

class TestTicks : public QObject {
    Q_OBJECT

private slots:
    void initTestCase() { qputenv("TZ", "Europe/Berlin"); }
    void standAtValuesThatAreEasyToRead_data();
    void standAtValuesThatAreEasyToRead();
    void standAtRoundMomentsOfTheLocalDay_data();
    void standAtRoundMomentsOfTheLocalDay();
    void areNoMoreThanThereIsRoomFor();
    void areNoneForAnEmptyRange();
};

void TestTicks::standAtValuesThatAreEasyToRead_data()
{
    QTest::addColumn<double>("highest");
    QTest::addColumn<Unit>("unit");
    QTest::addColumn<QList<double>>("expected");
    const auto row = [](const char *name, double highest, Unit unit, QList<double> expected) {
        QTest::newRow(name) << highest << unit << expected;
    };
    row("nothing", 0, Unit::Count, {0, 1, 2, 3, 4});
    row("unknown", qQNaN(), Unit::Count, {0, 1, 2, 3, 4});
    row("a dozen", 12, Unit::Count, {0, 5, 10, 15});
    row("exactly a tick", 20, Unit::Count, {0, 5, 10, 15, 20});
    row("thousands", 17'300, Unit::PerSecond, {0, 5000, 10'000, 15'000, 20'000});
    row("microseconds", 0.0004, Unit::Seconds, {0, 0.0005, 0.001});
    row("mebibytes", 48.0 * 1024 * 1024, Unit::Bytes,
        {0, 20.0 * 1024 * 1024, 40.0 * 1024 * 1024, 60.0 * 1024 * 1024});
}

void TestTicks::standAtValuesThatAreEasyToRead()
{
    QFETCH(double, highest);
    QFETCH(Unit, unit);
    QFETCH(QList<double>, expected);
    const auto ticks = ticksUpTo(highest, unit);
    QCOMPARE(QList<double>(ticks.begin(), ticks.end()), expected);
}

void TestTicks::standAtRoundMomentsOfTheLocalDay_data()
{
    QTest::addColumn<QString>("from");
    QTest::addColumn<QString>("to");
    QTest::addColumn<QStringList>("expected");
    const auto row = [](const char *from, const char *to, QStringList expected) {
        QTest::addRow("%s to %s", from, to)
            << QString::fromLatin1(from) << QString::fromLatin1(to) << expected;
    };
    row("2026-11-23T10:00:03", "2026-11-23T10:05:03",
        {QStringLiteral("10:01"), QStringLiteral("10:02"), QStringLiteral("10:03"),
            QStringLiteral("10:04"), QStringLiteral("10:05")});
    row("2026-11-23T10:00:03", "2026-11-23T10:00:33",
        {QStringLiteral("10:00:05"), QStringLiteral("10:00:10"), QStringLiteral("10:00:15"),
            QStringLiteral("10:00:20"), QStringLiteral("10:00:25"), QStringLiteral("10:00:30")});
    row("2026-11-22T11:30:00", "2026-11-23T11:30:00",
        {QStringLiteral("12:00"), QStringLiteral("18:00"), QStringLiteral("00:00"),
            QStringLiteral("06:00")});
}

void TestTicks::standAtRoundMomentsOfTheLocalDay()
{
    QFETCH(QString, from);
    QFETCH(QString, to);
    QFETCH(QStringList, expected);
    const auto time = [](const QString &text) {
        return QDateTime::fromString(text, Qt::ISODate).toMSecsSinceEpoch();
    };
    QStringList labels;
    for (const TimeTick &tick :
        timeTicks(time(from), time(to), 7, QLocale(QStringLiteral("de_DE")))) {
        QVERIFY(tick.time >= time(from) && tick.time <= time(to));
        labels.append(tick.label);
    }
    QCOMPARE(labels, expected);
}

void TestTicks::areNoMoreThanThereIsRoomFor()
{
    constexpr qint64 hour = 3600'000;
    for (const qint64 length : {qint64(10'000), hour, 7 * hour, 24 * hour}) {
        for (int most = 1; most <= 9; ++most) {
            const auto count = timeTicks(0, length - 1, most, QLocale::c()).size();
            QVERIFY2(count <= size_t(most), qPrintable(QString::number(count)));
        }
    }
}

void TestTicks::areNoneForAnEmptyRange()
{
    QVERIFY(timeTicks(5, 5, 7, QLocale::c()).empty());
    QVERIFY(timeTicks(5, 4, 7, QLocale::c()).empty());
}

QTEST_GUILESS_MAIN(TestTicks)
#include "tst_ticks.moc"
