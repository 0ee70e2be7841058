// SPDX-License-Identifier: GPL-3.0-or-later
#include "relayd/storage/database.h"

#include <QSqlDatabase>
#include <QSqlQuery>
#include <QThread>
#include <QTimer>

#include <optional>

// Stands in for relayd/storage/databasetransaction.cpp in vauchi-relay-early-ack, a relay with one
// bug: it says that a transaction is committed, answers, and only then commits it. The harness has
// to find that out, or its silence about the real relay means nothing.
namespace relay {

namespace {

/** Of the thread: the connection whose transaction was said to be committed and is not yet. */
thread_local std::optional<QSqlDatabase> late;

void commitNow()
{
    if (!late)
        return;
    // As on a slow disk, so that kills fall into it on fast ones too.
    QThread::msleep(5);
    QSqlQuery(*late).exec(QStringLiteral("COMMIT"));
    late.reset();
}

} // namespace

bool Database::begin() const
{
    commitNow();
    return exec(QStringLiteral("BEGIN IMMEDIATE"));
}

bool Database::commit() const
{
    late = m_handle;
    // If nothing follows, in the next turn of the writer: its answers are out by then.
    QTimer::singleShot(0, [] { commitNow(); });
    return true;
}

void Database::rollback() const
{
    exec(QStringLiteral("ROLLBACK"));
}

} // namespace relay
