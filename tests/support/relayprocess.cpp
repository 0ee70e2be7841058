// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/relayprocess.h"

#include "tests/support/postgresserver.h"

#include <QDeadlineTimer>
#include <QFile>
#include <QRegularExpression>
#include <QTcpSocket>

#include <sys/resource.h>
#include <unistd.h>

#include <csignal>

namespace relay::test {

namespace {

constexpr int RelayTimeoutMillis = 30'000;

} // namespace

RelayProcess::RelayProcess(const Environment &environment)
    : m_environment(environment)
    , m_program(QStringLiteral(RELAY_PROGRAM))
{
    if (isPostgresAsked() && !m_environment.contains(QStringLiteral("STORAGE_BACKEND")))
        useDatabase(PostgresServer::shared().newDatabase());
}

void RelayProcess::keepPorts()
{
    const auto &[monitoring, clients] = m_heldPorts.emplace();
    const auto address = [](const HeldPort &port) {
        return QStringLiteral("127.0.0.1:%1").arg(port.number());
    };
    set(QStringLiteral("HTTP_ADDR"), address(monitoring));
    set(QStringLiteral("LISTEN_ADDR"), address(clients));
}

void RelayProcess::useDatabase(const QString &url)
{
    set(QStringLiteral("STORAGE_BACKEND"), QStringLiteral("postgres"));
    set(QStringLiteral("POSTGRES_URL"), url);
    if (!m_environment.contains(QStringLiteral("NOISE_STATIC_KEY")))
        set(QStringLiteral("NOISE_STATIC_KEY"), PostgresServer::noiseKey());
}

RelayProcess::~RelayProcess()
{
    kill();
}

void RelayProcess::preload(const QString &library)
{
    setVariable(QStringLiteral("LD_PRELOAD"), library);
    // The address sanitizer wants to be first; what is done before it needs no checking.
    setVariable(QStringLiteral("ASAN_OPTIONS"),
        qEnvironmentVariable("ASAN_OPTIONS") + QStringLiteral(":verify_asan_link_order=0"));
}

QProcessEnvironment RelayProcess::environment() const
{
    auto environment = QProcessEnvironment::systemEnvironment();
    const auto put = [&](const QString &name, const QString &value) {
        environment.insert(QStringLiteral("RELAY_") + name, value);
    };
    put(QStringLiteral("DATA_DIR"), dataDir());
    put(QStringLiteral("LISTEN_ADDR"), QStringLiteral("127.0.0.1:0"));
    put(QStringLiteral("HTTP_ADDR"), QStringLiteral("127.0.0.1:0"));
    // Tests of other things must not meet the limiter.
    put(QStringLiteral("RATE_LIMIT_PER_MIN"), QStringLiteral("0"));
    put(QStringLiteral("RECOVERY_RATE_LIMIT_PER_MIN"), QStringLiteral("0"));
    put(QStringLiteral("MIN_FREE_BYTES"), QStringLiteral("1048576"));
    for (auto it = m_environment.begin(); it != m_environment.end(); ++it)
        put(it.key(), it.value());
    for (auto it = m_variables.begin(); it != m_variables.end(); ++it)
        environment.insert(it.key(), it.value());
    return environment;
}

bool RelayProcess::start()
{
    m_log.clear();
    m_process = std::make_unique<QProcess>();
    m_process->setProcessEnvironment(environment());
    m_process->setProcessChannelMode(QProcess::MergedChannels);
    if (m_descriptorLimit > 0) {
        m_process->setChildProcessModifier([limit = m_descriptorLimit] {
            const rlimit both {static_cast<rlim_t>(limit), static_cast<rlim_t>(limit)};
            ::setrlimit(RLIMIT_NOFILE, &both);
        });
    }
    QStringList arguments;
    // The switch with which all integration tests run on Qt's own dispatcher.
    if (qEnvironmentVariableIsSet("RELAYTEST_QT_DISPATCHER"))
        arguments << QStringLiteral("--qt-dispatcher");
    m_process->start(m_program, arguments);
    static const QRegularExpression listening(
        QStringLiteral("listening for WebSocket on \\S+:(\\d+) and for HTTP on \\S+:(\\d+)"));
    const QDeadlineTimer deadline(RelayTimeoutMillis);
    while (!deadline.hasExpired()) {
        m_process->waitForReadyRead(100);
        readLog();
        const auto match = listening.match(QString::fromUtf8(m_log));
        if (match.hasMatch()) {
            m_port = match.captured(1).toUShort();
            m_httpPort = match.captured(2).toUShort();
            return true;
        }
        if (m_process->state() == QProcess::NotRunning) {
            readLog();
            return false;
        }
    }
    return false;
}

void RelayProcess::readLog()
{
    if (!m_process)
        return;
    const QByteArray more = m_process->readAll();
    m_log += more;
    // What a sanitizer has to say must not stay unseen behind a connection that ended.
    if (more.contains("runtime error:") || more.contains("Sanitizer"))
        qCritical("%s", more.constData());
}

QByteArray RelayProcess::newestLog()
{
    if (m_process)
        m_process->waitForReadyRead(10);
    readLog();
    return m_log;
}

bool RelayProcess::isRunning() const
{
    return m_process && m_process->state() == QProcess::Running;
}

bool RelayProcess::hasEnded(int timeoutMillis)
{
    if (!isRunning())
        return true;
    if (!m_process->waitForFinished(timeoutMillis))
        return false;
    readLog();
    return true;
}

qint64 RelayProcess::pid() const
{
    return m_process ? m_process->processId() : 0;
}

int RelayProcess::exitCode() const
{
    return m_process && m_process->exitStatus() == QProcess::NormalExit ? m_process->exitCode()
                                                                        : -1;
}

int RelayProcess::stop(int timeoutMillis)
{
    if (!isRunning())
        return exitCode();
    ::kill(static_cast<pid_t>(pid()), SIGTERM);
    const bool ended = m_process->waitForFinished(timeoutMillis);
    readLog();
    if (!ended)
        qWarning("The relay has not stopped within %d ms:\n%s", timeoutMillis, m_log.constData());
    else if (m_process->exitStatus() == QProcess::CrashExit)
        qWarning("Signal %d ended the relay:\n%s", m_process->exitCode(), m_log.constData());
    return ended ? exitCode() : -1;
}

void RelayProcess::kill()
{
    if (!isRunning())
        return;
    m_process->kill();
    m_process->waitForFinished(RelayTimeoutMillis);
    readLog();
}

QByteArray httpExchange(quint16 port, const QByteArray &request, int timeoutMillis)
{
    QTcpSocket socket;
    socket.connectToHost(QStringLiteral("127.0.0.1"), port);
    if (!socket.waitForConnected(timeoutMillis))
        return {};
    socket.write(request);
    const QDeadlineTimer deadline(timeoutMillis);
    QByteArray answer;
    while (socket.waitForReadyRead(static_cast<int>(deadline.remainingTime())))
        answer += socket.readAll();
    return answer + socket.readAll();
}

QByteArray RelayProcess::get(const QByteArray &path, int *status) const
{
    const QByteArray answer =
        httpExchange(m_httpPort, "GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
    if (status)
        *status = answer.mid(9, 3).toInt();
    const qsizetype body = answer.indexOf("\r\n\r\n");
    return body < 0 ? QByteArray() : answer.mid(body + 4);
}

QMap<QByteArray, double> RelayProcess::metrics() const
{
    QMap<QByteArray, double> samples;
    const auto lines = get("/metrics").split('\n');
    for (const QByteArray &line : lines) {
        const qsizetype space = line.lastIndexOf(' ');
        if (space <= 0 || line.startsWith('#'))
            continue;
        const QByteArray value = line.mid(space + 1);
        samples.insert(line.left(space), value == "+Inf" ? qInf() : value.toDouble());
    }
    return samples;
}

std::optional<double> RelayProcess::metric(const QByteArray &name) const
{
    const auto samples = metrics();
    const auto it = samples.find(name);
    return it == samples.end() ? std::nullopt : std::optional(*it);
}

qint64 RelayProcess::residentBytes() const
{
    QFile file(QStringLiteral("/proc/%1/statm").arg(pid()));
    if (!file.open(QIODevice::ReadOnly))
        return 0;
    return file.readAll().split(' ').value(1).toLongLong() * ::sysconf(_SC_PAGESIZE);
}

QByteArray RelayProcess::run(
    const QStringList &arguments, int *exitCode, const QByteArray &input) const
{
    QProcess process;
    process.setProcessEnvironment(environment());
    process.setProcessChannelMode(QProcess::MergedChannels);
    process.start(m_program, arguments);
    process.write(input);
    process.closeWriteChannel();
    process.waitForFinished(RelayTimeoutMillis);
    *exitCode = process.exitStatus() == QProcess::NormalExit ? process.exitCode() : -1;
    return process.readAll();
}

} // namespace relay::test
