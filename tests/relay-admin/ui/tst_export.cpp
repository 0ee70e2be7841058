// SPDX-License-Identifier: GPL-3.0-or-later
#include "relay-admin/ui/overviewpage.h"
#include "relay-admin/ui/plot.h"
#include "tests/relay-admin/ui/console.h"
#include "tests/support/filesizelimit.h"
#include "tests/support/mailload.h"

#include <QAbstractButton>
#include <QAction>
#include <QApplication>
#include <QChart>
#include <QDialogButtonBox>
#include <QFileDialog>
#include <QImage>
#include <QLineEdit>
#include <QMessageBox>
#include <QPushButton>
#include <QTemporaryDir>
#include <QTest>

#include <sys/resource.h>

#include <cmath>
#include <csignal>

using namespace relay::admin;
using namespace relay::admin::test;
using namespace relay::test;

namespace {

constexpr int Soon = 10'000;

/** As any program would read it: no cell of ours has a quote. */
QList<QStringList> parsed(const QByteArray &csv)
{
    QList<QStringList> rows;
    for (const QString &line : QString::fromUtf8(csv).split(QStringLiteral("\r\n")))
        rows.append(line.split(u','));
    // After the last line's end there is nothing.
    if (rows.takeLast() != QStringList {QString()})
        rows.append(QStringList {QStringLiteral("no end of line")});
    return rows;
}

QByteArray contentOf(const QString &path)
{
    QFile file(path);
    return file.open(QFile::ReadOnly) ? file.readAll() : QByteArray("not there");
}

qsizetype coloursOf(const QImage &image)
{
    QSet<QRgb> colours;
    for (int y = 0; y < image.height(); ++y) {
        for (int x = 0; x < image.width(); ++x)
            colours.insert(image.pixel(x, y));
    }
    return colours.size();
}

bool hasColour(const QImage &image, const QColor &colour)
{
    for (int y = 0; y < image.height(); ++y) {
        for (int x = 0; x < image.width(); ++x) {
            const QColor seen = image.pixelColor(x, y);
            // Edges are smooth.
            const int apart = std::abs(seen.red() - colour.red())
                + std::abs(seen.green() - colour.green()) + std::abs(seen.blue() - colour.blue());
            if (apart <= 60)
                return true;
        }
    }
    return false;
}

} // namespace

/** What is written into files from the charts of a real relay, as a person does it. */
class TestExport : public QObject {
    Q_OBJECT

private slots:
    void initTestCase();
    void cleanup();
    void writesTheRowsThatTheChartsShow();
    void writesFewerRowsOfAZoomedRange();
    void writesWhatWasSeenWhenItWasAskedFor();
    void saysWhyAFileCannotBeWritten_data();
    void saysWhyAFileCannotBeWritten();
    void leavesNoHalfFile_data();
    void leavesNoHalfFile();
    void savesAPictureOfEachChart();
    void savesAPictureOfTheChartWithTheFocus();

private:
    QFileDialog *fileDialog() { return qobject_cast<QFileDialog *>(m_console->dialog()); }
    QMessageBox *message() { return qobject_cast<QMessageBox *>(m_console->dialog()); }
    /** Names the file in the dialog that is open. */
    void choose(const QString &path);
    QString path(const char *name) const { return m_files.filePath(QLatin1String(name)); }
    std::vector<HistoryRow> visibleRows()
    {
        return m_console->monitor().history().rows(m_console->overview().range());
    }

    QTemporaryDir m_folder;
    QTemporaryDir m_files;
    RelayProcess m_relay;
    std::unique_ptr<Console> m_console;
};

void TestExport::initTestCase()
{
    QVERIFY2(m_relay.start(), m_relay.log());
    m_console = std::make_unique<Console>(m_folder.path());
    m_console->watch(monitoringUrlOf(m_relay));
    QTRY_COMPARE_WITH_TIMEOUT(m_console->state(), RelayState::Up, Soon);
    QVERIFY(storeMail(m_relay, idOf(1), 0, 100));
    QTRY_VERIFY_WITH_TIMEOUT(visibleRows().size() >= 5, Soon);
}

void TestExport::cleanup()
{
    m_console->overview().goLive();
    QVERIFY(!m_console->dialog());
}

void TestExport::choose(const QString &path)
{
    QTRY_VERIFY(fileDialog());
    auto *name = fileDialog()->findChild<QLineEdit *>(QStringLiteral("fileNameEdit"));
    QVERIFY(name);
    // A name is offered, to be typed over.
    QVERIFY(!name->text().isEmpty());
    name->setText(path);
    auto *buttons = fileDialog()->findChild<QDialogButtonBox *>();
    QTest::mouseClick(buttons->button(QDialogButtonBox::Save), Qt::LeftButton);
    QTRY_VERIFY(!fileDialog());
}

