// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "relayd/http/httpresponse.h"

#include <QString>

#include <array>
#include <chrono>
#include <mutex>

namespace relay {

/** What has to hold for the relay to be ready. */
enum class HealthCheck {
    Accepting,         ///< the WebSocket port is open
    StorageWritable,   ///< the last write was committed
    StorageResponding, ///< no call of the database has been waiting for the disk for long
    FreeSpace,         ///< at least RELAY_MIN_FREE_BYTES
    StorageLimit,      ///< below RELAY_MAX_STORAGE_BYTES
    NotDraining,
};

/**
 * What the relay says about itself under /health and /ready. Whoever knows something writes it
 * here, from any thread; reading never waits for a disk.
 *
 * At first the relay does not accept and its storage is not writable: that has to be set.
 */
class HealthBoard {
public:
    using Clock = std::chrono::steady_clock;

    explicit HealthBoard(Clock::time_point start);

    /** @p reason says in words what is wrong; of a check that is ok it is not shown. */
    void set(HealthCheck check, bool ok, const QString &reason = {});
    /** A remark that /ready shows beside the checks; empty: none. */
    void setNote(const QString &note);

    bool isReady() const;

    /** The answers of the HTTP port. */
    HttpResponse health(Clock::time_point now) const;
    HttpResponse ready(Clock::time_point now) const;

    /** The answers of the public port: the same status code and `{"status":"…"}` alone. */
    HttpResponse shortHealth() const;
    HttpResponse shortReady() const;

private:
    static constexpr size_t Checks = static_cast<size_t>(HealthCheck::NotDraining) + 1;

    struct State {
        bool ok = true;
        QString reason;
    };

    bool allOk() const;

    const Clock::time_point m_start;
    mutable std::mutex m_mutex;
    std::array<State, Checks> m_checks; // guarded by m_mutex
    QString m_note;                     // guarded by m_mutex
};

} // namespace relay
