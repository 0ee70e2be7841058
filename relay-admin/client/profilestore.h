// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "relay-admin/client/profile.h"
#include "shared/result.h"

#include <QList>
#include <QObject>
#include <QString>

namespace relay::admin {

/**
 * The profiles, in the order that the person gave them, and their file: JSON as toJson() writes it,
 * readable for its owner alone. Each change is written at once, as a whole or not at all. Who adds
 * or edits a profile has seen to its faults (faultsOf()). Tokens are SecretStore's.
 */
class ProfileStore : public QObject {
    Q_OBJECT

public:
    /** `path`: the file, which may not be there yet, nor its folder. */
    explicit ProfileStore(const QString &path, QObject *parent = nullptr);

    /**
     * Reads the file. Empty: all is well, or there is none. Otherwise what is wrong, for people: a
     * file that cannot be understood is kept aside under the name that this says, and the list is
     * empty; one that cannot be read or kept aside stays, and nothing is written in this run.
     */
    QString load();

    const QList<Profile> &profiles() const { return m_profiles; }
    /** Null: there is none. Until the next change. */
    const Profile *find(const QUuid &id) const;

    /** At the end, under a new id if it has none or one that is taken. Returns the id. */
    QUuid add(const Profile &profile);
    /** The one with this id. */
    void edit(const Profile &profile);
    /** Right behind the original, under a new id, with the name "Copy of …". Its id; null: none. */
    QUuid duplicate(const QUuid &id);
    void remove(const QUuid &id);
    /** To this index of the list without it. */
    void move(const QUuid &id, qsizetype to);

    /** For a file that others may read. */
    QByteArray exported() const;
    /** Adds all of them at the end, or says why none; how many they were. */
    Result<qsizetype, QString> import(const QByteArray &json);

signals:
    void added(const QUuid &id, qsizetype index);
    void edited(const QUuid &id);
    void removed(const QUuid &id);
    void moved(const QUuid &id, qsizetype from, qsizetype to);
    /** The change holds for this run, but is not in the file; why, for people. */
    void saveFailed(const QString &fault);

private:
    qsizetype indexOf(const QUuid &id) const;
    void insert(qsizetype index, const Profile &profile);
    QString keepAside(const QString &fault);
    void save();

    const QString m_path;
    QList<Profile> m_profiles;
    /** Why nothing may be written; empty: it may. */
    QString m_locked;
};

} // namespace relay::admin
