// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tests/bench/latencies.h"
#include "tests/bench/options.h"

#include <QByteArrayView>
#include <QJsonObject>

namespace relay::bench {

/** Resident memory of a process, bytes; 0 if there is none. */
double residentBytesOf(int pid);
/** A sample of /metrics, by its name. Ends the program if it is not there. */
double metric(const Endpoint &monitoring, QByteArrayView name);
/** Syncs that synccount.cpp has counted in this file. */
quint64 syncsIn(const QString &file);
/** Waits until the clock says so. */
void sleepUntil(Clock::time_point then);

/**
 * What a stretch of a run cost: processor time of this program and of the relay, commits and syncs.
 * From its construction to report().
 */
class Measurement {
public:
    explicit Measurement(const Options &options);

    Clock::time_point begin() const { return m_begin; }
    /** Seconds up to now. */
    double elapsed() const;
    /**
     * Adds its figures. Ends the program when fewer syncs happened than commits: then the disk was
     * not waited for, and nothing was measured. Says so when this program was the bottleneck.
     */
    void report(QJsonObject &figures) const;

private:
    struct Counts {
        quint64 syncs = 0;
        double commits = 0;
    };
    /** The commits between two looks at the syncs, or the other way round: never one too few. */
    Counts count() const;

    const Options &m_options;
    Counts m_counts;
    double m_ownCpu;
    double m_relayCpu;
    Clock::time_point m_begin = Clock::now();
};

} // namespace relay::bench
