// SPDX-License-Identifier: GPL-3.0-or-later
#include "relay-admin/models/csv.h"

#include <algorithm>
#include <cmath>

namespace relay::admin {

namespace {

QString cell(const QString &text)
{
    static const QString formula = QStringLiteral("=+-@\t\r");
    QString safe = text;
    if (!safe.isEmpty() && formula.contains(safe.front()))
        safe.prepend(u'\'');
    const bool isQuoted = std::any_of(safe.begin(), safe.end(),
        [](QChar c) { return c == u'"' || c == u',' || c == u'\r' || c == u'\n'; });
    if (!isQuoted)
        return safe;
    return u'"' + safe.replace(u'"', QStringLiteral("\"\"")) + u'"';
}

} // namespace

QByteArray csvLine(const QStringList &cells)
{
    QStringList safe;
    for (const QString &text : cells)
        safe.append(cell(text));
    return safe.join(u',').toUtf8() + "\r\n";
}

QByteArray csv(const std::vector<HistoryRow> &rows, const std::vector<Series> &columns)
{
    QStringList names {QStringLiteral("time")};
    for (const Series series : columns)
        names.append(info(series).columnName());
    QByteArray text = csvLine(names);
    for (const HistoryRow &row : rows) {
        text += QDateTime::fromMSecsSinceEpoch(row.time, Qt::UTC)
                    .toString(Qt::ISODateWithMs)
                    .toLatin1();
        for (const Series series : columns) {
            const double value = row.values[static_cast<size_t>(series)];
            text += ',';
            if (std::isfinite(value))
                text += QByteArray::number(value, 'g', 15);
        }
        text += "\r\n";
    }
    return text;
}

} // namespace relay::admin
