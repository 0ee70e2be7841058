// SPDX-License-Identifier: GPL-3.0-or-later
#include "relay-admin/models/alertsmodel.h"

#include "relay-admin/models/formats.h"

#include <QLocale>

#include <algorithm>

namespace relay::admin {

namespace {

QString timeText(const QDateTime &time)
{
    return time.isValid() ? QLocale().toString(time.toLocalTime(), QLocale::ShortFormat)
                          : QString();
}

} // namespace

QString severityName(AlertSeverity severity)
{
    return severity == AlertSeverity::Critical ? AlertsModel::tr("Critical")
                                               : AlertsModel::tr("Warning");
}

void AlertsModel::append(RelayMonitor *monitor)
{
    for (auto it = monitor->pastAlerts().rbegin(); it != monitor->pastAlerts().rend(); ++it)
        take(monitor, *it);
    for (const Alert &alert : monitor->activeAlerts())
        take(monitor, alert);
    connect(monitor, &RelayMonitor::alertChanged, this,
        [=, this](const Alert &alert) { take(monitor, alert); });
    connect(monitor, &RelayMonitor::changed, this, [=, this] { dropEndedSilently(monitor); });
    connect(monitor, &RelayMonitor::mutedRulesChanged, this, &AlertsModel::touchAll);
    connect(monitor, &RelayMonitor::goingAway, this, [=, this] { drop(monitor); });
}

void AlertsModel::remove(RelayMonitor *monitor)
{
    disconnect(monitor, nullptr, this, nullptr);
    drop(monitor);
}

void AlertsModel::take(const RelayMonitor *monitor, const Alert &alert)
{
    if (alert.phase == AlertPhase::Pending)
        return;
    const auto known = std::find_if(m_rows.begin(), m_rows.end(), [&](const Row &row) {
        return row.monitor == monitor && row.alert.ruleId == alert.ruleId
            && row.alert.firedAt == alert.firedAt && row.alert.phase == AlertPhase::Firing;
    });
    if (known == m_rows.end()) {
        beginInsertRows({}, 0, 0);
        m_rows.push_front({monitor, alert});
        endInsertRows();
        limit();
    } else {
        const int row = static_cast<int>(known - m_rows.begin());
        known->alert = alert;
        emit dataChanged(index(row, 0), index(row, ColumnCount - 1));
    }
    emit firingCountChanged();
}

void AlertsModel::limit()
{
    if (rowCount() <= MaxRows)
        return;
    const auto isEnded = [](const Row &row) { return row.alert.phase == AlertPhase::Resolved; };
    const auto oldest = std::find_if(m_rows.rbegin(), m_rows.rend(), isEnded);
    const auto victim =
        oldest == m_rows.rend() ? std::prev(m_rows.end()) : std::prev(oldest.base());
    const int row = static_cast<int>(victim - m_rows.begin());
    beginRemoveRows({}, row, row);
    m_rows.erase(victim);
    endRemoveRows();
}

/** At another address a relay begins anew, and what fired at the old one is nobody's any more. */
void AlertsModel::dropEndedSilently(const RelayMonitor *monitor)
{
    const std::vector<Alert> active = monitor->activeAlerts();
    for (int row = rowCount() - 1; row >= 0; --row) {
        const Row &candidate = m_rows[static_cast<size_t>(row)];
        if (candidate.monitor != monitor || candidate.alert.phase != AlertPhase::Firing)
            continue;
        const bool isActive = std::any_of(active.begin(), active.end(),
            [&](const Alert &alert) { return alert.ruleId == candidate.alert.ruleId; });
        if (isActive)
            continue;
        beginRemoveRows({}, row, row);
        m_rows.erase(m_rows.begin() + row);
        endRemoveRows();
        emit firingCountChanged();
    }
    touchAll(); // the name may be another
}

void AlertsModel::drop(const RelayMonitor *monitor)
{
    for (int row = rowCount() - 1; row >= 0; --row) {
        if (m_rows[static_cast<size_t>(row)].monitor != monitor)
            continue;
        beginRemoveRows({}, row, row);
        m_rows.erase(m_rows.begin() + row);
        endRemoveRows();
    }
    emit firingCountChanged();
}

void AlertsModel::touchAll()
{
    if (!m_rows.empty())
        emit dataChanged(index(0, 0), index(rowCount() - 1, ColumnCount - 1));
    emit firingCountChanged();
}

int AlertsModel::firingCount() const
{
    return static_cast<int>(std::count_if(m_rows.begin(), m_rows.end(), [](const Row &row) {
        return row.alert.phase == AlertPhase::Firing && !row.monitor->isMuted(row.alert.ruleId);
    }));
}

int AlertsModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

int AlertsModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QString AlertsModel::text(const Row &row, int column) const
{
    const bool isFiring = row.alert.phase == AlertPhase::Firing;
    switch (column) {
    case Severity:
        return severityName(row.alert.severity);
    case Relay:
        return row.monitor->profile().name;
    case Summary:
        return summaryText(row.alert);
    case State:
        if (row.monitor->isMuted(row.alert.ruleId))
            return isFiring ? tr("Firing, muted") : tr("Ended, muted");
        return isFiring ? tr("Firing") : tr("Ended");
    case Value:
        return numberText(row.alert.value);
    case Since:
        return timeText(row.alert.firedAt);
    case Until:
        return timeText(row.alert.resolvedAt);
    }
    return {};
}

QVariant AlertsModel::data(const QModelIndex &index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    const Row &row = m_rows[static_cast<size_t>(index.row())];
    const int column = index.column();
    switch (role) {
    case Qt::DisplayRole:
        return text(row, column);
    case Qt::ToolTipRole:
        return tr("%1, threshold %2", "alert rule")
            .arg(row.alert.ruleId, numberText(row.alert.threshold));
    case Qt::AccessibleTextRole:
        return tr("%1: %2", "column, value")
            .arg(headerData(column, Qt::Horizontal, Qt::DisplayRole).toString(), text(row, column));
    case ProfileIdRole:
        return row.monitor->profile().id;
    case RuleIdRole:
        return row.alert.ruleId;
    case SeverityRole:
        return static_cast<int>(row.alert.severity);
    case FiringRole:
        return row.alert.phase == AlertPhase::Firing;
    case MutedRole:
        return row.monitor->isMuted(row.alert.ruleId);
    case SortRole:
        if (column == Severity)
            return static_cast<int>(row.alert.severity);
        if (column == Value)
            return row.alert.value;
        if (column == Since || column == Until)
            return column == Since ? row.alert.firedAt : row.alert.resolvedAt;
        return text(row, column);
    default:
        return {};
    }
}

QVariant AlertsModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole)
        return QAbstractTableModel::headerData(section, orientation, role);
    switch (section) {
    case Severity:
        return tr("Severity");
    case Relay:
        return tr("Relay");
    case Summary:
        return tr("Alert");
    case State:
        return tr("State");
    case Value:
        return tr("Value");
    case Since:
        return tr("Since");
    case Until:
        return tr("Until");
    }
    return {};
}

} // namespace relay::admin
