// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tests/faults/diskcontrol.h"
#include "tests/support/relayprocess.h"

#include <QTemporaryFile>

namespace relay::test {

/** From its next start on, the relay's data folder and wall clock are behind diskshim.cpp. */
void preloadShim(RelayProcess &relay);

/** The faults of the disk and the clock that a relay, once it is started, sees: `disk->…`. */
class DiskFaults {
public:
    explicit DiskFaults(RelayProcess &relay);
    ~DiskFaults();
    DiskFaults(const DiskFaults &) = delete;
    DiskFaults &operator=(const DiskFaults &) = delete;

    DiskControl *operator->() { return m_control; }

private:
    QTemporaryFile m_file;
    DiskControl *m_control = nullptr;
};

} // namespace relay::test
