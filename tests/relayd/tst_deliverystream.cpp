// SPDX-License-Identifier: GPL-3.0-or-later
#include "relayd/relay/deliverystream.h"
#include "tests/support/fakes.h"
#include "tests/support/rawclient.h"

#include <QTest>

#include <algorithm>
#include <deque>
#include <map>

using namespace relay;
using namespace relay::test;

namespace {

const DeviceKey Phone {idOf(1), idOf(2)};

StoredItem item(qint64 sequence, quint64 version = 0)
{
    return {{sequence}, version, {}, 0, QByteArray::number(sequence)};
}

ItemPage page(std::vector<qint64> sequences, bool isLast)
{
    ItemPage page;
    for (const qint64 sequence : sequences)
        page.items.push_back(item(sequence));
    page.isLast = isLast;
    return page;
}

ItemPage failedPage()
{
    ItemPage page;
    page.failed = true;
    return page;
}

/** Writes what pages hold. */
std::vector<qint64> writeAll(DeliveryStream &stream)
{
    std::vector<qint64> written;
    while (const StoredItem *head = stream.head()) {
        written.push_back(head->sequence.value);
        stream.popHead();
    }
    return written;
}

/** A stream that has written everything up to `cursor` and is live. */
DeliveryStream liveAt(qint64 cursor)
{
    auto stream = DeliveryStream::ofMailbox(idOf(1));
    stream.nextRead();
    stream.page(page(cursor ? std::vector {cursor} : std::vector<qint64> {}, true));
    writeAll(stream);
    stream.nextRead();
    if (!stream.isLive())
        qFatal("the stream does not become live");
    return stream;
}

using Sequences = std::vector<qint64>;

} // namespace

class TestDeliveryStream : public QObject {
    Q_OBJECT

private slots:
    void readsAMailboxFromItsStart();
    void readsOnlyOnePageAtATime();
    void readsOnUntilAPageComesBackShort();
    void readsAgainWhatWasAnnouncedMeanwhile();
    void isLiveOnceNothingIsLeft();
    void writesLivePushesAboveTheCursorOnly();
    void doesNotWritePushesWhileCatchingUp();
    void catchesUpAfterAPushWithoutRoom();
    void becomesLiveAlthoughWhatWasAnnouncedIsGone();
    void takesForGoneOnlyWhatWasAnnouncedBeforeTheRead();
    void asksForTheSamePageAfterAFailure();
    void readsOnBehindGaps();
    void deliversADevicesBacklogByVersion();
    void deliversToADeviceInOrderOfArrivalLater();
    void isLiveForADeviceWithoutBacklog();
    void agreesWithANaiveMailbox();
    void agreesWithANaiveDevice();
};

void TestDeliveryStream::readsAMailboxFromItsStart()
{
    auto stream = DeliveryStream::ofMailbox(idOf(1));
    QVERIFY(!stream.isLive());
    QVERIFY(!stream.head());
    const auto query = stream.nextRead();
    QVERIFY(query);
    QCOMPARE(query->kind, PageQuery::Kind::Mailbox);
    QCOMPARE(query->key.client, idOf(1));
    QCOMPARE(query->after.value, 0);
}

void TestDeliveryStream::readsOnlyOnePageAtATime()
{
    auto stream = DeliveryStream::ofMailbox(idOf(1));
    QVERIFY(stream.nextRead());
    QVERIFY(!stream.nextRead());
    stream.remember({9});
    QVERIFY(!stream.nextRead());
    stream.page(page({1, 2}, false));
    QVERIFY(!stream.nextRead()); // what is there must be written first
    stream.popHead();
    QVERIFY(!stream.nextRead());
    stream.popHead();
    QVERIFY(stream.nextRead());
}

void TestDeliveryStream::readsOnUntilAPageComesBackShort()
{
    auto stream = DeliveryStream::ofMailbox(idOf(1));
    stream.nextRead();
    stream.page(page({1, 2, 3}, false));
    QCOMPARE(writeAll(stream), (Sequences {1, 2, 3}));
    QVERIFY(!stream.isLive());
    const auto query = stream.nextRead();
    QVERIFY(query);
    QCOMPARE(query->after.value, 3);
    stream.page(page({7}, true));
    QCOMPARE(writeAll(stream), Sequences {7});
    QVERIFY(!stream.nextRead());
    QVERIFY(stream.isLive());
}

