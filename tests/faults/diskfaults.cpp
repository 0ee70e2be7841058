// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/faults/diskfaults.h"

#include <sys/mman.h>

namespace relay::test {

void preloadShim(RelayProcess &relay)
{
    relay.preload(QStringLiteral(DISKSHIM));
    relay.setVariable(QStringLiteral("DISKSHIM_FOLDER"), relay.dataDir());
}

DiskFaults::DiskFaults(RelayProcess &relay)
{
    if (!m_file.open() || !m_file.resize(sizeof(DiskControl)))
        qFatal("cannot make the file of the disk's faults");
    void *const mapped = ::mmap(
        nullptr, sizeof(DiskControl), PROT_READ | PROT_WRITE, MAP_SHARED, m_file.handle(), 0);
    if (mapped == MAP_FAILED)
        qFatal("cannot map the file of the disk's faults");
    m_control = static_cast<DiskControl *>(mapped);
    preloadShim(relay);
    relay.setVariable(QStringLiteral("DISKSHIM_CONTROL"), m_file.fileName());
}

DiskFaults::~DiskFaults()
{
    // A relay that outlives this has its own mapping.
    ::munmap(m_control, sizeof(DiskControl));
}

} // namespace relay::test
