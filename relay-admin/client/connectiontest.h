// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "relay-admin/client/profile.h"

#include <QElapsedTimer>
#include <QObject>
#include <QSslConfiguration>
#include <QTimer>

#include <array>
#include <chrono>
#include <memory>
#include <optional>

class QSslError;
class QSslSocket;
class QWebSocket;

namespace relay::admin {

class HttpQuery;

/** In their order. */
enum class TestStep { Dns, Tcp, Tls, Health, Ready, Metrics, WebSocket };
inline constexpr int TestStepCount = 7;

enum class TestState {
    Waiting,
    Running,
    Ok,
    Failed,
    Skipped, ///< there was nothing to test, or one before it failed
};

struct TestResult {
    TestState state = TestState::Waiting;
    /** What was found, for people; may be empty. */
    QString detail;
    /** What to do about it; empty unless it failed, and sometimes then. */
    QString advice;
    std::chrono::milliseconds duration {0};
};

/** "TLS", "WebSocket", for people. */
QString nameOf(TestStep step);

/**
 * Tries, one after the other, what polling a relay and using it needs, and says of each how it
 * went. At the public port it asks for the WebSocket upgrade and sends nothing over it. Each step
 * has its time limit.
 */
class ConnectionTest : public QObject {
    Q_OBJECT

public:
    explicit ConnectionTest(QObject *parent = nullptr);
    ~ConnectionTest() override;

    /** Of each step. */
    void setTimeLimit(std::chrono::milliseconds limit) { m_timeLimit = limit; }

    /** From the beginning; a test that is running is cancelled before. */
    void start(const Profile &profile, const QString &token);
    /** Running and waiting steps become Skipped, and no finished() comes. */
    void cancel();
    bool isRunning() const { return m_step.has_value(); }

    const TestResult &result(TestStep step) const { return m_results[size_t(step)]; }

signals:
    /** result(step) is another now. */
    void changed(relay::admin::TestStep step);
    void finished();

private:
    void begin(TestStep step);
    void next();
    void end(TestState state, const QString &detail, const QString &advice = {});
    void endLate();
    void release();
    void skip(TestStep step, const QString &detail);
    bool isPrevented(TestStep step) const;

    void lookUp();
    void connectTcp();
    void agreeOnTls();
    void noteTlsFailed(const QList<QSslError> &errors);
    void ask(const QString &path);
    void noteAnswer();
    void upgrade();

    bool isTls() const;
    QString tunnelAdvice() const;

    Profile m_profile;
    QString m_token;
    std::chrono::milliseconds m_timeLimit {10'000};
    std::optional<QSslConfiguration> m_tls;
    std::array<TestResult, TestStepCount> m_results;
    std::optional<TestStep> m_step;
    QTimer m_deadline;
    QElapsedTimer m_duration;
    int m_lookup = -1;
    std::unique_ptr<QSslSocket> m_socket;
    std::unique_ptr<HttpQuery> m_query;
    std::unique_ptr<QWebSocket> m_webSocket;
};

} // namespace relay::admin