void TestDeliveryStream::readsAgainWhatWasAnnouncedMeanwhile()
{
    auto stream = DeliveryStream::ofMailbox(idOf(1));
    stream.nextRead();
    stream.remember({4}); // committed after the page was read
    stream.page(page({1, 2}, true));
    QCOMPARE(writeAll(stream), (Sequences {1, 2}));
    const auto query = stream.nextRead();
    QVERIFY(query);
    QCOMPARE(query->after.value, 2);
    stream.page(page({4}, true));
    QCOMPARE(writeAll(stream), Sequences {4});
    QVERIFY(!stream.nextRead());
    QVERIFY(stream.isLive());
}

void TestDeliveryStream::isLiveOnceNothingIsLeft()
{
    auto stream = DeliveryStream::ofMailbox(idOf(1));
    stream.nextRead();
    QVERIFY(!stream.wants({1}));
    stream.page(page({}, true));
    QVERIFY(!stream.nextRead());
    QVERIFY(stream.isLive());
    QVERIFY(stream.wants({1}));
    QVERIFY(!stream.nextRead());
}

void TestDeliveryStream::writesLivePushesAboveTheCursorOnly()
{
    auto stream = liveAt(5);
    QVERIFY(!stream.wants({4}));
    QVERIFY(!stream.wants({5}));
    QVERIFY(stream.wants({6}));
    QVERIFY(stream.wants({600}));
    stream.wrote({8});
    QVERIFY(!stream.wants({7}));
    QVERIFY(!stream.wants({8}));
    // A push that is dropped is no reason to read.
    stream.remember({8});
    QVERIFY(stream.isLive());
    QVERIFY(!stream.nextRead());
    QVERIFY(stream.wants({9}));
}

void TestDeliveryStream::doesNotWritePushesWhileCatchingUp()
{
    auto stream = DeliveryStream::ofMailbox(idOf(1));
    QVERIFY(!stream.wants({100}));
    stream.nextRead();
    stream.page(page({1}, true));
    QVERIFY(!stream.wants({100})); // the page is not written yet
    stream.remember({100});
    writeAll(stream);
    QVERIFY(!stream.wants({101}));
}

void TestDeliveryStream::catchesUpAfterAPushWithoutRoom()
{
    auto stream = liveAt(5);
    stream.remember({6});
    QVERIFY(!stream.isLive());
    QVERIFY(!stream.wants({7})); // or 6 would come after it
    stream.remember({7});
    const auto query = stream.nextRead();
    QVERIFY(query);
    QCOMPARE(query->after.value, 5);
    stream.page(page({6, 7}, true));
    QCOMPARE(writeAll(stream), (Sequences {6, 7}));
    QVERIFY(!stream.nextRead());
    QVERIFY(stream.isLive());
}

void TestDeliveryStream::becomesLiveAlthoughWhatWasAnnouncedIsGone()
{
    auto stream = liveAt(5);
    stream.remember({9});
    QVERIFY(stream.nextRead());
    stream.page(page({}, true)); // another connection has acked it
    QVERIFY(!stream.nextRead());
    QVERIFY(stream.isLive());
    QVERIFY(!stream.wants({9}));
    QVERIFY(stream.wants({10}));
}

void TestDeliveryStream::takesForGoneOnlyWhatWasAnnouncedBeforeTheRead()
{
    auto stream = liveAt(5);
    stream.remember({9});
    QVERIFY(stream.nextRead());
    stream.remember({10}); // committed after that page was read
    stream.page(page({}, true));
    const auto query = stream.nextRead();
    QVERIFY(query);
    QCOMPARE(query->after.value, 9);
    stream.page(page({10}, true));
    QCOMPARE(writeAll(stream), Sequences {10});
    QVERIFY(!stream.nextRead());
    QVERIFY(stream.isLive());
}

