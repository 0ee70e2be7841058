// SPDX-License-Identifier: GPL-3.0-or-later
#include "relayd/app/logging.h"

#include <QDateTime>
#include <QJsonDocument>
#include <QJsonObject>
#include <QLoggingCategory>

#include <unistd.h>

#include <atomic>
#include <cstdio>

namespace relay {

namespace {

std::atomic<LogFormat> format {LogFormat::Text};
std::atomic<bool> isForJournal {false};

struct Level {
    const char *name;
    /** sd-daemon(3): what journald reads before a line. */
    const char *priority;
};

Level levelOf(QtMsgType type)
{
    switch (type) {
    case QtDebugMsg:
        return {"debug", "<7>"};
    case QtInfoMsg:
        return {"info", "<6>"};
    case QtWarningMsg:
        return {"warning", "<4>"};
    case QtCriticalMsg:
        return {"critical", "<2>"};
    case QtFatalMsg:
        return {"fatal", "<0>"};
    }
    Q_UNREACHABLE();
}

QByteArray toLine(QtMsgType type, const QMessageLogContext &context, const QString &message)
{
    const Level level = levelOf(type);
    const QString now = QDateTime::currentDateTimeUtc().toString(Qt::ISODateWithMs);
    const QString category = QString::fromLatin1(context.category);
    if (format == LogFormat::Json) {
        const QJsonObject object {{QStringLiteral("time"), now},
            {QStringLiteral("level"), QString::fromLatin1(level.name)},
            {QStringLiteral("category"), category}, {QStringLiteral("message"), message}};
        return QJsonDocument(object).toJson(QJsonDocument::Compact) + '\n';
    }
    QString flat = message;
    flat.replace(QLatin1Char('\n'), QLatin1Char(' '));
    const QString text = category + QStringLiteral(": ") + flat + QLatin1Char('\n');
    // journald has the time by itself.
    return isForJournal
        ? level.priority + text.toUtf8()
        : (now + QLatin1Char(' ') + QString::fromLatin1(level.name) + QLatin1Char(' ') + text)
              .toUtf8();
}

void write(QtMsgType type, const QMessageLogContext &context, const QString &message)
{
    const QByteArray line = toLine(type, context, message);
    // One call for one line: lines of several threads do not mix.
    std::fwrite(line.constData(), 1, static_cast<size_t>(line.size()), stderr);
}

QString rulesFor(LogLevel level)
{
    const auto on = [&](LogLevel from) {
        return level <= from ? QStringLiteral("true") : QStringLiteral("false");
    };
    return QStringLiteral("*.debug=false\nrelay*.debug=%1\n*.info=%2\n*.warning=%3\n")
        .arg(on(LogLevel::Debug), on(LogLevel::Info), on(LogLevel::Warning));
}

} // namespace

void installLogging(LogLevel level, LogFormat newFormat)
{
    format = newFormat;
    isForJournal = qEnvironmentVariableIsSet("JOURNAL_STREAM") && !::isatty(STDERR_FILENO);
    QLoggingCategory::setFilterRules(rulesFor(level));
    qInstallMessageHandler(write);
}

} // namespace relay
