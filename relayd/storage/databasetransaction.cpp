// SPDX-License-Identifier: GPL-3.0-or-later
#include "relayd/storage/database.h"

// What begins and ends a transaction has a file of its own, so that a test can link a program in
// which a commit comes too late (tests/faults/latecommit.cpp). The relay has no switch for it.
namespace relay {

bool Database::begin() const
{
    return exec(QStringLiteral("BEGIN IMMEDIATE"));
}

bool Database::commit() const
{
    if (exec(QStringLiteral("COMMIT")))
        return true;
    rollback();
    return false;
}

void Database::rollback() const
{
    exec(QStringLiteral("ROLLBACK"));
}

} // namespace relay
