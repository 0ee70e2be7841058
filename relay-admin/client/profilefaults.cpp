// SPDX-License-Identifier: GPL-3.0-or-later
#include "relay-admin/client/profilefaults.h"

#include <QCoreApplication>

#include <algorithm>

namespace relay::admin {

namespace {

struct Faults {
    Q_DECLARE_TR_FUNCTIONS(relay::admin::ProfileFaults)
};

bool hasControlCharacters(const QString &text)
{
    return std::any_of(text.begin(), text.end(),
        [](QChar c) { return c.category() == QChar::Other_Control || c == QChar::LineSeparator; });
}

/** RFC 9110, 5.6.2 */
bool isHeaderName(const QString &text)
{
    static const QString special = QStringLiteral("!#$%&'*+-.^_`|~");
    return std::all_of(text.begin(), text.end(), [](QChar c) {
        return (c >= u'0' && c <= u'9') || (c >= u'A' && c <= u'Z') || (c >= u'a' && c <= u'z')
            || special.contains(c);
    });
}

/** RFC 9110, 5.5; beyond ASCII nobody agrees on an encoding. */
bool isHeaderValue(const QString &text)
{
    return std::all_of(text.begin(), text.end(), [](QChar c) { return c >= u' ' && c <= u'~'; });
}

/** Headers that the poller and the network layer write themselves, or that end the request. */
bool isReservedHeader(const QString &name)
{
    static const QStringList reserved {QStringLiteral("accept-encoding"),
        QStringLiteral("authorization"), QStringLiteral("connection"),
        QStringLiteral("content-length"), QStringLiteral("host"),
        QStringLiteral("transfer-encoding"), QStringLiteral("upgrade")};
    return reserved.contains(name.toLower());
}

QString urlFault(const QUrl &url, const QStringList &schemes)
{
    if (url.toString().size() > MaxProfileUrlLength)
        return Faults::tr("This is too long.");
    if (!url.isValid() || url.isRelative())
        return Faults::tr("This is not an address. An example: %1://relay.example.org")
            .arg(schemes.last());
    if (!schemes.contains(url.scheme().toLower()))
        return Faults::tr("This has to begin with %1:// or %2://.")
            .arg(schemes.first(), schemes.last());
    if (url.host().isEmpty())
        return Faults::tr("The name of the host is missing.");
    if (url.port() == 0)
        return Faults::tr("There is no port 0.");
    if (!url.userInfo().isEmpty())
        return Faults::tr("Names and passwords do not belong in an address.");
    if (url.hasFragment())
        return Faults::tr("An address of a server has no part after “#”.");
    return {};
}

QString monitoringUrlFault(const QUrl &url)
{
    if (url.isEmpty())
        return Faults::tr("The address of the monitoring port is missing.");
    const QString fault = urlFault(url, {QStringLiteral("http"), QStringLiteral("https")});
    // /health and the others are put behind it.
    if (fault.isEmpty() && url.hasQuery())
        return Faults::tr("The address of the monitoring port has no part after “?”.");
    return fault;
}

QString lineFault(const QString &text)
{
    if (text.size() > MaxProfileTextLength)
        return Faults::tr("This is longer than %n characters.", nullptr, int(MaxProfileTextLength));
    if (hasControlCharacters(text))
        return Faults::tr("This has characters that cannot be shown.");
    return {};
}

QString nameFault(const QString &name)
{
    return name.trimmed().isEmpty() ? Faults::tr("The name is missing.") : lineFault(name);
}

QString caFileFault(const QString &path)
{
    if (path.size() > MaxProfileUrlLength)
        return Faults::tr("This is too long.");
    return path.contains(QChar::Null) ? Faults::tr("This is not a file's name.") : QString();
}

QString headerNameFault(const Profile &profile)
{
    const QString &name = profile.headerName;
    if (name.isEmpty())
        return profile.headerValue.isEmpty() ? QString()
                                             : Faults::tr("The name of the header is missing.");
    if (!isHeaderName(name))
        return Faults::tr("The name of a header has letters, digits and hyphens only.");
    if (isReservedHeader(name))
        return Faults::tr("This header is written by the program itself.");
    return lineFault(name);
}

QString headerValueFault(const Profile &profile)
{
    const QString &value = profile.headerValue;
    if (!isHeaderValue(value))
        return Faults::tr("The value of a header has ASCII characters on one line only.");
    return lineFault(value);
}

QString intervalFault(std::chrono::seconds interval)
{
    if (interval >= Profile::MinInterval && interval <= Profile::MaxInterval)
        return {};
    return Faults::tr("The interval is between %1 and %2 seconds.")
        .arg(Profile::MinInterval.count())
        .arg(Profile::MaxInterval.count());
}

} // namespace

QList<ProfileFault> faultsOf(const Profile &profile)
{
    QList<ProfileFault> faults;
    const auto add = [&faults](ProfileField field, const QString &text) {
        if (!text.isEmpty())
            faults.append({field, text});
    };
    add(ProfileField::Name, nameFault(profile.name));
    add(ProfileField::Group, lineFault(profile.group));
    add(ProfileField::MonitoringUrl, monitoringUrlFault(profile.monitoringUrl));
    if (!profile.publicUrl.isEmpty())
        add(ProfileField::PublicUrl,
            urlFault(profile.publicUrl, {QStringLiteral("ws"), QStringLiteral("wss")}));
    add(ProfileField::CaFile, caFileFault(profile.caFile));
    add(ProfileField::HeaderName, headerNameFault(profile));
    add(ProfileField::HeaderValue, headerValueFault(profile));
    add(ProfileField::Interval, intervalFault(profile.interval));
    return faults;
}

QList<ProfileFault> faultsOfToken(const QString &token)
{
    // RFC 6750, 2.1 allows less; what a header can carry is what the relay compares.
    if (isHeaderValue(token) && !token.contains(u' ') && token.size() <= MaxProfileUrlLength)
        return {};
    return {{ProfileField::Token,
        Faults::tr("A token has ASCII characters without blanks, and is not longer than %n.",
            nullptr, int(MaxProfileUrlLength))}};
}

} // namespace relay::admin