void TestDeliveryStream::asksForTheSamePageAfterAFailure()
{
    auto stream = DeliveryStream::ofMailbox(idOf(1));
    stream.nextRead();
    stream.page(page({1, 2}, false));
    writeAll(stream);
    for (int i = 0; i < 3; ++i) {
        const auto query = stream.nextRead();
        QVERIFY(query);
        QCOMPARE(query->after.value, 2);
        stream.page(failedPage());
        QVERIFY(!stream.isLive());
        QVERIFY(!stream.head());
    }
    QVERIFY(stream.nextRead());
    stream.page(page({3}, true));
    QCOMPARE(writeAll(stream), Sequences {3});
    QVERIFY(!stream.nextRead());
    QVERIFY(stream.isLive());
}

void TestDeliveryStream::readsOnBehindGaps()
{
    auto stream = DeliveryStream::ofMailbox(idOf(1));
    stream.remember({5});
    stream.nextRead();
    // Pages hold what is there: other mailboxes' sequences, acks and expiry leave gaps.
    stream.page(page({2, 40}, true));
    QCOMPARE(writeAll(stream), (Sequences {2, 40}));
    QVERIFY(!stream.nextRead());
    QVERIFY(stream.isLive());
    QVERIFY(!stream.wants({40})); // its push comes late
    QVERIFY(stream.wants({41}));
}

void TestDeliveryStream::deliversADevicesBacklogByVersion()
{
    auto stream = DeliveryStream::ofDevice(Phone, Sequence {10});
    auto query = stream.nextRead();
    QVERIFY(query);
    QCOMPARE(query->kind, PageQuery::Kind::DeviceBacklog);
    QVERIFY(query->key == Phone);
    QCOMPARE(query->upTo.value().value, 10);
    QVERIFY(!query->afterVersion);
    ItemPage first;
    first.items = {item(9, 1), item(3, 7), item(4, 7)};
    stream.page(std::move(first));
    QCOMPARE(writeAll(stream), (Sequences {9, 3, 4}));
    query = stream.nextRead();
    QVERIFY(query);
    QCOMPARE(query->kind, PageQuery::Kind::DeviceBacklog);
    QCOMPARE(query->upTo.value().value, 10);
    QCOMPARE(query->afterVersion.value(), 7ULL);
    QCOMPARE(query->after.value, 4);
    ItemPage second;
    second.items = {item(1, ~quint64(0))};
    second.isLast = true;
    stream.page(std::move(second));
    QCOMPARE(writeAll(stream), Sequences {1});
    QVERIFY(!stream.nextRead());
    QVERIFY(stream.isLive());
    // Not above the last one written, but above what stood at registration.
    QVERIFY(!stream.wants({2}));
    QVERIFY(!stream.wants({10}));
    QVERIFY(stream.wants({11}));
}

void TestDeliveryStream::deliversToADeviceInOrderOfArrivalLater()
{
    auto stream = DeliveryStream::ofDevice(Phone, Sequence {10});
    stream.nextRead();
    stream.remember({10}); // committed before the registration, pushed after it
    stream.remember({12});
    ItemPage backlog;
    backlog.items = {item(8, 3)};
    backlog.isLast = true;
    stream.page(std::move(backlog));
    writeAll(stream);
    const auto query = stream.nextRead();
    QVERIFY(query);
    QCOMPARE(query->kind, PageQuery::Kind::DeviceLive);
    QCOMPARE(query->after.value, 10);
    ItemPage later;
    later.items = {item(11, 99), item(12, 1)};
    later.isLast = true;
    stream.page(std::move(later));
    QCOMPARE(writeAll(stream), (Sequences {11, 12}));
    QVERIFY(!stream.nextRead());
    QVERIFY(stream.isLive());
    QVERIFY(!stream.wants({12}));
    QVERIFY(stream.wants({13}));
}

void TestDeliveryStream::isLiveForADeviceWithoutBacklog()
{
    auto stream = DeliveryStream::ofDevice(Phone, Sequence {0});
    QVERIFY(stream.nextRead());
    stream.page(page({}, true));
    QVERIFY(!stream.nextRead());
    QVERIFY(stream.isLive());
    QVERIFY(stream.wants({1}));
}

