// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "relayd/storage/postgresconnection.h"
#include "relayd/storage/startfault.h"
#include "shared/protocol/ids.h"
#include "shared/result.h"

#include <QString>

namespace relay {

/**
 * Forgets that the owner of `id` has signed a handshake, in a database that may be in use: the
 * relay sees it with the next handshake. False: it was not known to have.
 */
Result<bool, StartFault> forgetProof(const QString &databasePath, const Id &id);
Result<bool, StartFault> forgetProof(const PostgresConfig &config, const Id &id);

} // namespace relay
