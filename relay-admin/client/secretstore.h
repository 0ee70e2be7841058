// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QHash>
#include <QObject>
#include <QString>
#include <QUuid>

#include <chrono>

namespace relay::admin {

/**
 * The bearer tokens, by the id of their profile, in the desktop's keychain. Where that fails in any
 * way (there is none, it is locked, the person said no), a token stays in memory for this run;
 * never is it written to a file.
 *
 * The keychain answers later. What was stored or removed here holds at once, whatever it answers.
 */
class SecretStore : public QObject {
    Q_OBJECT

public:
    /** Under this name the keychain shows the tokens. */
    explicit SecretStore(
        const QString &service = QStringLiteral("vauchi-relay-admin"), QObject *parent = nullptr);

    /** As far as it is known by now; empty: none. */
    QString token(const QUuid &id) const { return m_tokens.value(id); }

    /** Asks the keychain; loaded() says what it has. */
    void load(const QUuid &id);
    /** Empty: the same as remove(). stored() says when it is done. */
    void store(const QUuid &id, const QString &token);
    void remove(const QUuid &id);

    /** Until all that was stored and removed has been answered, or so long; events are handled. */
    void waitForStored(std::chrono::milliseconds most);

    /** False once the keychain has failed: tokens last until the program ends. True until then. */
    bool isPersistent() const { return m_isPersistent; }

signals:
    /** The token that counts now; empty: none. */
    void loaded(const QUuid &id, const QString &token);
    /** It is in the keychain, or, if that fails, in memory: see isPersistent(). */
    void stored(const QUuid &id);
    /** isPersistent() is another now. */
    void persistenceChanged();

private:
    /** From the answer of a job. */
    void notePersistence(int error);
    void noteStored(const QUuid &id, int error);

    const QString m_service;
    /** Those that were stored, removed (empty) or loaded in this run. */
    QHash<QUuid, QString> m_tokens;
    bool m_isPersistent = true;
    /** Stored or removed here, and not answered yet. */
    int m_unanswered = 0;
};

} // namespace relay::admin
