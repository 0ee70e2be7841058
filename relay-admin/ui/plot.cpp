// SPDX-License-Identifier: GPL-3.0-or-later
#include "relay-admin/ui/plot.h"

#include <QAccessibleWidget>
#include <QCategoryAxis>
#include <QChart>
#include <QGraphicsLayout>
#include <QGraphicsLineItem>
#include <QGuiApplication>
#include <QKeyEvent>
#include <QLineSeries>
#include <QLocale>
#include <QMouseEvent>
#include <QRubberBand>
#include <QTime>
#include <QWheelEvent>

#include <algorithm>
#include <cmath>

namespace relay::admin {

namespace {

constexpr qreal LineWidth = 1.75;
/** A dot as wide as a line is hardly seen. */
constexpr qreal DotWidth = 4;
/** The smallest range that can be zoomed to. */
constexpr qint64 LeastRange = 10'000;
constexpr double ZoomStep = 1.5;
constexpr double PanStep = 0.2;
/** A shorter drag is a click that slipped. */
constexpr int LeastDrag = 8;
constexpr int MostTicks = 7;

void setTicks(QCategoryAxis &axis, const std::vector<std::pair<QString, double>> &ticks)
{
    const QStringList present = axis.categoriesLabels();
    const bool isSame = present.size() == static_cast<qsizetype>(ticks.size())
        && std::equal(ticks.begin(), ticks.end(), present.begin(),
            [&axis](const auto &tick, const QString &label) {
                return tick.first == label && axis.endValue(label) == tick.second;
            });
    if (isSame)
        return;
    for (const QString &label : present)
        axis.remove(label);
    for (const auto &[label, value] : ticks)
        axis.append(label, value);
}

/** Categories need names of their own: the same time of another day has an invisible character. */
QString distinct(QString label, const std::vector<std::pair<QString, double>> &ticks)
{
    const auto isTaken = [&] {
        return std::any_of(
            ticks.begin(), ticks.end(), [&](const auto &tick) { return tick.first == label; });
    };
    while (isTaken())
        label += QChar(0x200b);
    return label;
}

/** What decides how high an axis reaches: a limit only where it is near. */
double highest(const QList<ChartLine> &lines, Unit unit, qint64 from, qint64 to)
{
    double readings = 0;
    double limits = 0;
    for (const ChartLine &line : lines) {
        if (line.unit != unit)
            continue;
        double &most = line.isLimit ? limits : readings;
        for (const QPointF &point : line.points) {
            if (std::isfinite(point.y()) && point.x() >= static_cast<double>(from)
                && point.x() <= static_cast<double>(to))
                most = std::max(most, point.y());
        }
    }
    constexpr double Near = 2;
    return limits <= readings * Near ? std::max(readings, limits) : readings;
}

/** A picture of numbers, and not a page that scrolls; ChartPanel offers them as a table. */
class AccessiblePlot : public QAccessibleWidget {
public:
    explicit AccessiblePlot(Plot *plot)
        : QAccessibleWidget(plot, QAccessible::Chart)
    {
    }
    // The viewport is nothing of its own.
    int childCount() const override { return 0; }
    QAccessibleInterface *child(int) const override { return nullptr; }
    int indexOfChild(const QAccessibleInterface *) const override { return -1; }
};

QAccessibleInterface *accessiblePlot(const QString &, QObject *object)
{
    auto *plot = qobject_cast<Plot *>(object);
    return plot ? new AccessiblePlot(plot) : nullptr;
}

} // namespace

Plot::Plot(Theme &theme, QWidget *parent)
    : QChartView(new QChart, parent)
    , m_theme(theme)
    , m_time(new QCategoryAxis)
    , m_left(new QCategoryAxis)
    , m_right(new QCategoryAxis)
    , m_crosshair(new QGraphicsLineItem(chart()))
    , m_band(new QRubberBand(QRubberBand::Rectangle, viewport()))
{
    static const bool isTold = (QAccessible::installFactory(accessiblePlot), true);
    Q_UNUSED(isTold)
    chart()->legend()->hide();
    chart()->setMargins(QMargins(0, 9, 9, 0));
    chart()->setBackgroundRoundness(0);
    chart()->layout()->setContentsMargins(0, 0, 0, 0);
    chart()->addAxis(m_time, Qt::AlignBottom);
    chart()->addAxis(m_left, Qt::AlignLeft);
    chart()->addAxis(m_right, Qt::AlignRight);
    for (QCategoryAxis *axis : {m_time, m_left, m_right}) {
        axis->setLabelsPosition(QCategoryAxis::AxisLabelsPositionOnValue);
        axis->setTruncateLabels(false);
        axis->setStartValue(0);
    }
    m_right->setGridLineVisible(false);
    m_crosshair->setZValue(100);
    m_crosshair->hide();
    setRenderHint(QPainter::Antialiasing);
    setFrameShape(QFrame::NoFrame);
    setFocusPolicy(Qt::StrongFocus);
    setMouseTracking(true);
    setMinimumHeight(110);
    restyle();
}

Plot::~Plot() = default;

void Plot::restyle()
{
    // The program's palette: at a change of theme the widget's own comes later than this call.
    const QColor base = QGuiApplication::palette().color(QPalette::Base);
    chart()->setBackgroundBrush(base);
    chart()->setPlotAreaBackgroundVisible(false);
    setBackgroundBrush(base);
    QFont small = font();
    small.setPointSizeF(small.pointSizeF() * 0.85);
    for (QCategoryAxis *axis : {m_time, m_left, m_right}) {
        axis->setLabelsColor(m_theme.color(Shade::Muted));
        axis->setLabelsFont(small);
        axis->setGridLineColor(m_theme.grid());
        axis->setLinePenColor(m_theme.grid());
    }
    m_time->setGridLineVisible(false);
    m_crosshair->setPen(QPen(m_theme.color(Shade::Muted), 1, Qt::DashLine));
    drawLines();
}

void Plot::show(const QList<ChartLine> &lines, qint64 from, qint64 to)
{
    m_lines = lines;
    m_from = from;
    m_to = std::max(to, from + 1);
    drawLines();
}

void Plot::drawLines()
{
    while (m_drawn.size() > static_cast<size_t>(m_lines.size())) {
        for (QLineSeries *series : m_drawn.back().pieces) {
            chart()->removeSeries(series);
            delete series;
        }
        m_drawn.pop_back();
    }
    m_drawn.resize(static_cast<size_t>(m_lines.size()));
    scaleAxes();
    for (int n = 0; n < m_lines.size(); ++n)
        draw(m_drawn[static_cast<size_t>(n)], m_lines[n], n);
    placeCrosshair();
}

QLineSeries *Plot::piece(Drawn &drawn, size_t number)
{
    while (drawn.pieces.size() <= number) {
        auto *series = new QLineSeries;
        chart()->addSeries(series);
        series->attachAxis(m_time);
        drawn.pieces.push_back(series);
    }
    return drawn.pieces[number];
}

void Plot::draw(Drawn &drawn, const ChartLine &line, int number)
{
    QPen pen(m_theme.line(number), LineWidth);
    pen.setCapStyle(Qt::RoundCap);
    if (line.isLimit)
        pen.setStyle(Qt::DashLine);
    QCategoryAxis *axis = line.unit == m_lines.front().unit ? m_left : m_right;
    QCategoryAxis *other = axis == m_left ? m_right : m_left;
    size_t used = 0;
    QList<QPointF> run;
    const auto finishRun = [&] {
        if (run.isEmpty())
            return;
        // A reading between two gaps is a dot.
        pen.setWidthF(run.size() == 1 ? DotWidth : LineWidth);
        if (run.size() == 1)
            run.append(run.front() + QPointF(1, 0));
        QLineSeries *series = piece(drawn, used++);
        if (!series->attachedAxes().contains(axis)) {
            if (series->attachedAxes().contains(other))
                series->detachAxis(other);
            series->attachAxis(axis);
        }
        series->setPen(pen);
        series->replace(run);
        run.clear();
    };
    for (const QPointF &point : line.points) {
        if (std::isfinite(point.y()))
            run.append(point);
        else
            finishRun();
    }
    finishRun();
    for (size_t n = used; n < drawn.pieces.size(); ++n)
        drawn.pieces[n]->clear();
}

void Plot::scaleAxes()
{
    const QLocale locale = this->locale();
    std::vector<std::pair<QString, double>> ticks;
    // Labels stand apart by a quarter of their width at least.
    const QString sample = locale.toString(QTime(22, 58), QLocale::ShortFormat);
    const double room = QFontMetricsF(m_time->labelsFont()).horizontalAdvance(sample) * 1.25;
    const int most = std::clamp(static_cast<int>(chart()->plotArea().width() / room), 1, MostTicks);
    for (const TimeTick &tick : timeTicks(m_from, m_to, most, locale)) {
        if (fits(tick))
            ticks.emplace_back(distinct(tick.label, ticks), static_cast<double>(tick.time));
    }
    setTicks(*m_time, ticks);
    m_time->setRange(static_cast<double>(m_from), static_cast<double>(m_to));

    const Unit left = m_lines.isEmpty() ? Unit::Count : m_lines.front().unit;
    const auto second = std::find_if(m_lines.begin(), m_lines.end(),
        [left](const ChartLine &line) { return line.unit != left; });
    m_right->setVisible(second != m_lines.end());
    const auto scale = [&](QCategoryAxis &axis, Unit unit) {
        ticks.clear();
        for (const double value : ticksUpTo(highest(m_lines, unit, m_from, m_to), unit))
            ticks.emplace_back(distinct(valueText(unit, value), ticks), value);
        setTicks(axis, ticks);
        axis.setRange(0, ticks.back().second);
    };
    scale(*m_left, left);
    if (second != m_lines.end())
        scale(*m_right, second->unit);
}

bool Plot::fits(const TimeTick &tick) const
{
    const QRectF area = chart()->plotArea();
    const double share =
        static_cast<double>(tick.time - m_from) / static_cast<double>(m_to - m_from);
    const double middle = area.left() + share * area.width();
    const double half = QFontMetricsF(m_time->labelsFont()).horizontalAdvance(tick.label) / 2;
    return middle - half >= 0 && middle + half <= chart()->size().width();
}

void Plot::setCrosshair(std::optional<qint64> time)
{
    m_crosshairTime = time;
    placeCrosshair();
}

void Plot::placeCrosshair()
{
    const bool isInside = m_crosshairTime && *m_crosshairTime >= m_from && *m_crosshairTime <= m_to;
    m_crosshair->setVisible(isInside);
    if (!isInside)
        return;
    const QRectF area = chart()->plotArea();
    const double share =
        static_cast<double>(*m_crosshairTime - m_from) / static_cast<double>(m_to - m_from);
    const double x = area.left() + share * area.width();
    m_crosshair->setLine(x, area.top(), x, area.bottom());
}

qint64 Plot::timeAt(int x) const
{
    const QRectF area = chart()->plotArea();
    const double share = std::clamp((x - area.left()) / std::max(area.width(), 1.0), 0.0, 1.0);
    return m_from + static_cast<qint64>(share * static_cast<double>(m_to - m_from));
}

void Plot::zoom(double factor, qint64 around)
{
    const auto span =
        std::max(static_cast<qint64>(static_cast<double>(m_to - m_from) / factor), LeastRange);
    const double share = static_cast<double>(around - m_from) / static_cast<double>(m_to - m_from);
    const qint64 from = around - static_cast<qint64>(share * static_cast<double>(span));
    emit rangeChosen(from, from + span);
}

void Plot::pan(double share)
{
    const auto by = static_cast<qint64>(share * static_cast<double>(m_to - m_from));
    emit rangeChosen(m_from + by, m_to + by);
}

void Plot::wheelEvent(QWheelEvent *event)
{
    // A plain wheel scrolls the page.
    if (!event->modifiers().testFlag(Qt::ControlModifier)) {
        event->ignore();
        return;
    }
    zoom(std::pow(ZoomStep, event->angleDelta().y() / 120.0),
        timeAt(event->position().toPoint().x()));
    event->accept();
}

void Plot::mousePressEvent(QMouseEvent *event)
{
    m_pressed = event->pos();
    m_pressedFrom = m_from;
    if (event->button() == Qt::MiddleButton
        || (event->button() == Qt::LeftButton && event->modifiers() == Qt::ShiftModifier))
        m_drag = Drag::Pan;
    else if (event->button() == Qt::LeftButton)
        m_drag = Drag::Mark;
    event->accept();
}

void Plot::mouseMoveEvent(QMouseEvent *event)
{
    const QRectF area = chart()->plotArea();
    if (m_drag == Drag::Mark && std::abs(event->pos().x() - m_pressed.x()) >= LeastDrag) {
        const QRect marked = QRect(QPoint(m_pressed.x(), static_cast<int>(area.top())),
            QPoint(event->pos().x(), static_cast<int>(area.bottom())))
                                 .normalized();
        m_band->setGeometry(marked & area.toRect());
        m_band->show();
    } else if (m_drag == Drag::Pan) {
        const double moved = (event->pos().x() - m_pressed.x()) / std::max(area.width(), 1.0);
        const qint64 span = m_to - m_from;
        const qint64 from = m_pressedFrom - static_cast<qint64>(moved * static_cast<double>(span));
        emit rangeChosen(from, from + span);
        return;
    }
    if (area.contains(event->pos()))
        emit pointedAt(timeAt(event->pos().x()));
    else
        emit pointedAt(std::nullopt);
}

void Plot::mouseReleaseEvent(QMouseEvent *event)
{
    if (m_drag == Drag::Mark && m_band->isVisible()) {
        const qint64 one = timeAt(m_pressed.x());
        const qint64 other = timeAt(event->pos().x());
        const qint64 from = std::min(one, other);
        emit rangeChosen(from, std::max(std::max(one, other), from + LeastRange));
    }
    m_band->hide();
    m_drag = Drag::None;
    event->accept();
}

void Plot::mouseDoubleClickEvent(QMouseEvent *event)
{
    emit rangeReset();
    event->accept();
}

void Plot::keyPressEvent(QKeyEvent *event)
{
    const qint64 middle = m_from + (m_to - m_from) / 2;
    // To the left is earlier in every language: time runs as the axis does.
    switch (event->key()) {
    case Qt::Key_Left:
        pan(-PanStep);
        break;
    case Qt::Key_Right:
        pan(PanStep);
        break;
    case Qt::Key_Plus:
    case Qt::Key_Equal:
        zoom(ZoomStep, middle);
        break;
    case Qt::Key_Minus:
        zoom(1 / ZoomStep, middle);
        break;
    case Qt::Key_Home:
        emit rangeReset();
        break;
    default:
        event->ignore();
        return;
    }
    event->accept();
}

void Plot::leaveEvent(QEvent *event)
{
    emit pointedAt(std::nullopt);
    QChartView::leaveEvent(event);
}

void Plot::resizeEvent(QResizeEvent *event)
{
    QChartView::resizeEvent(event);
    placeCrosshair();
}

} // namespace relay::admin
