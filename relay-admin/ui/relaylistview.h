// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "relay-admin/models/relaylistmodel.h"
#include "relay-admin/ui/theme.h"

#include <QLocale>
#include <QTableView>

namespace relay::admin {

/** The list of relays at the left of the window: state icons, colour tags, old values in grey. */
class RelayListView : public QTableView {
    Q_OBJECT

public:
    RelayListView(RelayListModel &model, Theme &theme, QWidget *parent = nullptr);

    /** The relay of the current row; null: none. */
    RelayMonitor *currentMonitor() const;
    /** The one so many rows below the current, of the same group; null: none. */
    RelayMonitor *neighbour(int rows) const;
    void select(const QUuid &profile);

signals:
    void currentChanged(relay::admin::RelayMonitor *monitor);

protected:
    void changeEvent(QEvent *event) override;

private:
    void sizeColumns();

    RelayListModel &m_model;
    RelayListProxy *m_proxy;
    QLocale m_sizedFor;
};

} // namespace relay::admin
