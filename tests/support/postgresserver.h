// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tests/support/heldport.h"

#include <QString>
#include <QTemporaryDir>

#include <memory>
#include <optional>

namespace relay::test {

/**
 * A real PostgreSQL server of the test's own, on a Unix socket in a temporary folder, as a user who
 * is not root. Killed by the destructor.
 */
class PostgresServer {
public:
    PostgresServer();
    ~PostgresServer();
    PostgresServer(const PostgresServer &) = delete;
    PostgresServer &operator=(const PostgresServer &) = delete;

    /** Where its programs are; empty: it is not installed (Debian: postgresql). */
    static QString programs();
    /** One for all tests of the process that need nothing but a database. */
    static PostgresServer &shared();

    /** Starts it, on what it stored before, and waits until it takes connections. */
    bool start();
    /**
     * start() for the first time, and it listens on a TCP port of localhost too: with TLS, a
     * certificate of its own, and this password.
     */
    bool startWithTls(const QString &password);
    /** kill -9 of all its processes, as a crash; what was committed is there after the next start.
     */
    void kill();
    /** It runs on, and does not get a processor. */
    void freeze();
    void thaw();

    /** Makes an empty database; its RELAY_POSTGRES_URL. */
    QString newDatabase();
    QString urlOf(const QString &database) const;
    /** Over TCP, as `relay` with this password, where the certificate has to be that one. */
    QString tlsUrlOf(
        const QString &database, const QString &password, const QString &rootCertificate) const;
    QString certificate() const { return m_folder.filePath(QStringLiteral("tls.crt")); }
    /** Where its socket is. */
    QString folder() const { return m_folder.path(); }
    /** Runs a statement in psql; what it printed, unaligned, without headers. */
    QByteArray run(const QString &url, const QString &sql) const;

    /** A RELAY_NOISE_STATIC_KEY for all relays of a test. */
    static QString noiseKey();
    /** Another each time. */
    static QString newNoiseKey();

private:
    QTemporaryDir m_folder;
    qint64 m_pid = 0;
    /** Of TCP, and in the name of its socket; without: PostgreSQL's default, and no TCP. */
    std::optional<HeldPort> m_port;
    int m_databases = 0;
};

/** A new certificate for `localhost` and its key, in PEM. */
bool makeCertificate(const QString &certificate, const QString &key);

/** `command` as a user who is not root: servers of databases refuse to run as root. */
QStringList asUnprivileged(const QStringList &command);
/** Makes `path` that user's. */
bool giveToUnprivileged(const QString &path);

/** Whether RELAYTEST_BACKEND asks for the tests of the real program to be run on PostgreSQL. */
bool isPostgresAsked();

} // namespace relay::test
