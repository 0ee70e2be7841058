// SPDX-License-Identifier: GPL-3.0-or-later
#include "relay-admin/models/relaystate.h"

#include "relay-admin/models/formats.h"

#include <QCoreApplication>

namespace relay::admin {

namespace {

struct Words {
    Q_DECLARE_TR_FUNCTIONS(relay::admin::RelayState)
};

using std::chrono::milliseconds;

/** Steady time that is missing from a span of wall time: suspended, or the clock was set. */
milliseconds jump(const Moment &from, const Moment &to)
{
    const auto steady = std::chrono::duration_cast<milliseconds>(to.steady - from.steady);
    return to.since(from) - steady;
}

QString tokenReason()
{
    return Words::tr("The bearer token is missing or wrong.");
}

QString withDetail(const QString &what, const Answer &answer)
{
    return answer.detail.isEmpty() ? what : Words::tr("%1: %2").arg(what, answer.detail);
}

QString readyReason(const PollResult &result)
{
    QStringList failed;
    for (const ReadyCheck &check : result.readyChecks) {
        if (!check.isOk) {
            failed.append(check.reason.isEmpty()
                    ? check.name
                    : Words::tr("%1: %2").arg(check.name, check.reason));
        }
    }
    if (!failed.isEmpty())
        return failed.join(QStringLiteral("; "));
    return withDetail(Words::tr("The relay gives no reason"), result.ready);
}

bool isFailed(const Answer &health)
{
    return health.outcome != Outcome::Ok && health.outcome != Outcome::Unauthorized;
}

QString silentFor(milliseconds time)
{
    return Words::tr("The relay has not answered for %1.").arg(durationText(time));
}

bool hangs(const StateInputs &inputs)
{
    return inputs.last->health.outcome == Outcome::TimedOut && inputs.answered
        && !isFailed(inputs.answered->health);
}

std::optional<QString> staleReason(const StateInputs &inputs, const Moment &now)
{
    const milliseconds limit = oldAfter(inputs.interval);
    if (inputs.running && now.since(*inputs.running) > limit)
        return silentFor(now.since(*inputs.running));
    if (hangs(inputs)) {
        const milliseconds silent = now.since(Moment::endOf(*inputs.answered));
        return silent > limit ? std::optional(silentFor(silent)) : std::nullopt;
    }
    const Moment ended = Moment::endOf(*inputs.last);
    const milliseconds age = now.since(ended);
    const bool mayWaitLonger =
        inputs.last->health.outcome != Outcome::Ok && jump(ended, now) <= limit;
    if (age > limit && !mayWaitLonger)
        return Words::tr("The last answer is %1 old.").arg(durationText(age));
    return std::nullopt;
}

StateReport byAnswers(const PollResult &result)
{
    if (isFailed(result.health))
        return {RelayState::Down, withDetail(Words::tr("/health failed"), result.health)};
    if (result.ready.outcome == Outcome::Unavailable)
        return {RelayState::NotReady, readyReason(result)};
    for (const Answer *answer : {&result.health, &result.ready, &result.metrics}) {
        if (answer->outcome == Outcome::Unauthorized)
            return {RelayState::Degraded, tokenReason()};
    }
    if (result.ready.outcome != Outcome::Ok)
        return {RelayState::Degraded, withDetail(Words::tr("/ready failed"), result.ready)};
    if (result.metrics.outcome != Outcome::Ok)
        return {RelayState::Degraded, withDetail(Words::tr("/metrics failed"), result.metrics)};
    return {RelayState::Up, {}};
}

} // namespace

StateReport judge(const StateInputs &inputs, const Moment &now)
{
    StateReport report;
    if (!inputs.last) {
        if (inputs.running && now.since(*inputs.running) > oldAfter(inputs.interval))
            report.reason = silentFor(now.since(*inputs.running));
    } else if (const std::optional<QString> reason = staleReason(inputs, now)) {
        report = {RelayState::Stale, *reason};
    } else {
        report = byAnswers(hangs(inputs) ? *inputs.answered : *inputs.last);
    }
    report.isGrey = !inputs.valuesAt || now.since(*inputs.valuesAt) > oldAfter(inputs.interval);
    return report;
}

QString stateName(RelayState state)
{
    switch (state) {
    case RelayState::Unknown:
        return Words::tr("Unknown");
    case RelayState::Up:
        return Words::tr("Up");
    case RelayState::NotReady:
        return Words::tr("Not ready");
    case RelayState::Degraded:
        return Words::tr("Degraded");
    case RelayState::Down:
        return Words::tr("Down");
    case RelayState::Stale:
        return Words::tr("Stale");
    }
    Q_UNREACHABLE();
}

} // namespace relay::admin
