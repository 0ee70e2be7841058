// SPDX-License-Identifier: GPL-3.0-or-later
#include "relay-admin/ui/tables.h"

#include <QEvent>
#include <QHeaderView>
#include <QTableView>

#include <algorithm>

namespace relay::admin {

namespace {

/** A table that gets the keyboard shows which row it is at, not a frame around one cell. */
class RowFocus final : public QObject {
public:
    explicit RowFocus(QTableView &table)
        : QObject(&table)
        , m_table(table)
    {
        table.installEventFilter(this);
    }

    bool eventFilter(QObject *watched, QEvent *event) override
    {
        const bool isAtNone = event->type() == QEvent::FocusIn && m_table.model()
            && m_table.model()->rowCount() > 0 && !m_table.selectionModel()->hasSelection();
        if (isAtNone)
            m_table.selectRow(std::max(0, m_table.currentIndex().row()));
        return QObject::eventFilter(watched, event);
    }

private:
    QTableView &m_table;
};

} // namespace

void setUpTable(QTableView &table)
{
    new RowFocus(table);
    table.setSelectionBehavior(QAbstractItemView::SelectRows);
    table.setSelectionMode(QAbstractItemView::ExtendedSelection);
    table.setAlternatingRowColors(true);
    table.setShowGrid(false);
    table.setSortingEnabled(true);
    table.setWordWrap(false);
    // Tab leaves the table: everything can be reached by it.
    table.setTabKeyNavigation(false);
    table.setHorizontalScrollMode(QAbstractItemView::ScrollPerPixel);
    table.setContextMenuPolicy(Qt::ActionsContextMenu);
    table.verticalHeader()->hide();
    table.verticalHeader()->setDefaultSectionSize(table.fontMetrics().height() + 10);
    table.horizontalHeader()->setStretchLastSection(true);
    table.horizontalHeader()->setHighlightSections(false);
    table.horizontalHeader()->setDefaultAlignment(Qt::AlignLeading | Qt::AlignVCenter);
}

} // namespace relay::admin
