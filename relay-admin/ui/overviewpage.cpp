// SPDX-License-Identifier: GPL-3.0-or-later
#include "relay-admin/ui/overviewpage.h"

#include "relay-admin/models/formats.h"
#include "relay-admin/ui/statelabel.h"

#include <QApplication>
#include <QButtonGroup>
#include <QEvent>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>

#include <algorithm>

namespace relay::admin {

namespace {

using namespace std::chrono_literals;

constexpr std::array<std::chrono::minutes, 5> Lengths {5min, 15min, 60min, 360min, 1440min};
/** Between two charts. */
constexpr int Spacing = 10;
/** Finer than this nobody sees, and drawing takes its time from the windows. */
constexpr int MostPoints = 1000;
constexpr int LeastPoints = 120;

} // namespace

OverviewPage::OverviewPage(Theme &theme, QWidget *parent)
    : QWidget(parent)
    , m_state(new StateLabel(theme, this))
    , m_facts(new QLabel(this))
    , m_ranges(new QButtonGroup(this))
    , m_live(new QPushButton(this))
    , m_export(new QPushButton(this))
    , m_length(Lengths.front())
{
    m_facts->setTextFormat(Qt::PlainText);
    m_facts->setWordWrap(true);
    m_facts->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);

    auto *controls = new QHBoxLayout;
    controls->setSpacing(4);
    for (size_t n = 0; n < Lengths.size(); ++n) {
        auto *button = new QPushButton(this);
        button->setCheckable(true);
        button->setChecked(n == 0);
        m_ranges->addButton(button, static_cast<int>(n));
        const auto markChecked = [button] {
            // Fusion alone makes a checked button a shade darker, which in the dark nobody sees.
            const QPalette all = QApplication::palette();
            QPalette own;
            if (button->isChecked()) {
                own.setColor(QPalette::Button, all.color(QPalette::Highlight));
                own.setColor(QPalette::ButtonText, all.color(QPalette::HighlightedText));
            }
            button->setPalette(own);
        };
        connect(button, &QPushButton::toggled, this, markChecked);
        connect(&theme, &Theme::changed, button, markChecked);
        markChecked();
        controls->addWidget(button);
    }
    controls->addWidget(m_live);
    controls->addStretch();
    controls->addWidget(m_export);

    auto *grid = new QGridLayout;
    grid->setSpacing(Spacing);
    for (size_t n = 0; n < Charts.size(); ++n) {
        auto *chart = new ChartPanel(chartName(Charts[n]), theme, this);
        m_charts[n] = chart;
        const int place = static_cast<int>(n);
        const bool isAlone = n + 1 == Charts.size() && n % 2 == 0;
        grid->addWidget(chart, place / 2, place % 2, 1, isAlone ? 2 : 1);
        grid->setRowStretch(place / 2, 1);
        connect(chart, &ChartPanel::rangeChosen, this, [this](qint64 from, qint64 to) {
            fix({from, to});
        });
        connect(chart, &ChartPanel::rangeReset, this, &OverviewPage::goLive);
        connect(chart, &ChartPanel::pointedAt, this, [this](std::optional<qint64> time) {
            for (ChartPanel *each : m_charts)
                each->setCrosshair(time);
        });
        connect(
            chart, &ChartPanel::pictureWanted, this, [this, chart] { emit pictureWanted(chart); });
    }
    grid->setColumnStretch(0, 1);
    grid->setColumnStretch(1, 1);

    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(14, 12, 14, 14);
    layout->setSpacing(8);
    layout->addWidget(m_state);
    layout->addWidget(m_facts);
    layout->addLayout(controls);
    layout->addLayout(grid, 1);

    connect(m_ranges, &QButtonGroup::idClicked, this, [this](int id) {
        m_length = Lengths[static_cast<size_t>(id)];
        goLive();
    });
    connect(m_live, &QPushButton::clicked, this, &OverviewPage::goLive);
    connect(m_export, &QPushButton::clicked, this, &OverviewPage::exportWanted);
    m_live->hide();
    retranslate();
}

void OverviewPage::setMonitor(RelayMonitor *monitor)
{
    if (monitor && m_monitor == monitor)
        return; // a range that somebody chose stays
    if (m_monitor)
        disconnect(m_monitor, nullptr, this, nullptr);
    m_monitor = monitor;
    if (monitor) {
        connect(monitor, &RelayMonitor::changed, this, &OverviewPage::showFacts);
        connect(monitor, &RelayMonitor::aged, this, &OverviewPage::showFacts);
        connect(monitor, &RelayMonitor::updated, this, [this] {
            showFacts();
            showCharts();
        });
        connect(monitor, &RelayMonitor::historyRestored, this, &OverviewPage::showCharts);
    }
    showFacts();
    goLive();
}

