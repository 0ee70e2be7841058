// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "relay-admin/client/clock.h"
#include "relay-admin/client/pollresult.h"
#include "relay-admin/client/profile.h"

#include <QObject>
#include <QSslConfiguration>
#include <QTimer>

#include <memory>
#include <optional>

namespace relay::admin {

class HttpQuery;

/**
 * Asks one relay for /health, /ready and /metrics, side by side, once in each interval, and never
 * again before the last poll has ended. A poll ends within pollTimeLimit(). While /health fails
 * (anything but Ok) the polls come less often (pollDelay()).
 *
 * Has connections of its own: one relay that hangs delays no other. Lives on the thread of its
 * owner, whose loop it never holds up.
 */
class RelayPoller : public QObject {
    Q_OBJECT

public:
    explicit RelayPoller(
        const Profile &profile, const Clock &clock = {}, QObject *parent = nullptr);
    ~RelayPoller() override;

    const Profile &profile() const { return m_profile; }
    /**
     * If it is another server, or another way to it, a poll under way is given up without polled()
     * and a new one begins; another name, group or colour changes nothing. The token stays: who
     * changes the address decides about it with setToken().
     */
    void setProfile(const Profile &profile);
    /** For /metrics; empty: none. A poll under way is given up and begun again. */
    void setToken(const QString &token);

    /** Polls now, and from now on. */
    void start();
    /** Gives up a poll under way, without polled(). */
    void stop();
    bool isRunning() const { return m_isRunning; }

    /** Polls now, running or not, unless a poll is under way. */
    void pollNow();
    bool isPolling() const { return m_poll != nullptr; }

signals:
    /** Each is followed by polled(), by another pollStarted(), or, after stop(), by neither. */
    void pollStarted(relay::admin::SteadyTime began);
    void polled(const relay::admin::PollResult &result);

private:
    /** What is known of a poll before all three have answered. */
    struct Poll {
        PollResult result;
        std::unique_ptr<HttpQuery> health;
        std::unique_ptr<HttpQuery> ready;
        std::unique_ptr<HttpQuery> metrics;
        int open = 3;
    };

    void begin();
    void restart();
    /** One of the three has answered. */
    void noteAnswer();
    void finish();
    void giveUp();
    void scheduleNext(SteadyTime began);
    std::unique_ptr<HttpQuery> ask(
        const QString &path, qsizetype maxBytes, const QByteArray &bearerToken);

    Profile m_profile;
    const Clock m_clock;
    QByteArray m_token;
    QTimer m_next;
    std::unique_ptr<Poll> m_poll;
    std::optional<QSslConfiguration> m_tls;
    bool m_isRunning = false;
    /** Polls in a row whose /health failed. */
    int m_failures = 0;
};

} // namespace relay::admin
