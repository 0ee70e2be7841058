// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "relay-admin/client/pollresult.h"

#include <QByteArray>

namespace relay::admin {

class HttpQuery;

/** Most that is read of an answer. */
inline constexpr qsizetype MaxHealthBytes = 64 * 1024;
inline constexpr qsizetype MaxMetricsBytes = ExpositionLimits().maxBytes;
/** What is kept of an answer's texts, which are untrusted: longer ones are cut, more left out. */
inline constexpr qsizetype MaxReasonLength = 500;
inline constexpr qsizetype MaxNameLength = 100;
inline constexpr qsizetype MaxReadyChecks = 50;

/**
 * What the three paths say, read into `result` from queries that have finished. A body that is
 * not what it should be makes an Ok query Malformed. Texts of the peer become plain text: control
 * characters and what changes the direction of writing become blanks.
 */
void readHealth(const HttpQuery &query, PollResult &result);
void readReady(const HttpQuery &query, PollResult &result);
void readMetrics(const HttpQuery &query, PollResult &result);

} // namespace relay::admin