void TestExport::writesTheRowsThatTheChartsShow()
{
    const std::vector<HistoryRow> rows = visibleRows();
    QHash<QString, QList<QPointF>> drawn;
    for (const ChartPanel *chart : m_console->overview().charts()) {
        for (const ChartLine &line : chart->lines())
            drawn[line.metric] += line.points;
    }
    m_console->action("csv")->trigger();
    choose(path("all")); // the ending is added
    QVERIFY(!message());

    const QList<QStringList> cells = parsed(contentOf(path("all.csv")));
    QCOMPARE(cells.size(), static_cast<qsizetype>(rows.size()) + 1);
    QCOMPARE(cells.front().size(), static_cast<qsizetype>(SeriesCount) + 1);
    QCOMPARE(cells.front().front(), QStringLiteral("time"));
    QCOMPARE(drawn.size(), static_cast<qsizetype>(SeriesCount));
    int known = 0;
    for (qsizetype column = 1; column < cells.front().size(); ++column) {
        const QList<QPointF> points = drawn.value(cells.front()[column]);
        QList<QPointF> written;
        for (qsizetype n = 1; n < cells.size(); ++n) {
            const QStringList &row = cells[n];
            QCOMPARE(row.size(), cells.front().size());
            const QDateTime time = QDateTime::fromString(row.front(), Qt::ISODateWithMs);
            QVERIFY2(time.isValid() && time.timeSpec() == Qt::UTC, qPrintable(row.front()));
            QCOMPARE(time.toMSecsSinceEpoch(), rows[static_cast<size_t>(n) - 1].time);
            if (row[column].isEmpty())
                continue;
            bool isNumber = false;
            const double value = row[column].toDouble(&isNumber);
            QVERIFY2(isNumber, qPrintable(row[column]));
            written.append(QPointF(static_cast<double>(time.toMSecsSinceEpoch()), value));
        }
        QList<QPointF> seen;
        std::copy_if(points.begin(), points.end(), std::back_inserter(seen),
            [](const QPointF &point) { return std::isfinite(point.y()); });
        QCOMPARE(written.size(), seen.size());
        for (qsizetype n = 0; n < seen.size(); ++n) {
            QCOMPARE(written[n].x(), seen[n].x());
            QVERIFY(std::abs(written[n].y() - seen[n].y()) <= std::abs(seen[n].y()) * 1e-14);
        }
        known += static_cast<int>(written.size());
    }
    // Mail was stored, so rates and latencies are there too.
    QVERIFY(known > static_cast<int>(rows.size()) * 4);
    QVERIFY(cells.back()[1 + static_cast<int>(Series::BlobsStored)].toInt() == 100);
}

void TestExport::writesFewerRowsOfAZoomedRange()
{
    const std::vector<HistoryRow> all = visibleRows();
    const HistoryRange shown = m_console->overview().range();
    Plot &plot = *m_console->overview().charts()[1]->findChild<Plot *>();
    const QRectF area = plot.chart()->plotArea();
    const auto xOf = [&](qint64 time) {
        return static_cast<int>(area.left()
            + area.width() * static_cast<double>(time - shown.from)
                / static_cast<double>(shown.to - shown.from));
    };
    // From long before the first up to the middle of those that are there.
    const int y = static_cast<int>(area.center().y());
    const QPoint end(xOf(all[all.size() / 2].time), y);
    QTest::mousePress(plot.viewport(), Qt::LeftButton, {}, end - QPoint(100, 0));
    QTest::mouseMove(plot.viewport(), end - QPoint(50, 0));
    QTest::mouseMove(plot.viewport(), end);
    QTest::mouseRelease(plot.viewport(), Qt::LeftButton, {}, end);
    const HistoryRange range = m_console->overview().range();
    QVERIFY(range.to < all.back().time);

    QPushButton *button = nullptr;
    for (auto *each : m_console->overview().findChildren<QPushButton *>()) {
        if (each->text().contains(QLatin1String("CSV")))
            button = each;
    }
    QVERIFY(button);
    QTest::mouseClick(button, Qt::LeftButton);
    choose(path("zoomed.csv"));
    const QList<QStringList> cells = parsed(contentOf(path("zoomed.csv")));
    QVERIFY2(cells.size() > 1, "no rows");
    QVERIFY(cells.size() - 1 < static_cast<qsizetype>(all.size()));
    for (qsizetype n = 1; n < cells.size(); ++n) {
        const qint64 time =
            QDateTime::fromString(cells[n].front(), Qt::ISODateWithMs).toMSecsSinceEpoch();
        QVERIFY(time >= range.from && time <= range.to);
    }
}

