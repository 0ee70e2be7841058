// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "relayd/relay/inbox.h"
#include "relayd/relay/ioevents.h"

#include <utility>
#include <vector>

namespace relay {

/** The inboxes of all I/O threads, by their number. Set up before any thread starts. */
using IoInboxes = std::vector<Inbox<IoEvent> *>;

/** Collects events for connections and posts each thread its share at once, in order. */
class IoMail {
public:
    explicit IoMail(const IoInboxes &inboxes)
        : m_inboxes(inboxes)
        , m_batches(inboxes.size())
    {
    }

    void add(ConnectionId to, IoEvent event)
    {
        m_batches[static_cast<size_t>(to.ioThread())].push_back(std::move(event));
    }
    void post()
    {
        for (size_t i = 0; i < m_batches.size(); ++i)
            m_inboxes[i]->post(m_batches[i]);
    }

private:
    const IoInboxes &m_inboxes;
    std::vector<std::vector<IoEvent>> m_batches;
};

} // namespace relay
