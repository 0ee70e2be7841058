// SPDX-License-Identifier: GPL-3.0-or-later
#include "relay-admin/models/csv.h"

#include <QLocale>
#include <QTest>

#include <cmath>

using namespace relay::admin;

class TestCsv : public QObject {
    Q_OBJECT

private slots:
    void writesTheSeriesThatAreAskedFor();
    void isTheSameInAnyLocale();
    void cellIsSafe_data();
    void cellIsSafe();
};

void TestCsv::writesTheSeriesThatAreAskedFor()
{
    HistoryRow row {1'700'000'000'123, unknownValues()};
    row.values[static_cast<size_t>(Series::ConnectionsActive)] = 12;
    row.values[static_cast<size_t>(Series::LatencyP99)] = 0.0025;
    HistoryRow gap {1'700'000'005'000, unknownValues()};
    gap.values[static_cast<size_t>(Series::ConnectionsActive)] = std::nan("");
    const QByteArray text =
        csv({row, gap}, {Series::ConnectionsActive, Series::MessagesIn, Series::LatencyP99});
    QCOMPARE(text,
        QByteArray("time,relay_connections_active,relay_messages_received_total:rate,"
                   "relay_message_duration_seconds:p99\r\n"
                   "2023-11-14T22:13:20.123Z,12,,0.0025\r\n"
                   "2023-11-14T22:13:25.000Z,,,\r\n"));
    QCOMPARE(csv({}, {Series::BlobsStored}), QByteArray("time,relay_blobs_stored\r\n"));
}

void TestCsv::isTheSameInAnyLocale()
{
    HistoryRow row {0, unknownValues()};
    row.values[static_cast<size_t>(Series::StorageBytes)] = 1234567.5;
    const QByteArray before = csv({row}, {Series::StorageBytes});
    QLocale::setDefault(QLocale(QLocale::German));
    QCOMPARE(csv({row}, {Series::StorageBytes}), before);
    QLocale::setDefault(QLocale::c());
    QVERIFY(before.contains(",1234567.5\r\n"));
}

void TestCsv::cellIsSafe_data()
{
    QTest::addColumn<QString>("cell");
    QTest::addColumn<QByteArray>("line");
    const auto row = [](const char *name, const char *cell, const char *line) {
        QTest::newRow(name) << QString::fromUtf8(cell) << QByteArray(line) + "\r\n";
    };
    row("plain", "prod 1", "prod 1");
    row("empty", "", "");
    row("comma", "a,b", "\"a,b\"");
    row("quotes", "a \"b\"", "\"a \"\"b\"\"\"");
    row("line break", "a\nb", "\"a\nb\"");
    row("formula", "=HYPERLINK(\"http://evil\")", "\"'=HYPERLINK(\"\"http://evil\"\")\"");
    row("plus", "+1", "'+1");
    row("minus", "-1", "'-1");
    row("at", "@SUM(A1)", "'@SUM(A1)");
    row("tab", "\t=1", "'\t=1");
    row("carriage return", "\r=1", "\"'\r=1\"");
    row("not at the start", "a=1", "a=1");
    row("umlaut", "Büro", "Büro");
}

void TestCsv::cellIsSafe()
{
    QFETCH(QString, cell);
    QFETCH(QByteArray, line);
    QCOMPARE(csvLine({cell}), line);
    QCOMPARE(csvLine({QStringLiteral("x"), cell}), "x," + line);
}

QTEST_GUILESS_MAIN(TestCsv)
#include "tst_csv.moc"
