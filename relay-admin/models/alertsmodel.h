// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "relay-admin/models/relaymonitor.h"

#include <QAbstractTableModel>

#include <deque>

namespace relay::admin {

/**
 * What is and was firing, at all relays: what changed last stands first. An alert that only is
 * pending is not here. Owns no monitor; the alerts of one that goes, go.
 */
class AlertsModel : public QAbstractTableModel {
    Q_OBJECT

public:
    enum Column { Severity, Relay, Summary, State, Value, Since, Until, ColumnCount };
    enum Role {
        ProfileIdRole = Qt::UserRole, ///< QUuid
        RuleIdRole,                   ///< QString
        SeverityRole,                 ///< AlertSeverity, as int
        FiringRole,                   ///< bool
        MutedRole,                    ///< bool
        SortRole,
    };
    /** Beyond it the oldest that has ended goes. */
    static constexpr int MaxRows = 500;

    using QAbstractTableModel::QAbstractTableModel;

    void append(RelayMonitor *monitor);
    void remove(RelayMonitor *monitor);
    /** How many fire and are not muted. */
    int firingCount() const;

    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

signals:
    void firingCountChanged();

private:
    struct Row {
        const RelayMonitor *monitor;
        Alert alert;
    };

    void take(const RelayMonitor *monitor, const Alert &alert);
    void limit();
    void dropEndedSilently(const RelayMonitor *monitor);
    void drop(const RelayMonitor *monitor);
    void touchAll();
    QString text(const Row &row, int column) const;

    std::deque<Row> m_rows;
};

/** Warning or critical, for people. */
QString severityName(AlertSeverity severity);

} // namespace relay::admin
