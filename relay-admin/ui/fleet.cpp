// SPDX-License-Identifier: GPL-3.0-or-later
#include "relay-admin/ui/fleet.h"

#include "relay-admin/client/profilestore.h"
#include "relay-admin/client/secretstore.h"

#include <QFile>
#include <QSettings>

namespace relay::admin {

namespace {

using namespace std::chrono_literals;

/** Ages are shown in seconds. */
constexpr auto TickInterval = 1s;
/** A keychain that answers at all does within milliseconds. */
constexpr auto SecretsWait = 2s;
/** Larger files are not ours. */
constexpr qint64 MostImported = 4 * 1024 * 1024;

QString mutedKey(const QUuid &profile)
{
    return QStringLiteral("muted/%1").arg(profile.toString(QUuid::WithoutBraces));
}

} // namespace

Fleet::Fleet(const QDir &folder, QSettings &settings, std::shared_ptr<const AlertRules> rules,
    QObject *parent)
    : QObject(parent)
    , m_settings(settings)
    , m_rules(std::move(rules))
    , m_profiles(std::make_unique<ProfileStore>(folder.filePath(QStringLiteral("profiles.json"))))
    , m_secrets(std::make_unique<SecretStore>())
    , m_history(std::make_unique<HistoryFile>(folder.filePath(QStringLiteral("history.sqlite"))))
{
    connect(
        m_secrets.get(), &SecretStore::loaded, this, [this](const QUuid &id, const QString &token) {
            if (const auto it = m_watched.find(id); it != m_watched.end() && !token.isEmpty())
                it->second.poller->setToken(token);
        });
    connect(m_profiles.get(), &ProfileStore::saveFailed, this, &Fleet::said);
    connect(m_history.get(), &HistoryFile::setAside, this,
        [this](const QString &newName, const QString &why) {
            emit said(tr("The history could not be read and is now %1: %2").arg(newName, why));
        });
    connect(m_history.get(), &HistoryFile::failed, this,
        [this](const QString &why) { emit said(tr("The history is not kept: %1").arg(why)); });
    connect(m_profiles.get(), &ProfileStore::added, this,
        [this](const QUuid &id) { watch(*m_profiles->find(id)); });
    connect(m_profiles.get(), &ProfileStore::edited, this, [this](const QUuid &id) {
        const Watched &watched = m_watched.at(id);
        watched.monitor->setProfile(*m_profiles->find(id));
        watched.poller->setProfile(*m_profiles->find(id));
    });
    connect(m_profiles.get(), &ProfileStore::removed, this, [this](const QUuid &id) {
        m_history->remove(id);
        m_secrets->remove(id);
        m_settings.remove(mutedKey(id));
        m_watched.erase(id);
    });
    connect(m_profiles.get(), &ProfileStore::moved, this,
        [this](const QUuid &, qsizetype from, qsizetype to) {
            m_relays.moveRelay(static_cast<int>(from), static_cast<int>(to));
        });
    for (const auto change : {&ProfileStore::edited, &ProfileStore::removed})
        connect(m_profiles.get(), change, this, &Fleet::profilesChanged);
    connect(m_profiles.get(), &ProfileStore::added, this, &Fleet::profilesChanged);
    connect(&m_tick, &QTimer::timeout, this, [this] {
        const Moment now = Moment::now();
        for (const auto &[id, watched] : m_watched)
            watched.monitor->tick(now);
    });
    m_tick.start(TickInterval);

    // Nobody's token: only to know whether there is a keychain before a form says where tokens
    // stay.
    m_secrets->load(QUuid());
    const QString fault = m_profiles->load();
    // Whoever listens does so only when this is done.
    if (!fault.isEmpty())
        QMetaObject::invokeMethod(
            this, [this, fault] { emit said(fault); }, Qt::QueuedConnection);
    for (const Profile &profile : m_profiles->profiles())
        watch(profile);
}

Fleet::~Fleet()
{
    // What was typed in just before the end is to be in the keychain.
    m_secrets->waitForStored(SecretsWait);
}

void Fleet::watch(const Profile &profile)
{
    Watched watched {
        std::make_unique<RelayMonitor>(profile, m_rules), std::make_unique<RelayPoller>(profile)};
    RelayMonitor *monitor = watched.monitor.get();
    RelayPoller *poller = watched.poller.get();
    connect(poller, &RelayPoller::pollStarted, monitor,
        [monitor] { monitor->pollBegan(Moment::now()); });
    connect(poller, &RelayPoller::polled, monitor, &RelayMonitor::pollEnded);
    connect(monitor, &RelayMonitor::stateChanged, this,
        [this, monitor](RelayState, RelayState to) { emit stateChanged(monitor, to); });
    connect(monitor, &RelayMonitor::alertChanged, this,
        [this, monitor](const Alert &alert) { emit alertChanged(monitor, alert); });
    const QStringList muted = m_settings.value(mutedKey(profile.id)).toStringList();
    monitor->setMutedRules({muted.begin(), muted.end()});
    connect(monitor, &RelayMonitor::mutedRulesChanged, this, [this, monitor] {
        m_settings.setValue(mutedKey(monitor->profile().id),
            QStringList(monitor->mutedRules().begin(), monitor->mutedRules().end()));
    });
    m_watched.emplace(profile.id, std::move(watched));
    m_history->watch(monitor);
    m_relays.append(monitor);
    m_alerts.append(monitor);
    m_secrets->load(profile.id);
    poller->start();
}

QList<Profile> Fleet::profiles() const
{
    return m_profiles->profiles();
}

RelayMonitor *Fleet::monitor(const QUuid &profile) const
{
    const auto it = m_watched.find(profile);
    return it == m_watched.end() ? nullptr : it->second.monitor.get();
}

QString Fleet::token(const QUuid &profile) const
{
    return m_secrets->token(profile);
}

bool Fleet::hasKeychain() const
{
    return m_secrets->isPersistent();
}

void Fleet::keepToken(const QUuid &profile, const QString &token)
{
    m_secrets->store(profile, token);
    m_watched.at(profile).poller->setToken(token);
}

QUuid Fleet::add(const Profile &profile, const QString &token)
{
    const QUuid id = m_profiles->add(profile);
    if (!token.isEmpty())
        keepToken(id, token);
    return id;
}

void Fleet::edit(const Profile &profile, const QString &token)
{
    if (!m_profiles->find(profile.id))
        return; // it was removed while somebody edited it
    if (token != m_secrets->token(profile.id))
        keepToken(profile.id, token);
    m_profiles->edit(profile);
}

void Fleet::remove(const QUuid &profile)
{
    m_profiles->remove(profile);
}

void Fleet::moveTo(const QUuid &profile, const QUuid &other)
{
    if (const int to = m_relays.rowOf(other); to >= 0)
        m_profiles->move(profile, to);
}

void Fleet::pollNow(const QUuid &profile)
{
    if (const auto it = m_watched.find(profile); it != m_watched.end())
        it->second.poller->pollNow();
}

void Fleet::tellAgain()
{
    const Moment now = Moment::now();
    for (const auto &[id, watched] : m_watched) {
        watched.monitor->tick(now);
        // One that is running may still speak the old language.
        watched.poller->stop();
        watched.poller->start();
    }
}

QString Fleet::importFrom(const QString &file)
{
    QFile in(file);
    if (!in.open(QFile::ReadOnly))
        return tr("%1 cannot be read: %2").arg(file, in.errorString());
    if (in.size() > MostImported)
        return tr("%1 is too large to be a list of relays.").arg(file);
    const auto imported = m_profiles->import(in.readAll());
    return imported ? QString() : imported.error();
}

QByteArray Fleet::exported() const
{
    return m_profiles->exported();
}

} // namespace relay::admin