namespace {

/** One mailbox or device queue, its store, and the threads between it and a connection. */
class Model {
public:
    Model(QRandomGenerator &random, PageQuery::Kind kind)
        : m_random(random)
        , m_isDevice(kind != PageQuery::Kind::Mailbox)
    {
    }

    void run(int steps)
    {
        // What was there before.
        const int before = m_random.bounded(20);
        for (int i = 0; i < before; ++i)
            store();
        const int removed = m_random.bounded(5);
        for (int i = 0; i < removed; ++i)
            remove();
        // The connection registers; the writer may have committed, but not yet pushed, a few.
        m_pushes.clear();
        m_registered = m_last;
        const int late = m_random.bounded(4);
        for (qint64 n = std::max<qint64>(1, m_last - late + 1); n <= m_last; ++n)
            m_pushes.push_back(n);
        m_stream.emplace(m_isDevice ? DeliveryStream::ofDevice(Phone, Sequence {m_registered})
                                    : DeliveryStream::ofMailbox(idOf(1)));
        pump();
        for (int i = 0; i < steps; ++i)
            step();
        settle();
    }

    std::vector<qint64> received;
    std::map<qint64, quint64> versions;
    /** Never deleted. */
    std::vector<qint64> remaining() const
    {
        std::vector<qint64> all;
        for (const auto &[sequence, version] : m_rows)
            all.push_back(sequence);
        return all;
    }
    qint64 registered() const { return m_registered; }
    bool isLive() const { return m_stream->isLive(); }
    bool wantsToRead() { return m_stream->nextRead().has_value(); }
    int reads() const { return m_reads; }

private:
    void step()
    {
        switch (m_random.bounded(8)) {
        case 0:
        case 1:
            store();
            break;
        case 2:
            remove();
            break;
        case 3:
            m_room = m_room > 0 ? 0 : m_random.bounded(1, 6);
            pump();
            break;
        case 4:
        case 5:
            takePush();
            break;
        case 6:
            readPage(m_random.bounded(10) == 0);
            break;
        case 7:
            takePage();
            break;
        }
    }
    void settle()
    {
        m_room = 1'000'000;
        pump();
        bool isMoving = true;
        while (isMoving) {
            const bool hasPushed = takePush();
            const bool hasRead = readPage(false);
            const bool hasTaken = takePage();
            isMoving = hasPushed || hasRead || hasTaken;
            pump();
        }
    }

    void store()
    {
        const qint64 sequence = ++m_last;
        const quint64 version = m_random.bounded(3) ? quint64(m_random.bounded(5)) : ~quint64(0);
        m_rows[sequence] = version;
        versions[sequence] = version;
        m_pushes.push_back(sequence);
    }
    void remove()
    {
        if (m_rows.empty())
            return;
        auto it = m_rows.begin();
        std::advance(it, m_random.bounded(static_cast<int>(m_rows.size())));
        m_rows.erase(it);
    }
    bool takePush()
    {
        if (m_pushes.empty())
            return false;
        const qint64 pushed = m_pushes.front();
        m_pushes.pop_front();
        const bool hasPayload = m_random.bounded(10) != 0;
        if (hasPayload && m_stream->wants({pushed}) && m_room > 0) {
            --m_room;
            received.push_back(pushed);
            m_stream->wrote({pushed});
        } else {
            m_stream->remember({pushed});
            pump();
        }
        return true;
    }
    bool readPage(bool fails)
    {
        if (!m_query || m_page)
            return false;
        m_page.emplace();
        m_page->failed = fails;
        if (fails)
            return true;
        std::vector<StoredItem> found;
        for (const auto &[sequence, version] : m_rows) {
            if (matches(*m_query, sequence, version))
                found.push_back(item(sequence, version));
        }
        if (m_query->kind == PageQuery::Kind::DeviceBacklog)
            std::ranges::sort(found, {}, [](const StoredItem &stored) {
                return std::pair(stored.version, stored.sequence);
            });
        const auto limit = static_cast<size_t>(m_random.bounded(1, 5));
        m_page->isLast = found.size() < limit;
        found.resize(std::min(found.size(), limit));
        m_page->items = std::move(found);
        return true;
    }
    static bool matches(const PageQuery &query, qint64 sequence, quint64 version)
    {
        if (query.kind != PageQuery::Kind::DeviceBacklog)
            return sequence > query.after.value;
        return sequence <= query.upTo->value
            && (!query.afterVersion
                || std::pair(version, sequence)
                    > std::pair(*query.afterVersion, query.after.value));
    }
    bool takePage()
    {
        if (!m_page)
            return false;
        m_query.reset();
        const bool failed = m_page->failed;
        m_stream->page(*std::exchange(m_page, std::nullopt));
        // A store that cannot be read is asked again when time has passed.
        if (!failed || m_random.bounded(2))
            pump();
        return true;
    }
    void pump()
    {
        while (const StoredItem *head = m_stream->head()) {
            if (m_room == 0)
                return;
            --m_room;
            received.push_back(head->sequence.value);
            m_stream->popHead();
        }
        if (m_room == 0)
            return;
        if (const auto query = m_stream->nextRead()) {
            if (m_query)
                qFatal("a second page was asked for");
            m_query = query;
            ++m_reads;
        }
    }

