// SPDX-License-Identifier: GPL-3.0-or-later
#include "relayd/net/epolldispatcher.h"

#include "relayd/net/timerqueue.h"

#include <QCoreApplication>
#include <QSocketNotifier>

#include <errno.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <deque>
#include <utility>
#include <vector>

namespace relay {

namespace {

constexpr size_t EventsPerTurn = 256;

struct Kind {
    QSocketNotifier::Type type;
    uint32_t events;
};

/** The kinds of notifiers in the order in which those of one descriptor are served. */
constexpr std::array Kinds {Kind {QSocketNotifier::Read, EPOLLIN},
    Kind {QSocketNotifier::Write, EPOLLOUT}, Kind {QSocketNotifier::Exception, EPOLLPRI}};

/** A descriptor that has or had a notifier. Its number may come to name another file. */
struct Descriptor {
    std::array<QSocketNotifier *, Kinds.size()> notifiers {}; // by QSocketNotifier::Type
    std::array<bool, Kinds.size()> isReady {}; // stands in the list of those to be served
    bool isWatched = false;                    // is in the epoll set

    uint32_t wanted() const
    {
        uint32_t events = 0;
        for (const Kind &kind : Kinds)
            events |= notifiers[kind.type] ? kind.events : 0;
        return events;
    }
};

struct Ready {
    int descriptor;
    QSocketNotifier::Type type;
};

int orDie(int descriptor)
{
    if (descriptor < 0)
        qFatal("no file descriptor is left for an event loop (errno %d)", errno);
    return descriptor;
}

} // namespace

struct EpollDispatcher::Private {
    const int wakeUps = orDie(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    int epoll = -1;
    std::vector<Descriptor> descriptors; // by number
    std::deque<Ready> ready; // to be served; a nested loop goes on where the outer one is
    TimerQueue timers;

    quint64 turns = 0;

    // A waker sets isWoken and then looks at isBlocking, the dispatcher the other way round: at
    // least one sees the other. So waking a thread that is busy anyway costs no system call.
    std::atomic<bool> isWoken = false;
    std::atomic<bool> isBlocking = false;

    Private() { openEpoll(); }
    ~Private()
    {
        ::close(epoll);
        ::close(wakeUps);
    }

    void openEpoll();
    bool control(int operation, int descriptor, uint32_t events) const;
    bool watch(int descriptor);
    void unwatch(int descriptor);
    void wait(int timeout, QEventLoop::ProcessEventsFlags flags);
    void collect(int descriptor, uint32_t events);
    int serveDescriptors();
};

void EpollDispatcher::Private::openEpoll()
{
    if (epoll >= 0)
        ::close(epoll);
    epoll = orDie(epoll_create1(EPOLL_CLOEXEC));
    control(EPOLL_CTL_ADD, wakeUps, EPOLLIN);
    for (size_t i = 0; i < descriptors.size(); ++i) {
        if (descriptors[i].isWatched)
            watch(static_cast<int>(i));
    }
}

bool EpollDispatcher::Private::control(int operation, int descriptor, uint32_t events) const
{
    epoll_event event {};
    event.events = events;
    event.data.fd = descriptor;
    return epoll_ctl(epoll, operation, descriptor, &event) == 0;
}

/** Has epoll report what the descriptor's notifiers want. */
bool EpollDispatcher::Private::watch(int descriptor)
{
    Descriptor &entry = descriptors[static_cast<size_t>(descriptor)];
    const uint32_t events = entry.wanted();
    // A closed file has left the set by itself and its number may name another one by now, so what
    // we remember does not tell whether it is in.
    entry.isWatched = control(EPOLL_CTL_MOD, descriptor, events)
        || (errno == ENOENT && control(EPOLL_CTL_ADD, descriptor, events));
    return entry.isWatched;
}

/** Out of the set: epoll reports the hang-up of a member whether somebody wants it or not. */
void EpollDispatcher::Private::unwatch(int descriptor)
{
    descriptors[static_cast<size_t>(descriptor)].isWatched = false;
    control(EPOLL_CTL_DEL, descriptor, 0); // fails for a file that was closed, which is fine
}

/** Waits at most @p timeout milliseconds (-1: no limit) and lists what is ready. */
void EpollDispatcher::Private::wait(int timeout, QEventLoop::ProcessEventsFlags flags)
{
    if (flags.testFlag(QEventLoop::ExcludeSocketNotifiers)) {
        pollfd only {wakeUps, POLLIN, 0};
        if (::poll(&only, 1, timeout) > 0)
            collect(wakeUps, EPOLLIN);
        return;
    }
    std::array<epoll_event, EventsPerTurn> events;
    const int count = epoll_wait(epoll, events.data(), static_cast<int>(events.size()), timeout);
    for (int i = 0; i < count; ++i) {
        const epoll_event event = events[static_cast<size_t>(i)];
        collect(event.data.fd, event.events);
    }
}

void EpollDispatcher::Private::collect(int descriptor, uint32_t events)
{
    if (descriptor == wakeUps) {
        eventfd_t ignored = 0;
        eventfd_read(wakeUps, &ignored);
        return;
    }
    Descriptor &entry = descriptors[static_cast<size_t>(descriptor)];
    if (!entry.isWatched) {
        // The number was closed before its notifier was switched off, and the file lives on under
        // another number: such a member leaves the set only with the set.
        openEpoll();
        return;
    }
    for (const Kind &kind : Kinds) {
        const bool isReady = (events & (kind.events | EPOLLHUP | EPOLLERR)) != 0;
        if (isReady && entry.notifiers[kind.type] && !entry.isReady[kind.type]) {
            entry.isReady[kind.type] = true;
            ready.push_back({descriptor, kind.type});
        }
    }
}

int EpollDispatcher::Private::serveDescriptors()
{
    int served = 0;
    while (!ready.empty()) {
        const Ready next = ready.front();
        ready.pop_front();
        Descriptor &entry = descriptors[static_cast<size_t>(next.descriptor)];
        if (!std::exchange(entry.isReady[next.type], false))
            continue; // its notifier was switched off since
        QEvent event(QEvent::SockAct);
        QCoreApplication::sendEvent(entry.notifiers[next.type], &event);
        ++served;
    }
    return served;
}

EpollDispatcher::EpollDispatcher(QObject *parent)
    : QAbstractEventDispatcher(parent)
    , d(std::make_unique<Private>())
{
}

EpollDispatcher::~EpollDispatcher() = default;

bool EpollDispatcher::processEvents(QEventLoop::ProcessEventsFlags flags)
{
    const bool withNotifiers = !flags.testFlag(QEventLoop::ExcludeSocketNotifiers);
    const bool withTimers = !flags.testFlag(QEventLoop::X11ExcludeTimers);

    const quint64 turn = ++d->turns;
    emit awake();
    bool wasWoken = d->isWoken.exchange(false);
    QCoreApplication::sendPostedEvents();

    // If there were other turns meanwhile, in a nested loop, they may have taken the wake-up that
    // was to end ours.
    const bool mayBlock = flags.testFlag(QEventLoop::WaitForMoreEvents) && !wasWoken && !d->isWoken
        && turn == d->turns;
    int timeout = 0;
    if (mayBlock) {
        emit aboutToBlock();
        if (withTimers)
            timeout = d->timers.remainingToNext(TimerQueue::Clock::now()).value_or(-1);
        else
            timeout = -1;
        d->isBlocking = true;
        if (d->isWoken)
            timeout = 0;
    }
    d->wait(timeout, flags);
    d->isBlocking = false;
    wasWoken |= d->isWoken.exchange(false);

    const int served = withNotifiers ? d->serveDescriptors() : 0;
    const int fired = withTimers ? d->timers.fire(TimerQueue::Clock::now()) : 0;
    return wasWoken || served + fired > 0;
}

void EpollDispatcher::registerSocketNotifier(QSocketNotifier *notifier)
{
    const auto number = static_cast<int>(notifier->socket());
    if (static_cast<size_t>(number) >= d->descriptors.size())
        d->descriptors.resize(static_cast<size_t>(number) + 1);
    Descriptor &entry = d->descriptors[static_cast<size_t>(number)];
    entry.notifiers[notifier->type()] = notifier;
    entry.isReady[notifier->type()] = false;
    if (!d->watch(number))
        qWarning("epoll cannot watch descriptor %d (errno %d)", number, errno);
}

void EpollDispatcher::unregisterSocketNotifier(QSocketNotifier *notifier)
{
    const auto number = static_cast<int>(notifier->socket());
    if (static_cast<size_t>(number) >= d->descriptors.size())
        return;
    Descriptor &entry = d->descriptors[static_cast<size_t>(number)];
    if (entry.notifiers[notifier->type()] != notifier)
        return; // the number names another file by now, and that has a notifier of its own
    entry.notifiers[notifier->type()] = nullptr;
    entry.isReady[notifier->type()] = false;
    if (entry.wanted() == 0)
        d->unwatch(number);
    else
        d->watch(number);
}

void EpollDispatcher::registerTimer(
    int timerId, qint64 interval, Qt::TimerType timerType, QObject *object)
{
    d->timers.add(
        timerId, std::chrono::milliseconds(interval), timerType, object, TimerQueue::Clock::now());
}

bool EpollDispatcher::unregisterTimer(int timerId)
{
    return d->timers.remove(timerId);
}

bool EpollDispatcher::unregisterTimers(QObject *object)
{
    return d->timers.removeAll(object);
}

QList<QAbstractEventDispatcher::TimerInfo> EpollDispatcher::registeredTimers(QObject *object) const
{
    return d->timers.timersOf(object);
}

int EpollDispatcher::remainingTime(int timerId)
{
    return d->timers.remaining(timerId, TimerQueue::Clock::now()).value_or(-1);
}

void EpollDispatcher::wakeUp()
{
    d->isWoken = true;
    if (d->isBlocking.exchange(false))
        eventfd_write(d->wakeUps, 1);
}

void EpollDispatcher::interrupt()
{
    wakeUp(); // which ends the turn, and whoever called processEvents() looks around then
}

} // namespace relay
