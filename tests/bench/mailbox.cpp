// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/bench/mailbox.h"

#include "tests/bench/fail.h"

#include <algorithm>

namespace relay::bench {

Mailbox::Mailbox(Loop &loop, const Endpoint &relay, const Mail &mail, const Contents &contents)
    : Client(loop, relay)
    , m_mail(mail)
    , m_contents(contents)
{
}

void Mailbox::received(QByteArrayView json)
{
    const Answer answer = Answer::read(json);
    if (answer.kind == AnswerKind::Purged) {
        if (blobsPurged(json) != 0U)
            fail("an acknowledged message was still there");
        m_isEmptied = true;
        return;
    }
    if (answer.kind != AnswerKind::Update)
        return;
    if (hasAll())
        fail("a message was delivered twice, or never stored");
    const auto number = m_mail.numberIn(json);
    if (!number)
        fail("a message was delivered with wrong bytes");
    if (*number != m_contents.first + m_taken)
        fail("a message is missing, or came in the wrong order");
    ++m_taken;
    queue(m_ack.of(answer.id));
    if (hasAll()) {
        m_takenAt = Clock::now();
        queue(purgeFrame());
    }
}

void takeAll(Loop &loop, const std::vector<std::unique_ptr<Mailbox>> &mailboxes)
{
    loop.welcomeAll(mailboxes.size(), [&](size_t i) -> Client & {
        mailboxes[i]->connect();
        return *mailboxes[i];
    });
    loop.runUntil(
        [&] {
            return std::ranges::all_of(
                mailboxes, [](const auto &mailbox) { return mailbox->isEmptied(); });
        },
        "a stored message is not delivered");
}

} // namespace relay::bench
