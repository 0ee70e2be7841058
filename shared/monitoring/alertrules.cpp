// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/monitoring/alertrules.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QSet>

#include <iterator>
#include <optional>

namespace relay {

namespace {

using Kind = AlertCondition::Kind;

/** Which fields a kind has besides `kind`; each of them is needed, but for the labels. */
struct KindFields {
    Kind kind;
    const char *name;
    QList<QString> fields;
};

const QList<KindFields> &kinds()
{
    const auto names = [](std::initializer_list<const char *> list) {
        QList<QString> result;
        for (const char *name : list)
            result.append(QLatin1String(name));
        return result;
    };
    static const QList<KindFields> table {
        {Kind::Down, "down", {}},
        {Kind::Above, "above", names({"metric", "threshold", "clear"})},
        {Kind::Below, "below", names({"metric", "threshold", "clear"})},
        {Kind::RatioAbove, "ratioAbove", names({"metric", "other", "threshold", "clear"})},
        {Kind::RateAbove, "rateAbove",
            names({"metric", "labels", "windowSeconds", "threshold", "clear"})},
        {Kind::QuantileAbove, "quantileAbove",
            names({"metric", "quantile", "windowSeconds", "threshold", "clear"})},
        {Kind::ChangesAbove, "changesAbove",
            names({"metric", "windowSeconds", "threshold", "clear"})},
        {Kind::AgeAbove, "ageAbove", names({"metric", "other", "threshold", "clear"})},
    };
    return table;
}

/** One object of the file; collects the first thing that is wrong with it. */
class Fields {
public:
    Fields(const QJsonObject &object, QString &fault)
        : m_object(object)
        , m_fault(fault)
    {
    }

