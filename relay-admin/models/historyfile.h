// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "relay-admin/models/history.h"

#include <QList>
#include <QObject>
#include <QPointer>
#include <QThread>
#include <QTimer>
#include <QUuid>

#include <functional>

namespace relay::admin {

class HistoryStore;
class RelayMonitor;

/**
 * Keeps the histories of monitors over restarts, in an SQLite file that a thread of its own reads
 * and writes. Lives on the GUI thread, which never waits for the file, but at the end: the
 * destructor has what is left written.
 */
class HistoryFile : public QObject {
    Q_OBJECT

public:
    using Clock = std::function<QDateTime()>;

    explicit HistoryFile(const QString &path, QObject *parent = nullptr,
        Clock clock = &QDateTime::currentDateTimeUtc);
    ~HistoryFile() override;

    /** Gives it what was kept of its relay, and keeps from now on what comes. */
    void watch(RelayMonitor *monitor);
    /** Forgets all about a relay that was removed. */
    void remove(const QUuid &profile);
    /** Posts what has come since. By itself every ten seconds. */
    void save();

signals:
    /** What was kept has been handed to the monitor of this profile. */
    void restored(const QUuid &profile);
    /** The file was unusable and has another name now; a new one was begun. */
    void setAside(const QString &newName, const QString &why);
    /** Nothing is kept at present. Said once, until it works again. */
    void failed(const QString &why);

private:
    void restore(const QUuid &profile, const HistoryRows &rows);

    const Clock m_clock;
    QList<QPointer<RelayMonitor>> m_monitors;
    QTimer m_timer;
    QThread m_thread;
    HistoryStore *m_store; // lives on the thread, which deletes it
};

} // namespace relay::admin
