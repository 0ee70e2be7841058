// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "relayd/config/settings.h"

#include <functional>
#include <optional>
#include <vector>

namespace relay {

/** A name under which a setting is accepted, with the unit of a number given under it. */
struct SettingName {
    QString name;
    qint64 unit = 1;       ///< in units of the field: RELAY_BLOB_TTL_DAYS has 86400
    QString unitName = {}; ///< for the help of an alias, if it differs from the main name's
};

/** How the text of a variable becomes a field, and the field text again. */
struct SettingCodec {
    /** Sets the field, or says what is wrong with the text (without repeating it). */
    std::function<QString(Settings &, const QString &text, qint64 unit)> read;
    /** The field as text; nothing if it is not a whole number of this unit. */
    std::function<std::optional<QString>(const Settings &, qint64 unit)> print;
    /** What is allowed: "1 to 2147483647", "sqlite or memory". */
    std::function<QString(qint64 unit)> allowed;
    bool spacesMatter = false; ///< otherwise spaces around the text are dropped
};

/** Whether a value may be shown. A secret may also be given as a file: NAME_FILE. */
enum class Visibility { Public, Secret };

struct SettingRow {
    SettingName name;
    std::vector<SettingName> aliases;
    SettingCodec codec;
    QString help;
    Visibility visibility = Visibility::Public;
    QString defaultText = {}; ///< if the default depends on the machine or on other settings
    std::function<void(Settings &)> whenNotGiven = {};

    QString fileName() const;
    bool isSecret() const { return visibility == Visibility::Secret; }
};

/** All settings, in the order of the documentation. A new one is a row here and a field. */
const std::vector<SettingRow> &settingsTable();

/** What print-config shows in place of a secret; refused as a secret. */
QString secretPlaceholder();

} // namespace relay
