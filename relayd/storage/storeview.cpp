// SPDX-License-Identifier: GPL-3.0-or-later
#include "relayd/storage/storeview.h"

#include "relayd/storage/values.h"

#include <QSqlQuery>
#include <QVariant>

namespace relay {

void StoreView::takeRows(QSqlQuery &query, ItemPage &page)
{
    const bool hasVersion = page.kind == ItemKind::DeviceMessage;
    while (page.isLast && query.next()) {
        page.items.push_back({{query.value(0).toLongLong()},
            hasVersion ? versionFromSql(query.value(1).toLongLong()) : 0,
            query.value(2).toByteArray(), query.value(3).toLongLong(),
            query.value(4).toByteArray()});
        page.bytes += page.items.back().payload.size();
        page.isLast = page.bytes < MaxPageBytes && page.items.size() < MaxPageItems;
    }
}

} // namespace relay
