// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "relay-admin/ui/chartpanel.h"

#include <QAbstractTableModel>

#include <vector>

namespace relay::admin {

/** The lines of a chart as a table, newest first: a row for each time, a column for each line. */
class ChartTable : public QAbstractTableModel {
    Q_OBJECT

public:
    using QAbstractTableModel::QAbstractTableModel;

    void setLines(const QList<ChartLine> &lines, const QLocale &locale);

    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    QVariant headerData(
        int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

private:
    struct Row {
        qint64 time;
        std::vector<double> values; // by line; NaN: none
    };

    QList<ChartLine> m_lines;
    QLocale m_locale;
    std::vector<Row> m_rows;
};

} // namespace relay::admin
