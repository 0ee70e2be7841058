// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/bench/measurement.h"

#include "tests/bench/fail.h"

#include <QFile>

#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>
#include <thread>

namespace relay::bench {

namespace {

/** Above this share of a core the generator is what is measured. */
constexpr double MostOfACore = 0.9;

double ownCpuSeconds()
{
    rusage usage {};
    ::getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](const timeval &t) {
        return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

QByteArray procFile(int pid, const char *name)
{
    QFile file(QStringLiteral("/proc/%1/%2").arg(pid).arg(QLatin1String(name)));
    if (pid == 0 || !file.open(QIODevice::ReadOnly))
        return {};
    return file.readAll();
}

double cpuSecondsOf(int pid)
{
    const QByteArray text = procFile(pid, "stat");
    const auto fields = text.mid(text.lastIndexOf(')') + 2).split(' ');
    return (fields.value(11).toDouble() + fields.value(12).toDouble())
        / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

QByteArray get(const Endpoint &server, const QByteArray &path)
{
    const int socket = ::socket(server.address.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const auto *address = reinterpret_cast<const sockaddr *>(&server.address);
    const QByteArray request =
        "GET " + path + " HTTP/1.1\r\nHost: " + server.host + "\r\nConnection: close\r\n\r\n";
    if (::connect(socket, address, server.addressSize) != 0
        || ::send(socket, request.constData(), request.size(), MSG_NOSIGNAL) != request.size())
        fail("the monitoring port does not answer");
    QByteArray answer;
    char buffer[16 * 1024];
    for (ssize_t got = 0; (got = ::recv(socket, buffer, sizeof buffer, 0)) > 0;)
        answer.append(buffer, got);
    ::close(socket);
    return answer;
}

} // namespace

double residentBytesOf(int pid)
{
    return procFile(pid, "statm").split(' ').value(1).toDouble()
        * static_cast<double>(::sysconf(_SC_PAGESIZE));
}

double metric(const Endpoint &monitoring, QByteArrayView name)
{
    const auto lines = get(monitoring, "/metrics").split('\n');
    for (const QByteArray &line : lines) {
        if (line.startsWith(name) && line.size() > name.size() && line[name.size()] == ' ')
            return line.mid(name.size() + 1).toDouble();
    }
    fail("/metrics has no " + name.toByteArray());
}

quint64 syncsIn(const QString &name)
{
    QFile file(name);
    quint64 syncs = 0;
    if (!file.open(QIODevice::ReadOnly)
        || file.read(reinterpret_cast<char *>(&syncs), sizeof syncs) != sizeof syncs)
        fail("nobody counts syncs in the file of --sync-count");
    return syncs;
}

void sleepUntil(Clock::time_point then)
{
    std::this_thread::sleep_until(then);
}

Measurement::Measurement(const Options &options)
    : m_options(options)
    , m_counts(count())
    , m_ownCpu(ownCpuSeconds())
    , m_relayCpu(cpuSecondsOf(options.relayPid))
{
}

Measurement::Counts Measurement::count() const
{
    Counts counts;
    if (m_options.monitoring && !m_options.syncCount.isEmpty()) {
        counts.commits =
            metric(*m_options.monitoring, "relay_storage_commit_duration_seconds_count");
        counts.syncs = syncsIn(m_options.syncCount);
    }
    return counts;
}

double Measurement::elapsed() const
{
    return std::chrono::duration<double>(Clock::now() - m_begin).count();
}

void Measurement::report(QJsonObject &figures) const
{
    const double seconds = elapsed();
    const double share = (ownCpuSeconds() - m_ownCpu) / seconds;
    figures.insert(QStringLiteral("generator_cpu_share"), share);
    figures.insert(QStringLiteral("generator_is_bottleneck"), share > MostOfACore);
    if (share > MostOfACore)
        std::fprintf(stderr,
            "relay-bench: the generator took %.0f %% of a core: this measures the generator\n",
            share * 100);
    if (m_options.relayPid != 0) {
        figures.insert(QStringLiteral("relay_cpu_share"),
            (cpuSecondsOf(m_options.relayPid) - m_relayCpu) / seconds);
        figures.insert(QStringLiteral("relay_resident_bytes"), residentBytesOf(m_options.relayPid));
    }
    if (!m_options.monitoring || m_options.syncCount.isEmpty())
        return;
    const Counts now = count();
    const auto syncs = static_cast<double>(now.syncs - m_counts.syncs);
    const double commits = now.commits - m_counts.commits;
    figures.insert(QStringLiteral("commits"), commits);
    figures.insert(QStringLiteral("syncs"), syncs);
    if (syncs < commits)
        fail("fewer syncs than commits: nothing was measured");
}

} // namespace relay::bench
