// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/result.h"

#include <QString>

namespace relay {

/**
 * Where a PostgreSQL server is, and as whom to connect: RELAY_POSTGRES_URL, taken apart, since Qt's
 * driver takes none.
 */
struct PostgresUrl {
    /** As it was given; empty: not given. Holds the password. */
    QString text;

    QString user;
    QString password;
    QString database;
    /**
     * Everything else as `name=value;name=value`, for QSqlDatabase::setConnectOptions(): hosts and
     * ports (several: a list of each), TLS, and what else libpq knows.
     */
    QString options;

    bool operator==(const PostgresUrl &) const = default;
};

/**
 * `postgresql://[USER[:PASSWORD]@][HOST[:PORT][,HOST[:PORT]…]][/DATABASE][?NAME=VALUE[&…]]`, with
 * percent-encoding, as libpq has it; a host that begins with a slash (`%2Frun…`, or `?host=/run…`)
 * is the folder of a Unix socket. The error says what is wrong, and repeats nothing of the text.
 */
Result<PostgresUrl, QString> parsePostgresUrl(const QString &text);

} // namespace relay
