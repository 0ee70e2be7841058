// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "relay-admin/client/profile.h"

#include <QSslConfiguration>

#include <optional>

class QSslError;

namespace relay::admin {

/**
 * The TLS settings of a profile: the system's authorities and those of its file. Nothing: the file
 * cannot be read, or holds no certificate. Reads files, so not for each poll.
 */
std::optional<QSslConfiguration> tlsConfiguration(const Profile &profile);

/** The words for a tlsConfiguration() that is not there. */
QString unreadableCaFileText();

/** What is wrong with a certificate, in Qt's words. */
QString tlsFaultText(const QList<QSslError> &errors);

} // namespace relay::admin
