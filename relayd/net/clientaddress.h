// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "relayd/config/settings.h"
#include "relayd/http/httphead.h"

#include <QHostAddress>
#include <QList>

namespace relay {

/** An IPv4 address that comes as IPv6 (`::ffff:192.0.2.1`) as what it is. */
QHostAddress normalized(const QHostAddress &address);

/** The address of the other end of a connected socket; null if it cannot be told. */
QHostAddress peerAddress(int descriptor);

bool isTrusted(const QHostAddress &address, const QList<Subnet> &trusted);

/**
 * Who is behind a request: `peer`, unless it is one of the `trusted` proxies. Then X-Forwarded-For
 * is read from the right, where the nearest proxy has written, up to the first address that is not
 * a trusted proxy's: what stands left of it could be anybody's invention. An entry that is not an
 * address ends the reading, and so the address before it counts.
 */
QHostAddress clientAddress(
    const QHostAddress &peer, const HttpHead &head, const QList<Subnet> &trusted);

} // namespace relay
