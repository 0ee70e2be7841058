// SPDX-License-Identifier: GPL-3.0-or-later
#include "relay-admin/client/relaypoller.h"

#include "relay-admin/client/answers.h"
#include "relay-admin/client/httpquery.h"
#include "relay-admin/client/polldelay.h"
#include "relay-admin/client/tls.h"

#include <QRandomGenerator>

namespace relay::admin {

namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;

/** Whether polls of the two would be the same. */
bool isAskedAlike(Profile left, const Profile &right)
{
    left.id = right.id;
    left.name = right.name;
    left.group = right.group;
    left.colour = right.colour;
    left.publicUrl = right.publicUrl;
    return left == right;
}

} // namespace

RelayPoller::RelayPoller(const Profile &profile, const Clock &clock, QObject *parent)
    : QObject(parent)
    , m_profile(profile)
    , m_clock(clock)
{
    m_next.setSingleShot(true);
    m_next.callOnTimeout(this, &RelayPoller::begin);
}

RelayPoller::~RelayPoller() = default;

void RelayPoller::setProfile(const Profile &profile)
{
    const bool isSame = isAskedAlike(m_profile, profile);
    m_profile = profile;
    if (!isSame)
        restart();
}

void RelayPoller::setToken(const QString &token)
{
    if (m_token == token.toUtf8())
        return;
    m_token = token.toUtf8();
    restart();
}

void RelayPoller::start()
{
    m_isRunning = true;
    pollNow();
}

void RelayPoller::stop()
{
    m_isRunning = false;
    m_failures = 0;
    giveUp();
}

void RelayPoller::pollNow()
{
    if (!isPolling())
        begin();
}

void RelayPoller::restart()
{
    const bool isWanted = m_isRunning || isPolling();
    m_failures = 0;
    m_tls.reset();
    giveUp();
    if (isWanted)
        begin();
}

void RelayPoller::giveUp()
{
    m_next.stop();
    m_poll.reset();
}

void RelayPoller::begin()
{
    m_next.stop();
    m_poll = std::make_unique<Poll>();
    m_poll->result.began = m_clock.steady();
    emit pollStarted(m_poll->result.began);
    // Whoever heard it may have stopped us.
    if (!m_poll)
        return;
    // Read again only where it failed: the system's authorities are many.
    if (!m_tls)
        m_tls = tlsConfiguration(m_profile);
    if (!m_tls) {
        const Answer answer {Outcome::TlsFailed, 0, unreadableCaFileText()};
        m_poll->result.health = m_poll->result.ready = m_poll->result.metrics = answer;
        m_poll->open = 0;
        QMetaObject::invokeMethod(this, &RelayPoller::finish, Qt::QueuedConnection);
        return;
    }
    m_poll->health = ask(QStringLiteral("/health"), MaxHealthBytes, {});
    m_poll->ready = ask(QStringLiteral("/ready"), MaxHealthBytes, {});
    m_poll->metrics = ask(QStringLiteral("/metrics"), MaxMetricsBytes, m_token);
}

std::unique_ptr<HttpQuery> RelayPoller::ask(
    const QString &path, qsizetype maxBytes, const QByteArray &bearerToken)
{
    auto query = std::make_unique<HttpQuery>(
        HttpQuery::Request {.url = urlBelow(m_profile.monitoringUrl, path),
            .bearerToken = bearerToken,
            .headerName = m_profile.headerName.toLatin1(),
            .headerValue = m_profile.headerValue.toLatin1(),
            .tls = *m_tls,
            .maxBodyBytes = maxBytes,
            .timeout = pollTimeLimit(m_profile.interval)});
    connect(query.get(), &HttpQuery::finished, this, &RelayPoller::noteAnswer);
    query->start();
    return query;
}

void RelayPoller::noteAnswer()
{
    if (!m_poll || --m_poll->open > 0)
        return;
    // The last query is not deleted inside its own signal.
    QMetaObject::invokeMethod(this, &RelayPoller::finish, Qt::QueuedConnection);
}

void RelayPoller::finish()
{
    if (!m_poll || m_poll->open > 0)
        return;
    const std::unique_ptr<Poll> poll = std::move(m_poll);
    PollResult &result = poll->result;
    if (poll->health) {
        readHealth(*poll->health, result);
        readReady(*poll->ready, result);
        readMetrics(*poll->metrics, result);
    }
    result.ended = m_clock.steady();
    result.wallTime = m_clock.wall();
    m_failures = result.health.outcome == Outcome::Ok ? 0 : m_failures + 1;
    if (m_isRunning)
        scheduleNext(result.began);
    emit polled(result);
}

void RelayPoller::scheduleNext(SteadyTime began)
{
    const auto delay =
        pollDelay(m_profile.interval, m_failures, QRandomGenerator::global()->generateDouble());
    const auto spent = duration_cast<milliseconds>(m_clock.steady() - began);
    m_next.start(std::max(delay - spent, milliseconds(0)));
}

} // namespace relay::admin
