// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "relay-admin/models/relaymonitor.h"

#include <QAbstractTableModel>
#include <QList>
#include <QSortFilterProxyModel>

namespace relay::admin {

/**
 * The list of relays, in the order of the profiles. Owns nothing: a monitor that is destroyed
 * leaves the list.
 */
class RelayListModel : public QAbstractTableModel {
    Q_OBJECT

public:
    enum Column { Name, State, Uptime, Version, Connections, Blobs, Age, ColumnCount };
    enum Role {
        ProfileIdRole = Qt::UserRole, ///< QUuid
        GroupRole,                    ///< QString; empty: in none
        ColourRole,                   ///< ColourTag, as int
        StateRole,                    ///< RelayState, as int
        GreyRole,                     ///< bool: the values are old
        SortRole,                     ///< what the column is sorted by
    };

    using QAbstractTableModel::QAbstractTableModel;

    void append(RelayMonitor *monitor);
    void remove(RelayMonitor *monitor);
    /** Puts the relay of row `from` so that it is row `to` afterwards. */
    void moveRelay(int from, int to);
    RelayMonitor *monitor(const QModelIndex &index) const;
    /** -1: not in the list. */
    int rowOf(const QUuid &profile) const;

    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    void drop(const RelayMonitor *monitor);
    void touch(const RelayMonitor *monitor, int firstColumn, int lastColumn);
    QString text(const RelayMonitor &monitor, int column) const;
    QVariant sortValue(const RelayMonitor &monitor, int column, int row) const;
    QString toolTip(const RelayMonitor &monitor, int column) const;

    QList<RelayMonitor *> m_monitors;
};

/**
 * Keeps groups together, by their names, those in no group last; within them sorts by any column of
 * RelayListModel, in either direction. Sorted by Name it is the order of the profiles.
 */
class RelayListProxy : public QSortFilterProxyModel {
    Q_OBJECT

public:
    explicit RelayListProxy(QObject *parent = nullptr);

protected:
    bool lessThan(const QModelIndex &left, const QModelIndex &right) const override;
};

} // namespace relay::admin
