// SPDX-License-Identifier: GPL-3.0-or-later
#include "relay-admin/ui/colourtag.h"

#include <QCoreApplication>
#include <QPainter>
#include <QPixmap>
#include <QPixmapCache>

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
    const QColor shade = colour == ColourTag::None ? Qt::transparent : theme.color(colour);
    // Tables ask at each drawing, and Qt keeps what it scaled for each pixmap that was another.
    const QString key = QStringLiteral("tag:%1").arg(shade.name(QColor::HexArgb));
    QPixmap pixmap;
    if (!QPixmapCache::find(key, &pixmap)) {
        pixmap = QPixmap(Size, Size);
        pixmap.fill(Qt::transparent);
        QPainter painter(&pixmap);
        painter.setRenderHint(QPainter::Antialiasing);
        // The rim parts it from a selection of a like colour.
        painter.setPen(colour == ColourTag::None ? QPen(Qt::NoPen) : QPen(Qt::white, 2));
        painter.setBrush(shade);
        painter.drawEllipse(QRectF(6, 6, Size - 12, Size - 12));
        painter.end();
        QPixmapCache::insert(key, pixmap);
    }
    // A selected row's tag keeps its colour: the style would mix it with the selection's.
    QIcon tag(pixmap);
    tag.addPixmap(pixmap, QIcon::Selected);
    return tag;
}

} // namespace relay::admin