    QRandomGenerator &m_random;
    const bool m_isDevice;
    std::map<qint64, quint64> m_rows;
    qint64 m_last = 0;
    qint64 m_registered = 0;
    std::optional<DeliveryStream> m_stream;
    /** From the writer: in order, and not later than they are taken. */
    std::deque<qint64> m_pushes;
    std::optional<PageQuery> m_query;
    /** From the reader: read, and on its way. */
    std::optional<ItemPage> m_page;
    int m_room = 3;
    int m_reads = 0;
};

} // namespace

void TestDeliveryStream::agreesWithANaiveMailbox()
{
    QRandomGenerator random(randomSeed());
    for (int round = 0; round < 3000; ++round) {
        Model model(random, PageQuery::Kind::Mailbox);
        const int steps = random.bounded(200);
        model.run(steps);
        QVERIFY(model.isLive());
        QVERIFY(!model.wantsToRead());
        QVERIFY(std::ranges::is_sorted(model.received));
        QVERIFY(std::ranges::adjacent_find(model.received) == model.received.end());
        QVERIFY(std::ranges::includes(model.received, model.remaining()));
        for (const qint64 sequence : model.received)
            QVERIFY(model.versions.contains(sequence));
        QVERIFY2(model.reads() <= steps + 50, QByteArray::number(model.reads()).constData());
    }
}

void TestDeliveryStream::agreesWithANaiveDevice()
{
    QRandomGenerator random(randomSeed());
    for (int round = 0; round < 3000; ++round) {
        Model model(random, PageQuery::Kind::DeviceBacklog);
        const int steps = random.bounded(200);
        model.run(steps);
        QVERIFY(model.isLive());
        QVERIFY(!model.wantsToRead());
        const auto &received = model.received;
        // What stood at registration, then the rest.
        const auto later = std::ranges::find_if(
            received, [&](qint64 sequence) { return sequence > model.registered(); });
        const auto byVersion = [&](qint64 sequence) {
            return std::pair(model.versions.at(sequence), sequence);
        };
        QVERIFY(std::ranges::is_sorted(received.begin(), later, {}, byVersion));
        QVERIFY(std::ranges::is_sorted(later, received.end()));
        auto sorted = received;
        std::ranges::sort(sorted);
        QVERIFY(std::ranges::adjacent_find(sorted) == sorted.end());
        QVERIFY(std::ranges::includes(sorted, model.remaining()));
        QVERIFY(later == received.end()
            || std::ranges::all_of(
                later, received.end(), [&](qint64 n) { return n > model.registered(); }));
    }
}

QTEST_APPLESS_MAIN(TestDeliveryStream)
#include "tst_deliverystream.moc"
