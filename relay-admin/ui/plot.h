// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "relay-admin/ui/chartpanel.h"
#include "relay-admin/ui/ticks.h"

#include <QChartView>

#include <vector>

class QCategoryAxis;
class QGraphicsLineItem;
class QLineSeries;
class QRubberBand;

namespace relay::admin {

/**
 * The drawing of a ChartPanel. Wheel and +/- zoom, dragging marks a range, dragging with Shift or
 * the middle button and the arrow keys pan, a double click and Home go back to what comes in.
 */
class Plot : public QChartView {
    Q_OBJECT

public:
    explicit Plot(Theme &theme, QWidget *parent = nullptr);
    ~Plot() override;

    using QChartView::show;
    /** The range in milliseconds since 1970. */
    void show(const QList<ChartLine> &lines, qint64 from, qint64 to);
    void setCrosshair(std::optional<qint64> time);
    /** The theme, the language or the direction changed. */
    void restyle();

signals:
    void rangeChosen(qint64 from, qint64 to);
    void rangeReset();
    void pointedAt(std::optional<qint64> time);

protected:
    void wheelEvent(QWheelEvent *event) override;
    void mousePressEvent(QMouseEvent *event) override;
    void mouseMoveEvent(QMouseEvent *event) override;
    void mouseReleaseEvent(QMouseEvent *event) override;
    void mouseDoubleClickEvent(QMouseEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;
    void leaveEvent(QEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;

private:
    enum class Drag { None, Mark, Pan };

    /** The pieces of a line between its gaps. */
    struct Drawn {
        std::vector<QLineSeries *> pieces;
    };

    void draw(Drawn &drawn, const ChartLine &line, int number);
    QLineSeries *piece(Drawn &drawn, size_t number);
    void drawLines();
    void scaleAxes();
    /** Its label is not cut off at the edge. */
    bool fits(const TimeTick &tick) const;
    void placeCrosshair();
    qint64 timeAt(int x) const;
    void zoom(double factor, qint64 around);
    void pan(double share);

    Theme &m_theme;
    QCategoryAxis *m_time;
    QCategoryAxis *m_left;
    QCategoryAxis *m_right;
    QList<ChartLine> m_lines;
    std::vector<Drawn> m_drawn;
    qint64 m_from = 0;
    qint64 m_to = 1;
    std::optional<qint64> m_crosshairTime;
    QGraphicsLineItem *m_crosshair;
    QRubberBand *m_band;
    Drag m_drag = Drag::None;
    QPoint m_pressed;
    qint64 m_pressedFrom = 0;
};

} // namespace relay::admin
