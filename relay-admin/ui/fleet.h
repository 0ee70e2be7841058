// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "relay-admin/client/relaypoller.h"
#include "relay-admin/models/alertsmodel.h"
#include "relay-admin/models/historyfile.h"
#include "relay-admin/models/relaylistmodel.h"

#include <QDir>
#include <QObject>
#include <QTimer>

#include <map>
#include <memory>

class QSettings;

namespace relay::admin {

class ProfileStore;
class SecretStore;

/**
 * All relays that are watched: for each profile a poller and a monitor that it feeds, and the
 * models of them all. Profiles are added, changed and removed here.
 */
class Fleet : public QObject {
    Q_OBJECT

public:
    /** `folder`: where profiles and histories are kept; it exists. `settings`: what is muted. */
    Fleet(const QDir &folder, QSettings &settings,
        std::shared_ptr<const AlertRules> rules = defaultAlertRules(), QObject *parent = nullptr);
    ~Fleet() override;

    RelayListModel &relays() { return m_relays; }
    AlertsModel &alerts() { return m_alerts; }
    QList<Profile> profiles() const;
    /** Null: there is none. */
    RelayMonitor *monitor(const QUuid &profile) const;
    /** Empty: there is none, or it has not come from the keychain yet. */
    QString token(const QUuid &profile) const;
    bool hasKeychain() const;

    /** Returns its id. */
    QUuid add(const Profile &profile, const QString &token);
    void edit(const Profile &profile, const QString &token);
    void remove(const QUuid &profile);
    /** To the place of the other, which goes one on. */
    void moveTo(const QUuid &profile, const QUuid &other);
    void pollNow(const QUuid &profile);
    /** The language changed: states are judged anew, and everybody is asked again. */
    void tellAgain();
    /** Why not, for people; empty: done. */
    QString importFrom(const QString &file);
    QByteArray exported() const;

signals:
    void profilesChanged();
    void stateChanged(relay::admin::RelayMonitor *monitor, relay::admin::RelayState state);
    void alertChanged(relay::admin::RelayMonitor *monitor, const relay::admin::Alert &alert);
    /** One sentence about what went wrong here, and not at a relay. */
    void said(const QString &text);

private:
    struct Watched {
        std::unique_ptr<RelayMonitor> monitor;
        std::unique_ptr<RelayPoller> poller;
    };

    void watch(const Profile &profile);
    void keepToken(const QUuid &profile, const QString &token);

    QSettings &m_settings;
    const std::shared_ptr<const AlertRules> m_rules;
    RelayListModel m_relays;
    AlertsModel m_alerts;
    std::unique_ptr<ProfileStore> m_profiles;
    std::unique_ptr<SecretStore> m_secrets;
    std::map<QUuid, Watched> m_watched;
    std::unique_ptr<HistoryFile> m_history;
    QTimer m_tick;
};

} // namespace relay::admin
