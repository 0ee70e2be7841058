// SPDX-License-Identifier: GPL-3.0-or-later
#include "relay-admin/client/answers.h"

#include "relay-admin/client/httpquery.h"

#include <QCoreApplication>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

#include <optional>

namespace relay::admin {

namespace {

struct Texts {
    Q_DECLARE_TR_FUNCTIONS(relay::admin::Answers)
};

QString plainText(const QString &text, qsizetype maxLength)
{
    QString plain = text.left(maxLength);
    // Not half a character.
    if (plain.size() < text.size() && plain.back().isHighSurrogate())
        plain.chop(1);
    for (QChar &c : plain) {
        if (c.category() == QChar::Other_Control || c.category() == QChar::Other_Format
            || c == QChar::LineSeparator || c == QChar::ParagraphSeparator)
            c = u' ';
    }
    return plain;
}

/** The object that /health and /ready answer with. */
std::optional<QJsonObject> report(const HttpQuery &query)
{
    const QByteArray &type = query.mediaType();
    if (!type.isEmpty() && type != "application/json" && !type.endsWith("+json"))
        return std::nullopt;
    const QJsonObject object = QJsonDocument::fromJson(query.body()).object();
    if (!object.value(u"status").isString())
        return std::nullopt;
    return object;
}

void makeMalformed(Answer &answer, const QString &detail)
{
    answer.outcome = Outcome::Malformed;
    answer.detail = detail;
}

QString expositionFault(const ExpositionError &error)
{
    switch (error.kind) {
    case ExpositionError::Kind::TooLarge:
        return Texts::tr("The metrics are too large.");
    case ExpositionError::Kind::LineTooLong:
        return Texts::tr("Line %1 of the metrics is too long.").arg(error.line);
    case ExpositionError::Kind::TooManySamples:
        return Texts::tr("There are too many metrics.");
    case ExpositionError::Kind::TooManyLabels:
        return Texts::tr("Line %1 of the metrics has too many labels.").arg(error.line);
    case ExpositionError::Kind::Syntax:
        break;
    }
    return Texts::tr("Line %1 of the metrics cannot be understood.").arg(error.line);
}

bool isTextFormat(const QByteArray &mediaType)
{
    return mediaType.isEmpty() || mediaType == "text/plain"
        || mediaType == "application/openmetrics-text";
}

} // namespace

void readHealth(const HttpQuery &query, PollResult &result)
{
    result.health = query.answer();
    if (result.health.outcome != Outcome::Ok)
        return;
    const auto object = report(query);
    if (!object) {
        makeMalformed(result.health, Texts::tr("This is not what /health of a relay says."));
        return;
    }
    result.healthReport.version = plainText(object->value(u"version").toString(), MaxNameLength);
    const double uptime = object->value(u"uptime_seconds").toDouble();
    // A thousand years; what is beyond, or NaN, is no uptime.
    if (uptime >= 0 && uptime < 3.2e10)
        result.healthReport.uptime = std::chrono::seconds(static_cast<qint64>(uptime));
}

void readReady(const HttpQuery &query, PollResult &result)
{
    result.ready = query.answer();
    const bool isOk = result.ready.outcome == Outcome::Ok;
    if (!isOk && result.ready.outcome != Outcome::Unavailable)
        return;
    const auto object = report(query);
    if (!object) {
        // A proxy in front of the relay may say 503 in words of its own.
        if (isOk)
            makeMalformed(result.ready, Texts::tr("This is not what /ready of a relay says."));
        return;
    }
    if (!isOk)
        result.ready.detail = Texts::tr("The relay says that it is not ready.");
    const QJsonArray checks = object->value(u"checks").toArray();
    for (const QJsonValue &value : checks) {
        if (static_cast<qsizetype>(result.readyChecks.size()) == MaxReadyChecks)
            break;
        const QJsonObject check = value.toObject();
        result.readyChecks.push_back(
            {plainText(check.value(u"name").toString(), MaxNameLength), check.value(u"ok").toBool(),
                plainText(check.value(u"reason").toString(), MaxReasonLength)});
    }
}

void readMetrics(const HttpQuery &query, PollResult &result)
{
    result.metrics = query.answer();
    result.rawMetrics = query.body();
    if (result.metrics.outcome != Outcome::Ok)
        return;
    if (!isTextFormat(query.mediaType())) {
        makeMalformed(result.metrics, Texts::tr("The metrics are not in Prometheus' text format."));
        return;
    }
    auto exposition = parseExposition(query.body());
    if (exposition)
        result.exposition = std::make_shared<const Exposition>(std::move(exposition).value());
    else
        makeMalformed(result.metrics, expositionFault(exposition.error()));
}

} // namespace relay::admin
