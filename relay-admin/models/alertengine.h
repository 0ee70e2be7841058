// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "relay-admin/models/rates.h"
#include "relay-admin/models/window.h"
#include "shared/monitoring/alertrules.h"

#include <QDateTime>
#include <QMetaType>

#include <deque>
#include <memory>
#include <optional>
#include <vector>

namespace relay::admin {

enum class AlertPhase {
    Pending,  ///< beyond the threshold, not yet for as long as the rule asks
    Firing,   ///< it was, for that long
    Resolved, ///< it fired, and is back at or below the value where that ends
};

struct Alert {
    QString ruleId;
    AlertSeverity severity = AlertSeverity::Warning;
    /** As the rule has it; people read summaryText(). */
    QString summary;
    AlertPhase phase = AlertPhase::Pending;
    /** The value that was seen last. */
    double value = 0;
    double threshold = 0;
    QDateTime since;      ///< when the value was first seen beyond the threshold
    QDateTime firedAt;    ///< invalid while pending
    QDateTime resolvedAt; ///< invalid until it is
};

using AlertRules = std::vector<AlertRule>;

/** shared/monitoring/alertrules.json, as it was built in. */
std::shared_ptr<const AlertRules> defaultAlertRules();

/** A rule's summary in the language of the program. */
QString summaryText(const AlertRule &rule);
QString summaryText(const Alert &alert);

/**
 * The alerts of one relay: evaluates the rules on each answer. No clock, no signals.
 *
 * A value beyond the threshold makes an alert pending. It fires when that was so for as long as the
 * rule asks, and ends when the value reaches `clear`; between the two it stays what it is. What
 * cannot be evaluated (no answer of /metrics, no such metric, NaN, too few answers for a rate) says
 * nothing: it neither fires nor ends an alert, and the time does not count towards the hold. So a
 * relay that is down has the one alert that it is, and those that fired before. A pending alert
 * goes without a word when its value is at or below the threshold again.
 */
class AlertEngine {
public:
    /** Most ended alerts that are remembered. */
    static constexpr size_t MaxPast = 100;

    explicit AlertEngine(std::shared_ptr<const AlertRules> rules);
    ~AlertEngine();
    Q_DISABLE_COPY_MOVE(AlertEngine)

    /** One poll ended. `rates` has taken its metrics, if there were any. Each change, once. */
    std::vector<Alert> evaluate(
        const PollResult &result, const Rates &rates, std::chrono::seconds interval);

    /** Pending and firing ones, in the order of the rules. */
    std::vector<Alert> active() const;
    /** Those that ended, the newest first. */
    const std::deque<Alert> &past() const { return m_past; }

private:
    struct Watch;

    std::optional<double> evaluate(Watch &watch, const PollResult &result, const Rates &rates,
        std::chrono::seconds interval) const;
    std::optional<Alert> advance(Watch &watch, double value, const Moment &now);

    const std::shared_ptr<const AlertRules> m_rules;
    std::vector<Watch> m_watches;
    std::deque<Alert> m_past;
};

} // namespace relay::admin

Q_DECLARE_METATYPE(relay::admin::Alert)