HistoryRange OverviewPage::range() const
{
    return m_fixed ? *m_fixed : HistoryRange::last(m_length, QDateTime::currentDateTimeUtc());
}

ChartPanel *OverviewPage::currentChart() const
{
    // The window's: a chart's own is where the focus was in it, however long ago.
    const QWidget *now = window()->focusWidget();
    const auto focused = std::find_if(m_charts.begin(), m_charts.end(),
        [now](const ChartPanel *chart) { return chart->isAncestorOf(now); });
    return focused == m_charts.end() ? m_charts.front() : *focused;
}

void OverviewPage::goLive()
{
    m_fixed.reset();
    m_live->hide();
    showCharts();
}

void OverviewPage::fix(HistoryRange range)
{
    const qint64 span = std::min<qint64>(range.to - range.from, History::MinuteSpan.count());
    const qint64 now = QDateTime::currentMSecsSinceEpoch();
    const qint64 oldest = now - History::MinuteSpan.count();
    const qint64 from = std::clamp(range.from, oldest, now - span);
    m_fixed = HistoryRange {from, from + span};
    m_live->show();
    showCharts();
}

void OverviewPage::showEvent(QShowEvent *event)
{
    QWidget::showEvent(event);
    showFacts();
    showCharts();
}

void OverviewPage::changeEvent(QEvent *event)
{
    if (event->type() == QEvent::LanguageChange)
        retranslate();
    QWidget::changeEvent(event);
}

void OverviewPage::retranslate()
{
    for (int n = 0; n < static_cast<int>(Lengths.size()); ++n) {
        const auto minutes = Lengths[static_cast<size_t>(n)].count();
        const QString text = minutes < 60 ? tr("%n min", "range", static_cast<int>(minutes))
                                          : tr("%n h", "range", static_cast<int>(minutes / 60));
        m_ranges->button(n)->setText(text);
        m_ranges->button(n)->setAccessibleName(tr("Show the last %1").arg(text));
    }
    m_live->setText(tr("Back to &now"));
    m_export->setText(tr("Export &CSV…"));
    for (size_t n = 0; n < Charts.size(); ++n)
        m_charts[n]->setTitle(chartName(Charts[n]));
    showFacts();
    showCharts();
}

void OverviewPage::showFacts()
{
    if (!m_monitor || !isVisible())
        return;
    m_state->show(m_monitor->state());
    const RelayFigures figures = m_monitor->figures();
    QStringList facts;
    if (!figures.version.isEmpty())
        facts.append(tr("version %1").arg(figures.version));
    if (figures.uptime)
        facts.append(tr("up for %1").arg(shortDurationText(*figures.uptime)));
    if (figures.connections == figures.connections)
        facts.append(
            tr("connections: %1").arg(usedText(figures.connections, figures.connectionLimit)));
    if (figures.blobsStored == figures.blobsStored)
        facts.append(tr("stored blobs: %1 (%2)")
                         .arg(numberText(figures.blobsStored), bytesText(figures.storageBytes)));
    if (const auto age = m_monitor->age())
        facts.append(tr("last answer %1 ago").arg(shortDurationText(*age)));
    m_facts->setText(facts.join(QStringLiteral("  ·  ")));
    m_facts->setEnabled(!m_monitor->state().isGrey);
    for (ChartPanel *chart : m_charts)
        chart->setGrey(m_monitor->state().isGrey);
}

void OverviewPage::showCharts()
{
    if (!m_monitor || !isVisible())
        return;
    const HistoryRange shown = range();
    for (size_t n = 0; n < Charts.size(); ++n) {
        const int points = std::clamp(m_charts[n]->width(), LeastPoints, MostPoints);
        m_charts[n]->show(linesOf(Charts[n], shown, points), shown.from, shown.to);
    }
}

QList<ChartLine> OverviewPage::linesOf(Chart chart, HistoryRange range, int maxPoints) const
{
    QList<ChartLine> lines;
    for (size_t n = 0; n < SeriesCount; ++n) {
        const Series series = static_cast<Series>(n);
        const SeriesInfo &about = info(series);
        if (about.chart != chart)
            continue;
        lines.append(
            {seriesName(series), about.columnName(), about.unit, series == Series::ConnectionsLimit,
                m_monitor->history().points(series, range, maxPoints)});
    }
    return lines;
}

} // namespace relay::admin
