// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tests/support/heldport.h"

#include <QMap>
#include <QProcess>
#include <QString>
#include <QTemporaryDir>

#include <array>
#include <memory>
#include <optional>

namespace relay::test {

/** Settings beyond the defaults of the tests: name without "RELAY_", value. */
using Environment = QMap<QString, QString>;

/**
 * The real program, on free ports of 127.0.0.1, with a data folder of its own that outlives
 * restarts. Killed by the destructor, if it still runs. With RELAYTEST_BACKEND=postgres it has a
 * database of its own on PostgresServer::shared() instead, where the test asks for no backend.
 */
class RelayProcess {
public:
    explicit RelayProcess(const Environment &environment = {});
    ~RelayProcess();
    RelayProcess(const RelayProcess &) = delete;
    RelayProcess &operator=(const RelayProcess &) = delete;

    /** Starts it and waits until it listens. False: it ended before; see log(). */
    bool start();
    /** SIGTERM, and waits for the end; the exit code, or -1 if it was a signal or took too long. */
    int stop(int timeoutMillis = 30'000);
    /** kill -9, and waits for the end. */
    void kill();
    bool isRunning() const;
    /** Whether it has ended by itself, or does so soon; isRunning() learns that from an event loop.
     */
    bool hasEnded(int timeoutMillis = 0);
    qint64 pid() const;

    /** The next start is on this database of a PostgresServer. */
    void useDatabase(const QString &url);
    /** Its ports are the same at each start, and nobody else's in between. Before the first. */
    void keepPorts();
    void set(const QString &name, const QString &value) { m_environment.insert(name, value); }
    /** Another program than the relay that was built, for the next start. */
    void setProgram(const QString &program) { m_program = program; }
    /** Anything of the environment but settings of the relay, for the next start. */
    void setVariable(const QString &name, const QString &value) { m_variables.insert(name, value); }
    /** A library that is loaded before all others, for the next start. */
    void preload(const QString &library);
    /** The limit of open files, for the next start. */
    void setDescriptorLimit(int limit) { m_descriptorLimit = limit; }

    quint16 port() const { return m_port; }
    quint16 httpPort() const { return m_httpPort; }
    QString dataDir() const { return m_dataDir.path() + QStringLiteral("/data"); }
    /** Up to the last start, stop or newestLog(). */
    QByteArray log() const { return m_log; }
    QByteArray newestLog();
    int exitCode() const;
    QProcessEnvironment environment() const;

    /** The body of GET `path` on the HTTP port; `status`: its status code. */
    QByteArray get(const QByteArray &path, int *status = nullptr) const;
    /** One sample of /metrics by its full name, labels included; nothing if there is none. */
    std::optional<double> metric(const QByteArray &name) const;
    QMap<QByteArray, double> metrics() const;
    /** Resident memory, bytes. */
    qint64 residentBytes() const;

    /** Runs the program once with arguments and this input; its output, and its exit code. */
    QByteArray run(const QStringList &arguments, int *exitCode, const QByteArray &input = {}) const;

private:
    void readLog();

    QTemporaryDir m_dataDir;
    Environment m_environment;
    std::optional<std::array<HeldPort, 2>> m_heldPorts;
    QString m_program;
    QMap<QString, QString> m_variables;
    int m_descriptorLimit = 0;
    std::unique_ptr<QProcess> m_process;
    QByteArray m_log;
    quint16 m_port = 0;
    quint16 m_httpPort = 0;
};

/** One HTTP exchange with 127.0.0.1:`port`: everything that came back. */
QByteArray httpExchange(quint16 port, const QByteArray &request, int timeoutMillis = 5000);

} // namespace relay::test
