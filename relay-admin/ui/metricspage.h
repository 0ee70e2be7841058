// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "relay-admin/models/metricsmodel.h"

#include <QWidget>

class QLabel;
class QLineEdit;
class QSortFilterProxyModel;
class QTableView;

namespace relay::admin {

/** Every sample of a relay's last /metrics as a table that can be filtered, sorted and copied. */
class MetricsPage : public QWidget {
    Q_OBJECT

public:
    explicit MetricsPage(QWidget *parent = nullptr);

    /** Null: none. */
    void setMonitor(RelayMonitor *monitor);

public slots:
    void focusFilter();
    /** The selected rows as they stand in /metrics; all rows, if none is selected. */
    void copy();

protected:
    void changeEvent(QEvent *event) override;

private:
    void retranslate();
    void showCount();

    MetricsModel *m_model;
    QSortFilterProxyModel *m_proxy;
    QLabel *m_filterLabel;
    QLineEdit *m_filter;
    QLabel *m_count;
    QTableView *m_table;
};

} // namespace relay::admin
