// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/faults/diskfaults.h"

#include <sys/mman.h>

namespace relay::test {

void preloadShim(RelayProcess &relay)
{
    relay.setVariable(QStringLiteral("LD_PRELOAD"), QStringLiteral(DISKSHIM));
    relay.setVariable(QStringLiteral("DISKSHIM_FOLDER"), relay.dataDir());
    // The address sanitizer wants to be first; what the shim does before it needs no checking.
    relay.setVariable(QStringLiteral("ASAN_OPTIONS"),
        qEnvironmentVariable("ASAN_OPTIONS") + QStringLiteral(":verify_asan_link_order=0"));
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
