// SPDX-License-Identifier: GPL-3.0-or-later
#include "relayd/app/subcommands.h"

#include "relayd/app/datacommands.h"
#include "relayd/app/healthcheck.h"
#include "relayd/app/help.h"
#include "relayd/app/logging.h"
#include "relayd/app/migratecommand.h"
#include "relayd/app/noisekeycommand.h"
#include "relayd/app/noisekeyfile.h"
#include "relayd/app/probe.h"
#include "relayd/app/relayserver.h"
#include "relayd/app/terminal.h"
#include "relayd/app/unixsignals.h"

#include <QCoreApplication>
#include <QDeadlineTimer>
#include <QDir>
#include <QLoggingCategory>
#include <QProcessEnvironment>
#include <QSqlDatabase>
#include <QSqlQuery>
#include <QTextStream>
#include <QThread>

#include <openssl/crypto.h>
#include <sys/stat.h>

#include <chrono>
#include <cstdlib>
#include <cstring>
#include <optional>

namespace relay {

namespace {

Q_LOGGING_CATEGORY(lcMain, "relay")

int printText(const QString &text)
{
    QTextStream out(stdout);
    out << text;
    return 0;
}

QString sqliteVersion()
{
    const QString name = QStringLiteral("version");
    QString version = QStringLiteral("driver missing");
    {
        QSqlDatabase database = QSqlDatabase::addDatabase(QStringLiteral("QSQLITE"), name);
        database.setDatabaseName(QStringLiteral(":memory:"));
        if (database.open()) {
            QSqlQuery query(QStringLiteral("SELECT sqlite_version()"), database);
            if (query.next())
                version = query.value(0).toString();
        }
    }
    QSqlDatabase::removeDatabase(name);
    return version;
}

int printVersion()
{
    return printText(
        QStringLiteral("vauchi-relay %1\nQt %2\nSQLite %3\n%4\n")
            .arg(QStringLiteral(RELAY_VERSION), QString::fromLatin1(qVersion()), sqliteVersion(),
                QString::fromLatin1(OpenSSL_version(OPENSSL_VERSION))));
}

/** The settings, or nothing after telling all faults. */
std::optional<LoadedSettings> settingsFromEnvironment()
{
    auto loaded = loadSettings(QProcessEnvironment::systemEnvironment());
    if (loaded)
        return std::move(loaded).value();
    complain(QStringLiteral("The configuration has faults:"));
    for (const QString &fault : loaded.error())
        complain(QStringLiteral("  ") + fault);
    return std::nullopt;
}

int checkConfig()
{
    const auto loaded = settingsFromEnvironment();
    if (!loaded)
        return toInt(ExitCode::Configuration);
    for (const QString &warning : loaded->warnings)
        complain(QStringLiteral("warning: ") + warning);
    if (QByteArray key = loaded->settings.noiseStaticKey; !key.isEmpty()) {
        if (const auto taken = loadNoiseKey(key, {}); !taken) {
            complain(taken.error().message);
            return toInt(taken.error().exitCode);
        }
    }
    return printText(QStringLiteral("The configuration is valid.\n"));
}

int printConfig()
{
    const auto loaded = settingsFromEnvironment();
    if (!loaded)
        return toInt(ExitCode::Configuration);
    return printText(configAsText(loaded->settings));
}

int checkHealth(const QStringList &options)
{
    const bool ready = options == QStringList {QStringLiteral("--ready")};
    if (!options.isEmpty() && !ready) {
        complain(QStringLiteral("Usage: vauchi-relay healthcheck [--ready]"));
        return toInt(ExitCode::Usage);
    }
    const auto loaded = settingsFromEnvironment();
    if (!loaded)
        return toInt(ExitCode::Configuration);
    const auto problem = healthcheck(loaded->settings.httpAddr, ready ? "/ready" : "/health");
    if (problem)
        complain(*problem);
    return problem ? 1 : 0;
}

int manageData(const QString &command, const QStringList &options)
{
    const auto loaded = settingsFromEnvironment();
    return loaded ? runDataCommand(loaded->settings, command, options)
                  : toInt(ExitCode::Configuration);
}

int migrateData(const QStringList &options)
{
    const auto loaded = settingsFromEnvironment();
    return loaded ? runMigration(loaded->settings, options) : toInt(ExitCode::Configuration);
}

/** The environment stays readable, in /proc too, for as long as the process lives. */
void wipeSecrets()
{
    if (char *key = std::getenv("RELAY_NOISE_STATIC_KEY"))
        OPENSSL_cleanse(key, std::strlen(key));
}

/**
 * Waits at its end until there are no more threads than at its beginning, for a second at most.
 *
 * Qt takes a thread for finished while destructors still run for it that libraries have set up
 * (OpenSSL, Kerberos). At the exit of the process those libraries free what such a destructor uses,
 * and now and then a stop ended in a crash.
 */
class ThreadsAreGone {
public:
    ThreadsAreGone() = default;
    Q_DISABLE_COPY_MOVE(ThreadsAreGone)
    ~ThreadsAreGone()
    {
        const QDeadlineTimer deadline(std::chrono::seconds(1));
        while (count() > m_before && !deadline.hasExpired())
            QThread::usleep(200);
    }

private:
    static qsizetype count()
    {
        return QDir(QStringLiteral("/proc/self/task"))
            .entryList(QDir::Dirs | QDir::NoDotAndDotDot)
            .size();
    }

