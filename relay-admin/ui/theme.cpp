// SPDX-License-Identifier: GPL-3.0-or-later
#include "relay-admin/ui/theme.h"

#include <QApplication>
#include <QEvent>
#include <QProxyStyle>
#include <QStyleFactory>

#include <array>

namespace relay::admin {

namespace {

struct Pair {
    QRgb light;
    QRgb dark;
};

constexpr std::array Shades {
    Pair {0x1a6b34, 0x4cc26b}, // Good
    Pair {0x7d5300, 0xdba63a}, // Waiting
    Pair {0xa53e00, 0xf29150}, // Warning
    Pair {0xb91c28, 0xff8078}, // Bad
    Pair {0x57606a, 0xa2abb5}, // Muted
    Pair {0x0b5cad, 0x6cb2ff}, // Accent
};

constexpr std::array Tags {
    Pair {0x57606a, 0xa2abb5}, // None
    Pair {0xb91c28, 0xff8078}, // Red
    Pair {0xa53e00, 0xf29150}, // Orange
    Pair {0x7d5300, 0xdba63a}, // Yellow
    Pair {0x1a6b34, 0x4cc26b}, // Green
    Pair {0x0b5cad, 0x6cb2ff}, // Blue
    Pair {0x7440b0, 0xc49bff}, // Purple
};

/** Okabe and Ito's order, which people who do not see red or green can tell apart. */
constexpr std::array Lines {
    Pair {0x0b5cad, 0x6cb2ff},
    Pair {0xc2540a, 0xf2a45c},
    Pair {0x00785a, 0x3fcfa5},
    Pair {0xa8437f, 0xe491c0},
    Pair {0x6b6b00, 0xd8cc4a},
};

QPalette darkPalette()
{
    QPalette palette;
    const QColor text(0xe8eaed);
    const QColor muted(0x8f98a3);
    palette.setColor(QPalette::Window, QColor(QRgb(0x1f2328)));
    palette.setColor(QPalette::WindowText, text);
    palette.setColor(QPalette::Base, QColor(QRgb(0x17191d)));
    palette.setColor(QPalette::AlternateBase, QColor(QRgb(0x1c1f24)));
    palette.setColor(QPalette::Text, text);
    palette.setColor(QPalette::PlaceholderText, muted);
    palette.setColor(QPalette::Button, QColor(QRgb(0x2b3036)));
    palette.setColor(QPalette::ButtonText, text);
    palette.setColor(QPalette::BrightText, QColor(QRgb(0xffffff)));
    palette.setColor(QPalette::ToolTipBase, QColor(QRgb(0x2b3036)));
    palette.setColor(QPalette::ToolTipText, text);
    palette.setColor(QPalette::Light, QColor(QRgb(0x3a4048)));
    palette.setColor(QPalette::Midlight, QColor(QRgb(0x343a41)));
    palette.setColor(QPalette::Mid, QColor(QRgb(0x3d444d)));
    palette.setColor(QPalette::Dark, QColor(QRgb(0x121417)));
    palette.setColor(QPalette::Shadow, QColor(QRgb(0x000000)));
    palette.setColor(QPalette::Highlight, QColor(QRgb(0x1f5f9f)));
    palette.setColor(QPalette::HighlightedText, QColor(QRgb(0xffffff)));
    palette.setColor(QPalette::Link, QColor(QRgb(0x6cb2ff)));
    palette.setColor(QPalette::LinkVisited, QColor(QRgb(0xc49bff)));
    for (const auto role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText})
        palette.setColor(QPalette::Disabled, role, QColor(QRgb(0x6d7681)));
    palette.setColor(QPalette::Disabled, QPalette::Highlight, QColor(QRgb(0x3a4048)));
    return palette;
}

QPalette lightPalette()
{
    QPalette palette;
    const QColor text(0x1b1f24);
    palette.setColor(QPalette::Window, QColor(QRgb(0xf5f6f8)));
    palette.setColor(QPalette::WindowText, text);
    palette.setColor(QPalette::Base, QColor(QRgb(0xffffff)));
    palette.setColor(QPalette::AlternateBase, QColor(QRgb(0xf7f8fa)));
    palette.setColor(QPalette::Text, text);
    palette.setColor(QPalette::PlaceholderText, QColor(QRgb(0x6a737d)));
    palette.setColor(QPalette::Button, QColor(QRgb(0xeceef1)));
    palette.setColor(QPalette::ButtonText, text);
    palette.setColor(QPalette::BrightText, QColor(QRgb(0xffffff)));
    palette.setColor(QPalette::ToolTipBase, QColor(QRgb(0xffffff)));
    palette.setColor(QPalette::ToolTipText, text);
    palette.setColor(QPalette::Light, QColor(QRgb(0xffffff)));
    palette.setColor(QPalette::Midlight, QColor(QRgb(0xe6e8eb)));
    palette.setColor(QPalette::Mid, QColor(QRgb(0xc9ced4)));
    palette.setColor(QPalette::Dark, QColor(QRgb(0xaab1b9)));
    palette.setColor(QPalette::Shadow, QColor(QRgb(0x80868d)));
    palette.setColor(QPalette::Highlight, QColor(QRgb(0x0b5cad)));
    palette.setColor(QPalette::HighlightedText, QColor(QRgb(0xffffff)));
    palette.setColor(QPalette::Link, QColor(QRgb(0x0b5cad)));
    palette.setColor(QPalette::LinkVisited, QColor(QRgb(0x7440b0)));
    for (const auto role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText})
        palette.setColor(QPalette::Disabled, role, QColor(QRgb(0x9aa1a9)));
    palette.setColor(QPalette::Disabled, QPalette::Highlight, QColor(QRgb(0xc9ced4)));
    return palette;
}

