// SPDX-License-Identifier: GPL-3.0-or-later
#include "relay-admin/ui/preferences.h"

#include <QSettings>

#include <array>

namespace relay::admin {

namespace {

constexpr std::array ThemeNames {"system", "light", "dark"};
constexpr QLatin1String ThemeKey("preferences/theme");
constexpr QLatin1String LanguageKey("preferences/language");
constexpr QLatin1String NotifiesKey("preferences/notifications");

} // namespace

Preferences Preferences::load(const QSettings &settings)
{
    Preferences preferences;
    const QByteArray theme = settings.value(ThemeKey).toByteArray();
    for (size_t n = 0; n < ThemeNames.size(); ++n) {
        if (theme == ThemeNames[n])
            preferences.theme = static_cast<ThemeChoice>(n);
    }
    preferences.language = settings.value(LanguageKey).toString();
    preferences.notifies = settings.value(NotifiesKey, true).toBool();
    return preferences;
}

void Preferences::save(QSettings &settings) const
{
    settings.setValue(ThemeKey, QLatin1String(ThemeNames[static_cast<size_t>(theme)]).toString());
    settings.setValue(LanguageKey, language);
    settings.setValue(NotifiesKey, notifies);
}

} // namespace relay::admin
