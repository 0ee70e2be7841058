// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "relayd/relay/ioevents.h"
#include "relayd/relay/storerequests.h"
#include "shared/result.h"

#include <QString>

#include <optional>

class QSqlQuery;

namespace relay {

/** Why the database could not be read. */
struct ReadFailure {
    QString text;
    /** It met damage in the database. */
    bool isDamage = false;
};

/**
 * What the reader asks of the database: SqliteView or PostgresView, the counterparts of the
 * writer's stores. Belongs to the reader's thread.
 */
class StoreView {
public:
    /** A page ends after so much payload: about what one connection may have unsent, as JSON. */
    static constexpr qint64 MaxPageBytes = 128 * 1024;
    static constexpr int MaxPageItems = 64;

    StoreView() = default;
    virtual ~StoreView() = default;
    StoreView(const StoreView &) = delete;
    StoreView &operator=(const StoreView &) = delete;

    /**
     * Adds to `page` what `query` asks for and was stored after `expiredBefore` (unix
     * milliseconds). After a failure the page holds what came before it.
     */
    virtual std::optional<ReadFailure> readPage(
        const PageQuery &query, qint64 expiredBefore, ItemPage &page) = 0;
    /** The proof stored under `keyHash`, if it has not expired at `nowMillis`. */
    virtual Result<std::optional<QByteArray>, ReadFailure> proof(
        const Id &keyHash, qint64 nowMillis) = 0;
    /** When `id` was proven last (unix milliseconds), if it was. */
    virtual Result<std::optional<qint64>, ReadFailure> provenAt(const Id &id) = 0;

protected:
    /**
     * Adds the rows of a query that has run (sequence, version, sender, time, payload) for as long
     * as the page is not full; then it is not the last.
     */
    static void takeRows(QSqlQuery &query, ItemPage &page);
};

} // namespace relay
