// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "relay-admin/ui/theme.h"

#include <QString>

class QSettings;

namespace relay::admin {

/** What a person chose once for all windows. */
struct Preferences {
    ThemeChoice theme = ThemeChoice::System;
    /** Empty: the system's. */
    QString language;
    /** A desktop notification for each change of an alert. */
    bool notifies = true;

    static Preferences load(const QSettings &settings);
    void save(QSettings &settings) const;

    bool operator==(const Preferences &) const = default;
};

} // namespace relay::admin
