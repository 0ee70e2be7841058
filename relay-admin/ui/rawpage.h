// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "relay-admin/models/relaymonitor.h"

#include <QPointer>
#include <QWidget>

class QLabel;
class QPlainTextEdit;
class QPushButton;

namespace relay::admin {

/**
 * The last body of /metrics as it came, for a bug report. It stands still while it is looked at:
 * the next one is taken when somebody asks for it or comes back to the page.
 */
class RawPage : public QWidget {
    Q_OBJECT

public:
    explicit RawPage(QWidget *parent = nullptr);

    void setMonitor(RelayMonitor *monitor);

protected:
    void changeEvent(QEvent *event) override;
    void showEvent(QShowEvent *event) override;

private:
    void retranslate();
    void load();

    QPointer<RelayMonitor> m_monitor;
    QLabel *m_when;
    QPushButton *m_update;
    QPushButton *m_copy;
    QPlainTextEdit *m_text;
};

} // namespace relay::admin
