// SPDX-License-Identifier: GPL-3.0-or-later
#include "relay-admin/models/formats.h"
#include "relay-admin/ui/overviewpage.h"
#include "relay-admin/ui/plot.h"
#include "tests/relay-admin/ui/console.h"
#include "tests/support/mailload.h"

#include <QAbstractButton>
#include <QCategoryAxis>
#include <QChart>
#include <QLabel>
#include <QPushButton>
#include <QTableView>
#include <QTemporaryDir>
#include <QTest>
#include <QWheelEvent>

#include <cmath>

using namespace relay::admin;
using namespace relay::admin::test;
using namespace relay::test;
using namespace std::chrono_literals;

namespace {

constexpr int Soon = 10'000;

/** One before the messages of initTestCase(), and one after each of them. */
constexpr size_t EndAnswers = 6;

/** The words beside the title: the time that is pointed at. */
QString timeTextOf(const ChartPanel &chart)
{
    static const QRegularExpression time(QStringLiteral("^\\d\\d:\\d\\d:\\d\\d$"));
    for (const QLabel *label : chart.findChildren<QLabel *>()) {
        if (label->isVisible() && time.match(label->text()).hasMatch())
            return label->text();
    }
    return {};
}

/** "name: value" of each line, as the legend says it. */
QStringList legendOf(const ChartPanel &chart)
{
    QStringList entries;
    for (const QLabel *label : chart.findChildren<QLabel *>()) {
        if (label->isVisible() && label->textFormat() == Qt::RichText)
            entries.append(label->accessibleName());
    }
    return entries;
}

qint64 lengthOf(HistoryRange range)
{
    return range.to - range.from;
}

} // namespace

/** The charts of a real relay, by mouse and by keys. */
class TestCharts : public QObject {
    Q_OBJECT

private slots:
    void initTestCase();
    void init();
    void pointingShowsTheValuesOfThatTimeInAllCharts();
    void wheelZoomsAroundWhatIsPointedAt();
    void dragChoosesARange();
    void slippedClickChoosesNothing();
    void dragPans_data();
    void dragPans();
    void keysZoomAndPan();
    void staysWithinTheDayThatIsKept();
    void chosenRangeStaysWhileAnswersComeIn();
    void chosenRangeStaysWhileAnotherRelayIsEdited();
    void goesBackToNow_data();
    void goesBackToNow();
    void rangeButtonsChooseALength();
    void tableShowsTheSameValues();

private:
    OverviewPage &page() { return m_console->overview(); }
    ChartPanel &chart(size_t number) { return *page().charts()[number]; }
    Plot &plot(size_t number) { return *chart(number).findChild<Plot *>(); }
    QPushButton *buttonOf(const QString &text);
    QPushButton *backButton() { return buttonOf(QStringLiteral("Back to &now")); }
    bool isLive() { return !backButton()->isVisible(); }
    /** A place in the plot, by its share of the width. */
    QPoint at(size_t number, double share);
    /** The time there, in the range that was chosen. */
    double timeAt(size_t number, const QPoint &place);
    void drag(size_t number, double fromShare, double toShare,
        Qt::MouseButton button = Qt::LeftButton, Qt::KeyboardModifiers keys = {});
    void wheel(size_t number, const QPoint &place, int steps, Qt::KeyboardModifiers keys);
    /** By zooming into the last EndAnswers answers: a range that does not move. */
    void chooseTheEnd();
    /** What the history says, without the charts. */
    QStringList valuesAt(Chart chart, double time);
    qint64 lastTime() { return m_console->monitor().history().rows({0, INT64_MAX}).back().time; }

    QTemporaryDir m_folder;
    RelayProcess m_relay;
    std::unique_ptr<Console> m_console;
};

void TestCharts::initTestCase()
{
    QVERIFY2(m_relay.start(), m_relay.log());
    m_console = std::make_unique<Console>(m_folder.path());
    m_console->languages().choose(QStringLiteral("en"));
    m_console->watch(monitoringUrlOf(m_relay));
    QTRY_COMPARE_WITH_TIMEOUT(m_console->state(), RelayState::Up, Soon);
    // Each answer is another than the one before.
    for (int round = 1; round <= 5; ++round) {
        QVERIFY(storeMail(m_relay, idOf(static_cast<quint8>(round)), 0, 20 * round));
        const qint64 before = lastTime();
        QTRY_VERIFY_WITH_TIMEOUT(lastTime() > before, Soon);
    }
    QVERIFY(QTest::qWaitForWindowActive(&m_console->window()));
}

