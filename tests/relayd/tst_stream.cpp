// SPDX-License-Identifier: GPL-3.0-or-later
#include "relayd/net/stream.h"
#include "tests/support/fakes.h"

#include <QTest>

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

using namespace relay;
using namespace relay::test;
using namespace std::chrono_literals;

namespace {

/** Two ends of a TCP connection: only TCP knows resets. */
struct Pair {
    Pair()
    {
        const int listener = ::socket(AF_INET, SOCK_STREAM, 0);
        sockaddr_in address {};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        auto *generic = reinterpret_cast<sockaddr *>(&address);
        if (::bind(listener, generic, size) != 0 || ::listen(listener, 1) != 0)
            qFatal("cannot listen");
        ::getsockname(listener, generic, &size);
        peer = ::socket(AF_INET, SOCK_STREAM, 0);
        if (::connect(peer, generic, size) != 0)
            qFatal("cannot connect");
        own = ::accept(listener, nullptr, nullptr);
        ::close(listener);
    }
    ~Pair() { closePeer(); }
    void closePeer()
    {
        if (peer >= 0)
            ::close(std::exchange(peer, -1));
    }
    void send(const QByteArray &bytes) const
    {
        if (::send(peer, bytes.constData(), static_cast<size_t>(bytes.size()), 0) != bytes.size())
            qFatal("cannot send");
    }
    /** What has arrived at the peer. */
    QByteArray receive(qsizetype atMost = 1 << 24) const
    {
        QByteArray bytes(atMost, Qt::Uninitialized);
        const ssize_t got =
            ::recv(peer, bytes.data(), static_cast<size_t>(bytes.size()), MSG_DONTWAIT);
        bytes.resize(std::max<ssize_t>(got, 0));
        return bytes;
    }

    int own = -1;
    int peer = -1;
};

struct Owner final : StreamOwner {
    void streamReadable() override
    {
        ++readable;
        if (stream)
            lastRead = stream->read(input);
    }
    void streamDrained() override
    {
        ++drained;
        if (stream)
            stream->flush();
    }

    Stream *stream = nullptr;
    QByteArray input;
    Stream::Read lastRead = Stream::Read::Nothing;
    int readable = 0;
    int drained = 0;
};

struct Fixture {
    Fixture() { owner.stream = &stream; }

    FakeClock clock;
    Pair pair;
    Owner owner;
    Stream stream {pair.own, owner, clock};
};

} // namespace

class TestStream : public QObject {
    Q_OBJECT

private slots:
    void tellsDataFromNothingFromTheEnd();
    void readsNoMoreThanItsSizeAtOnce();
    void leavesDataToTheKernelWhileItDoesNotRead();
    void sendsNothingBeforeAFlush();
    void keepsWhatTheKernelDoesNotTake();
    void tellsWhenTheKernelLastTookSomething();
    void goesOnReadingAfterAFailedWrite();
    void saysItsEndAndStillReads();
    void forgetsWhatItDiscards();
};

void TestStream::tellsDataFromNothingFromTheEnd()
{
    Fixture f;
    QByteArray input;
    QCOMPARE(f.stream.read(input), Stream::Read::Nothing);
    f.pair.send("hello");
    QTRY_COMPARE((f.stream.read(input), input), QByteArray("hello"));
    f.pair.closePeer();
    QTRY_COMPARE(f.stream.read(input), Stream::Read::End);
    QCOMPARE(f.stream.read(input), Stream::Read::End);
    QCOMPARE(input, QByteArray("hello"));
}

void TestStream::readsNoMoreThanItsSizeAtOnce()
{
    Fixture f;
    f.stream.setReading(false);
    const QByteArray sent(3 * Stream::ReadSize / 2, 'x');
    f.pair.send(sent);
    QByteArray input;
    while (input.size() < sent.size()) {
        const qsizetype before = input.size();
        f.stream.read(input);
        QVERIFY(input.size() - before <= Stream::ReadSize);
    }
    QCOMPARE(input, sent);
}

void TestStream::leavesDataToTheKernelWhileItDoesNotRead()
{
    Fixture f;
    f.stream.setReading(false);
    f.pair.send("waits");
    QCoreApplication::processEvents();
    QCOMPARE(f.owner.readable, 0);
    f.stream.setReading(true);
    QTRY_COMPARE(f.owner.input, QByteArray("waits"));
}

