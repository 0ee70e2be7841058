// SPDX-License-Identifier: GPL-3.0-or-later
#include "relay-admin/ui/charttable.h"

#include <QDateTime>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

namespace relay::admin {

std::vector<ChartTable::Row> ChartTable::rowsOf(const QList<ChartLine> &lines)
{
    const auto columns = static_cast<size_t>(lines.size());
    std::map<qint64, std::vector<double>, std::greater<>> byTime;
    for (size_t n = 0; n < columns; ++n) {
        for (const QPointF &point : lines[static_cast<qsizetype>(n)].points) {
            auto &values = byTime[static_cast<qint64>(point.x())];
            values.resize(columns, std::numeric_limits<double>::quiet_NaN());
            values[n] = point.y();
        }
    }
    std::vector<Row> rows;
    for (auto &[time, values] : byTime)
        rows.push_back({time, std::move(values)});
    return rows;
}

bool ChartTable::isSameTable(const QList<ChartLine> &lines, const QLocale &locale) const
{
    return locale == m_locale
        && std::equal(lines.begin(), lines.end(), m_lines.begin(), m_lines.end(),
            [](const ChartLine &a, const ChartLine &b) { return a.name == b.name; });
}

void ChartTable::setLines(const QList<ChartLine> &lines, const QLocale &locale)
{
    if (isSameTable(lines, locale)) {
        m_lines = lines;
        std::vector<Row> rows = rowsOf(lines);
        dropAllBut(rows);
        take(std::move(rows));
        return;
    }
    beginResetModel();
    m_lines = lines;
    m_locale = locale;
    m_rows = rowsOf(lines);
    endResetModel();
}

void ChartTable::dropAllBut(const std::vector<Row> &rows)
{
    const auto isKept = [&](int row) {
        const auto later = [](const Row &a, const Row &b) { return a.time > b.time; };
        return std::binary_search(
            rows.begin(), rows.end(), m_rows[static_cast<size_t>(row)], later);
    };
    for (int last = rowCount() - 1; last >= 0; --last) {
        if (isKept(last))
            continue;
        int first = last;
        while (first > 0 && !isKept(first - 1))
            --first;
        beginRemoveRows({}, first, last);
        m_rows.erase(m_rows.begin() + first, m_rows.begin() + last + 1);
        endRemoveRows();
        last = first;
    }
}

void ChartTable::take(std::vector<Row> rows)
{
    for (size_t first = 0; first < rows.size(); ++first) {
        // Up to the next that is here already, or to the end.
        size_t end = first;
        while (
            end < rows.size() && (first == m_rows.size() || rows[end].time != m_rows[first].time))
            ++end;
        if (end == first)
            continue;
        beginInsertRows({}, static_cast<int>(first), static_cast<int>(end) - 1);
        const auto at = [](std::vector<Row> &in, size_t n) {
            return in.begin() + static_cast<std::ptrdiff_t>(n);
        };
        m_rows.insert(at(m_rows, first), at(rows, first), at(rows, end));
        endInsertRows();
        first = end - 1;
    }
    m_rows = std::move(rows);
    if (!m_rows.empty())
        emit dataChanged(index(0, 0), index(rowCount() - 1, columnCount() - 1));
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