void TestCharts::init()
{
    page().goLive();
    QVERIFY(isLive());
}

QPushButton *TestCharts::buttonOf(const QString &text)
{
    for (auto *button : page().findChildren<QPushButton *>()) {
        if (button->text() == text)
            return button;
    }
    return nullptr;
}

QPoint TestCharts::at(size_t number, double share)
{
    const QRectF area = plot(number).chart()->plotArea();
    return QPointF(area.left() + share * area.width(), area.center().y()).toPoint();
}

double TestCharts::timeAt(size_t number, const QPoint &place)
{
    const QRectF area = plot(number).chart()->plotArea();
    const HistoryRange range = page().range();
    return static_cast<double>(range.from)
        + (place.x() - area.left()) / area.width() * static_cast<double>(lengthOf(range));
}

void TestCharts::drag(size_t number, double fromShare, double toShare, Qt::MouseButton button,
    Qt::KeyboardModifiers keys)
{
    QWidget *const on = plot(number).viewport();
    const QPoint from = at(number, fromShare);
    const QPoint to = at(number, toShare);
    const auto send = [&](QEvent::Type type, const QPoint &place) {
        const bool isMove = type == QEvent::MouseMove;
        const bool isUp = type == QEvent::MouseButtonRelease;
        QMouseEvent event(type, place, on->mapToGlobal(place), isMove ? Qt::NoButton : button,
            isUp ? Qt::NoButton : Qt::MouseButtons(button), keys);
        QCoreApplication::sendEvent(on, &event);
    };
    send(QEvent::MouseButtonPress, from);
    send(QEvent::MouseMove, (from + to) / 2);
    send(QEvent::MouseMove, to);
    send(QEvent::MouseButtonRelease, to);
}

void TestCharts::wheel(size_t number, const QPoint &place, int steps, Qt::KeyboardModifiers keys)
{
    QWidget *const on = plot(number).viewport();
    QWheelEvent event(place, on->mapToGlobal(place), QPoint(), QPoint(0, 120 * steps), Qt::NoButton,
        keys, Qt::NoScrollPhase, false);
    QCoreApplication::sendEvent(on, &event);
}

void TestCharts::chooseTheEnd()
{
    // By the answers, not by the clock: on a slow machine there may have been none for seconds.
    const std::vector<HistoryRow> rows = m_console->monitor().history().rows({0, INT64_MAX});
    QVERIFY(rows.size() >= EndAnswers);
    emit plot(0).rangeChosen(rows[rows.size() - EndAnswers].time, rows.back().time);
    QVERIFY(!isLive());
    QVERIFY(m_console->monitor().history().rows(page().range()).size() >= EndAnswers);
}

QStringList TestCharts::valuesAt(Chart chart, double time)
{
    SeriesValues values = unknownValues();
    for (const HistoryRow &row : m_console->monitor().history().rows(page().range())) {
        if (static_cast<double>(row.time) <= time)
            values = row.values;
    }
    QStringList texts;
    for (size_t n = 0; n < SeriesCount; ++n) {
        const auto series = static_cast<Series>(n);
        if (info(series).chart == chart)
            texts.append(seriesName(series) + QStringLiteral(": ")
                + valueText(info(series).unit, values[n]));
    }
    return texts;
}

