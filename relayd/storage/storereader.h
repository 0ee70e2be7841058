// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "relayd/relay/inbox.h"
#include "relayd/relay/iocontext.h"
#include "relayd/relay/ioinboxes.h"
#include "relayd/storage/checkpointer.h"
#include "relayd/storage/database.h"
#include "relayd/storage/recentblobs.h"

#include <QObject>
#include <QThread>

#include <memory>

namespace relay {

/**
 * Reads pages of mailboxes and recovery proofs, beside the writer: on a thread and a connection of
 * its own, or, where the database has one connection only (memory), on the writer's.
 *
 * A worker object: moved to its thread; everything but inbox() is called there.
 */
class StoreReader : public QObject {
    Q_OBJECT

public:
    /** A page ends after so much payload: about what one connection may have unsent, as JSON. */
    static constexpr qint64 MaxPageBytes = 128 * 1024;
    static constexpr int MaxPageItems = 64;
    /** At most one line in the log in this time about what cannot be read. */
    static constexpr std::chrono::seconds WarningInterval {10};

    StoreReader(RelayContext &relay, const IoInboxes &io);
    ~StoreReader() override;

    /** Any thread posts here. */
    Inbox<ReadRequest> &inbox() { return m_inbox; }

    /** With a connection of its own, and a thread beside it that makes checkpoints. */
    std::optional<StartFault> open(const DatabaseConfig &config, const RecentBlobs &recent);
    /** With the writer's. `recent` stays in use until close(), here as there. */
    void share(Database &database, const RecentBlobs &recent);
    void close();

private:
    struct Statements;

    std::optional<StartFault> startCheckpoints(const DatabaseConfig &config);
    void stopCheckpoints();
    void drain();
    void answer(PageRequest &request);
    void answer(ProofRequest &request);
    void answer(ProvenRequest &request);
    /** When `id` was proven last; `ok` becomes false if that cannot be read. */
    std::optional<qint64> provenAt(const Id &id, bool &ok);
    bool readPage(const PageQuery &query, ItemPage &page);
    bool readMailbox(const PageQuery &query, qint64 expiredBefore, ItemPage &page);
    /** Adds what `statement` finds for as long as the page is not full, and then isn't the last. */
    bool readRows(QSqlQuery &statement, const QVariantList &values, ItemPage &page);
    void noteFailure(const char *what, const QSqlQuery &statement);

    RelayContext &m_relay;
    Inbox<ReadRequest> m_inbox;
    IoMail m_mail;
    std::optional<Database> m_own;
    const RecentBlobs *m_recent = nullptr;
    std::unique_ptr<Statements> m_statements;
    QThread m_checkpointThread;
    std::unique_ptr<Checkpointer> m_checkpointer;
    std::optional<TimePoint> m_lastWarning;
};

} // namespace relay