void TestStream::sendsNothingBeforeAFlush()
{
    Fixture f;
    f.stream.write("one", 3);
    f.stream.write("two", 3);
    QCOMPARE(f.stream.unsentBytes(), 6);
    QVERIFY(f.pair.receive().isEmpty());
    QCOMPARE(f.stream.flush(), 6);
    QCOMPARE(f.stream.unsentBytes(), 0);
    QByteArray received;
    QTRY_COMPARE((received += f.pair.receive(), received), QByteArray("onetwo"));
    QCOMPARE(f.stream.flush(), 0);
}

void TestStream::keepsWhatTheKernelDoesNotTake()
{
    Fixture f;
    QByteArray sent;
    for (int i = 0; i < 1'000'000; ++i)
        sent += QByteArray::number(i).rightJustified(10, '0');
    f.stream.write(sent.constData(), sent.size());
    const qsizetype taken = f.stream.flush();
    QVERIFY(taken > 0);
    QCOMPARE(f.stream.unsentBytes(), sent.size() - taken);
    QVERIFY(f.stream.unsentBytes() > 0);
    // The owner is told each time there is room, until all is sent, in order.
    QByteArray received;
    QTRY_VERIFY_WITH_TIMEOUT(
        (received += f.pair.receive(), received.size() == sent.size()), 20'000);
    QVERIFY(received == sent);
    QVERIFY(f.owner.drained > 0);
    QCOMPARE(f.stream.unsentBytes(), 0);
    // Then it is left in peace.
    const int drained = f.owner.drained;
    QCoreApplication::processEvents();
    QCOMPARE(f.owner.drained, drained);
}

void TestStream::tellsWhenTheKernelLastTookSomething()
{
    Fixture f;
    f.clock.advance(1h);
    f.stream.write("x", 1);
    QCOMPARE(f.stream.lastProgress(), f.clock.now()); // began to wait now
    const TimePoint began = f.clock.now();
    f.clock.advance(1s);
    f.stream.write("y", 1);
    QCOMPARE(f.stream.lastProgress(), began);
    f.stream.flush();
    QCOMPARE(f.stream.lastProgress(), f.clock.now());

    // A peer that takes nothing: neither more output nor vain attempts are progress.
    const QByteArray much(20'000'000, 'x');
    f.stream.write(much.constData(), much.size());
    f.stream.flush();
    f.owner.stream = nullptr;
    const TimePoint stuck = f.clock.now();
    f.clock.advance(1min);
    // What the peer's kernel still takes, some of it later.
    TimePoint last {};
    do {
        last = f.stream.lastProgress();
        f.clock.advance(1min);
        f.stream.write("z", 1);
    } while (f.stream.flush() > 0);
    QVERIFY(last >= stuck);
    QCOMPARE(f.stream.lastProgress(), last);
    qsizetype taken = 0;
    QTRY_VERIFY((f.pair.receive(), taken += f.stream.flush()) > 0);
    QCOMPARE(f.stream.lastProgress(), f.clock.now());
}

void TestStream::goesOnReadingAfterAFailedWrite()
{
    Fixture f;
    f.stream.setReading(false);
    f.pair.send("before the end");
    // Nobody will read any more, and says so with a reset.
    f.pair.closePeer();
    f.stream.write("into the void", 13);
    f.stream.flush();
    QTRY_VERIFY((f.stream.write("x", 1), f.stream.flush() == 0));
    QCOMPARE(f.stream.unsentBytes(), 0); // swallowed
    f.stream.write("more", 4);
    QCOMPARE(f.stream.unsentBytes(), 0);
    QCOMPARE(f.stream.flush(), 0);
    // What had arrived is still there to be read.
    QByteArray input;
    QCOMPARE(f.stream.read(input), Stream::Read::Data);
    QCOMPARE(input, QByteArray("before the end"));
    QTRY_COMPARE(f.stream.read(input), Stream::Read::End);
    QCOMPARE(input, QByteArray("before the end"));
}

void TestStream::saysItsEndAndStillReads()
{
    Fixture f;
    f.stream.write("bye", 3);
    f.stream.flush();
    f.stream.shutdownOutput();
    QByteArray received;
    QTRY_COMPARE((received += f.pair.receive(), received), QByteArray("bye"));
    f.pair.send("late");
    QTRY_COMPARE(f.owner.input, QByteArray("late"));
}

void TestStream::forgetsWhatItDiscards()
{
    Fixture f;
    f.stream.setReading(false);
    QCOMPARE(f.stream.discard(), Stream::Read::Nothing);
    f.pair.send(QByteArray(100'000, 'x'));
    f.pair.closePeer();
    Stream::Read read = Stream::Read::Nothing;
    QTRY_VERIFY((read = f.stream.discard()) == Stream::Read::End);
    QVERIFY(f.owner.input.isEmpty());
}

QTEST_GUILESS_MAIN(TestStream)
#include "tst_stream.moc"
