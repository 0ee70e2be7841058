// SPDX-License-Identifier: GPL-3.0-or-later
#include "relay-admin/ui/chartpanel.h"

#include "relay-admin/ui/charttable.h"
#include "relay-admin/ui/icons.h"
#include "relay-admin/ui/plot.h"

#include <QDateTime>
#include <QEvent>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QStackedWidget>
#include <QTableView>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>
#include <limits>
#include <utility>

namespace relay::admin {

namespace {

QToolButton *smallButton(const QString &iconName, QWidget *parent)
{
    auto *button = new QToolButton(parent);
    button->setIcon(icon(iconName));
    button->setAutoRaise(true);
    button->setFocusPolicy(Qt::TabFocus);
    return button;
}

} // namespace

double valueAt(const ChartLine &line, double time)
{
    const auto after = std::upper_bound(line.points.begin(), line.points.end(), time,
        [](double moment, const QPointF &point) { return moment < point.x(); });
    return after == line.points.begin() ? std::numeric_limits<double>::quiet_NaN()
                                        : std::prev(after)->y();
}

ChartPanel::ChartPanel(QString title, Theme &theme, QWidget *parent)
    : QWidget(parent)
    , m_title(std::move(title))
    , m_theme(theme)
    , m_titleLabel(new QLabel(this))
    , m_timeLabel(new QLabel(this))
    , m_legend(new QHBoxLayout)
    , m_tableButton(smallButton(QStringLiteral("table"), this))
    , m_pictureButton(smallButton(QStringLiteral("image"), this))
    , m_stack(new QStackedWidget(this))
    , m_plot(new Plot(theme, this))
    , m_table(new QTableView(this))
    , m_tableModel(new ChartTable(this))
{
    QFont bold = font();
    bold.setBold(true);
    m_titleLabel->setFont(bold);
    m_table->setModel(m_tableModel);
    m_table->verticalHeader()->hide();
    m_table->horizontalHeader()->setStretchLastSection(true);
    m_table->setFrameShape(QFrame::NoFrame);
    m_table->setAlternatingRowColors(true);
    m_table->setTabKeyNavigation(false);
    m_stack->addWidget(m_plot);
    m_stack->addWidget(m_table);
    m_tableButton->setCheckable(true);
    m_tableButton->setObjectName(QStringLiteral("table"));

    auto *head = new QHBoxLayout;
    head->addWidget(m_titleLabel);
    head->addWidget(m_timeLabel);
    head->addStretch();
    head->addWidget(m_tableButton);
    head->addWidget(m_pictureButton);
    m_legend->setSpacing(14);
    m_legend->addStretch();
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(12, 8, 8, 8);
    layout->setSpacing(2);
    layout->addLayout(head);
    layout->addLayout(m_legend);
    layout->addWidget(m_stack, 1);
    setAutoFillBackground(true);
    setBackgroundRole(QPalette::Base);

    connect(m_plot, &Plot::rangeChosen, this, &ChartPanel::rangeChosen);
    connect(m_plot, &Plot::rangeReset, this, &ChartPanel::rangeReset);
    connect(m_plot, &Plot::pointedAt, this, &ChartPanel::pointedAt);
    connect(m_tableButton, &QAbstractButton::toggled, this, &ChartPanel::showTable);
    connect(m_pictureButton, &QAbstractButton::clicked, this, &ChartPanel::pictureWanted);
    connect(&m_theme, &Theme::changed, this, [this] {
        m_plot->restyle();
        updateLegend();
    });
    retranslate();
}

ChartPanel::~ChartPanel() = default;

void ChartPanel::setTitle(const QString &title)
{
    m_title = title;
    retranslate();
}

void ChartPanel::show(QList<ChartLine> lines, qint64 from, qint64 to)
{
    m_lines = std::move(lines);
    m_plot->show(m_lines, from, to);
    if (isTableShown())
        m_tableModel->setLines(m_lines, locale());
    updateLegend();
}

void ChartPanel::setGrey(bool isGrey)
{
    if (std::exchange(m_isGrey, isGrey) != isGrey)
        updateLegend();
}

void ChartPanel::setCrosshair(std::optional<qint64> time)
{
    m_crosshair = time;
    m_plot->setCrosshair(time);
    updateLegend();
}

bool ChartPanel::isTableShown() const
{
    return m_stack->currentWidget() == m_table;
}

QPixmap ChartPanel::picture()
{
    // Without the buttons; the one that was pressed keeps the keyboard.
    QWidget *const focused = focusWidget();
    const bool hasKeyboard = focused && focused->hasFocus();
    m_tableButton->hide();
    m_pictureButton->hide();
    const QPixmap picture = grab();
    m_tableButton->show();
    m_pictureButton->show();
    if (hasKeyboard)
        focused->setFocus();
    return picture;
}

void ChartPanel::changeEvent(QEvent *event)
{
    if (event->type() == QEvent::LanguageChange || event->type() == QEvent::LocaleChange) {
        retranslate();
        m_plot->restyle();
    } else if (event->type() == QEvent::PaletteChange) {
        m_plot->restyle();
    }
    QWidget::changeEvent(event);
}

void ChartPanel::retranslate()
{
    m_titleLabel->setText(m_title);
    m_plot->setAccessibleName(m_title);
    m_table->setAccessibleName(tr("%1, as a table").arg(m_title));
    m_tableButton->setText(tr("Show %1 as a table").arg(m_title));
    m_tableButton->setToolTip(tr("Show as a table"));
    m_tableButton->setAccessibleName(m_tableButton->text());
    m_pictureButton->setText(tr("Save a picture of %1").arg(m_title));
    m_pictureButton->setToolTip(tr("Save as a picture…"));
    m_pictureButton->setAccessibleName(m_pictureButton->text());
    updateLegend();
}

void ChartPanel::updateLegend()
{
    while (m_entries.size() > m_lines.size())
        delete m_entries.takeLast();
    while (m_entries.size() < m_lines.size()) {
        auto *entry = new QLabel(this);
        entry->setTextFormat(Qt::RichText);
        m_legend->insertWidget(m_legend->count() - 1, entry);
        m_entries.append(entry);
    }
    QStringList spoken;
    for (qsizetype n = 0; n < m_lines.size(); ++n) {
        const ChartLine &line = m_lines[n];
        double value = std::numeric_limits<double>::quiet_NaN();
        if (!line.points.isEmpty())
            value = m_crosshair ? valueAt(line, static_cast<double>(*m_crosshair))
                                : line.points.back().y();
        const QString text = valueText(line.unit, value);
        // The stroke is the line's colour; the words are text, and have its contrast.
        m_entries[n]->setText(QStringLiteral("<span style=\"color:%1\">%2</span> %3 <b>%4</b>")
                                  .arg(m_theme.line(static_cast<int>(n)).name(),
                                      line.isLimit ? QStringLiteral("╍╍") : QStringLiteral("━━"),
                                      line.name.toHtmlEscaped(), text.toHtmlEscaped()));
        m_entries[n]->setEnabled(!m_isGrey || m_crosshair);
        m_entries[n]->setToolTip(line.metric);
        m_entries[n]->setAccessibleName(tr("%1: %2").arg(line.name, text));
        spoken.append(m_entries[n]->accessibleName());
    }
    m_plot->setAccessibleDescription(spoken.join(QStringLiteral("; ")));
    m_timeLabel->setVisible(m_crosshair.has_value());
    if (m_crosshair)
        m_timeLabel->setText(locale().toString(
            QDateTime::fromMSecsSinceEpoch(*m_crosshair).time(), QStringLiteral("HH:mm:ss")));
}

void ChartPanel::showTable(bool on)
{
    if (on)
        m_tableModel->setLines(m_lines, locale());
    m_stack->setCurrentWidget(on ? static_cast<QWidget *>(m_table) : m_plot);
}

} // namespace relay::admin
