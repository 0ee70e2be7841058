// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

class QAction;
class QTableView;
class QWidget;

namespace relay::admin {

/** Rows that are read across: selected whole, striped, sorted by their headers. */
void setUpTable(QTableView &table);

} // namespace relay::admin
