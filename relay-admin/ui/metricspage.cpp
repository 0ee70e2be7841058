// SPDX-License-Identifier: GPL-3.0-or-later
#include "relay-admin/ui/metricspage.h"

#include "relay-admin/ui/icons.h"
#include "relay-admin/ui/tables.h"

#include <QAction>
#include <QApplication>
#include <QClipboard>
#include <QEvent>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QItemSelectionModel>
#include <QLabel>
#include <QLineEdit>
#include <QSortFilterProxyModel>
#include <QTableView>
#include <QVBoxLayout>

namespace relay::admin {

MetricsPage::MetricsPage(QWidget *parent)
    : QWidget(parent)
    , m_model(new MetricsModel(this))
    , m_proxy(new QSortFilterProxyModel(this))
    , m_filterLabel(new QLabel(this))
    , m_filter(new QLineEdit(this))
    , m_count(new QLabel(this))
    , m_table(new QTableView(this))
{
    m_proxy->setSourceModel(m_model);
    m_proxy->setSortRole(MetricsModel::SortRole);
    m_proxy->setFilterRole(MetricsModel::FilterRole);
    m_proxy->setFilterCaseSensitivity(Qt::CaseInsensitive);
    m_table->setModel(m_proxy);
    setUpTable(*m_table);
    m_table->sortByColumn(-1, Qt::AscendingOrder); // as the relay wrote them
    m_table->setColumnWidth(MetricsModel::Name, 290);
    m_table->setColumnWidth(MetricsModel::Labels, 150);
    m_filter->setClearButtonEnabled(true);
    m_filter->addAction(icon(QStringLiteral("search")), QLineEdit::LeadingPosition)
        ->setObjectName(QStringLiteral("search"));
    m_filterLabel->setBuddy(m_filter);

    auto *copyAction = new QAction(icon(QStringLiteral("copy")), QString(), m_table);
    copyAction->setObjectName(QStringLiteral("copy"));
    copyAction->setShortcut(QKeySequence::Copy);
    copyAction->setShortcutContext(Qt::WidgetShortcut);
    m_table->addAction(copyAction);

    auto *head = new QHBoxLayout;
    head->addWidget(m_filterLabel);
    head->addWidget(m_filter, 1);
    head->addWidget(m_count);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(14, 12, 14, 14);
    layout->addLayout(head);
    layout->addWidget(m_table, 1);

    connect(copyAction, &QAction::triggered, this, &MetricsPage::copy);
    connect(m_filter, &QLineEdit::textChanged, this, [this](const QString &text) {
        m_proxy->setFilterFixedString(text);
        showCount();
    });
    connect(m_proxy, &QAbstractItemModel::rowsInserted, this, &MetricsPage::showCount);
    connect(m_proxy, &QAbstractItemModel::rowsRemoved, this, &MetricsPage::showCount);
    connect(m_proxy, &QAbstractItemModel::modelReset, this, &MetricsPage::showCount);
    retranslate();
}

void MetricsPage::setMonitor(RelayMonitor *monitor)
{
    m_model->setMonitor(monitor);
}

void MetricsPage::focusFilter()
{
    m_filter->setFocus(Qt::ShortcutFocusReason);
    m_filter->selectAll();
}

void MetricsPage::copy()
{
    QStringList lines;
    const auto copyRow = [&](int row) {
        lines.append(m_proxy->index(row, 0).data(MetricsModel::CopyRole).toString());
    };
    const QModelIndexList selected = m_table->selectionModel()->selectedRows();
    for (const QModelIndex &index : selected)
        copyRow(index.row());
    for (int row = 0; selected.isEmpty() && row < m_proxy->rowCount(); ++row)
        copyRow(row);
    QApplication::clipboard()->setText(lines.join(QLatin1Char('\n')));
}

void MetricsPage::changeEvent(QEvent *event)
{
    if (event->type() == QEvent::LanguageChange)
        retranslate();
    QWidget::changeEvent(event);
}

void MetricsPage::retranslate()
{
    m_filterLabel->setText(tr("F&ilter:"));
    m_filter->setPlaceholderText(tr("Name, label or help"));
    m_filter->setAccessibleName(tr("Filter the metrics"));
    m_filter->findChild<QAction *>(QStringLiteral("search"))->setText(m_filter->accessibleName());
    m_table->setAccessibleName(tr("All metrics"));
    m_table->findChild<QAction *>(QStringLiteral("copy"))->setText(tr("&Copy as in /metrics"));
    showCount();
}

void MetricsPage::showCount()
{
    m_count->setText(tr("%n row(s)", nullptr, m_proxy->rowCount()));
}

} // namespace relay::admin
