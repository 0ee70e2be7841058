// SPDX-License-Identifier: GPL-3.0-or-later
#include "relayd/metrics/processmetrics.h"

#include <QByteArray>
#include <QFile>
#include <QList>

#include <dirent.h>
#include <prometheus/metric_family.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include <optional>

namespace relay {

namespace {

double clockSeconds(clockid_t clock)
{
    timespec now {};
    clock_gettime(clock, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

QByteArray contentOf(const char *path)
{
    QFile file(QString::fromLatin1(path));
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

/** From the age of the process: /proc/stat, with the time of the boot, is often hidden. */
double startTime()
{
    const QByteArray stat = contentOf("/proc/self/stat");
    // The second field is the program's name in brackets; whatever is in it, the last one closes.
    const QList<QByteArray> fields = stat.mid(stat.lastIndexOf(')') + 2).split(' ');
    constexpr qsizetype startField = 22 - 3; // proc(5) counts from 1, and two fields are cut off
    if (fields.size() <= startField)
        return 0;
    const double started =
        fields[startField].toDouble() / static_cast<double>(sysconf(_SC_CLK_TCK));
    return clockSeconds(CLOCK_REALTIME) - (clockSeconds(CLOCK_BOOTTIME) - started);
}

std::optional<double> openDescriptors()
{
    DIR *folder = opendir("/proc/self/fd");
    if (!folder)
        return std::nullopt;
    int entries = 0;
    while (readdir(folder))
        ++entries;
    closedir(folder);
    return entries - 3; // ".", ".." and the folder's own
}

std::optional<double> descriptorLimit()
{
    rlimit limit {};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return std::nullopt;
    return static_cast<double>(limit.rlim_cur);
}

struct Memory {
    std::optional<double> virtualBytes;
    std::optional<double> residentBytes;
};

Memory memory()
{
    const QList<QByteArray> pages = contentOf("/proc/self/statm").split(' ');
    if (pages.size() < 2)
        return {};
    const auto pageSize = static_cast<double>(sysconf(_SC_PAGESIZE));
    return {pages[0].toDouble() * pageSize, pages[1].toDouble() * pageSize};
}

} // namespace

ProcessMetrics::ProcessMetrics()
    : m_startTime(startTime())
{
}

std::vector<prometheus::MetricFamily> ProcessMetrics::Collect() const
{
    using prometheus::MetricType;
    std::vector<prometheus::MetricFamily> families;
    const auto add = [&](const char *name, const char *help, MetricType type,
                         std::optional<double> value) {
        if (!value)
            return;
        prometheus::ClientMetric metric;
        (type == MetricType::Counter ? metric.counter.value : metric.gauge.value) = *value;
        families.push_back({name, help, type, {metric}});
    };
    const Memory used = memory();
    add("process_cpu_seconds_total", "Processor time used, in seconds.", MetricType::Counter,
        clockSeconds(CLOCK_PROCESS_CPUTIME_ID));
    add("process_resident_memory_bytes", "Memory in RAM.", MetricType::Gauge, used.residentBytes);
    add("process_virtual_memory_bytes", "Address space in use.", MetricType::Gauge,
        used.virtualBytes);
    add("process_open_fds", "Open file descriptors.", MetricType::Gauge, openDescriptors());
    add("process_max_fds", "Most file descriptors at a time.", MetricType::Gauge,
        descriptorLimit());
    if (m_startTime > 0)
        add("process_start_time_seconds", "When the process started, in Unix time.",
            MetricType::Gauge, m_startTime);
    return families;
}

} // namespace relay
