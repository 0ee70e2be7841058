// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "relayd/config/settings.h"

#include <QString>

#include <optional>

namespace relay {

/**
 * Asks a relay's HTTP port for `path`; nothing if it answers 200 within five seconds, else what is
 * wrong. An address that means "all of them" is asked on the loopback interface.
 */
std::optional<QString> healthcheck(const ListenAddress &httpAddr, QByteArrayView path);

} // namespace relay