void TestExport::writesWhatWasSeenWhenItWasAskedFor()
{
    const qsizetype before = static_cast<qsizetype>(visibleRows().size());
    m_console->action("csv")->trigger();
    // Answers come in while somebody thinks about a name.
    QTRY_VERIFY_WITH_TIMEOUT(static_cast<qsizetype>(visibleRows().size()) > before, Soon);
    choose(path("then.csv"));
    QCOMPARE(parsed(contentOf(path("then.csv"))).size(), before + 1);
}

void TestExport::saysWhyAFileCannotBeWritten_data()
{
    QTest::addColumn<QByteArray>("action");
    for (const char *action : {"csv", "picture", "export"})
        QTest::newRow(action) << QByteArray(action);
}

void TestExport::saysWhyAFileCannotBeWritten()
{
    QFETCH(QByteArray, action);
    // What is said is text, whatever a file is called.
    const QString file = path("<b>none/file.csv");
    m_console->action(action.constData())->trigger();
    choose(file);
    QTRY_VERIFY(message());
    const QString text = message()->text();
    QCOMPARE(message()->textFormat(), Qt::PlainText);
    QVERIFY2(text.contains(file), qPrintable(text));
    QVERIFY2(text.contains(QLatin1String("No such file or directory")), qPrintable(text));
    QVERIFY(!QFile::exists(file));
    QTest::keyClick(message(), Qt::Key_Escape);
    QTRY_VERIFY(!message());
}

void TestExport::leavesNoHalfFile_data()
{
    saysWhyAFileCannotBeWritten_data();
}

void TestExport::leavesNoHalfFile()
{
    QFETCH(QByteArray, action);
    const QStringList before = QDir(m_files.path()).entryList();
    m_console->action(action.constData())->trigger();
    {
        const FileSizeLimit full(100);
        choose(path("half"));
    }
    QTRY_VERIFY(message());
    QVERIFY2(message()->text().contains(path("half")), qPrintable(message()->text()));
    QCOMPARE(QDir(m_files.path()).entryList(), before);
    QTest::keyClick(message(), Qt::Key_Escape);
    QTRY_VERIFY(!message());
}

void TestExport::savesAPictureOfEachChart()
{
    for (ChartPanel *chart : m_console->overview().charts()) {
        QList<QAbstractButton *> buttons = chart->findChildren<QAbstractButton *>();
        buttons.removeIf([](const QAbstractButton *button) { return !button->isVisible(); });
        QCOMPARE(buttons.size(), 2);
        auto *button = buttons.last();
        QVERIFY(button->accessibleName().contains(chart->title()));
        const QImage seen = chart->grab().toImage();
        // Offscreen nobody gives the focus back when a dialog is gone.
        m_console->window().activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(&m_console->window()));
        button->setFocus();
        QTest::keyClick(button, Qt::Key_Space);
        const QString file = path(qPrintable(chart->title() + QStringLiteral(".png")));
        choose(file);
        QVERIFY(!message());
        // Whoever has no mouse goes on from here.
        QCOMPARE(m_console->window().focusWidget(), button);

        QImage picture;
        QVERIFY(picture.load(file, "PNG"));
        QCOMPARE(picture.size(), chart->size() * chart->devicePixelRatioF());
        QVERIFY(coloursOf(picture) > 10);
        for (const QAbstractButton *each : buttons) {
            QVERIFY(each->isVisible());
            const QRect place(each->mapTo(chart, QPoint()), each->size());
            QVERIFY(coloursOf(seen.copy(place)) > 1);
            QCOMPARE(coloursOf(picture.copy(place)), 1);
        }
        const Plot &plot = *chart->findChild<Plot *>();
        const QRect area =
            plot.chart()->plotArea().toRect().translated(plot.mapTo(chart, QPoint()));
        // Lines may lie upon each other, and a limit beyond the axis.
        const Theme &theme = m_console->theme();
        QVERIFY(hasColour(picture.copy(area), theme.line(0))
            || hasColour(picture.copy(area), theme.line(1)));
    }
}

void TestExport::savesAPictureOfTheChartWithTheFocus()
{
    ChartPanel *chart = m_console->overview().charts().back();
    QVERIFY(chart->size() != m_console->overview().charts().front()->size());
    chart->findChild<Plot *>()->setFocus();
    m_console->action("picture")->trigger();
    choose(path("focus"));
    QImage picture;
    QVERIFY(picture.load(path("focus.png"), "PNG"));
    QCOMPARE(picture.size(), chart->size());
}

QTEST_MAIN(TestExport)
#include "tst_export.moc"
