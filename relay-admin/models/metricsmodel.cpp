// SPDX-License-Identifier: GPL-3.0-or-later
#include "relay-admin/models/metricsmodel.h"

#include "relay-admin/models/formats.h"
#include "relay-admin/models/series.h"

#include <QHash>

#include <algorithm>
#include <cmath>
#include <limits>

namespace relay::admin {

namespace {

QString labelsText(const MetricSample &sample)
{
    QStringList labels;
    for (const MetricLabel &label : sample.labels)
        labels.append(QStringLiteral("%1=\"%2\"").arg(QString::fromUtf8(label.name), label.value));
    return labels.join(QStringLiteral(", "));
}

QString rowKey(const MetricSample &sample)
{
    return QString::fromUtf8(sample.name) + u'{' + labelsText(sample);
}

} // namespace

void MetricsModel::setMonitor(RelayMonitor *monitor)
{
    if (monitor == m_monitor)
        return;
    if (m_monitor)
        disconnect(m_monitor, nullptr, this, nullptr);
    m_monitor = monitor;
    clear();
    if (!monitor)
        return;
    connect(monitor, &RelayMonitor::updated, this, &MetricsModel::refresh);
    connect(monitor, &RelayMonitor::goingAway, this, [this] { setMonitor(nullptr); });
    refresh();
}

bool MetricsModel::isGrey() const
{
    return !m_monitor || m_monitor->state().isGrey;
}

void MetricsModel::clear()
{
    beginResetModel();
    m_rows.clear();
    m_exposition.reset();
    endResetModel();
}

void MetricsModel::refresh()
{
    const std::shared_ptr<const Exposition> next = m_monitor->rates().exposition();
    if (!next) {
        if (m_exposition)
            clear();
        return;
    }
    if (next == m_exposition)
        return;
    if (m_exposition && isSameLayout(*next))
        m_exposition = next;
    else
        relayout(next);
    takeRates();
    if (!m_rows.empty())
        emit dataChanged(index(0, 0), index(rowCount() - 1, ColumnCount - 1));
}

bool MetricsModel::isSameLayout(const Exposition &next) const
{
    size_t samples = 0;
    for (const MetricFamily &family : next.families)
        samples += family.samples.size();
    if (samples != m_rows.size())
        return false;
    return std::all_of(m_rows.begin(), m_rows.end(), [&](const Row &row) {
        return row.place.family < next.families.size()
            && row.place.sample < next.families[row.place.family].samples.size()
            && isSameSeries(
                sampleOf(row), next.families[row.place.family].samples[row.place.sample]);
    });
}

/** Rows that are gone go, others stay where they are, and new ones come behind. */
void MetricsModel::relayout(const std::shared_ptr<const Exposition> &next)
{
    QHash<QString, Place> places;
    std::vector<std::pair<QString, Place>> order;
    for (size_t f = 0; f < next->families.size(); ++f) {
        for (size_t s = 0; s < next->families[f].samples.size(); ++s) {
            const QString key = rowKey(next->families[f].samples[s]);
            // Twice the same series is a fault of whoever wrote it; the first one is shown.
            if (places.contains(key))
                continue;
            places.insert(key, {f, s});
            order.push_back({key, {f, s}});
        }
    }
    std::vector<bool> isKept(m_rows.size());
    std::vector<Row> kept;
    QHash<QString, bool> known;
    for (size_t i = 0; i < m_rows.size(); ++i) {
        const QString key = rowKey(sampleOf(m_rows[i]));
        const auto place = places.constFind(key);
        isKept[i] = place != places.constEnd();
        if (isKept[i]) {
            kept.push_back({*place, m_rows[i].rate});
            known.insert(key, true);
        }
    }
    // From the end, whole stretches at once: the places before them stay what they are.
    for (int last = rowCount() - 1; last >= 0; --last) {
        if (isKept[static_cast<size_t>(last)])
            continue;
        int first = last;
        while (first > 0 && !isKept[static_cast<size_t>(first) - 1])
            --first;
        beginRemoveRows({}, first, last);
        m_rows.erase(m_rows.begin() + first, m_rows.begin() + last + 1);
        endRemoveRows();
        last = first;
    }
    m_rows = std::move(kept);
    m_exposition = next;
    std::vector<Row> added;
    for (const auto &[key, place] : order) {
        if (!known.contains(key))
            added.push_back({place, std::numeric_limits<double>::quiet_NaN()});
    }
    if (added.empty())
        return;
    beginInsertRows({}, rowCount(), rowCount() + static_cast<int>(added.size()) - 1);
    m_rows.insert(m_rows.end(), added.begin(), added.end());
    endInsertRows();
}

void MetricsModel::takeRates()
{
    for (Row &row : m_rows)
        row.rate = m_monitor->rates().perSecond(row.place.family, row.place.sample);
}

const MetricFamily &MetricsModel::familyOf(const Row &row) const
{
    return m_exposition->families[row.place.family];
}

const MetricSample &MetricsModel::sampleOf(const Row &row) const
{
    return familyOf(row).samples[row.place.sample];
}

/** By the name's end, where Prometheus' conventions want the unit. */
QString MetricsModel::unit(const Row &row) const
{
    const QByteArray &name = sampleOf(row).name;
    if (name.endsWith("_bucket") || name.endsWith("_count"))
        return unitName(Unit::Count);
    if (familyOf(row).name.contains("_seconds"))
        return unitName(Unit::Seconds);
    if (familyOf(row).name.contains("_bytes"))
        return unitName(Unit::Bytes);
    return unitName(Unit::Count);
}

QString MetricsModel::text(const Row &row, int column) const
{
    switch (column) {
    case Name:
        return QString::fromUtf8(sampleOf(row).name);
    case Labels:
        return labelsText(sampleOf(row));
    case Value:
        return numberText(sampleOf(row).value);
    case Rate:
        return std::isnan(row.rate) ? QString() : rateText(row.rate);
    case Help:
        return familyOf(row).help;
    }
    return {};
}

int MetricsModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

int MetricsModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant MetricsModel::data(const QModelIndex &index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    const Row &row = m_rows[static_cast<size_t>(index.row())];
    const int column = index.column();
    const bool isNumber = column == Value || column == Rate;
    switch (role) {
    case Qt::DisplayRole:
        return text(row, column);
    case Qt::ToolTipRole:
        if (column == Rate)
            return tr("%1, %2 per second").arg(text(row, Name), unit(row));
        return tr("%1, %2", "metric, unit").arg(text(row, Name), unit(row));
    case Qt::AccessibleTextRole:
        return tr("%1: %2", "column, value")
            .arg(headerData(column, Qt::Horizontal, Qt::DisplayRole).toString(), text(row, column));
    case Qt::TextAlignmentRole:
        return QVariant(
            isNumber ? Qt::AlignTrailing | Qt::AlignVCenter : Qt::AlignLeading | Qt::AlignVCenter);
    case SortRole:
        if (isNumber)
            return column == Value ? sampleOf(row).value : (std::isnan(row.rate) ? -1 : row.rate);
        return text(row, column);
    case FilterRole:
        return QStringList {text(row, Name), text(row, Labels), text(row, Help)}.join(u'\n');
    case CopyRole: {
        const QString labels = text(row, Labels);
        return text(row, Name) + (labels.isEmpty() ? labels : u'{' + labels + u'}') + u' '
            + QString::number(sampleOf(row).value, 'g', 17);
    }
    default:
        return {};
    }
}

QVariant MetricsModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole)
        return QAbstractTableModel::headerData(section, orientation, role);
    switch (section) {
    case Name:
        return tr("Name");
    case Labels:
        return tr("Labels");
    case Value:
        return tr("Value");
    case Rate:
        return tr("Rate");
    case Help:
        return tr("Help");
    }
    return {};
}

} // namespace relay::admin
