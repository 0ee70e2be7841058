// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "relayd/relay/clock.h"

#include <QByteArray>
#include <QSocketNotifier>

#include <memory>

namespace relay {

/** What a Stream tells its owner. Both may be called from within the event loop only. */
class StreamOwner {
public:
    /** There is something to read(), or the end. */
    virtual void streamReadable() = 0;
    /** The kernel took bytes that had waited. */
    virtual void streamDrained() = 0;

protected:
    ~StreamOwner() = default;
};

/**
 * One connected TCP socket: reads when asked, writes when flushed, never blocks.
 *
 * A write that fails does not end it: output is swallowed from then on, and reading goes on to the
 * end, because what the peer sent before it went away still counts. Lives on one I/O thread.
 */
class Stream {
public:
    enum class Read { Data, Nothing, End };
    /** Bytes that one read() takes at most. */
    static constexpr qsizetype ReadSize = 64 * 1024;

    /** Owns `descriptor`. */
    Stream(int descriptor, StreamOwner &owner, const Clock &clock);
    ~Stream();
    Stream(const Stream &) = delete;
    Stream &operator=(const Stream &) = delete;

    /** Appends what has arrived to `input`, up to ReadSize. */
    Read read(QByteArray &input);
    /** Reads and forgets. */
    Read discard();
    /** Whether streamReadable() is called. Off: the kernel's buffer fills, and the peer waits. */
    void setReading(bool on);

    /** Keeps a copy until flush(). */
    void write(const char *data, qsizetype size);
    /** Hands to the kernel what it takes. Returns the bytes taken. */
    qsizetype flush();
    qsizetype unsentBytes() const { return m_output.size() - m_sent; }
    /** When the kernel last took something, or output began to wait. */
    TimePoint lastProgress() const { return m_lastProgress; }

    /** No more output: the peer sees the end once it has read everything. */
    void shutdownOutput();

private:
    ssize_t receive();

    StreamOwner &m_owner;
    const Clock &m_clock;
    const int m_descriptor;
    QSocketNotifier m_readable;
    /** Only while the kernel's buffer is full. */
    std::unique_ptr<QSocketNotifier> m_writable;
    QByteArray m_output;
    qsizetype m_sent = 0;
    TimePoint m_lastProgress {};
    bool m_isBroken = false;
};

} // namespace relay
