// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "relay-admin/models/history.h"

#include <QByteArray>
#include <QStringList>

#include <vector>

namespace relay::admin {

/**
 * One line by RFC 4180, with its CRLF. A text that a spreadsheet would take for a formula (it
 * begins with = + - @, a tab or a carriage return) gets an apostrophe before it: it may be a
 * stranger's.
 */
QByteArray csvLine(const QStringList &cells);

/**
 * What a history holds in a range, one row for each moment: the time in UTC by ISO 8601, then the
 * series, in columns named after their metrics. UTF-8; what is not known is empty. Numbers have a
 * point and no groups, whatever the locale is, so that they are read again as what they were.
 */
QByteArray csv(const std::vector<HistoryRow> &rows, const std::vector<Series> &columns);

} // namespace relay::admin
