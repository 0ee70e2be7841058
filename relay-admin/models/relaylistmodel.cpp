// SPDX-License-Identifier: GPL-3.0-or-later
#include "relay-admin/models/relaylistmodel.h"

#include "relay-admin/models/formats.h"
#include "shared/monitoring/metricnames.h"

#include <cmath>

namespace relay::admin {

namespace {

QString unknown()
{
    return numberText(std::nan(""));
}

bool isNumber(int column)
{
    using Model = RelayListModel;
    return column == Model::Uptime || column == Model::Connections || column == Model::Blobs
        || column == Model::Age;
}

/** What is not known is sorted before everything that is. */
double sortable(double value)
{
    return std::isnan(value) ? -1 : value;
}

} // namespace

void RelayListModel::append(RelayMonitor *monitor)
{
    const int row = static_cast<int>(m_monitors.size());
    beginInsertRows({}, row, row);
    m_monitors.append(monitor);
    endInsertRows();
    connect(
        monitor, &RelayMonitor::changed, this, [=, this] { touch(monitor, 0, ColumnCount - 1); });
    connect(
        monitor, &RelayMonitor::updated, this, [=, this] { touch(monitor, 0, ColumnCount - 1); });
    connect(monitor, &RelayMonitor::aged, this, [=, this] { touch(monitor, Age, Age); });
    connect(monitor, &RelayMonitor::goingAway, this, [=, this] { drop(monitor); });
}

void RelayListModel::remove(RelayMonitor *monitor)
{
    disconnect(monitor, nullptr, this, nullptr);
    drop(monitor);
}

void RelayListModel::drop(const RelayMonitor *monitor)
{
    const int row = static_cast<int>(m_monitors.indexOf(monitor));
    if (row < 0)
        return;
    beginRemoveRows({}, row, row);
    m_monitors.removeAt(row);
    endRemoveRows();
}

void RelayListModel::moveRelay(int from, int to)
{
    const bool isInside = from >= 0 && to >= 0 && from < rowCount() && to < rowCount();
    if (!isInside || from == to)
        return;
    beginMoveRows({}, from, from, {}, to > from ? to + 1 : to);
    m_monitors.move(from, to);
    endMoveRows();
}

RelayMonitor *RelayListModel::monitor(const QModelIndex &index) const
{
    const bool isOurs = checkIndex(index, CheckIndexOption::IndexIsValid);
    return isOurs ? m_monitors[index.row()] : nullptr;
}

int RelayListModel::rowOf(const QUuid &profile) const
{
    for (int row = 0; row < rowCount(); ++row) {
        if (m_monitors[row]->profile().id == profile)
            return row;
    }
    return -1;
}

void RelayListModel::touch(const RelayMonitor *monitor, int firstColumn, int lastColumn)
{
    const int row = static_cast<int>(m_monitors.indexOf(monitor));
    if (row >= 0)
        emit dataChanged(index(row, firstColumn), index(row, lastColumn));
}

int RelayListModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_monitors.size());
}

int RelayListModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QString RelayListModel::text(const RelayMonitor &monitor, int column) const
{
    const RelayFigures figures = monitor.figures();
    switch (column) {
    case Name:
        return monitor.profile().name;
    case State:
        return stateName(monitor.state().state);
    case Uptime:
        return figures.uptime ? shortDurationText(*figures.uptime) : unknown();
    case Version:
        return figures.version.isEmpty() ? unknown() : figures.version;
    case Connections:
        return std::isnan(figures.connections)
            ? unknown()
            : usedText(figures.connections, figures.connectionLimit);
    case Blobs:
        return numberText(figures.blobsStored);
    case Age:
        return monitor.age() ? shortDurationText(*monitor.age()) : unknown();
    }
    return {};
}

