// SPDX-License-Identifier: GPL-3.0-or-later
#include "relay-admin/ui/application.h"

#include <QCoreApplication>
#include <QEvent>

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <mutex>
#include <semaphore>
#include <thread>
#include <vector>

// The console, and how long its GUI thread lets an event wait. SIGUSR1 begins the measured span
// anew; SIGTERM ends the program as its menu does, and the figures are printed.

namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;
using Millis = std::chrono::duration<double, std::milli>;

constexpr auto BeatInterval = 5ms;
constexpr size_t LongestShown = 5;

/** Signals are this thread's and its children's to wait for, and nobody's to handle. */
sigset_t blockSignals()
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGUSR1);
    pthread_sigmask(SIG_BLOCK, &set, nullptr);
    return set;
}

/** What a thread has done since it began; otherwise it slept. */
struct ThreadTime {
    Millis worked {0};
    /** It could have worked, and others had the processors. */
    Millis displaced {0};

    /** Of a thread of this process, from /proc. */
    static ThreadTime of(pid_t thread)
    {
        char path[64];
        std::snprintf(path, sizeof path, "/proc/self/task/%d/schedstat", thread);
        long long worked = 0;
        long long displaced = 0;
        if (std::FILE *const file = std::fopen(path, "r")) {
            if (std::fscanf(file, "%lld %lld", &worked, &displaced) != 2)
                worked = displaced = 0;
            std::fclose(file);
        }
        return {std::chrono::nanoseconds(worked), std::chrono::nanoseconds(displaced)};
    }
    ThreadTime operator-(const ThreadTime &other) const
    {
        return {worked - other.worked, displaced - other.displaced};
    }
};

class Heartbeat : public QObject {
public:
    explicit Heartbeat(const sigset_t &set)
        : m_signals(set)
    {
        m_thread = std::thread([this] { run(); });
    }
    ~Heartbeat() override
    {
        m_isOver = true;
        m_handled.release();
        m_thread.join();
        QCoreApplication::removePostedEvents(this);
    }
    void print() const;

protected:
    bool event(QEvent *event) override
    {
        if (event->type() != QEvent::User)
            return QObject::event(event);
        m_handledAt = Clock::now();
        m_handled.release();
        return true;
    }

private:
    struct Wait {
        Millis atSpan;
        Millis waited;
        /** What the GUI thread did meanwhile. */
        ThreadTime spent;
    };

    void run();
    static void printLongest(const char *of, const std::vector<Wait> &waits);
    const sigset_t m_signals;
    const pid_t m_gui = gettid();
    std::counting_semaphore<> m_handled {0};
    Clock::time_point m_handledAt; ///< written before the release
    std::atomic_bool m_isOver = false;
    mutable std::mutex m_mutex;
    std::vector<Wait> m_waits;
    Clock::time_point m_began = Clock::now();
    std::thread m_thread;
};

void Heartbeat::run()
{
    const timespec interval {0, std::chrono::nanoseconds(BeatInterval).count()};
    while (!m_isOver) {
        // Between two beats it waits here.
        const int signal = sigtimedwait(&m_signals, nullptr, &interval);
        if (signal == SIGTERM && QCoreApplication::instance())
            QMetaObject::invokeMethod(
                QCoreApplication::instance(), &QCoreApplication::quit, Qt::QueuedConnection);
        if (signal == SIGUSR1) {
            const std::lock_guard lock(m_mutex);
            m_waits.clear();
            m_began = Clock::now();
        }
        const ThreadTime before = ThreadTime::of(m_gui);
        const auto posted = Clock::now();
        QCoreApplication::postEvent(this, new QEvent(QEvent::User));
        m_handled.acquire();
        if (m_isOver)
            return;
        const std::lock_guard lock(m_mutex);
        m_waits.push_back({posted - m_began, m_handledAt - posted, ThreadTime::of(m_gui) - before});
    }
}

void Heartbeat::printLongest(const char *of, const std::vector<Wait> &waits)
{
    std::printf("longest %s:\n", of);
    for (size_t n = 0; n < std::min(LongestShown, waits.size()); ++n)
        std::printf("  %.1f ms at %.1f s: worked %.1f ms, displaced %.1f ms\n",
            waits[n].waited.count(), waits[n].atSpan.count() / 1000, waits[n].spent.worked.count(),
            waits[n].spent.displaced.count());
}

void Heartbeat::print() const
{
    const std::lock_guard lock(m_mutex);
    std::vector<Wait> waits = m_waits;
    if (waits.empty())
        return;
    std::sort(waits.begin(), waits.end(),
        [](const Wait &left, const Wait &right) { return left.waited > right.waited; });
    const auto nth = [&](double share) {
        return waits[size_t(double(waits.size() - 1) * (1 - share))].waited.count();
    };
    std::printf("beats %zu, waited: median %.2f ms, p99 %.2f ms, p99.9 %.2f ms, longest %.1f ms\n",
        waits.size(), nth(0.5), nth(0.99), nth(0.999), nth(1));
    printLongest("waits", waits);
    // What is the console's own, however busy the machine: it worked, or it slept elsewhere.
    std::sort(waits.begin(), waits.end(), [](const Wait &left, const Wait &right) {
        return left.waited - left.spent.displaced > right.waited - right.spent.displaced;
    });
    printLongest("without the time that others had the processors", waits);
}

} // namespace

int main(int argc, char *argv[])
{
    Heartbeat heartbeat(blockSignals());
    const int code = relay::admin::runConsole(argc, argv);
    heartbeat.print();
    return code;
}
