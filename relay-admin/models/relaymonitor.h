// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "relay-admin/client/profile.h"
#include "relay-admin/models/alertengine.h"
#include "relay-admin/models/history.h"
#include "relay-admin/models/rates.h"
#include "relay-admin/models/relaystate.h"

#include <QObject>
#include <QSet>

namespace relay::admin {

/** What the list and the overview show of a relay; NaN: not known. */
struct RelayFigures {
    QString version;
    /** At the last answer of /health. */
    std::optional<std::chrono::seconds> uptime;
    double connections;
    double connectionLimit;
    double blobsStored;
    double storageBytes;
};

/**
 * What one relay's answers mean. Fed with them, and with the time; owns its state, history, rates
 * and alerts. Lives on the GUI thread.
 */
class RelayMonitor : public QObject {
    Q_OBJECT

public:
    explicit RelayMonitor(
        Profile profile, std::shared_ptr<const AlertRules> rules, QObject *parent = nullptr);

    ~RelayMonitor() override;

    const Profile &profile() const { return m_profile; }
    /** The id stays; an address that has changed begins anew with everything but the history. */
    void setProfile(const Profile &profile);

    void pollBegan(const Moment &at);
    void pollEnded(const PollResult &result);
    /** The time goes on: about once a second, from one timer for all. */
    void tick(const Moment &now);

    const StateReport &state() const { return m_report; }
    RelayFigures figures() const;
    /** Since somebody last answered, at the last tick; nothing: nobody has. */
    std::optional<std::chrono::milliseconds> age() const;
    /** The last poll, and the last body of /metrics; null: none has ended. */
    const PollResult *last() const { return m_last ? &*m_last : nullptr; }
    QByteArray rawMetrics() const { return m_rawMetrics; }

    const Rates &rates() const { return m_rates; }
    const History &history() const { return m_history; }
    void restoreHistory(const HistoryRows &rows, const QDateTime &now);
    HistoryRows takeUnsavedHistory() { return m_history.takeUnsaved(); }

    std::vector<Alert> activeAlerts() const { return m_alerts->active(); }
    const std::deque<Alert> &pastAlerts() const { return m_alerts->past(); }
    const std::shared_ptr<const AlertRules> &alertRules() const { return m_rules; }
    /** Rules that are shown and not announced. Whoever keeps settings keeps them. */
    const QSet<QString> &mutedRules() const { return m_mutedRules; }
    void setMutedRules(const QSet<QString> &ids);
    void mute(const QString &ruleId);
    void unmute(const QString &ruleId);
    bool isMuted(const QString &ruleId) const { return m_mutedRules.contains(ruleId); }

signals:
    /** Once for each change of state, and for nothing else: what is announced. */
    void stateChanged(relay::admin::RelayState from, relay::admin::RelayState to);
    /** Something that is shown has changed: state, reason, grey, profile. */
    void changed();
    /** A poll has ended: values, rates and history are new. */
    void updated();
    /** Time has gone by: ages are new. */
    void aged();
    /** Once for each alert that became pending, fired, or ended. */
    void alertChanged(const relay::admin::Alert &alert);
    void mutedRulesChanged();
    void historyRestored();
    /** The last moment at which it can be asked anything: destroyed() comes too late for that. */
    void goingAway();

private:
    void takeMetrics(const PollResult &result);
    SeriesValues seriesValues() const;
    void judgeAt(const Moment &now);

    Profile m_profile;
    const std::shared_ptr<const AlertRules> m_rules;
    std::unique_ptr<AlertEngine> m_alerts;
    Rates m_rates;
    History m_history;
    StateReport m_report;
    std::optional<PollResult> m_last;
    /** The last in which /health did not time out. */
    std::optional<PollResult> m_answered;
    std::optional<Moment> m_heardAt;
    std::optional<Moment> m_running;
    std::optional<Moment> m_valuesAt;
    QByteArray m_rawMetrics;
    Moment m_now;
    QSet<QString> m_mutedRules;
};

} // namespace relay::admin
