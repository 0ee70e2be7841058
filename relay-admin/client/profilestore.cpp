// SPDX-License-Identifier: GPL-3.0-or-later
#include "relay-admin/client/profilestore.h"

#include "relay-admin/client/profilefaults.h"
#include "relay-admin/client/profilejson.h"
#include "relay-admin/client/wholefile.h"

#include <QDateTime>
#include <QDir>
#include <QFile>
#include <QFileInfo>

#include <algorithm>

namespace relay::admin {

namespace {

constexpr auto OwnerAlone = QFileDevice::ReadOwner | QFileDevice::WriteOwner;

} // namespace

ProfileStore::ProfileStore(const QString &path, QObject *parent)
    : QObject(parent)
    , m_path(path)
{
}

QString ProfileStore::load()
{
    m_profiles.clear();
    m_locked.clear();
    QFile file(m_path);
    if (!file.exists())
        return {};
    if (!file.open(QIODevice::ReadOnly)) {
        m_locked = tr("The profiles in %1 cannot be read: %2").arg(m_path, file.errorString());
        return m_locked;
    }
    const auto profiles = profilesFromJson(file.read(MaxProfileJsonBytes + 1));
    file.close();
    if (!profiles)
        return keepAside(profiles.error());
    for (const Profile &profile : *profiles) {
        m_profiles += profile;
        const bool isTaken = indexOf(profile.id) != m_profiles.size() - 1;
        if (profile.id.isNull() || isTaken)
            m_profiles.last().id = QUuid::createUuid();
    }
    return {};
}

QString ProfileStore::keepAside(const QString &fault)
{
    const QString stem =
        QStringLiteral("%1.unreadable-%2")
            .arg(m_path,
                QDateTime::currentDateTimeUtc().toString(QStringLiteral("yyyyMMdd-HHmmss")));
    QString aside = stem;
    for (int i = 2; QFile::exists(aside); ++i)
        aside = QStringLiteral("%1-%2").arg(stem).arg(i);
    if (QFile::rename(m_path, aside))
        return tr("The profiles could not be read. %1 The file is kept as %2.").arg(fault, aside);
    m_locked = tr("The profiles in %1 cannot be read. %2").arg(m_path, fault);
    return m_locked;
}

qsizetype ProfileStore::indexOf(const QUuid &id) const
{
    const auto found = std::find_if(m_profiles.begin(), m_profiles.end(),
        [&id](const Profile &profile) { return profile.id == id; });
    return found == m_profiles.end() ? -1 : found - m_profiles.begin();
}

const Profile *ProfileStore::find(const QUuid &id) const
{
    const qsizetype index = indexOf(id);
    return index < 0 ? nullptr : &m_profiles.at(index);
}

void ProfileStore::insert(qsizetype index, const Profile &profile)
{
    // What has faults could not be read again.
    Q_ASSERT(faultsOf(profile).isEmpty());
    const bool isTaken = profile.id.isNull() || indexOf(profile.id) >= 0;
    m_profiles.insert(index, profile);
    if (isTaken)
        m_profiles[index].id = QUuid::createUuid();
    emit added(m_profiles.at(index).id, index);
}

QUuid ProfileStore::add(const Profile &profile)
{
    const qsizetype index = m_profiles.size();
    insert(index, profile);
    const QUuid id = m_profiles.at(index).id;
    save();
    return id;
}

void ProfileStore::edit(const Profile &profile)
{
    const qsizetype index = indexOf(profile.id);
    if (index < 0 || m_profiles.at(index) == profile)
        return;
    Q_ASSERT(faultsOf(profile).isEmpty());
    m_profiles[index] = profile;
    emit edited(profile.id);
    save();
}

QUuid ProfileStore::duplicate(const QUuid &id)
{
    const qsizetype index = indexOf(id);
    if (index < 0)
        return {};
    Profile copy = m_profiles.at(index);
    copy.id = QUuid::createUuid();
    copy.name = tr("Copy of %1").arg(copy.name).left(MaxProfileTextLength);
    insert(index + 1, copy);
    save();
    return copy.id;
}

void ProfileStore::remove(const QUuid &id)
{
    const qsizetype index = indexOf(id);
    if (index < 0)
        return;
    const QUuid removedId = id; // `id` may be the profile's own
    m_profiles.removeAt(index);
    emit removed(removedId);
    save();
}

void ProfileStore::move(const QUuid &id, qsizetype to)
{
    const qsizetype from = indexOf(id);
    to = std::clamp<qsizetype>(to, 0, m_profiles.size() - 1);
    if (from < 0 || from == to)
        return;
    const QUuid movedId = id;
    m_profiles.move(from, to);
    emit moved(movedId, from, to);
    save();
}

QByteArray ProfileStore::exported() const
{
    return toJson(m_profiles, HeaderValues::LeftOut);
}

Result<qsizetype, QString> ProfileStore::import(const QByteArray &json)
{
    const auto profiles = profilesFromJson(json);
    if (!profiles)
        return Err(profiles.error());
    if (m_profiles.size() + profiles->size() > MaxProfiles)
        return Err(tr("There would be more than %n profiles.", nullptr, int(MaxProfiles)));
    for (const Profile &profile : *profiles)
        insert(m_profiles.size(), profile);
    save();
    return profiles->size();
}

void ProfileStore::save()
{
    if (!m_locked.isEmpty()) {
        emit saveFailed(m_locked);
        return;
    }
    QDir().mkpath(QFileInfo(m_path).path());
    QSaveFile file(m_path);
    const QByteArray json = toJson(m_profiles, HeaderValues::Included);
    const bool isSaved = file.open(QIODevice::WriteOnly) && file.setPermissions(OwnerAlone)
        && writeWhole(file, json);
    if (!isSaved)
        emit saveFailed(
            tr("The profiles cannot be written to %1: %2").arg(m_path, file.errorString()));
}

} // namespace relay::admin
