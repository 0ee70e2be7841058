// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "relay-admin/client/connectiontest.h"
#include "relay-admin/ui/theme.h"

#include <QScrollArea>

#include <array>

class QLabel;

namespace relay::admin {

/** Runs a ConnectionTest and shows each step: an icon, how it went, and what to do about it. */
class ConnectionTestView : public QScrollArea {
    Q_OBJECT

public:
    using QScrollArea::show;
    explicit ConnectionTestView(Theme &theme, QWidget *parent = nullptr);

    void start(const Profile &profile, const QString &token);
    const ConnectionTest &test() const { return m_test; }

signals:
    void finished();

private:
    struct Row {
        QLabel *icon;
        QLabel *name;
        QLabel *text;
    };

    void show(TestStep step);

    Theme &m_theme;
    ConnectionTest m_test;
    std::array<Row, TestStepCount> m_rows {};
};

} // namespace relay::admin
