// SPDX-License-Identifier: GPL-3.0-or-later
#include "relayd/http/healthboard.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QStringList>

#include <algorithm>

using namespace Qt::StringLiterals;

namespace relay {

namespace {

QString nameOf(HealthCheck check)
{
    switch (check) {
    case HealthCheck::Accepting:
        return u"accepting"_s;
    case HealthCheck::StorageWritable:
        return u"storage_writable"_s;
    case HealthCheck::StorageResponding:
        return u"storage_responding"_s;
    case HealthCheck::FreeSpace:
        return u"free_space"_s;
    case HealthCheck::StorageLimit:
        return u"storage_limit"_s;
    case HealthCheck::NotDraining:
        return u"not_draining"_s;
    }
    Q_UNREACHABLE();
}

QString healthStatus()
{
    return u"ok"_s;
}

QString readyStatus(bool ready)
{
    return ready ? u"ready"_s : u"not_ready"_s;
}

HttpResponse answer(int status, const QJsonObject &body)
{
    HttpResponse response;
    response.status = status;
    response.body = QJsonDocument(body).toJson(QJsonDocument::Compact);
    return response;
}

QJsonObject report(const QString &status, HealthBoard::Clock::duration uptime)
{
    return {{u"status"_s, status}, {u"version"_s, QStringLiteral(RELAY_VERSION)},
        {u"uptime_seconds"_s,
            qint64(std::chrono::duration_cast<std::chrono::seconds>(uptime).count())}};
}

} // namespace

HealthBoard::HealthBoard(Clock::time_point start)
    : m_start(start)
{
    set(HealthCheck::Accepting, false, u"starting"_s);
    set(HealthCheck::StorageWritable, false, u"starting"_s);
}

void HealthBoard::set(HealthCheck check, bool ok, const QString &reason)
{
    const std::lock_guard lock(m_mutex);
    m_checks[static_cast<size_t>(check)] = {ok, reason};
}

void HealthBoard::setNote(const QString &note)
{
    const std::lock_guard lock(m_mutex);
    m_note = note;
}

bool HealthBoard::allOk() const
{
    return std::all_of(
        m_checks.begin(), m_checks.end(), [](const State &state) { return state.ok; });
}

bool HealthBoard::isReady() const
{
    const std::lock_guard lock(m_mutex);
    return allOk();
}

HttpResponse HealthBoard::health(Clock::time_point now) const
{
    return answer(200, report(healthStatus(), now - m_start));
}

HttpResponse HealthBoard::ready(Clock::time_point now) const
{
    const std::lock_guard lock(m_mutex);
    const bool isAllOk = allOk();
    QJsonObject body = report(readyStatus(isAllOk), now - m_start);
    QJsonArray checks;
    QStringList reasons;
    for (size_t i = 0; i < m_checks.size(); ++i) {
        const State &state = m_checks[i];
        QJsonObject check {{u"name"_s, nameOf(static_cast<HealthCheck>(i))}, {u"ok"_s, state.ok}};
        if (!state.ok) {
            check.insert(u"reason"_s, state.reason);
            reasons += state.reason;
        }
        checks.append(check);
    }
    body.insert(u"checks"_s, checks);
    if (!isAllOk) {
        reasons.removeDuplicates();
        body.insert(u"reason"_s, reasons.join(u"; "_s));
    }
    if (!m_note.isEmpty())
        body.insert(u"note"_s, m_note);
    return answer(isAllOk ? 200 : 503, body);
}

HttpResponse HealthBoard::shortHealth() const
{
    return answer(200, {{u"status"_s, healthStatus()}});
}

HttpResponse HealthBoard::shortReady() const
{
    const bool isAllOk = isReady();
    return answer(isAllOk ? 200 : 503, {{u"status"_s, readyStatus(isAllOk)}});
}

} // namespace relay
