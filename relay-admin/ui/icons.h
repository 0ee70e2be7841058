// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QColor>
#include <QIcon>
#include <QString>

#include <functional>

namespace relay::admin {

/**
 * The icon `name` of icons/, drawn in the palette's text colour of the moment, or in `color`'s;
 * sharp at any size and scale, and right after a change of theme without being made again.
 */
QIcon icon(const QString &name, std::function<QColor()> color = {});

} // namespace relay::admin
