// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/hostile/siege.h"

#include <QDeadlineTimer>
#include <QElapsedTimer>

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <memory>

namespace relay::test {

namespace {

/** How long the relay may take to answer an attack. */
constexpr int PatienceMillis = 60'000;

double median(std::vector<double> values)
{
    if (values.empty())
        return 0;
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
}

double mebibytes(qint64 bytes)
{
    return static_cast<double>(bytes) / (1024 * 1024);
}

/**
 * Attackers sit at other machines: this thread takes what the relay and the honest client leave of
 * this one. A thread cannot have its priority back, so the attack has one of its own.
 */
void yieldProcessor()
{
    ::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), 19);
}

} // namespace

HonestClient::HonestClient(quint16 port)
    : m_thread([this, port] { run(port); })
{
}

HonestClient::~HonestClient()
{
    m_isStopping = true;
    m_thread.join();
}

std::vector<double> HonestClient::takeLatencies()
{
    const std::lock_guard lock(m_mutex);
    return std::exchange(m_latencies, {});
}

void HonestClient::run(quint16 port)
{
    const Id id = freshId();
    RawClient client(port);
    if (!client.join(id)) {
        m_hasFailed = true;
        return;
    }
    while (!m_isStopping) {
        QElapsedTimer timer;
        timer.start();
        const auto stored = client.store(id, QByteArray(256, 'h'), id);
        const double millis = static_cast<double>(timer.nsecsElapsed()) / 1e6;
        Envelope envelope;
        if (!stored || stored->status != AckStatus::Stored
            || !client.expect<EncryptedUpdate>(&envelope)) {
            m_hasFailed = true;
            return;
        }
        client.send(Acknowledgment {envelope.messageId, AckStatus::ReceivedByRecipient, {}});
        // The receipts too: what nobody takes would make each search longer than the last.
        for (AckStatus status {}; status != AckStatus::ReceivedByRecipient;) {
            const auto receipt = client.expectAck(stored->messageId);
            if (!receipt) {
                m_hasFailed = true;
                return;
            }
            status = receipt->status;
        }
        const std::lock_guard lock(m_mutex);
        m_latencies.push_back(millis);
    }
}

Siege::Siege(Environment environment, int descriptorLimit)
    : m_relay([&] {
        environment.insert(QStringLiteral("RATE_LIMIT_PER_MIN"), QStringLiteral("0"));
        return environment;
    }())
{
    if (descriptorLimit > 0)
        m_relay.setDescriptorLimit(descriptorLimit);
    if (!m_relay.start())
        fail("the relay does not start: " + m_relay.log());
}

bool Siege::fail(const QByteArray &why)
{
    if (m_why.isEmpty())
        m_why = why;
    return false;
}

bool Siege::hold(
    const char *what, const std::function<bool()> &step, const std::function<QByteArray()> &got)
{
    if (!m_why.isEmpty())
        return false;
    const int seconds = std::max(qEnvironmentVariableIntValue("RELAYTEST_SIEGE_SECS"), 1);
    const auto honest = std::make_unique<HonestClient>(m_relay.port());
    // Undisturbed for a while, until there is something to compare with.
    std::vector<double> before;
    for (QDeadlineTimer calm(std::min(seconds, 10) * 1000);
         !calm.hasExpired() || before.size() < 20;) {
        if (honest->hasFailed())
            return fail("the honest client is not served even before the attack");
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
        const auto more = honest->takeLatencies();
        before.insert(before.end(), more.begin(), more.end());
    }
    const qint64 memoryBefore = m_relay.residentBytes();
    qint64 memoryPeak = memoryBefore;
    QElapsedTimer attack;
    attack.start();
    honest->takeLatencies();
    std::thread([&] {
        yieldProcessor();
        bool isAnswered = false;
        while (!isAnswered || attack.elapsed() < seconds * 1000) {
            isAnswered |= step();
            memoryPeak = std::max(memoryPeak, m_relay.residentBytes());
            if (honest->hasFailed())
                return fail("the honest client is not served during the attack");
            if (!isAnswered && attack.elapsed() > PatienceMillis)
                return fail("the relay has not answered the attack: " + got());
        }
        return true;
    }).join();
    if (!m_why.isEmpty())
        return false;
    const std::vector<double> during = honest->takeLatencies();
    if (during.empty())
        return fail("the honest client was not answered once during the attack");
    const double calm = median(before);
    const double disturbed = median(during);
    qInfo("%s | %s | %.1f s | honest p50 %.2f -> %.2f ms (x %.2f), %zu stores | "
          "memory %.1f -> %.1f MB, at the end %.1f",
        what, got().constData(), static_cast<double>(attack.elapsed()) / 1e3, calm, disturbed,
        disturbed / calm, during.size(), mebibytes(memoryBefore), mebibytes(memoryPeak),
        mebibytes(m_relay.residentBytes()));
    return true;
}

} // namespace relay::test
