// SPDX-License-Identifier: GPL-3.0-or-later
#include "relay-admin/models/alertengine.h"
#include "shared/monitoring/alertrules.h"
#include "shared/monitoring/metricnames.h"

#include <QProcess>
#include <QStandardPaths>
#include <QTemporaryFile>
#include <QTest>

using namespace relay;

class TestAlertRules : public QObject {
    Q_OBJECT

private slots:
    void expressionsSayWhatTheConditionsSay();
    void prometheusCanReadThem();
    void metricsExist();
    void everyRuleIsWhole();
    void refusesWhatIsWrong_data();
    void refusesWhatIsWrong();
};

void TestAlertRules::expressionsSayWhatTheConditionsSay()
{
    for (const AlertRule &rule : *admin::defaultAlertRules())
        QCOMPARE(promQl(rule.condition), rule.expression);
    QVERIFY(promQl({}, QStringLiteral("other")).contains(QLatin1String("job=\"other\"")));
}

void TestAlertRules::prometheusCanReadThem()
{
    const QString promtool = QStandardPaths::findExecutable(QStringLiteral("promtool"));
    if (promtool.isEmpty()) {
        QVERIFY(!qEnvironmentVariableIsSet("RELAYTEST_REQUIRE_TOOLS"));
        QSKIP("promtool is not installed (package prometheus)");
    }
    QTemporaryFile file;
    QVERIFY(file.open());
    file.write("groups:\n- name: relay\n  rules:\n");
    for (const AlertRule &rule : *admin::defaultAlertRules()) {
        file.write("  - alert: " + rule.id.toUtf8() + "\n    expr: >-\n      "
            + rule.expression.toUtf8() + "\n    for: "
            + QByteArray::number(static_cast<qlonglong>(rule.holdFor.count())) + "s\n");
    }
    file.close();
    QProcess process;
    process.setProcessChannelMode(QProcess::MergedChannels);
    process.start(promtool, {QStringLiteral("check"), QStringLiteral("rules"), file.fileName()});
    QVERIFY(process.waitForFinished());
    const QByteArray said = process.readAll();
    QVERIFY2(process.exitCode() == 0, said.constData());
    QVERIFY2(said.contains(QByteArray::number(admin::defaultAlertRules()->size()) + " rules"),
        said.constData());
}

void TestAlertRules::metricsExist()
{
    const QList<QByteArray> names {metric::ConnectionsActive.name, metric::MaxConnections.name,
        metric::ConnectionErrorsTotal.name, metric::SlowClientDisconnectsTotal.name,
        metric::MessagesRefusedTotal.name, metric::RateLimitedTotal.name,
        metric::MessageDurationSeconds.name, metric::StorageCommitDurationSeconds.name,
        metric::StorageBytes.name, metric::MaxStorageBytes.name, metric::BlobsUndeliverable.name,
        metric::Ready.name, metric::CleanupLastSuccessTimestampSeconds.name,
        "process_start_time_seconds", "process_open_fds", "process_max_fds"};
    for (const AlertRule &rule : *admin::defaultAlertRules()) {
        if (rule.condition.kind == AlertCondition::Kind::Down)
            continue;
        QVERIFY2(names.contains(rule.condition.metric), rule.condition.metric.constData());
        QVERIFY(rule.condition.other.isEmpty() || names.contains(rule.condition.other));
    }
}

void TestAlertRules::everyRuleIsWhole()
{
    QCOMPARE(admin::defaultAlertRules()->size(), size_t(16));
    for (const AlertRule &rule : *admin::defaultAlertRules()) {
        QVERIFY(rule.summary.endsWith(u'.'));
        QCOMPARE(admin::summaryText(rule), rule.summary);
    }
}

void TestAlertRules::refusesWhatIsWrong_data()
{
    QTest::addColumn<QByteArray>("json");
    QTest::addColumn<QString>("blamed");
    const QByteArray good = R"([{"id": "A", "severity": "warning", "summary": "S.",
        "condition": {"kind": "above", "metric": "m", "threshold": 2, "clear": 1},
        "forSeconds": 60, "expr": "m > 2"}])";
    const auto row = [&](const char *name, const char *what, const char *with, const char *blamed) {
        QByteArray json = good;
        QVERIFY(json.contains(what));
        QTest::newRow(name) << json.replace(what, with) << QString::fromLatin1(blamed);
    };
    QTest::newRow("good") << good << QString();
    QTest::newRow("empty") << QByteArray() << QStringLiteral("list");
    QTest::newRow("object") << QByteArray("{}") << QStringLiteral("list");
    QTest::newRow("number") << QByteArray("[1]") << QStringLiteral("object");
    QTest::newRow("twice") << "[" + good.mid(1, good.size() - 2) + "," + good.mid(1)
                           << QStringLiteral("id");
    row("no id", "\"A\"", "\"\"", "id");
    row("severity", "\"warning\"", "\"grave\"", "severity");
    row("kind", "\"above\"", "\"abov\"", "kind");
    row("unknown field", "\"expr\"", "\"extra\": 1, \"expr\"", "extra");
    row("field of another kind", "\"clear\"", "\"quantile\": 0.5, \"clear\"", "quantile");
    row("no threshold", "\"threshold\": 2,", "", "threshold");
    row("text for a number", "\"clear\": 1", "\"clear\": \"1\"", "clear");
    row("clears beyond the threshold", "\"clear\": 1", "\"clear\": 3", "clear");
    row("negative hold", "60", "-1", "forSeconds");
    row("broken hold", "60", "1.5", "forSeconds");
    row("no expression", "\"m > 2\"", "\"\"", "expr");
}

void TestAlertRules::refusesWhatIsWrong()
{
    QFETCH(QByteArray, json);
    QFETCH(QString, blamed);
    const auto rules = parseAlertRules(json);
    QCOMPARE(rules.hasValue(), blamed.isEmpty());
    if (!rules)
        QVERIFY2(rules.error().contains(blamed), qPrintable(rules.error()));
}

QTEST_GUILESS_MAIN(TestAlertRules)
#include "tst_alertrules.moc"
