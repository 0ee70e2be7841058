// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <prometheus/collectable.h>

namespace relay {

/**
 * The process_* metrics that every Prometheus client library exports, read anew at each scrape.
 * What the system does not tell (a hidden /proc) is left out. Any thread.
 */
class ProcessMetrics final : public prometheus::Collectable {
public:
    ProcessMetrics();

    std::vector<prometheus::MetricFamily> Collect() const override;

private:
    double m_startTime; ///< Unix time; 0: not known
};

} // namespace relay
