// SPDX-License-Identifier: GPL-3.0-or-later
#include "relay-admin/ui/colourtag.h"

#include <QCoreApplication>
#include <QPainter>
#include <QPixmap>

namespace relay::admin {

QString colourName(ColourTag colour)
{
    const auto tr = [](const char *text) {
        return QCoreApplication::translate("relay::admin::ColourTag", text);
    };
    switch (colour) {
    case ColourTag::None:
        return tr(QT_TRANSLATE_NOOP("relay::admin::ColourTag", "None"));
    case ColourTag::Red:
        return tr(QT_TRANSLATE_NOOP("relay::admin::ColourTag", "Red"));
    case ColourTag::Orange:
        return tr(QT_TRANSLATE_NOOP("relay::admin::ColourTag", "Orange"));
    case ColourTag::Yellow:
        return tr(QT_TRANSLATE_NOOP("relay::admin::ColourTag", "Yellow"));
    case ColourTag::Green:
        return tr(QT_TRANSLATE_NOOP("relay::admin::ColourTag", "Green"));
    case ColourTag::Blue:
        return tr(QT_TRANSLATE_NOOP("relay::admin::ColourTag", "Blue"));
    case ColourTag::Purple:
        return tr(QT_TRANSLATE_NOOP("relay::admin::ColourTag", "Purple"));
    }
    return {};
}

QIcon colourIcon(ColourTag colour, const Theme &theme)
{
    constexpr int Size = 32;
    QPixmap pixmap(Size, Size);
    pixmap.fill(Qt::transparent);
    if (colour != ColourTag::None) {
        QPainter painter(&pixmap);
        painter.setRenderHint(QPainter::Antialiasing);
        // The rim parts it from a selection of a like colour.
        painter.setPen(QPen(Qt::white, 2));
        painter.setBrush(theme.color(colour));
        painter.drawEllipse(QRectF(6, 6, Size - 12, Size - 12));
    }
    // A selected row's tag keeps its colour: the style would mix it with the selection's.
    QIcon tag(pixmap);
    tag.addPixmap(pixmap, QIcon::Selected);
    return tag;
}

} // namespace relay::admin
