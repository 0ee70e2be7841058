// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tests/bench/client.h"
#include "tests/bench/mail.h"

#include <optional>

namespace relay::bench {

/**
 * A recipient that takes and acknowledges all that waits for it, and checks that this is what was
 * stored: each once, in order, byte by byte. Then it asks the relay whether the acks did their
 * work.
 */
class Mailbox final : public Client {
public:
    struct Contents {
        Id id;
        quint64 first = 0;
        quint64 count = 0;
    };

    Mailbox(Loop &loop, const Endpoint &relay, const Mail &mail, const Contents &contents);

    void connect() { open(handshakeFrame(m_contents.id)); }
    quint64 taken() const { return m_taken; }
    bool hasAll() const { return m_taken == m_contents.count; }
    /** The relay has said that nothing is left: all acks are committed. */
    bool isEmptied() const { return m_isEmptied; }
    /** When the last message came. */
    Clock::time_point takenAt() const { return m_takenAt; }

protected:
    void received(QByteArrayView json) override;

private:
    const Mail &m_mail;
    const Contents m_contents;
    AckFrame m_ack;
    quint64 m_taken = 0;
    bool m_isEmptied = false;
    Clock::time_point m_takenAt;
};

/** Connects all, and waits until all are emptied. */
void takeAll(Loop &loop, const std::vector<std::unique_ptr<Mailbox>> &mailboxes);

} // namespace relay::bench
