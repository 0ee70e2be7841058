// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "relay-admin/models/relaymonitor.h"

#include <QAbstractTableModel>
#include <QPointer>

#include <vector>

namespace relay::admin {

/**
 * Every sample that a relay's last answer of /metrics held. While it is about the same relay, rows
 * keep their places, come, and go, so that selection and scroll stay. Sorting and filtering is left
 * to a QSortFilterProxyModel (all columns of FilterRole).
 */
class MetricsModel : public QAbstractTableModel {
    Q_OBJECT

public:
    enum Column { Name, Labels, Value, Rate, Help, ColumnCount };
    enum Role {
        SortRole = Qt::UserRole, ///< numbers as numbers
        FilterRole,              ///< name, labels and help of the row, in every column
        CopyRole,                ///< as in /metrics: name{labels} value
    };

    using QAbstractTableModel::QAbstractTableModel;

    /** Null: none. */
    void setMonitor(RelayMonitor *monitor);
    /** Grey: the values are old. */
    bool isGrey() const;

    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    /** Where a row's sample is in the exposition. */
    struct Place {
        size_t family;
        size_t sample;
    };

    struct Row {
        Place place;
        double rate;
    };

    void refresh();
    bool isSameLayout(const Exposition &next) const;
    void relayout(const std::shared_ptr<const Exposition> &next);
    void takeRates();
    void clear();
    const MetricFamily &familyOf(const Row &row) const;
    const MetricSample &sampleOf(const Row &row) const;
    QString text(const Row &row, int column) const;
    QString unit(const Row &row) const;

    QPointer<RelayMonitor> m_monitor;
    std::shared_ptr<const Exposition> m_exposition;
    std::vector<Row> m_rows;
};

} // namespace relay::admin
