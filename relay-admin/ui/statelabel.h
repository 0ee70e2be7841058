// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "relay-admin/models/relaystate.h"
#include "relay-admin/ui/theme.h"

#include <QIcon>
#include <QWidget>

class QLabel;

namespace relay::admin {

/** Round, triangular, dashed: each state has a shape of its own, and the theme's colour. */
QIcon stateIcon(RelayState state, const Theme &theme);
Shade shadeOf(RelayState state);

/** A state as icon, word and reason, in one line that is read aloud as one. */
class StateLabel : public QWidget {
    Q_OBJECT

public:
    explicit StateLabel(Theme &theme, QWidget *parent = nullptr);

    void show(const StateReport &report);

private:
    void draw();

    Theme &m_theme;
    StateReport m_report;
    QLabel *m_icon;
    QLabel *m_word;
    QLabel *m_reason;
};

} // namespace relay::admin
