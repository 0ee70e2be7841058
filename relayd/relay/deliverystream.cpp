// SPDX-License-Identifier: GPL-3.0-or-later
#include "relayd/relay/deliverystream.h"

#include <algorithm>
#include <utility>

namespace relay {

DeliveryStream::DeliveryStream(
    State state, PageQuery::Kind kind, const DeviceKey &key, Sequence cursor)
    : m_state(state)
    , m_kind(kind)
    , m_key(key)
    , m_cursor(cursor)
    , m_announced(cursor)
{
}

DeliveryStream DeliveryStream::ofMailbox(const Id &routingId)
{
    return {State::CatchingUp, PageQuery::Kind::Mailbox, {routingId, {}}, {}};
}

DeliveryStream DeliveryStream::ofDevice(const DeviceKey &device, std::optional<Sequence> registered)
{
    DeliveryStream stream(
        State::Backlog, PageQuery::Kind::DeviceLive, device, registered.value_or(Sequence {}));
    stream.m_knowsBacklogEnd = registered.has_value();
    return stream;
}

std::optional<PageQuery> DeliveryStream::nextRead()
{
    if (m_state == State::Live || m_isReading || !m_page.empty())
        return std::nullopt;
    if (m_pageIsLast && m_state == State::Backlog) {
        m_pageIsLast = false;
        m_state = m_announced > m_cursor ? State::CatchingUp : State::Live;
        if (m_state == State::Live)
            return std::nullopt;
    }
    if (m_pageIsLast && m_state == State::CatchingUp) {
        // The page was read after everything announced until then had been committed: what it did
        // not hold is gone.
        m_cursor = std::max(m_cursor, m_announcedAtRead);
        m_pageIsLast = false;
        if (m_announced <= m_cursor) {
            m_state = State::Live;
            return std::nullopt;
        }
    }
    m_isReading = true;
    m_announcedAtRead = m_announced;
    PageQuery query;
    query.key = m_key;
    if (m_state == State::Backlog) {
        query.kind = PageQuery::Kind::DeviceBacklog;
        if (m_knowsBacklogEnd)
            query.upTo = m_cursor;
        query.after = m_backlogSequence;
        query.afterVersion = m_backlogVersion;
    } else {
        query.kind = m_kind;
        query.after = m_cursor;
    }
    return query;
}

void DeliveryStream::page(ItemPage page)
{
    m_isReading = false;
    if (page.failed)
        return;
    if (m_state == State::Backlog && !std::exchange(m_knowsBacklogEnd, true))
        m_cursor = page.backlogEnd.value_or(Sequence {});
    m_pageIsLast = page.isLast;
    m_page = std::move(page.items);
    m_next = 0;
}

void DeliveryStream::popHead()
{
    StoredItem &item = m_page[m_next];
    if (m_state == State::Backlog) {
        m_backlogVersion = item.version;
        m_backlogSequence = item.sequence;
    } else {
        m_cursor = item.sequence;
    }
    item.payload.clear();
    if (++m_next == m_page.size())
        m_page = {};
}

void DeliveryStream::wrote(Sequence pushed)
{
    Q_ASSERT(wants(pushed));
    m_cursor = pushed;
    m_announced = std::max(m_announced, pushed);
}

void DeliveryStream::remember(Sequence pushed)
{
    if (pushed <= m_cursor)
        return;
    m_announced = std::max(m_announced, pushed);
    if (m_state == State::Live)
        m_state = State::CatchingUp;
}

} // namespace relay
