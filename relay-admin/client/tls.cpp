// SPDX-License-Identifier: GPL-3.0-or-later
#include "relay-admin/client/tls.h"

#include <QCoreApplication>
#include <QFile>
#include <QSslCertificate>
#include <QSslError>
#include <QStringList>

namespace relay::admin {

namespace {

/** More is no list of authorities. */
constexpr qint64 MaxCaFileBytes = 4 * 1024 * 1024;

} // namespace

std::optional<QSslConfiguration> tlsConfiguration(const Profile &profile)
{
    QSslConfiguration tls = QSslConfiguration::defaultConfiguration();
    if (profile.caFile.isEmpty())
        return tls;
    QFile file(profile.caFile);
    if (!file.open(QIODevice::ReadOnly))
        return std::nullopt;
    const auto own = QSslCertificate::fromData(file.read(MaxCaFileBytes), QSsl::Pem);
    if (own.isEmpty())
        return std::nullopt;
    // The default's list is empty where the system's is looked up on demand, which ends with this.
    tls.setCaCertificates(QSslConfiguration::systemCaCertificates() + own);
    return tls;
}

QString unreadableCaFileText()
{
    return QCoreApplication::translate(
        "relay::admin::Tls", "The file of authorities cannot be read, or holds no certificate.");
}

QString tlsFaultText(const QList<QSslError> &errors)
{
    QStringList texts;
    for (const QSslError &error : errors) {
        if (!texts.contains(error.errorString()))
            texts += error.errorString();
    }
    return texts.join(u' ');
}

} // namespace relay::admin
