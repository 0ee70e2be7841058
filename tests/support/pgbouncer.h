// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tests/support/postgresserver.h"

#include <QProcess>
#include <QString>
#include <QTemporaryDir>

namespace relay::test {

/**
 * A real PgBouncer before a PostgresServer, on a Unix socket in a temporary folder, as the user of
 * the server. Killed by the destructor.
 */
class PgBouncer {
public:
    /** Where it is; empty: it is not installed (Debian: pgbouncer). */
    static QString program();

    explicit PgBouncer(const PostgresServer &server)
        : m_server(server)
    {
    }
    ~PgBouncer();
    PgBouncer(const PgBouncer &) = delete;
    PgBouncer &operator=(const PgBouncer &) = delete;

    /** With this pool_mode, and lines of its section [pgbouncer]; waits until it is there. */
    bool start(const QString &poolMode, const QString &settings = {});
    /** From the URL of a database of the server: the one that leads there through the pooler. */
    QString through(const QString &url) const;

private:
    const PostgresServer &m_server;
    QTemporaryDir m_folder;
    QProcess m_process;
};

} // namespace relay::test
