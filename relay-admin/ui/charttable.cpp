// SPDX-License-Identifier: GPL-3.0-or-later
#include "relay-admin/ui/charttable.h"

#include <QDateTime>

#include <cmath>
#include <limits>
#include <map>

namespace relay::admin {

void ChartTable::setLines(const QList<ChartLine> &lines, const QLocale &locale)
{
    beginResetModel();
    m_lines = lines;
    m_locale = locale;
    const auto columns = static_cast<size_t>(lines.size());
    std::map<qint64, std::vector<double>, std::greater<>> rows;
    for (size_t n = 0; n < columns; ++n) {
        for (const QPointF &point : lines[static_cast<qsizetype>(n)].points) {
            auto &values = rows[static_cast<qint64>(point.x())];
            values.resize(columns, std::numeric_limits<double>::quiet_NaN());
            values[n] = point.y();
        }
    }
    m_rows.clear();
    for (auto &[time, values] : rows)
        m_rows.push_back({time, std::move(values)});
    endResetModel();
}

int ChartTable::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

int ChartTable::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_lines.size()) + 1;
}

QVariant ChartTable::data(const QModelIndex &index, int role) const
{
    if (!index.isValid())
        return {};
    const Row &row = m_rows[static_cast<size_t>(index.row())];
    if (role == Qt::TextAlignmentRole && index.column() > 0)
        return QVariant::fromValue(Qt::AlignTrailing | Qt::AlignVCenter);
    if (role != Qt::DisplayRole)
        return {};
    if (index.column() == 0) {
        const QDateTime moment = QDateTime::fromMSecsSinceEpoch(row.time);
        return m_locale.toString(moment.date(), QLocale::ShortFormat) + QLatin1Char(' ')
            + m_locale.toString(moment.time(), QStringLiteral("HH:mm:ss"));
    }
    const auto column = static_cast<size_t>(index.column() - 1);
    return valueText(m_lines[index.column() - 1].unit, row.values[column]);
}

QVariant ChartTable::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal)
        return {};
    if (role == Qt::DisplayRole)
        return section == 0 ? tr("Time") : m_lines[section - 1].name;
    if (role == Qt::ToolTipRole && section > 0)
        return m_lines[section - 1].metric;
    return {};
}

} // namespace relay::admin
