// SPDX-License-Identifier: GPL-3.0-or-later
#include "relayd/relay/inbox.h"
#include "relayd/relay/inflightbudget.h"
#include "relayd/relay/ioinboxes.h"

#include <QTest>

#include <atomic>
#include <memory>
#include <thread>

using namespace relay;

class TestInbox : public QObject {
    Q_OBJECT

private slots:
    void givesEverythingInOrder();
    void wakesOnceForABurst();
    void emptiesABatch();
    void ignoresAnEmptyBatch();
    void holdsWhatCanOnlyBeMoved();
    void keepsTheOrderOfEachPoster();
    void sortsMailByThread();
    void addsUpWhatIsInFlight();
};

void TestInbox::givesEverythingInOrder()
{
    Inbox<int> inbox([] {});
    inbox.post(1);
    std::vector<int> batch {2, 3};
    inbox.post(batch);
    inbox.post(4);
    QCOMPARE(inbox.take(), (std::vector<int> {1, 2, 3, 4}));
    QVERIFY(inbox.take().empty());
}

void TestInbox::wakesOnceForABurst()
{
    int wakes = 0;
    Inbox<int> inbox([&] { ++wakes; });
    for (int i = 0; i < 100; ++i)
        inbox.post(i);
    std::vector<int> batch {1, 2};
    inbox.post(batch);
    QCOMPARE(wakes, 1);
    inbox.take();
    QCOMPARE(wakes, 1);
    batch = {3};
    inbox.post(batch);
    QCOMPARE(wakes, 2);
}

void TestInbox::emptiesABatch()
{
    Inbox<int> inbox([] {});
    std::vector<int> batch {1, 2};
    inbox.post(batch); // into an empty inbox
    QVERIFY(batch.empty());
    batch = {3};
    inbox.post(batch); // behind something
    QVERIFY(batch.empty());
    QCOMPARE(inbox.take(), (std::vector<int> {1, 2, 3}));
}

void TestInbox::ignoresAnEmptyBatch()
{
    int wakes = 0;
    Inbox<int> inbox([&] { ++wakes; });
    std::vector<int> batch;
    inbox.post(batch);
    QCOMPARE(wakes, 0);
}

void TestInbox::holdsWhatCanOnlyBeMoved()
{
    Inbox<std::unique_ptr<int>> inbox([] {});
    inbox.post(std::make_unique<int>(1));
    std::vector<std::unique_ptr<int>> batch;
    batch.push_back(std::make_unique<int>(2));
    inbox.post(batch);
    const auto taken = inbox.take();
    QCOMPARE(taken.size(), size_t(2));
    QCOMPARE(*taken[1], 2);
}

void TestInbox::keepsTheOrderOfEachPoster()
{
    constexpr int PerPoster = 50'000;
    struct Value {
        int poster;
        int number;
    };
    std::atomic<int> wakes {0};
    Inbox<Value> inbox([&] {
        ++wakes;
        wakes.notify_one();
    });
    const auto post = [&](int poster) {
        std::vector<Value> batch;
        for (int i = 0; i < PerPoster; ++i) {
            if (i % 3) {
                batch.push_back({poster, i});
            } else {
                inbox.post(batch);
                inbox.post({poster, i});
            }
        }
        inbox.post(batch);
    };
    std::thread one(post, 0);
    std::thread two(post, 1);
    int next[2] = {0, 0};
    int inOrder = 0;
    // Sleeps only when nothing woke it since the last look: a lost wake-up would hang.
    for (int seen = 0; inOrder < 2 * PerPoster;) {
        wakes.wait(seen);
        seen = wakes.load();
        for (const Value &value : inbox.take()) {
            if (value.number == next[value.poster]++)
                ++inOrder;
        }
    }
    one.join();
    two.join();
    QCOMPARE(next[0], PerPoster);
    QCOMPARE(next[1], PerPoster);
    QVERIFY(inbox.take().empty());
}

void TestInbox::sortsMailByThread()
{
    int wakes = 0;
    Inbox<IoEvent> first([&] { ++wakes; });
    Inbox<IoEvent> second([&] { ++wakes; });
    const IoInboxes inboxes {&first, &second};
    IoMail mail(inboxes);
    const auto a = ConnectionId::of(0, 7);
    const auto b = ConnectionId::of(1, 7);
    QCOMPARE(a.ioThread(), 0);
    QCOMPARE(b.ioThread(), 1);
    mail.add(b, Receipt {b, "1", AckStatus::Delivered, {1}});
    mail.add(a, Receipt {a, "2", AckStatus::Delivered, {2}});
    mail.add(b, ItemPush {b, ItemKind::Blob, {3}, std::nullopt});
    QCOMPARE(wakes, 0);
    mail.post();
    QCOMPARE(wakes, 2);
    QCOMPARE(first.take().size(), size_t(1));
    const auto events = second.take();
    QCOMPARE(events.size(), size_t(2));
    QCOMPARE(std::get<Receipt>(events[0]).messageId, QByteArray("1"));
    QCOMPARE(std::get<ItemPush>(events[1]).sequence.value, 3);
    mail.post();
    QVERIFY(first.take().empty());
}

void TestInbox::addsUpWhatIsInFlight()
{
    InFlightBudget budget;
    QVERIFY(!budget.isOver());
    budget.take(InFlightBudget::MaxBytes - 1);
    QVERIFY(!budget.isOver());
    budget.take(1);
    QVERIFY(budget.isOver());
    budget.giveBack(1);
    QVERIFY(!budget.isOver());
    const auto work = [&] {
        for (int i = 0; i < 100'000; ++i) {
            budget.take(i);
            budget.giveBack(i);
        }
    };
    std::thread one(work);
    std::thread two(work);
    one.join();
    two.join();
    QCOMPARE(budget.bytes(), InFlightBudget::MaxBytes - 1);
}

QTEST_APPLESS_MAIN(TestInbox)
#include "tst_inbox.moc"
