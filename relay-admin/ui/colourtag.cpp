// SPDX-License-Identifier: GPL-3.0-or-later
#include "relay-admin/ui/colourtag.h"

#include <QCoreApplication>
#include <QPainter>
#include <QPixmap>

namespace relay::admin {

namespace {

struct Words {
    Q_DECLARE_TR_FUNCTIONS(relay::admin::ColourTag)
};

} // namespace

QString colourName(ColourTag colour)
{
    switch (colour) {
    case ColourTag::None:
        return Words::tr("None");
    case ColourTag::Red:
        return Words::tr("Red");
    case ColourTag::Orange:
        return Words::tr("Orange");
    case ColourTag::Yellow:
        return Words::tr("Yellow");
    case ColourTag::Green:
        return Words::tr("Green");
    case ColourTag::Blue:
        return Words::tr("Blue");
    case ColourTag::Purple:
        return Words::tr("Purple");
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
