// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "relay-admin/models/relaymonitor.h"
#include "relay-admin/ui/chartpanel.h"

#include <QPointer>
#include <QWidget>

#include <array>

class QButtonGroup;
class QLabel;
class QPushButton;

namespace relay::admin {

class StateLabel;

/** One relay at a glance: its state, a line of facts, five charts over the same range. */
class OverviewPage : public QWidget {
    Q_OBJECT

public:
    explicit OverviewPage(Theme &theme, QWidget *parent = nullptr);

    /** Null: none. */
    void setMonitor(RelayMonitor *monitor);
    /** What the charts show now. */
    HistoryRange range() const;
    /** The chart that has the focus, or the first. */
    ChartPanel *currentChart() const;
    const std::array<ChartPanel *, Charts.size()> &charts() const { return m_charts; }

public slots:
    /** Ends zoom and pan: what comes in is seen again. */
    void goLive();

signals:
    void pictureWanted(relay::admin::ChartPanel *chart);
    void exportWanted();

protected:
    void changeEvent(QEvent *event) override;
    void showEvent(QShowEvent *event) override;

private:
    void retranslate();
    void showFacts();
    void showCharts();
    /** Within what can be known: a day at most, and nothing of the future. */
    void fix(HistoryRange range);
    QList<ChartLine> linesOf(Chart chart, HistoryRange range, int maxPoints) const;

    QPointer<RelayMonitor> m_monitor;
    StateLabel *m_state;
    QLabel *m_facts;
    QButtonGroup *m_ranges;
    QPushButton *m_live;
    QPushButton *m_export;
    std::array<ChartPanel *, Charts.size()> m_charts {};
    std::chrono::milliseconds m_length;
    /** Chosen by zoom or pan; nothing: the last m_length. */
    std::optional<HistoryRange> m_fixed;
};

} // namespace relay::admin
