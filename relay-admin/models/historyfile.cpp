// SPDX-License-Identifier: GPL-3.0-or-later
#include "relay-admin/models/historyfile.h"

#include "relay-admin/models/historystore.h"
#include "relay-admin/models/relaymonitor.h"

#include <QSqlDatabase>

namespace relay::admin {

namespace {

constexpr std::chrono::seconds SaveEvery {10};

} // namespace

HistoryFile::HistoryFile(const QString &path, QObject *parent, Clock clock)
    : QObject(parent)
    , m_clock(std::move(clock))
    , m_store(new HistoryStore(path))
{
    qRegisterMetaType<HistoryRows>();
    QSqlDatabase::drivers(); // loads the plugins, which is for the main thread
    m_thread.setObjectName(QStringLiteral("history"));
    m_store->moveToThread(&m_thread);
    connect(&m_thread, &QThread::finished, m_store, &QObject::deleteLater);
    connect(m_store, &HistoryStore::loaded, this, &HistoryFile::restore);
    connect(m_store, &HistoryStore::setAside, this, &HistoryFile::setAside);
    connect(m_store, &HistoryStore::failed, this, &HistoryFile::failed);
    m_thread.start(QThread::LowPriority);
    connect(&m_timer, &QTimer::timeout, this, &HistoryFile::save);
    m_timer.start(SaveEvery);
}

HistoryFile::~HistoryFile()
{
    save();
    // Behind what has been posted; a quit from here would overtake it.
    QMetaObject::invokeMethod(m_store, [thread = &m_thread] { thread->quit(); });
    m_thread.wait();
}

void HistoryFile::watch(RelayMonitor *monitor)
{
    m_monitors.removeAll(nullptr);
    m_monitors.append(monitor);
    // What comes until then is newer, and is kept apart from it.
    QMetaObject::invokeMethod(m_store,
        [store = m_store, id = monitor->profile().id, now = m_clock()] { store->load(id, now); });
}

void HistoryFile::restore(const QUuid &profile, const HistoryRows &rows)
{
    for (const QPointer<RelayMonitor> &monitor : qAsConst(m_monitors)) {
        if (monitor && monitor->profile().id == profile) {
            monitor->restoreHistory(rows, m_clock());
            emit restored(profile);
        }
    }
}

void HistoryFile::remove(const QUuid &profile)
{
    m_monitors.removeIf([&](const QPointer<RelayMonitor> &monitor) {
        return !monitor || monitor->profile().id == profile;
    });
    QMetaObject::invokeMethod(
        m_store, [store = m_store, profile, now = m_clock()] { store->remove(profile, now); });
}

void HistoryFile::save()
{
    for (const QPointer<RelayMonitor> &monitor : qAsConst(m_monitors)) {
        if (!monitor)
            continue;
        HistoryRows rows = monitor->takeUnsavedHistory();
        if (rows.isEmpty())
            continue;
        QMetaObject::invokeMethod(m_store,
            [store = m_store, id = monitor->profile().id, rows = std::move(rows), now = m_clock()] {
                store->save(id, rows, now);
            });
    }
}

} // namespace relay::admin
