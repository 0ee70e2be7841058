// SPDX-License-Identifier: GPL-3.0-or-later
//
// Distributions build Qt without ThreadSanitizer, which then does not see that Qt's event queues,
// semaphores and threads order what two threads do, and takes every call that crosses them for a
// race. Here the two functions of Qt through which this program crosses threads are wrapped (see
// --wrap in the CMakeLists.txt above) and tell it what they guarantee, and nothing more: a call
// comes after whatever its caller did before, a blocking caller goes on after the call, and whoever
// waits for a thread goes on after all that the thread did.

#include <QDeadlineTimer>
#include <QObject>
#include <QThread>

#include <sanitizer/tsan_interface.h>

// Of the sanitizer's runtime, and in no header of it.
extern "C" void AnnotateIgnoreWritesBegin(const char *file, int line);
extern "C" void AnnotateIgnoreWritesEnd(const char *file, int line);

namespace {

/** Stands for the ends of all threads: whoever waits for one may be ordered after others too. */
char anyThreadsEnd;

class SyncedSlot final : public QtPrivate::QSlotObjectBase {
public:
    explicit SyncedSlot(QtPrivate::QSlotObjectBase *slot)
        : QSlotObjectBase(&SyncedSlot::impl)
        , m_slot(slot)
    {
    }

private:
    static void impl(
        int which, QSlotObjectBase *base, QObject *receiver, void **arguments, bool *result)
    {
        auto *self = static_cast<SyncedSlot *>(base);
        switch (which) {
        case Destroy:
            __tsan_acquire(self);
            self->m_slot->destroyIfLastRef();
            delete self;
            break;
        case Call:
            __tsan_acquire(self);
            self->m_slot->call(receiver, arguments);
            __tsan_release(self);
            // It may be the last thing that this thread does.
            __tsan_release(&anyThreadsEnd);
            break;
        case Compare:
            *result = false;
            break;
        }
    }

    QtPrivate::QSlotObjectBase *const m_slot;
};

/** While it lives, this thread's writes are not looked at, if all it does is put a call into a
 * queue. */
class QueueWrites {
public:
    explicit QueueWrites(Qt::ConnectionType type)
        : m_isQueued(type == Qt::QueuedConnection)
    {
        if (m_isQueued)
            AnnotateIgnoreWritesBegin(__FILE__, __LINE__);
    }
    ~QueueWrites()
    {
        if (m_isQueued)
            AnnotateIgnoreWritesEnd(__FILE__, __LINE__);
    }
    QueueWrites(const QueueWrites &) = delete;
    QueueWrites &operator=(const QueueWrites &) = delete;

private:
    const bool m_isQueued;
};

} // namespace

extern "C" {

// QMetaObject::invokeMethodImpl(), to which every invokeMethod() with a functor comes
bool __real__ZN11QMetaObject16invokeMethodImplEP7QObjectPN9QtPrivate15QSlotObjectBaseEN2Qt14ConnectionTypeEPv(
    QObject *object, QtPrivate::QSlotObjectBase *slot, Qt::ConnectionType type, void *result);
bool __wrap__ZN11QMetaObject16invokeMethodImplEP7QObjectPN9QtPrivate15QSlotObjectBaseEN2Qt14ConnectionTypeEPv(
    QObject *object, QtPrivate::QSlotObjectBase *slot, Qt::ConnectionType type, void *result)
{
    auto *synced = new SyncedSlot(slot);
    __tsan_release(synced);
    const QueueWrites qtsOwn(type);
    const bool ok =
        __real__ZN11QMetaObject16invokeMethodImplEP7QObjectPN9QtPrivate15QSlotObjectBaseEN2Qt14ConnectionTypeEPv(
            object, synced, type, result);
    // By then it may be deleted: only its address counts.
    if (type == Qt::BlockingQueuedConnection)
        __tsan_acquire(synced);
    return ok;
}

// bool QThread::wait(QDeadlineTimer)
bool __real__ZN7QThread4waitE14QDeadlineTimer(QThread *thread, QDeadlineTimer deadline);
bool __wrap__ZN7QThread4waitE14QDeadlineTimer(QThread *thread, QDeadlineTimer deadline)
{
    const bool hasEnded = __real__ZN7QThread4waitE14QDeadlineTimer(thread, deadline);
    __tsan_acquire(&anyThreadsEnd);
    return hasEnded;
}
}
