// SPDX-License-Identifier: GPL-3.0-or-later
#include "relay-admin/ui/alertspage.h"

#include "relay-admin/ui/icons.h"
#include "relay-admin/ui/tables.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QItemSelectionModel>
#include <QLabel>
#include <QPushButton>
#include <QSortFilterProxyModel>
#include <QTableView>
#include <QVBoxLayout>

namespace relay::admin {

namespace {

/** The model's rows with an icon for how bad it is: by its shape, not by its colour alone. */
class SeverityIcons : public QSortFilterProxyModel {
public:
    SeverityIcons(Theme &theme, QObject *parent)
        : QSortFilterProxyModel(parent)
        , m_theme(theme)
    {
    }

    QVariant data(const QModelIndex &index, int role) const override
    {
        if (role != Qt::DecorationRole || index.column() != AlertsModel::Severity)
            return QSortFilterProxyModel::data(index, role);
        const auto row = mapToSource(index);
        if (!row.data(AlertsModel::FiringRole).toBool())
            return icon(QStringLiteral("ok"), [this] { return m_theme.color(Shade::Muted); });
        const bool isCritical = row.data(AlertsModel::SeverityRole).toInt()
            == static_cast<int>(AlertSeverity::Critical);
        return icon(isCritical ? QStringLiteral("state-down") : QStringLiteral("state-degraded"),
            [this, isCritical] { return m_theme.color(isCritical ? Shade::Bad : Shade::Warning); });
    }

private:
    Theme &m_theme;
};

} // namespace

AlertsPage::AlertsPage(AlertsModel &model, Theme &theme, QWidget *parent)
    : QWidget(parent)
    , m_model(model)
    , m_proxy(new SeverityIcons(theme, this))
    , m_table(new QTableView(this))
    , m_empty(new QLabel(this))
    , m_mute(new QPushButton(icon(QStringLiteral("mute")), QString(), this))
{
    m_proxy->setSourceModel(&m_model);
    m_proxy->setSortRole(AlertsModel::SortRole);
    m_table->setModel(m_proxy);
    setUpTable(*m_table);
    m_table->setSelectionMode(QAbstractItemView::SingleSelection);
    m_table->sortByColumn(-1, Qt::AscendingOrder);
    QHeaderView *header = m_table->horizontalHeader();
    header->setStretchLastSection(false);
    header->setSectionResizeMode(AlertsModel::Summary, QHeaderView::Stretch);
    for (const int column : {AlertsModel::Severity, AlertsModel::Relay, AlertsModel::State,
             AlertsModel::Value, AlertsModel::Since, AlertsModel::Until})
        header->setSectionResizeMode(column, QHeaderView::ResizeToContents);
    m_empty->setAlignment(Qt::AlignCenter);
    m_empty->setWordWrap(true);
    auto *head = new QHBoxLayout;
    head->addStretch();
    head->addWidget(m_mute);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(14, 12, 14, 14);
    layout->addLayout(head);
    layout->addWidget(m_empty, 1);
    layout->addWidget(m_table, 1);

    connect(m_table->selectionModel(), &QItemSelectionModel::selectionChanged, this,
        &AlertsPage::showSelection);
    connect(m_proxy, &QAbstractItemModel::dataChanged, this, &AlertsPage::showSelection);
    connect(m_proxy, &QAbstractItemModel::rowsInserted, this, &AlertsPage::showSelection);
    connect(m_proxy, &QAbstractItemModel::rowsRemoved, this, &AlertsPage::showSelection);
    connect(m_mute, &QPushButton::clicked, this, &AlertsPage::toggleMute);
    connect(m_table, &QTableView::activated, this, [this](const QModelIndex &index) {
        emit relayWanted(index.data(AlertsModel::ProfileIdRole).toUuid());
    });
    retranslate();
}

void AlertsPage::changeEvent(QEvent *event)
{
    if (event->type() == QEvent::LanguageChange)
        retranslate();
    QWidget::changeEvent(event);
}

void AlertsPage::retranslate()
{
    m_empty->setText(tr("No alert is firing, and none was since this program was started."));
    m_table->setAccessibleName(tr("Alerts"));
    showSelection();
}

void AlertsPage::showSelection()
{
    const bool isEmpty = m_proxy->rowCount() == 0;
    m_empty->setVisible(isEmpty);
    m_table->setVisible(!isEmpty);
    m_mute->setVisible(!isEmpty);
    const QModelIndexList rows = m_table->selectionModel()->selectedRows();
    m_mute->setEnabled(!rows.isEmpty());
    const bool isMuted = !rows.isEmpty() && rows.front().data(AlertsModel::MutedRole).toBool();
    m_mute->setText(isMuted ? tr("Unmu&te") : tr("Mu&te"));
}

void AlertsPage::toggleMute()
{
    const QModelIndexList rows = m_table->selectionModel()->selectedRows();
    if (rows.isEmpty())
        return;
    const QModelIndex row = rows.front();
    emit muteWanted(row.data(AlertsModel::ProfileIdRole).toUuid(),
        row.data(AlertsModel::RuleIdRole).toString(), !row.data(AlertsModel::MutedRole).toBool());
}

} // namespace relay::admin
