// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "relay-admin/client/profile.h"

#include <QColor>
#include <QObject>
#include <QPalette>
#include <QString>

namespace relay::admin {

enum class ThemeChoice { System, Light, Dark };

/** What a colour is for. Each has 4.5:1 against the window and the base of its theme as text. */
enum class Shade { Good, Waiting, Warning, Bad, Muted, Accent };

/**
 * The colours of the console: one set for light windows, one for dark.
 *
 * One object, on the GUI thread, for as long as there are windows. Qt 6.4 does not say whether the
 * desktop is dark, so the palette's window and text are compared.
 */
class Theme : public QObject {
    Q_OBJECT

public:
    Theme();

    void choose(ThemeChoice choice);
    bool isDark() const { return m_isDark; }

    QColor color(Shade shade) const;
    QColor color(ColourTag tag) const;
    /** Of the line `number` of a chart, counted from 0; they repeat after five. */
    QColor line(int number) const;
    /** Lines behind a chart's own. */
    QColor grid() const;

signals:
    /** The desktop or somebody chose other colours: what was drawn has to be drawn again. */
    void changed();

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    void look();

    const QString m_desktopStyle;
    bool m_isDark = false;
};

} // namespace relay::admin
