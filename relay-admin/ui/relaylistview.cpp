// SPDX-License-Identifier: GPL-3.0-or-later
#include "relay-admin/ui/relaylistview.h"

#include "relay-admin/models/formats.h"
#include "relay-admin/ui/colourtag.h"
#include "relay-admin/ui/statelabel.h"
#include "relay-admin/ui/tables.h"

#include <QEvent>
#include <QHeaderView>
#include <QPainter>
#include <QStyledItemDelegate>

#include <algorithm>

namespace relay::admin {

namespace {

/** Adds to what the model says what is drawn: icons and tags, which follow the theme. */
class RelayDelegate final : public QStyledItemDelegate {
public:
    RelayDelegate(Theme &theme, QObject *parent)
        : QStyledItemDelegate(parent)
        , m_theme(theme)
    {
    }

protected:
    void initStyleOption(QStyleOptionViewItem *option, const QModelIndex &index) const override
    {
        QStyledItemDelegate::initStyleOption(option, index);
        if (index.column() == RelayListModel::State) {
            option->features |= QStyleOptionViewItem::HasDecoration;
            option->icon = stateIcon(
                static_cast<RelayState>(index.data(RelayListModel::StateRole).toInt()), m_theme);
        } else if (index.column() == RelayListModel::Name) {
            const auto colour =
                static_cast<ColourTag>(index.data(RelayListModel::ColourRole).toInt());
            if (colour != ColourTag::None) {
                option->features |= QStyleOptionViewItem::HasDecoration;
                option->icon = colourIcon(colour, m_theme);
            }
            option->font.setBold(true);
        } else if (index.data(RelayListModel::GreyRole).toBool()) {
            option->palette.setColor(QPalette::Text, m_theme.color(Shade::Muted));
            option->font.setItalic(true);
        }
    }

private:
    Theme &m_theme;
};

} // namespace

RelayListView::RelayListView(RelayListModel &model, Theme &theme, QWidget *parent)
    : QTableView(parent)
    , m_model(model)
    , m_proxy(new RelayListProxy(this))
{
    m_proxy->setSourceModel(&model);
    setModel(m_proxy);
    setUpTable(*this);
    setSelectionMode(QAbstractItemView::SingleSelection);
    setItemDelegate(new RelayDelegate(theme, this));
    setIconSize(QSize(18, 18));
    verticalHeader()->setDefaultSectionSize(fontMetrics().height() + 14);
    sizeColumns();
    sortByColumn(RelayListModel::Name, Qt::AscendingOrder);
    connect(selectionModel(), &QItemSelectionModel::currentRowChanged, this,
        [this] { emit currentChanged(currentMonitor()); });
    connect(&theme, &Theme::changed, viewport(), qOverload<>(&QWidget::update));
}

void RelayListView::changeEvent(QEvent *event)
{
    // Once for each language: widths that somebody chose stay otherwise.
    if (event->type() == QEvent::LanguageChange && m_sizedFor != QLocale())
        sizeColumns();
    QTableView::changeEvent(event);
}

void RelayListView::sizeColumns()
{
    m_sizedFor = QLocale();
    // By what will be there, not by what is: widths do not jump about with each answer.
    const auto width = [this](int column, const QString &sample) {
        const int heading = horizontalHeader()->sectionSizeHint(column);
        setColumnWidth(column, std::max(heading, fontMetrics().horizontalAdvance(sample) + 14));
    };
    setColumnWidth(RelayListModel::Name, fontMetrics().averageCharWidth() * 11 + 30);
    QString longest;
    for (const RelayState state : {RelayState::Unknown, RelayState::Up, RelayState::NotReady,
             RelayState::Degraded, RelayState::Down, RelayState::Stale}) {
        if (stateName(state).size() > longest.size())
            longest = stateName(state);
    }
    width(RelayListModel::State, longest);
    setColumnWidth(RelayListModel::State, columnWidth(RelayListModel::State) + 24);
    using namespace std::chrono_literals;
    width(RelayListModel::Uptime, shortDurationText(23h + 59min));
    width(RelayListModel::Version, QStringLiteral("10.10.10"));
    width(RelayListModel::Connections, usedText(1000, 1000));
    width(RelayListModel::Blobs, numberText(1'000'000));
    width(RelayListModel::Age, shortDurationText(59min + 59s));
}

RelayMonitor *RelayListView::currentMonitor() const
{
    const QModelIndex current = currentIndex();
    return current.isValid() ? m_model.monitor(m_proxy->mapToSource(current)) : nullptr;
}

RelayMonitor *RelayListView::neighbour(int rows) const
{
    const QModelIndex current = currentIndex();
    const QModelIndex other = current.siblingAtRow(current.row() + rows);
    const auto group = [](const QModelIndex &index) {
        return index.data(RelayListModel::GroupRole).toString();
    };
    return other.isValid() && group(other) == group(current)
        ? m_model.monitor(m_proxy->mapToSource(other))
        : nullptr;
}

void RelayListView::select(const QUuid &profile)
{
    const int row = m_model.rowOf(profile);
    if (row >= 0)
        setCurrentIndex(m_proxy->mapFromSource(m_model.index(row, RelayListModel::Name)));
}

} // namespace relay::admin
