// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "relayd/relay/ioevents.h"

#include <optional>
#include <vector>

namespace relay {

/**
 * What one connection still has to get of one mailbox (or of one device's messages), in order and
 * each at most once (relayd/README.md, "A cursor for each connection").
 *
 * Catching up: pages above the cursor are read and written while the peer takes them; a push only
 * raises what is known to exist. Live: a push above the cursor may be written at once. Pure state:
 * the owner reads, writes and waits.
 */
class DeliveryStream {
public:
    /** The blobs of a mailbox: everything that stands in the store, in order of sequence. */
    static DeliveryStream ofMailbox(const Id &routingId);
    /**
     * The messages for a device: first what stood at registration (up to `registered`), by version
     * and then by arrival; then everything later, in order of arrival. Without `registered`, where
     * other relays store too, the first page decides what stood there.
     */
    static DeliveryStream ofDevice(const DeviceKey &device, std::optional<Sequence> registered);

    /** The page to ask the store for, when one is due; then none until page() was called. */
    std::optional<PageQuery> nextRead();
    /** `page` answers the last nextRead(). A failed read makes the same page due again. */
    void page(ItemPage page);

    /** The next item to write, while pages hold any. */
    const StoredItem *head() const { return m_page.empty() ? nullptr : &m_page[m_next]; }
    /** The head was written. */
    void popHead();

    /** Whether a pushed item may be written right now. If not, remember() it. */
    bool wants(Sequence pushed) const { return isLive() && pushed > m_cursor; }
    /** A pushed item that wants() accepted was written. */
    void wrote(Sequence pushed);
    /** A push that was not written: whatever it is, it must be read from the store. */
    void remember(Sequence pushed);

    bool isLive() const { return m_state == State::Live; }

private:
    enum class State { Backlog, CatchingUp, Live };

    DeliveryStream(State state, PageQuery::Kind kind, const DeviceKey &key, Sequence cursor);

    State m_state;
    PageQuery::Kind m_kind;
    bool m_isReading = false;
    DeviceKey m_key;
    /** Everything up to here was written, or was gone before it could be. */
    Sequence m_cursor;
    /** The highest sequence heard of. */
    Sequence m_announced;
    /** m_announced when the page that is being read was asked for. */
    Sequence m_announcedAtRead;
    bool m_pageIsLast = false;
    /** Of a device: up to where the backlog goes is known, and is m_cursor. */
    bool m_knowsBacklogEnd = true;
    /** Where the backlog of a device goes on: version, then sequence. */
    std::optional<quint64> m_backlogVersion;
    Sequence m_backlogSequence;
    /** Freed as soon as its last item was written; m_next is the first that was not. */
    std::vector<StoredItem> m_page;
    size_t m_next = 0;
};

} // namespace relay