    bool has(const QString &name) const { return m_object.contains(name); }
    QString text(const QString &name) const
    {
        const QString value = m_object.value(name).toString();
        if (value.isEmpty())
            blame(name);
        return value;
    }
    double number(const QString &name) const
    {
        if (!m_object.value(name).isDouble())
            blame(name);
        return m_object.value(name).toDouble();
    }
    std::chrono::seconds seconds(const QString &name) const
    {
        const double value = number(name);
        if (value < 0 || value > 86'400 || value != static_cast<int>(value))
            blame(name);
        return std::chrono::seconds(static_cast<int>(value));
    }
    QJsonObject object(const QString &name) const
    {
        if (!m_object.value(name).isObject())
            blame(name);
        return m_object.value(name).toObject();
    }
    void allowOnly(const QList<QString> &names) const
    {
        for (auto it = m_object.begin(); it != m_object.end(); ++it) {
            if (!names.contains(it.key()))
                blame(it.key());
        }
    }
    void blame(const QString &name) const
    {
        if (m_fault.isEmpty())
            m_fault = name;
    }

private:
    const QJsonObject m_object;
    QString &m_fault;
};

AlertCondition conditionOf(const Fields &fields)
{
    AlertCondition condition;
    const QString kind = fields.text(QStringLiteral("kind"));
    const KindFields *found = nullptr;
    for (const KindFields &row : kinds()) {
        if (kind == QLatin1String(row.name))
            found = &row;
    }
    if (!found) {
        fields.blame(QStringLiteral("kind"));
        return condition;
    }
    condition.kind = found->kind;
    fields.allowOnly(found->fields + QList<QString> {QStringLiteral("kind")});
    for (const QString &name : found->fields) {
        if (name == QLatin1String("metric"))
            condition.metric = fields.text(name).toUtf8();
        else if (name == QLatin1String("other"))
            condition.other = fields.text(name).toUtf8();
        else if (name == QLatin1String("quantile"))
            condition.quantile = fields.number(name);
        else if (name == QLatin1String("windowSeconds"))
            condition.window = fields.seconds(name);
        else if (name == QLatin1String("threshold"))
            condition.threshold = fields.number(name);
        else if (name == QLatin1String("clear"))
            condition.clear = fields.number(name);
        else if (name == QLatin1String("labels") && fields.has(name)) {
            const QJsonObject labels = fields.object(name);
            for (auto it = labels.begin(); it != labels.end(); ++it)
                condition.labels.push_back({it.key().toUtf8(), it.value().toString()});
        }
    }
    // A rule that clears on the bad side of its threshold would fire and end in turns.
    const bool isClearBeyond = condition.kind == Kind::Below
        ? condition.clear < condition.threshold
        : condition.clear > condition.threshold;
    if (isClearBeyond)
        fields.blame(QStringLiteral("clear"));
    return condition;
}

AlertRule ruleOf(const Fields &fields, QString &fault)
{
    fields.allowOnly({QStringLiteral("id"), QStringLiteral("severity"), QStringLiteral("summary"),
        QStringLiteral("condition"), QStringLiteral("forSeconds"), QStringLiteral("expr")});
    AlertRule rule;
    rule.id = fields.text(QStringLiteral("id"));
    const QString severity = fields.text(QStringLiteral("severity"));
    if (severity == QLatin1String("critical"))
        rule.severity = AlertSeverity::Critical;
    else if (severity != QLatin1String("warning"))
        fields.blame(QStringLiteral("severity"));
    rule.summary = fields.text(QStringLiteral("summary"));
    rule.condition = conditionOf(Fields(fields.object(QStringLiteral("condition")), fault));
    rule.holdFor = fields.seconds(QStringLiteral("forSeconds"));
    rule.expression = fields.text(QStringLiteral("expr"));
    return rule;
}

QString duration(std::chrono::seconds seconds)
{
    const auto count = seconds.count();
    if (count % 60 == 0)
        return QStringLiteral("%1m").arg(count / 60);
    return QStringLiteral("%1s").arg(count);
}

QString number(double value)
{
    return QString::number(value, 'g', 15);
}

/** A metric with its labels; with the job where others have metrics of that name too. */
QString selector(const QByteArray &metric, const std::vector<MetricLabel> &labels,
    const QString &job, bool isJobNeeded)
{
    QStringList matchers;
    if (isJobNeeded)
        matchers.append(QStringLiteral("job=\"%1\"").arg(job));
    for (const MetricLabel &label : labels)
        matchers.append(
            QStringLiteral("%1=\"%2\"").arg(QString::fromUtf8(label.name), label.value));
    const QString name = QString::fromUtf8(metric);
    return matchers.isEmpty() ? name : name + u'{' + matchers.join(u',') + u'}';
}

} // namespace

Result<std::vector<AlertRule>, QString> parseAlertRules(const QByteArray &json)
{
    QJsonParseError error;
    const QJsonDocument document = QJsonDocument::fromJson(json, &error);
    if (error.error != QJsonParseError::NoError || !document.isArray())
        return Err(QStringLiteral("no list of rules: %1").arg(error.errorString()));
    const QJsonArray list = document.array();
    std::vector<AlertRule> rules;
    QSet<QString> ids;
    for (qsizetype i = 0; i < list.size(); ++i) {
        QString fault;
        if (!list.at(i).isObject())
            return Err(QStringLiteral("rule %1 is no object").arg(i));
        AlertRule rule = ruleOf(Fields(list.at(i).toObject(), fault), fault);
        if (fault.isEmpty() && ids.contains(rule.id))
            fault = QStringLiteral("id");
        if (!fault.isEmpty())
            return Err(QStringLiteral("rule %1 (%2): %3").arg(i).arg(rule.id, fault));
        ids.insert(rule.id);
        rules.push_back(std::move(rule));
    }
    return rules;
}

QString promQl(const AlertCondition &condition, const QString &job)
{
    const bool isJobNeeded =
        condition.metric.startsWith("process_") || condition.other.startsWith("process_");
    const auto select = [&](const QByteArray &metric) {
        return selector(metric, condition.labels, job, isJobNeeded);
    };
    const QString metric = select(condition.metric);
    const QString above = QStringLiteral(" > ") + number(condition.threshold);
    switch (condition.kind) {
    case Kind::Down:
        return selector("up", {}, job, true) + QStringLiteral(" == 0");
    case Kind::Above:
        return metric + above;
    case Kind::Below:
        return metric + QStringLiteral(" < ") + number(condition.threshold);
    case Kind::RatioAbove:
        return metric + QStringLiteral(" / ") + select(condition.other) + above;
    case Kind::RateAbove:
        return QStringLiteral("rate(%1[%2])").arg(metric, duration(condition.window)) + above;
    case Kind::QuantileAbove:
        return QStringLiteral("histogram_quantile(%1, rate(%2[%3]))")
                   .arg(number(condition.quantile), select(condition.metric + "_bucket"),
                       duration(condition.window))
            + above;
    case Kind::ChangesAbove:
        return QStringLiteral("changes(%1[%2])").arg(metric, duration(condition.window)) + above;
    case Kind::AgeAbove:
        return QStringLiteral("time() - (%1 > %2 or %2)").arg(metric, select(condition.other))
            + above;
    }
    Q_UNREACHABLE();
}

} // namespace relay
