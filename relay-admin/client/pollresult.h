// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/monitoring/exposition.h"

#include <QByteArray>
#include <QDateTime>
#include <QString>

#include <chrono>
#include <memory>
#include <vector>

namespace relay::admin {

using SteadyTime = std::chrono::steady_clock::time_point;

/** How asking one path ended. */
enum class Outcome {
    Ok,           ///< 200, and the body says what it should
    Unavailable,  ///< 503
    Unauthorized, ///< 401 or 403: the token is missing or wrong
    HttpError,    ///< another status
    Malformed,    ///< 200, and the body is not what it should be
    TooLarge,     ///< the body is longer than anybody's should be
    Redirected,   ///< which is not followed: a token would go along
    Unreachable,  ///< no host, no connection, or it broke
    TlsFailed,    ///< the certificate is not trusted, or TLS could not be set up
    TimedOut,
};

struct Answer {
    Outcome outcome = Outcome::Unreachable;
    /** 0: there was no HTTP answer. */
    int status = 0;
    /** In plain words of this program and the system, never the peer's. */
    QString detail;
};

/** What /health says. */
struct HealthReport {
    QString version;
    std::chrono::seconds uptime {0};
};

/** One line of /ready. */
struct ReadyCheck {
    QString name;
    bool isOk = false;
    /** The relay's reason, shortened to 500 characters, plain text; may be empty. */
    QString reason;
};

/** All that one poll brought. A value: it is handed between objects and kept. */
struct PollResult {
    /** When the poll began and ended, for durations and ages. */
    SteadyTime began {};
    SteadyTime ended {};
    /** When it ended by the wall clock, for what people read. */
    QDateTime wallTime;

    Answer health;
    HealthReport healthReport; ///< where `health` is Ok

    Answer ready;
    std::vector<ReadyCheck> readyChecks; ///< where `ready` is Ok or Unavailable

    Answer metrics;
    std::shared_ptr<const Exposition> exposition; ///< where `metrics` is Ok
    QByteArray rawMetrics;                        ///< the last body, as it came
};

} // namespace relay::admin