/** Fusion without the pictures on dialogs' buttons, which without a desktop's theme are strangers.
 */
class PlainFusion final : public QProxyStyle {
public:
    PlainFusion()
        : QProxyStyle(QStyleFactory::create(QStringLiteral("Fusion")))
    {
    }

    int styleHint(StyleHint hint, const QStyleOption *option, const QWidget *widget,
        QStyleHintReturn *returned) const override
    {
        return hint == SH_DialogButtonBox_ButtonsHaveIcons
            ? 0
            : QProxyStyle::styleHint(hint, option, widget, returned);
    }
};

bool looksDark(const QPalette &palette)
{
    return palette.color(QPalette::Window).lightness()
        < palette.color(QPalette::WindowText).lightness();
}

} // namespace

Theme::Theme()
    : m_desktopStyle(QApplication::style()->name())
{
    qApp->installEventFilter(this);
    m_isDark = looksDark(QApplication::palette());
}

void Theme::choose(ThemeChoice choice)
{
    switch (choice) {
    case ThemeChoice::System:
        QApplication::setStyle(m_desktopStyle);
        QApplication::setPalette(QPalette());
        break;
    case ThemeChoice::Light:
        QApplication::setStyle(new PlainFusion);
        QApplication::setPalette(lightPalette());
        break;
    case ThemeChoice::Dark:
        QApplication::setStyle(new PlainFusion);
        QApplication::setPalette(darkPalette());
        break;
    }
    look();
}

QColor Theme::color(Shade shade) const
{
    const Pair pair = Shades.at(static_cast<size_t>(shade));
    return QColor(m_isDark ? pair.dark : pair.light);
}

QColor Theme::color(ColourTag tag) const
{
    const Pair pair = Tags.at(static_cast<size_t>(tag));
    return QColor(m_isDark ? pair.dark : pair.light);
}

QColor Theme::line(int number) const
{
    const Pair pair = Lines.at(static_cast<size_t>(number) % Lines.size());
    return QColor(m_isDark ? pair.dark : pair.light);
}

QColor Theme::grid() const
{
    return QColor(QRgb(m_isDark ? 0x343a41 : 0xdfe3e8));
}

bool Theme::eventFilter(QObject *watched, QEvent *event)
{
    if (watched == qApp && event->type() == QEvent::ApplicationPaletteChange)
        look();
    return QObject::eventFilter(watched, event);
}

void Theme::look()
{
    m_isDark = looksDark(QApplication::palette());
    emit changed();
}

} // namespace relay::admin
