// SPDX-License-Identifier: GPL-3.0-or-later
#include "relayd/storage/mailboxfilter.h"

#include "relayd/storage/database.h"
#include "relayd/storage/values.h"

#include <QSqlError>
#include <QVariant>

namespace relay {

namespace {

/** Read in one read transaction: as long as one lasts, the log cannot be used again. */
constexpr int EntriesAtOnce = 4096;

} // namespace

std::optional<MailboxFilter> mailboxesInIndex(const Database &database, const std::stop_token &stop)
{
    QSqlQuery next = database.prepare(QStringLiteral(
        "SELECT recipient FROM mailbox_index WHERE recipient > ? ORDER BY recipient LIMIT ?"));
    MailboxFilter mailboxes;
    QByteArray last("");
    for (int entries = EntriesAtOnce; entries == EntriesAtOnce;) {
        Database::bindAll(next, last, EntriesAtOnce);
        if (stop.stop_requested() || !next.exec())
            return std::nullopt;
        for (entries = 0; next.next(); ++entries) {
            last = next.value(0).toByteArray();
            if (const auto mailbox = Id::fromBytes(last))
                mailboxes.add(*mailbox);
        }
        if (next.lastError().isValid())
            return std::nullopt;
        next.finish();
    }
    return mailboxes;
}

} // namespace relay
