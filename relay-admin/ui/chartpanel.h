// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "relay-admin/ui/theme.h"
#include "relay-admin/ui/ticks.h"

#include <QList>
#include <QPointF>
#include <QString>
#include <QWidget>

#include <optional>

class QAbstractButton;
class QHBoxLayout;
class QLabel;
class QStackedWidget;
class QTableView;

namespace relay::admin {

class ChartTable;
class Plot;

/** One line of a chart. */
struct ChartLine {
    QString name;
    /** What it is made of, as Prometheus calls it. */
    QString metric;
    Unit unit = Unit::Count;
    /** A bound, not a reading: dashed, and it does not stretch the axis. */
    bool isLimit = false;
    /** x: milliseconds since 1970, rising. y: NaN is a gap. */
    QList<QPointF> points;
};

/**
 * A titled chart of at most five lines over time, with the values beside their names, a crosshair,
 * zoom and pan, and the same data as a table, for a screen reader and for copying.
 *
 * At most two units: the second has its axis at the other side.
 */
class ChartPanel : public QWidget {
    Q_OBJECT

public:
    using QWidget::show;

    ChartPanel(QString title, Theme &theme, QWidget *parent = nullptr);
    ~ChartPanel() override;

    QString title() const { return m_title; }
    void setTitle(const QString &title);
    /** The range in milliseconds since 1970. */
    void show(QList<ChartLine> lines, qint64 from, qint64 to);
    const QList<ChartLine> &lines() const { return m_lines; }
    /** What is shown is old. */
    void setGrey(bool isGrey);
    /** The time at which values are shown; nothing: the newest. */
    void setCrosshair(std::optional<qint64> time);
    bool isTableShown() const;
    /** The title, the legend and the plot, at the screen's own resolution. */
    QPixmap picture();

signals:
    /** Somebody chose another range: dragged, zoomed or panned. */
    void rangeChosen(qint64 from, qint64 to);
    /** Somebody wants to see what comes in again. */
    void rangeReset();
    void pointedAt(std::optional<qint64> time);
    void pictureWanted();

protected:
    void changeEvent(QEvent *event) override;

private:
    void retranslate();
    void updateLegend();
    void showTable(bool on);

    QString m_title;
    Theme &m_theme;
    QList<ChartLine> m_lines;
    std::optional<qint64> m_crosshair;
    bool m_isGrey = false;
    QLabel *m_titleLabel;
    QLabel *m_timeLabel;
    QHBoxLayout *m_legend;
    QList<QLabel *> m_entries;
    QAbstractButton *m_tableButton;
    QAbstractButton *m_pictureButton;
    QStackedWidget *m_stack;
    Plot *m_plot;
    QTableView *m_table;
    ChartTable *m_tableModel;
};

/** The value that a line has at `time`, or the last before it; NaN in a gap and before the first.
 */
double valueAt(const ChartLine &line, double time);

} // namespace relay::admin
