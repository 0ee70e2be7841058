// SPDX-License-Identifier: GPL-3.0-or-later
#include "relayd/net/stream.h"

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace relay {

namespace {

/** One for each I/O thread: an idle connection keeps no buffer. */
thread_local std::array<char, Stream::ReadSize> scratch;

} // namespace

Stream::Stream(int descriptor, StreamOwner &owner, const Clock &clock)
    : m_owner(owner)
    , m_clock(clock)
    , m_descriptor(descriptor)
    , m_readable(descriptor, QSocketNotifier::Read)
{
    QObject::connect(&m_readable, &QSocketNotifier::activated, &m_readable,
        [this] { m_owner.streamReadable(); });
}

Stream::~Stream()
{
    m_readable.setEnabled(false);
    m_writable.reset();
    ::close(m_descriptor);
}

ssize_t Stream::receive()
{
    ssize_t got;
    do {
        got = ::recv(m_descriptor, scratch.data(), scratch.size(), MSG_DONTWAIT);
    } while (got < 0 && errno == EINTR);
    return got;
}

Stream::Read Stream::read(QByteArray &input)
{
    const ssize_t got = receive();
    if (got > 0) {
        input.append(scratch.data(), got);
        return Read::Data;
    }
    return got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK) ? Read::Nothing : Read::End;
}

Stream::Read Stream::discard()
{
    const ssize_t got = receive();
    if (got > 0)
        return Read::Data;
    return got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK) ? Read::Nothing : Read::End;
}

void Stream::setReading(bool on)
{
    if (m_readable.isEnabled() != on)
        m_readable.setEnabled(on);
}

void Stream::write(const char *data, qsizetype size)
{
    if (m_isBroken || size == 0)
        return;
    if (m_output.isEmpty())
        m_lastProgress = m_clock.now();
    m_output.append(data, size);
}

qsizetype Stream::flush()
{
    qsizetype taken = 0;
    while (unsentBytes() > 0) {
        const ssize_t sent = ::send(m_descriptor, m_output.constData() + m_sent,
            static_cast<size_t>(unsentBytes()), MSG_DONTWAIT | MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
            break;
        if (sent < 0) {
            m_isBroken = true;
            m_output = {};
            m_sent = 0;
            break;
        }
        m_sent += sent;
        taken += sent;
    }
    if (taken > 0)
        m_lastProgress = m_clock.now();
    if (unsentBytes() == 0) {
        m_output = {};
        m_sent = 0;
        if (m_writable)
            m_writable->setEnabled(false);
    } else {
        // What was sent must not stay in memory for as long as the rest waits.
        if (m_sent >= m_output.size() / 2) {
            m_output.remove(0, m_sent);
            m_sent = 0;
        }
        if (!m_writable) {
            m_writable = std::make_unique<QSocketNotifier>(m_descriptor, QSocketNotifier::Write);
            QObject::connect(m_writable.get(), &QSocketNotifier::activated, m_writable.get(),
                [this] { m_owner.streamDrained(); });
        }
        m_writable->setEnabled(true);
    }
    return taken;
}

void Stream::shutdownOutput()
{
    ::shutdown(m_descriptor, SHUT_WR);
}

} // namespace relay