QVariant RelayListModel::sortValue(const RelayMonitor &monitor, int column, int row) const
{
    const RelayFigures figures = monitor.figures();
    switch (column) {
    case Name:
        return row;
    case State:
        return static_cast<int>(monitor.state().state);
    case Uptime:
        return figures.uptime ? static_cast<qlonglong>(figures.uptime->count()) : -1;
    case Connections:
        return sortable(figures.connections);
    case Blobs:
        return sortable(figures.blobsStored);
    case Age:
        return monitor.age() ? static_cast<qlonglong>(monitor.age()->count()) : -1;
    }
    return text(monitor, column);
}

QString RelayListModel::toolTip(const RelayMonitor &monitor, int column) const
{
    const RelayFigures figures = monitor.figures();
    switch (column) {
    case Connections:
        return tr("%1 and %2, number")
            .arg(QLatin1String(metric::ConnectionsActive.name),
                QLatin1String(metric::MaxConnections.name));
    case Age:
        return tr("Time since the last answer");
    case Blobs:
        return tr("%1, number").arg(QLatin1String(metric::BlobsStored.name));
    case Uptime:
        return figures.uptime ? durationText(*figures.uptime) : QString();
    default:
        return monitor.state().reason;
    }
}

QVariant RelayListModel::data(const QModelIndex &index, int role) const
{
    const RelayMonitor *const found = monitor(index);
    if (!found)
        return {};
    const int column = index.column();
    switch (role) {
    case Qt::DisplayRole:
        return text(*found, column);
    case Qt::ToolTipRole:
        return toolTip(*found, column);
    case Qt::AccessibleTextRole:
        return column == Name
            ? tr("%1, %2", "name of a relay, its state")
                  .arg(text(*found, Name), text(*found, State))
            : tr("%1: %2", "column, value")
                  .arg(headerData(column, Qt::Horizontal, Qt::DisplayRole).toString(),
                      text(*found, column));
    case Qt::AccessibleDescriptionRole:
        return found->state().reason;
    case Qt::TextAlignmentRole:
        return QVariant(isNumber(column) ? Qt::AlignTrailing | Qt::AlignVCenter
                                         : Qt::AlignLeading | Qt::AlignVCenter);
    case ProfileIdRole:
        return found->profile().id;
    case GroupRole:
        return found->profile().group;
    case ColourRole:
        return static_cast<int>(found->profile().colour);
    case StateRole:
        return static_cast<int>(found->state().state);
    case GreyRole:
        return found->state().isGrey;
    case SortRole:
        return sortValue(*found, column, index.row());
    default:
        return {};
    }
}

QVariant RelayListModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole)
        return QAbstractTableModel::headerData(section, orientation, role);
    switch (section) {
    case Name:
        return tr("Name");
    case State:
        return tr("State");
    case Uptime:
        return tr("Uptime");
    case Version:
        return tr("Version");
    case Connections:
        return tr("Connections");
    case Blobs:
        return tr("Blobs");
    case Age:
        return tr("Age");
    }
    return {};
}

RelayListProxy::RelayListProxy(QObject *parent)
    : QSortFilterProxyModel(parent)
{
    setSortRole(RelayListModel::SortRole);
    setSortLocaleAware(true);
    setDynamicSortFilter(true);
}

bool RelayListProxy::lessThan(const QModelIndex &left, const QModelIndex &right) const
{
    const QString a = left.data(RelayListModel::GroupRole).toString();
    const QString b = right.data(RelayListModel::GroupRole).toString();
    if (a == b) {
        return left.data(sortRole()) == right.data(sortRole())
            ? left.row() < right.row()
            : QSortFilterProxyModel::lessThan(left, right);
    }
    // Groups keep their order when the column's is turned round.
    const bool isTurned = sortOrder() == Qt::DescendingOrder;
    if (a.isEmpty() || b.isEmpty())
        return b.isEmpty() != isTurned;
    const int order = QString::localeAwareCompare(a, b);
    return (order != 0 ? order < 0 : a < b) != isTurned;
}

} // namespace relay::admin
