// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QTest>

/**
 * In a test function: where a tool is not there, skips it, or fails if RELAYTEST_REQUIRE_TOOLS is
 * set. `what`: a literal, the tool and its package.
 */
#define RELAYTEST_NEEDS(isThere, what)                                                             \
    do {                                                                                           \
        if (isThere)                                                                               \
            break;                                                                                 \
        if (qEnvironmentVariableIsSet("RELAYTEST_REQUIRE_TOOLS"))                                  \
            QFAIL(what " is not installed");                                                       \
        QSKIP(what " is not installed");                                                           \
    } while (false)

#define RELAYTEST_NEEDS_POSTGRES()                                                                 \
    RELAYTEST_NEEDS(!PostgresServer::programs().isEmpty(), "PostgreSQL (Debian: postgresql)")
#define RELAYTEST_NEEDS_PGBOUNCER()                                                                \
    RELAYTEST_NEEDS(!PgBouncer::program().isEmpty(), "PgBouncer (Debian: pgbouncer)")
