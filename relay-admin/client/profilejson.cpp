// SPDX-License-Identifier: GPL-3.0-or-later
#include "relay-admin/client/profilejson.h"

#include "relay-admin/client/profilefaults.h"

#include <QCoreApplication>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

#include <array>
#include <cmath>

using namespace Qt::StringLiterals;

namespace relay::admin {

namespace {

struct Texts {
    Q_DECLARE_TR_FUNCTIONS(relay::admin::ProfileJson)
};

/** lupdate takes a return type with two namespaces for the context of what is translated. */
using Seconds = std::chrono::seconds;

const QString Format = u"vauchi-relay-admin profiles"_s;

/** In the order of ColourTag. */
constexpr std::array ColourNames {"none", "red", "orange", "yellow", "green", "blue", "purple"};

const char *keyOf(ProfileField field)
{
    switch (field) {
    case ProfileField::Name:
        return "name";
    case ProfileField::Group:
        return "group";
    case ProfileField::Colour:
        return "colour";
    case ProfileField::MonitoringUrl:
        return "monitoringUrl";
    case ProfileField::PublicUrl:
        return "publicUrl";
    case ProfileField::CaFile:
        return "caFile";
    case ProfileField::HeaderName:
        return "headerName";
    case ProfileField::HeaderValue:
        return "headerValue";
    case ProfileField::Interval:
        return "intervalSeconds";
    case ProfileField::Token:
        break;
    }
    return "";
}

QString keyText(ProfileField field)
{
    return QString::fromLatin1(keyOf(field));
}

QJsonObject objectOf(const Profile &profile, HeaderValues values)
{
    QJsonObject object {{u"id"_s, profile.id.toString(QUuid::WithoutBraces)},
        {keyText(ProfileField::Name), profile.name}, {keyText(ProfileField::Group), profile.group},
        {keyText(ProfileField::Colour), QString::fromLatin1(ColourNames.at(int(profile.colour)))},
        {keyText(ProfileField::MonitoringUrl), profile.monitoringUrl.toString(QUrl::FullyEncoded)},
        {keyText(ProfileField::PublicUrl), profile.publicUrl.toString(QUrl::FullyEncoded)},
        {keyText(ProfileField::CaFile), profile.caFile},
        {keyText(ProfileField::HeaderName), profile.headerName},
        {keyText(ProfileField::Interval), qint64(profile.interval.count())}};
    if (values == HeaderValues::Included)
        object.insert(keyText(ProfileField::HeaderValue), profile.headerValue);
    return object;
}

/** One profile from its object; the first fault ends it. */
class ProfileReader {
public:
    explicit ProfileReader(const QJsonObject &object)
        : m_object(object)
    {
    }

    Result<Profile, QString> read()
    {
        Profile profile;
        profile.id = QUuid(m_object.value(u"id").toString());
        profile.name = text(ProfileField::Name);
        profile.group = text(ProfileField::Group);
        profile.colour = colour();
        profile.monitoringUrl = url(ProfileField::MonitoringUrl);
        profile.publicUrl = url(ProfileField::PublicUrl);
        profile.caFile = text(ProfileField::CaFile);
        profile.headerName = text(ProfileField::HeaderName);
        profile.headerValue = text(ProfileField::HeaderValue);
        profile.interval = interval(profile.interval);
        if (m_fault.isEmpty()) {
            const auto faults = faultsOf(profile);
            if (!faults.isEmpty())
                note(faults.first().field, faults.first().text);
        }
        if (!m_fault.isEmpty())
            return Err(m_fault);
        return profile;
    }

private:
    QJsonValue value(ProfileField field) const { return m_object.value(keyText(field)); }

    void note(ProfileField field, const QString &fault)
    {
        if (m_fault.isEmpty())
            m_fault = Texts::tr("field “%1”: %2", "the place in a file, and what is wrong there")
                          .arg(keyText(field), fault);
    }

    QString text(ProfileField field)
    {
        const QJsonValue found = value(field);
        if (!found.isUndefined() && !found.isString())
            note(field, Texts::tr("This is not a text."));
        return found.toString();
    }

    QUrl url(ProfileField field)
    {
        const QString found = text(field);
        const QUrl url(found, QUrl::StrictMode);
        if (!found.isEmpty() && !url.isValid())
            note(field, Texts::tr("This is not an address."));
        return url;
    }

    ColourTag colour()
    {
        const QString name = text(ProfileField::Colour);
        for (size_t i = 0; i < ColourNames.size(); ++i) {
            if (name == QLatin1String(ColourNames[i]))
                return static_cast<ColourTag>(i);
        }
        if (!name.isEmpty())
            note(ProfileField::Colour, Texts::tr("This colour is not known."));
        return ColourTag::None;
    }

    Seconds interval(Seconds standard)
    {
        const QJsonValue found = value(ProfileField::Interval);
        if (found.isUndefined())
            return standard;
        const double seconds = found.toDouble(-1);
        if (std::floor(seconds) == seconds && seconds >= 0 && seconds < 1e6)
            return Seconds(static_cast<qint64>(seconds));
        note(ProfileField::Interval, Texts::tr("This is not a number of seconds."));
        return standard;
    }

    const QJsonObject m_object;
    QString m_fault;
};

QString syntaxFault(const QByteArray &json, const QJsonParseError &error)
{
    const QByteArray before = json.left(error.offset);
    return Texts::tr("This is not JSON: line %1, column %2.")
        .arg(before.count('\n') + 1)
        .arg(before.size() - before.lastIndexOf('\n'));
}

/** What the file says of itself; empty: in order. */
QString frameFault(const QJsonObject &root)
{
    if (root.value(u"format").toString() != Format || !root.value(u"profiles").isArray())
        return Texts::tr("This is not a list of connection profiles.");
    const double version = root.value(u"version").toDouble();
    if (version > ProfileJsonVersion)
        return Texts::tr("This was written by a newer version of the program.");
    if (version != ProfileJsonVersion)
        return Texts::tr("This says no version that is known.");
    if (root.value(u"profiles").toArray().size() > MaxProfiles)
        return Texts::tr("There are more than %n profiles.", nullptr, int(MaxProfiles));
    return {};
}

} // namespace

QByteArray toJson(const QList<Profile> &profiles, HeaderValues values)
{
    QJsonArray array;
    for (const Profile &profile : profiles)
        array.append(objectOf(profile, values));
    return QJsonDocument(QJsonObject {{u"format"_s, Format}, {u"version"_s, ProfileJsonVersion},
                             {u"profiles"_s, array}})
        .toJson();
}

Result<QList<Profile>, QString> profilesFromJson(const QByteArray &json)
{
    if (json.size() > MaxProfileJsonBytes)
        return Err(Texts::tr("This is too large."));
    QJsonParseError error;
    const QJsonObject root = QJsonDocument::fromJson(json, &error).object();
    if (error.error != QJsonParseError::NoError)
        return Err(syntaxFault(json, error));
    if (const QString fault = frameFault(root); !fault.isEmpty())
        return Err(fault);
    QList<Profile> profiles;
    const QJsonArray array = root.value(u"profiles").toArray();
    for (const QJsonValue &value : array) {
        auto profile = ProfileReader(value.toObject()).read();
        if (!profile)
            return Err(Texts::tr("Profile %1, %2", "number of a profile; “field …: fault”")
                           .arg(profiles.size() + 1)
                           .arg(profile.error()));
        profiles += std::move(profile).value();
    }
    return profiles;
}

} // namespace relay::admin
