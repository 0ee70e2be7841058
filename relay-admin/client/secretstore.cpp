// SPDX-License-Identifier: GPL-3.0-or-later
#include "relay-admin/client/secretstore.h"

#include <QDeadlineTimer>
#include <QEventLoop>
#include <QTimer>
#include <qt6keychain/keychain.h>

namespace relay::admin {

namespace {

QString keyOf(const QUuid &id)
{
    return id.toString(QUuid::WithoutBraces);
}

/** A job deletes itself when it is done, also where its store is gone. */
template <typename Job>
Job *jobFor(const QString &service, const QUuid &id)
{
    auto *job = new Job(service);
    job->setKey(keyOf(id));
    job->setInsecureFallback(false);
    return job;
}

} // namespace

SecretStore::SecretStore(const QString &service, QObject *parent)
    : QObject(parent)
    , m_service(service)
{
}

void SecretStore::load(const QUuid &id)
{
    auto *job = jobFor<QKeychain::ReadPasswordJob>(m_service, id);
    connect(job, &QKeychain::Job::finished, this, [this, id, job] {
        notePersistence(job->error());
        // What was typed in since then is newer.
        if (!m_tokens.contains(id) && job->error() == QKeychain::NoError)
            m_tokens.insert(id, job->textData());
        emit loaded(id, token(id));
    });
    job->start();
}

void SecretStore::store(const QUuid &id, const QString &token)
{
    if (token.isEmpty())
        return remove(id);
    m_tokens.insert(id, token);
    auto *job = jobFor<QKeychain::WritePasswordJob>(m_service, id);
    job->setTextData(token);
    connect(
        job, &QKeychain::Job::finished, this, [this, id, job] { noteStored(id, job->error()); });
    ++m_unanswered;
    job->start();
}

void SecretStore::remove(const QUuid &id)
{
    m_tokens.insert(id, {});
    auto *job = jobFor<QKeychain::DeletePasswordJob>(m_service, id);
    connect(
        job, &QKeychain::Job::finished, this, [this, id, job] { noteStored(id, job->error()); });
    ++m_unanswered;
    job->start();
}

void SecretStore::noteStored(const QUuid &id, int error)
{
    --m_unanswered;
    notePersistence(error);
    emit stored(id);
}

void SecretStore::waitForStored(std::chrono::milliseconds most)
{
    QDeadlineTimer deadline(most);
    while (m_unanswered > 0 && !deadline.hasExpired()) {
        QEventLoop loop;
        connect(this, &SecretStore::stored, &loop, &QEventLoop::quit);
        QTimer::singleShot(static_cast<int>(deadline.remainingTime()), &loop, &QEventLoop::quit);
        loop.exec(QEventLoop::ExcludeUserInputEvents);
    }
}

void SecretStore::notePersistence(int error)
{
    // A keychain that has no such entry is a keychain.
    const bool isPersistent = error == QKeychain::NoError || error == QKeychain::EntryNotFound;
    if (std::exchange(m_isPersistent, isPersistent) != isPersistent)
        emit persistenceChanged();
}

} // namespace relay::admin
