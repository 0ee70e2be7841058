// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "relay-admin/ui/chartpanel.h"

#include <QAbstractTableModel>

#include <vector>

namespace relay::admin {

/**
 * The lines of a chart as a table, newest first: a row for each time, a column for each line. While
 * the lines are the same, rows come and go, so that whoever reads one stays there.
 */
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

    static std::vector<Row> rowsOf(const QList<ChartLine> &lines);
    bool isSameTable(const QList<ChartLine> &lines, const QLocale &locale) const;
    /** Rows of other times go. */
    void dropAllBut(const std::vector<Row> &rows);
    /** New rows come, and all have the values of these. */
    void take(std::vector<Row> rows);

    QList<ChartLine> m_lines;
    QLocale m_locale;
    std::vector<Row> m_rows;
};

} // namespace relay::admin
