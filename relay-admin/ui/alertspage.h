// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "relay-admin/models/alertsmodel.h"
#include "relay-admin/ui/theme.h"

#include <QUuid>
#include <QWidget>

class QAction;
class QLabel;
class QPushButton;
class QSortFilterProxyModel;
class QTableView;

namespace relay::admin {

/** What is and was firing at all relays; what is known can be muted. */
class AlertsPage : public QWidget {
    Q_OBJECT

public:
    AlertsPage(AlertsModel &model, Theme &theme, QWidget *parent = nullptr);

signals:
    void muteWanted(const QUuid &profile, const QString &rule, bool isMuted);
    /** Somebody wants to see the relay of an alert. */
    void relayWanted(const QUuid &profile);

protected:
    void changeEvent(QEvent *event) override;

private:
    void retranslate();
    void showSelection();
    void toggleMute();

    AlertsModel &m_model;
    QSortFilterProxyModel *m_proxy;
    QTableView *m_table;
    QLabel *m_empty;
    QPushButton *m_mute;
};

} // namespace relay::admin
