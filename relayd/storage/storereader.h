// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "relayd/relay/inbox.h"
#include "relayd/relay/iocontext.h"
#include "relayd/relay/ioinboxes.h"
#include "relayd/storage/checkpointer.h"
#include "relayd/storage/database.h"
#include "relayd/storage/recentblobs.h"
#include "relayd/storage/storeview.h"

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
    /** At most one line in the log in this time about what cannot be read. */
    static constexpr std::chrono::seconds WarningInterval {10};

    StoreReader(RelayContext &relay, const IoInboxes &io);
    ~StoreReader() override;

    /** Any thread posts here. */
    Inbox<ReadRequest> &inbox() { return m_inbox; }

    /** Of SQLite, with a connection of its own, and a thread beside it that makes checkpoints. */
    std::optional<StartFault> open(const DatabaseConfig &config, const RecentBlobs &recent);
    /** Of a PostgreSQL server, which may be away. */
    void open(const PostgresConfig &config);
    /** With the writer's. `recent` stays in use until close(), here as there. */
    void share(Database &database, const RecentBlobs &recent);
    void close();

private:
    std::optional<StartFault> startCheckpoints(const DatabaseConfig &config);
    void stopCheckpoints();
    void drain();
    void answer(PageRequest &request);
    void answer(ProofRequest &request);
    void answer(ProvenRequest &request);
    /** When `id` was proven last; `ok` becomes false if that cannot be read. */
    std::optional<qint64> provenAt(const Id &id, bool &ok);
    void noteFailure(const char *what, const ReadFailure &failure);

    RelayContext &m_relay;
    Inbox<ReadRequest> m_inbox;
    IoMail m_mail;
    std::unique_ptr<StoreView> m_view;
    QThread m_checkpointThread;
    std::unique_ptr<Checkpointer> m_checkpointer;
    std::optional<TimePoint> m_lastWarning;
};

} // namespace relay
