// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

namespace relay {

/** Exit codes (sysexits.h, where it has a fitting one); deploy/DEPLOYMENT.md lists them. */
enum class ExitCode {
    Ok = 0,
    Failed = 1,
    Usage = 64,
    Unavailable = 69,
    CannotCreate = 73,
    CannotWrite = 74,
    InUse = 75,
    Permission = 77,
    Configuration = 78,
};

inline int toInt(ExitCode code)
{
    return static_cast<int>(code);
}

/** Why the relay cannot start, said so that the operator can mend it. */
struct StartFault {
    ExitCode exitCode = ExitCode::Failed;
    QString message;
};

} // namespace relay