void TestCharts::pointingShowsTheValuesOfThatTimeInAllCharts()
{
    chooseTheEnd();
    QList<QStringList> newest;
    for (const ChartPanel *each : page().charts())
        newest.append(legendOf(*each));
    QSet<QString> seen;
    const std::vector<HistoryRow> rows = m_console->monitor().history().rows(page().range());
    for (size_t n = 1; n < rows.size(); ++n) {
        const qint64 between = (rows[n - 1].time + rows[n].time) / 2;
        const QPoint place = at(1,
            static_cast<double>(between - page().range().from)
                / static_cast<double>(lengthOf(page().range())));
        QTest::mouseMove(plot(1).viewport(), place);
        const double time = timeAt(1, place);
        const QString text = QDateTime::fromMSecsSinceEpoch(static_cast<qint64>(time))
                                 .toString(QStringLiteral("HH:mm:ss"));
        QTRY_COMPARE(timeTextOf(chart(1)), text);
        for (size_t each = 0; each < Charts.size(); ++each) {
            QCOMPARE(timeTextOf(chart(each)), text);
            QCOMPARE(legendOf(chart(each)), valuesAt(Charts[each], time));
        }
        seen.insert(legendOf(chart(3)).join(u';'));
    }
    // Blobs were stored from answer to answer: there was something to see.
    QVERIFY(seen.size() >= 3);

    // Outside of the plot, and outside of the chart.
    QTest::mouseMove(&m_console->list(), QPoint(5, 5));
    QTRY_COMPARE(timeTextOf(chart(1)), QString());
    for (size_t n = 0; n < Charts.size(); ++n) {
        QCOMPARE(timeTextOf(chart(n)), QString());
        QCOMPARE(legendOf(chart(n)), newest[static_cast<qsizetype>(n)]);
    }
}