    const qsizetype m_before = count();
};

int runDaemon(Dispatcher dispatcher)
{
    // Whatever the relay creates is its own: the database holds who gets mail.
    ::umask(0077);
    auto loaded = settingsFromEnvironment();
    if (!loaded)
        return toInt(ExitCode::Configuration);
    wipeSecrets();
    installLogging(loaded->settings.logLevel, loaded->settings.logFormat);
    for (const QString &warning : std::as_const(loaded->warnings))
        qCWarning(lcMain).noquote() << warning;

    UnixSignals unixSignals;
    const ThreadsAreGone threadsAreGone;
    RelayServer server(std::move(loaded->settings), dispatcher);
    if (const auto fault = server.start()) {
        qCCritical(lcMain).noquote() << fault->message;
        return toInt(fault->exitCode);
    }
    QObject::connect(&unixSignals, &UnixSignals::stopRequested, &server, &RelayServer::stop);
    QObject::connect(
        &server, &RelayServer::stopped, qApp, &QCoreApplication::quit, Qt::QueuedConnection);
    QObject::connect(&server, &RelayServer::failed, qApp, [](const StartFault &fault) {
        qCCritical(lcMain).noquote() << fault.message;
        QCoreApplication::exit(toInt(fault.exitCode));
    });
    const int code = QCoreApplication::exec();
    qCInfo(lcMain) << "stopped";
    return code;
}

} // namespace

int runCommand(const QStringList &arguments)
{
    const QStringList words = arguments.mid(1);
    const QString command = words.value(0);
    const QStringList options = words.mid(1);
    if (words.isEmpty())
        return runDaemon(Dispatcher::Epoll);
    // For comparison in tests, and so not in --help.
    if (words == QStringList {QStringLiteral("--qt-dispatcher")})
        return runDaemon(Dispatcher::Qt);
    if (command == QStringLiteral("healthcheck"))
        return checkHealth(options);
    if (command == QStringLiteral("probe"))
        return probe(options);
    if (command == QStringLiteral("noise-key"))
        return printNoiseKey(options);
    if (command == QStringLiteral("migrate-storage"))
        return migrateData(options);
    if (isDataCommand(command))
        return manageData(command, options);
    if (options.isEmpty()) {
        if (command == QStringLiteral("check-config"))
            return checkConfig();
        if (command == QStringLiteral("print-config"))
            return printConfig();
        if (command == QStringLiteral("--version") || command == QStringLiteral("-V"))
            return printVersion();
        if (command == QStringLiteral("--help") || command == QStringLiteral("-h"))
            return printText(helpText());
        if (command == QStringLiteral("--man"))
            return printText(manualPage());
    }
    complain(QStringLiteral("vauchi-relay: unknown command: %1\nTry: vauchi-relay --help")
                 .arg(words.join(QLatin1Char(' '))));
    return toInt(ExitCode::Usage);
}

} // namespace relay
