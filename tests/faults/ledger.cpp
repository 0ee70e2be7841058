// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/faults/ledger.h"

#include <QList>

namespace relay::test {

QByteArray Ledger::mailOf(BlobKey key, int size)
{
    QByteArray mail = QByteArray::number(key.sender) + '/' + QByteArray::number(key.number) + '/'
        + QByteArray::number(size) + ' ';
    quint64 state = packed(key) * 6364136223846793005U + 1442695040888963407U;
    mail.reserve(mail.size() + size);
    for (int i = 0; i < size; ++i) {
        state = state * 6364136223846793005U + 1442695040888963407U;
        mail += static_cast<char>(state >> 56);
    }
    return mail;
}

Ledger::Mailbox *Ledger::mailboxOf(BlobKey key)
{
    const auto it = m_mailboxOf.find(key);
    return it == m_mailboxOf.end() ? nullptr : &m_mailboxes[static_cast<size_t>(it->second)];
}

void Ledger::remove(Mailbox &mailbox, Mailbox::iterator entry)
{
    m_gone.insert(packed(entry->first));
    m_mailboxOf.erase(entry->first);
    mailbox.erase(entry);
}

void Ledger::sending(BlobKey key, int mailbox, int size)
{
    m_mailboxes[static_cast<size_t>(mailbox)][key] = {size, ++m_now, Never, false};
    m_mailboxOf[key] = mailbox;
}

void Ledger::stored(BlobKey key)
{
    ++m_acknowledged;
    // It may have been delivered, acked and proven to be gone before its own answer is read.
    if (Mailbox *mailbox = mailboxOf(key))
        mailbox->at(key).storedAt = ++m_now;
}

void Ledger::acking(BlobKey key)
{
    if (Mailbox *mailbox = mailboxOf(key))
        mailbox->at(key).isAcked = true;
}

void Ledger::deletionProven(BlobKey key)
{
    Mailbox *mailbox = mailboxOf(key);
    if (!mailbox)
        return;
    ++m_provenDeletions;
    remove(*mailbox, mailbox->find(key));
}

size_t Ledger::purging(int mailbox)
{
    m_purges.push_back({mailbox, ++m_now, Never});
    return m_purges.size() - 1;
}

void Ledger::purged(size_t purge)
{
    PurgeNote &note = m_purges[purge];
    note.answeredAt = ++m_now;
    Mailbox &mailbox = m_mailboxes[static_cast<size_t>(note.mailbox)];
    for (auto it = mailbox.begin(); it != mailbox.end();) {
        const auto entry = it++;
        if (entry->second.storedAt > note.sentAt)
            continue;
        ++m_provenDeletions;
        remove(mailbox, entry);
    }
}

bool Ledger::mayBeGone(int mailbox, const Entry &entry) const
{
    if (entry.isAcked || entry.storedAt == Never)
        return true;
    for (const PurgeNote &purge : m_purges) {
        if (purge.mailbox == mailbox && entry.sentAt < purge.answeredAt)
            return true;
    }
    return false;
}

std::optional<BlobKey> Ledger::Reading::delivered(const QByteArray &ciphertext)
{
    Findings &findings = m_ledger.m_findings;
    const QList<QByteArray> parts = ciphertext.left(ciphertext.indexOf(' ')).split('/');
    const BlobKey key {parts.value(0).toUInt(), parts.value(1).toUInt()};
    const int size = parts.value(2).toInt();
    Mailbox &mailbox = m_ledger.m_mailboxes[static_cast<size_t>(m_mailbox)];
    const auto entry = mailbox.find(key);
    const bool isGone = m_ledger.m_gone.contains(packed(key));
    const bool isKnown = entry != mailbox.end() ? entry->second.size == size : isGone;
    if (!isKnown || ciphertext != mailOf(key, size)) {
        ++findings.invented;
        return std::nullopt;
    }
    if (m_seen.contains(key))
        ++findings.repeated;
    m_seen[key] = size;
    quint32 &last = m_last[key.sender];
    if (key.number < last)
        ++findings.disordered;
    last = std::max(last, key.number);
    return key;
}

void Ledger::Reading::finish()
{
    Mailbox &mailbox = m_ledger.m_mailboxes[static_cast<size_t>(m_mailbox)];
    for (auto it = mailbox.begin(); it != mailbox.end();) {
        const auto entry = it++;
        if (m_seen.contains(entry->first)) {
            entry->second.storedAt = std::min(entry->second.storedAt, ++m_ledger.m_now);
            entry->second.isAcked = false;
            continue;
        }
        if (!m_ledger.mayBeGone(m_mailbox, entry->second))
            ++m_ledger.m_findings.lost;
        m_ledger.remove(mailbox, entry);
    }
    for (const auto &[key, size] : m_seen) {
        if (mailbox.contains(key))
            continue;
        // It is held after all, and has to stay so, or to go again.
        ++m_ledger.m_findings.back;
        m_ledger.m_gone.erase(packed(key));
        m_ledger.sending(key, m_mailbox, size);
        mailbox.at(key).storedAt = ++m_ledger.m_now;
    }
}

} // namespace relay::test