void TestCharts::wheelZoomsAroundWhatIsPointedAt()
{
    const HistoryRange before = page().range();
    wheel(2, at(2, 0.75), 1, Qt::NoModifier);
    QVERIFY(isLive());

    wheel(2, at(2, 0.75), 1, Qt::ControlModifier);
    QVERIFY(!isLive());
    HistoryRange range = page().range();
    QCOMPARE(lengthOf(range), lengthOf(before) * 2 / 3);
    // A pixel is 200 ms and more.
    const auto close = [](auto a, auto b) { return std::abs(a - b) <= 10; };
    const double time = timeAt(2, at(2, 0.75));
    wheel(2, at(2, 0.75), 2, Qt::ControlModifier);
    QVERIFY2(close(timeAt(2, at(2, 0.75)), time), "what is pointed at stays there");
    wheel(2, at(2, 0.75), -2, Qt::ControlModifier);
    QVERIFY(close(lengthOf(page().range()), lengthOf(range)));
    QVERIFY(close(page().range().from, range.from));
    // To nothing it does not go.
    wheel(2, at(2, 0.75), 100, Qt::ControlModifier);
    range = page().range();
    QCOMPARE(lengthOf(range), 10'000);
}

void TestCharts::dragChoosesARange()
{
    chooseTheEnd();
    emit plot(0).rangeChosen(page().range().from - 90'000, page().range().to - 30'000);
    const double from = timeAt(4, at(4, 0.25));
    const double to = timeAt(4, at(4, 0.5));
    // To either side.
    for (const bool isBackwards : {false, true}) {
        const HistoryRange before = page().range();
        isBackwards ? drag(4, 0.5, 0.25) : drag(4, 0.25, 0.5);
        QVERIFY(std::abs(static_cast<double>(page().range().from) - from) <= 2);
        QVERIFY(std::abs(static_cast<double>(page().range().to) - to) <= 2);
        // All charts have it.
        for (size_t n = 0; n < Charts.size(); ++n) {
            const auto axes = plot(n).chart()->axes(Qt::Horizontal);
            QCOMPARE(qobject_cast<QCategoryAxis *>(axes.front())->min(),
                static_cast<qreal>(page().range().from));
        }
        emit plot(0).rangeChosen(before.from, before.to);
    }
}

void TestCharts::slippedClickChoosesNothing()
{
    QWidget *on = plot(0).viewport();
    QTest::mousePress(on, Qt::LeftButton, {}, at(0, 0.5));
    QTest::mouseMove(on, at(0, 0.5) + QPoint(4, 0));
    QTest::mouseRelease(on, Qt::LeftButton, {}, at(0, 0.5) + QPoint(4, 0));
    QVERIFY(isLive());
}

void TestCharts::dragPans_data()
{
    QTest::addColumn<Qt::MouseButton>("button");
    QTest::addColumn<Qt::KeyboardModifiers>("keys");
    QTest::newRow("middle") << Qt::MiddleButton << Qt::KeyboardModifiers(Qt::NoModifier);
    QTest::newRow("shift") << Qt::LeftButton << Qt::KeyboardModifiers(Qt::ShiftModifier);
}

void TestCharts::dragPans()
{
    QFETCH(Qt::MouseButton, button);
    QFETCH(Qt::KeyboardModifiers, keys);
    chooseTheEnd();
    const HistoryRange before = page().range();
    drag(0, 0.25, 0.75, button, keys);
    const HistoryRange after = page().range();
    QCOMPARE(lengthOf(after), lengthOf(before));
    // What was taken hold of is where it was let go; a pixel is 30 ms here.
    QVERIFY(std::abs(before.from - after.from - lengthOf(before) / 2) <= 50);
}

void TestCharts::keysZoomAndPan()
{
    chooseTheEnd();
    emit plot(0).rangeChosen(page().range().from - 90'000, page().range().to - 30'000);
    const HistoryRange start = page().range();
    const qint64 length = lengthOf(start);
    const auto press = [this](Qt::Key key) { QTest::keyClick(&plot(0), key); };
    press(Qt::Key_Left);
    QCOMPARE(page().range().from, start.from - length / 5);
    QCOMPARE(lengthOf(page().range()), length);
    press(Qt::Key_Right);
    QCOMPARE(page().range().from, start.from);
    press(Qt::Key_Plus);
    QVERIFY(std::abs(lengthOf(page().range()) - length * 2 / 3) <= 1);
    QVERIFY(std::abs(page().range().from - start.from - length / 6) <= 2);
    press(Qt::Key_Minus);
    QVERIFY(std::abs(lengthOf(page().range()) - length) <= 2);
}

void TestCharts::staysWithinTheDayThatIsKept()
{
    // As when a key is held: ticks for years would stop the windows.
    for (int n = 0; n < 150; ++n)
        QTest::keyClick(&plot(0), Qt::Key_Minus);
    QCOMPARE(lengthOf(page().range()), History::MinuteSpan.count());
    QVERIFY(page().range().to <= QDateTime::currentMSecsSinceEpoch());

    page().goLive();
    for (int n = 0; n < 10; ++n)
        QTest::keyClick(&plot(0), Qt::Key_Right);
    QVERIFY(page().range().to <= QDateTime::currentMSecsSinceEpoch());
    QVERIFY(page().range().to >= lastTime());
    QCOMPARE(lengthOf(page().range()), std::chrono::milliseconds(5min).count());
    // A day is 288 times five minutes.
    for (int n = 0; n < 400; ++n)
        emit plot(0).rangeChosen(page().range().from - 300'000, page().range().to - 300'000);
    const qint64 oldest = QDateTime::currentMSecsSinceEpoch() - History::MinuteSpan.count();
    QVERIFY(std::abs(page().range().from - oldest) < 5000);
}

void TestCharts::chosenRangeStaysWhileAnswersComeIn()
{
    chooseTheEnd();
    const HistoryRange chosen = page().range();
    const qint64 before = lastTime();
    QTRY_VERIFY_WITH_TIMEOUT(lastTime() > before, Soon);
    QCOMPARE(page().range().from, chosen.from);
    QCOMPARE(page().range().to, chosen.to);
    QVERIFY(chart(0).lines().front().points.back().x() <= static_cast<double>(chosen.to));
    page().goLive();
    QVERIFY(chart(0).lines().front().points.back().x() > static_cast<double>(chosen.to));
}

void TestCharts::chosenRangeStaysWhileAnotherRelayIsEdited()
{
    chooseTheEnd();
    const HistoryRange range = page().range();
    Profile other;
    other.name = QStringLiteral("Other");
    other.monitoringUrl = QUrl(QStringLiteral("http://127.0.0.1:1"));
    other.id = m_console->fleet().add(other, {});
    other.name = QStringLiteral("Another");
    m_console->fleet().edit(other, {});
    m_console->fleet().remove(other.id);
    QVERIFY(!isLive());
    QCOMPARE(page().range().from, range.from);
    QCOMPARE(page().range().to, range.to);
}

void TestCharts::goesBackToNow_data()
{
    QTest::addColumn<QByteArray>("how");
    for (const char *how : {"button", "Home", "double click", "range"})
        QTest::newRow(how) << QByteArray(how);
}

void TestCharts::goesBackToNow()
{
    QFETCH(QByteArray, how);
    chooseTheEnd();
    if (how == "button")
        QTest::mouseClick(backButton(), Qt::LeftButton);
    else if (how == "Home")
        QTest::keyClick(&plot(3), Qt::Key_Home);
    else if (how == "double click")
        QTest::mouseDClick(plot(3).viewport(), Qt::LeftButton, {}, at(3, 0.5));
    else
        QTest::mouseClick(buttonOf(QStringLiteral("5 min")), Qt::LeftButton);
    QVERIFY(isLive());
    QCOMPARE(lengthOf(page().range()), std::chrono::milliseconds(5min).count());
    QVERIFY(page().range().to >= lastTime());
}

void TestCharts::rangeButtonsChooseALength()
{
    constexpr std::array<std::chrono::milliseconds, 5> Lengths {
        15min, 60min, 360min, 1440min, 5min};
    const QStringList names {QStringLiteral("15 min"), QStringLiteral("1 h"), QStringLiteral("6 h"),
        QStringLiteral("24 h"), QStringLiteral("5 min")};
    for (qsizetype n = 0; n < names.size(); ++n) {
        QPushButton *button = buttonOf(names[n]);
        QVERIFY2(button, qPrintable(names[n]));
        QTest::mouseClick(button, Qt::LeftButton);
        QVERIFY(button->isChecked());
        const HistoryRange range = page().range();
        QCOMPARE(lengthOf(range), Lengths[static_cast<size_t>(n)].count());
        for (size_t each = 0; each < Charts.size(); ++each) {
            const auto *axis =
                qobject_cast<QCategoryAxis *>(plot(each).chart()->axes(Qt::Horizontal).front());
            QCOMPARE(static_cast<qint64>(axis->max() - axis->min()), lengthOf(range));
        }
    }
}

void TestCharts::tableShowsTheSameValues()
{
    for (size_t number = 0; number < Charts.size(); ++number) {
        ChartPanel &panel = chart(number);
        auto *button = panel.findChild<QAbstractButton *>(QStringLiteral("table"));
        const QAbstractItemModel &table = *panel.findChild<QTableView *>()->model();
        const auto verifySame = [&] {
            // What is not known at all is no row of the lines, unless a gap begins there.
            const auto isKnown = [](const QStringList &cells) {
                return std::any_of(cells.begin() + 1, cells.end(),
                    [](const QString &cell) { return cell != numberText(std::nan("")); });
            };
            QList<QStringList> expected;
            for (const HistoryRow &row : m_console->monitor().history().rows(page().range())) {
                const QDateTime time = QDateTime::fromMSecsSinceEpoch(row.time);
                QStringList cells {QLocale().toString(time.date(), QLocale::ShortFormat)
                    + time.toString(QStringLiteral(" HH:mm:ss"))};
                for (size_t n = 0; n < SeriesCount; ++n) {
                    if (info(static_cast<Series>(n)).chart == Charts[number])
                        cells.append(valueText(info(static_cast<Series>(n)).unit, row.values[n]));
                }
                // Newest first.
                if (isKnown(cells))
                    expected.prepend(cells);
            }
            QList<QStringList> shown;
            for (int row = 0; row < table.rowCount(); ++row) {
                QStringList cells;
                for (int column = 0; column < table.columnCount(); ++column)
                    cells.append(table.index(row, column).data().toString());
                if (isKnown(cells))
                    shown.append(cells);
            }
            QVERIFY(!expected.isEmpty());
            QCOMPARE(shown, expected);
        };
        page().goLive();
        QTest::mouseClick(button, Qt::LeftButton);
        QVERIFY(panel.isTableShown());
        QVERIFY(table.rowCount() >= 5);
        verifySame();
        // A reader stays where he is while answers come in.
        const QPersistentModelIndex place(table.index(2, 0));
        const QString text = place.data().toString();
        const qint64 before = lastTime();
        if (number == 0)
            QTRY_VERIFY_WITH_TIMEOUT(lastTime() > before, Soon);
        verifySame();
        QVERIFY(place.isValid());
        QCOMPARE(place.data().toString(), text);
        // It follows the zoom.
        const qint64 end = lastTime() - 1500;
        emit plot(number).rangeChosen(end - 60'000, end);
        verifySame();
        QTest::mouseClick(button, Qt::LeftButton);
        QVERIFY(!panel.isTableShown());
    }
}

QTEST_MAIN(TestCharts)
#include "tst_charts.moc"
