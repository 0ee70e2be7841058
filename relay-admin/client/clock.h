// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDateTime>

#include <chrono>
#include <functional>

namespace relay::admin {

/** Where the client takes the time from; tests put their own in. */
struct Clock {
    std::function<std::chrono::steady_clock::time_point()> steady = std::chrono::steady_clock::now;
    std::function<QDateTime()> wall = [] { return QDateTime::currentDateTimeUtc(); };
};

} // namespace relay::admin
