// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "relay-admin/ui/theme.h"

#include <QIcon>
#include <QString>

namespace relay::admin {

/** The tags by name, for menus and for reading aloud. */
QString colourName(ColourTag colour);
/** A round spot of the tag's colour. */
QIcon colourIcon(ColourTag colour, const Theme &theme);

} // namespace relay::admin
