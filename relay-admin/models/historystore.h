// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "relay-admin/models/history.h"

#include <QDateTime>
#include <QObject>
#include <QString>
#include <QUuid>

#include <functional>

class QSqlDatabase;
class QSqlError;
class QSqlQuery;

namespace relay::admin {

/**
 * The histories of all relays in one SQLite file: the worker behind HistoryFile. Used from one
 * thread, where it also ends.
 *
 * The file is opened at its first use. One that is damaged, of another program, or of a newer
 * version of this one is renamed, never written to; a new one takes its place.
 */
class HistoryStore : public QObject {
    Q_OBJECT

public:
    explicit HistoryStore(QString path);
    ~HistoryStore() override;

    void save(const QUuid &profile, const HistoryRows &rows, const QDateTime &now);
    /** Answers with loaded(), in any case. */
    void load(const QUuid &profile, const QDateTime &now);
    void remove(const QUuid &profile, const QDateTime &now);

signals:
    void loaded(const QUuid &profile, const relay::admin::HistoryRows &rows);
    /** The file could not be used; it stands under its new name now. */
    void setAside(const QString &newName, const QString &why);
    /** Said once, until it works again. */
    void failed(const QString &why);

private:
    /** Does `work` in a transaction, on an open file; sets a damaged one aside and tries once more.
     */
    bool inTransaction(const QDateTime &now, const std::function<bool(QSqlDatabase &)> &work);
    bool open(const QDateTime &now);
    bool openOnce(QString *unusable);
    bool prepareFile(QString *unusable);
    void close();
    void moveAside(const QString &why, const QDateTime &now);
    bool prune(QSqlDatabase &database, const QDateTime &now);
    void fail(const QString &why);
    bool prepare(QSqlQuery &query, const QString &statement);
    bool run(QSqlQuery &query);
    bool note(const QSqlError &error);

    const QString m_path;
    const QString m_connection;
    QDateTime m_prunedAt;
    QString m_lastError;
    bool m_isOpen = false;
    bool m_isDamaged = false;
    bool m_hasFailed = false;
};

} // namespace relay::admin

Q_DECLARE_METATYPE(relay::admin::HistoryRows)
