// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "relayd/config/settings.h"

#include <QStringList>

namespace relay {

/** `vauchi-relay migrate-storage --from sqlite:PATH --to postgres[:URL]`; its exit code. */
int runMigration(const Settings &settings, const QStringList &options);

} // namespace relay
