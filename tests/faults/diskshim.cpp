// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/faults/diskcontrol.h"

#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

/*
 * Preloaded into the relay, stands between it and its data folder. Two things, each only if its
 * variable is set:
 *
 * DISKSHIM_SHADOW: keeps in that folder what a power cut would leave. A write goes to the real file
 * and is noted; a sync copies what was noted into the file's shadow; a sync of the folder writes
 * down its entries. So a file whose folder was not synced has no name, and what was not synced has
 * not happened. `-shm` is memory and has no shadow. That the data folder itself has a name on disk
 * is taken for granted.
 *
 * DISKSHIM_CONTROL: faults on demand, see diskcontrol.h. A sync that fails forgets what was noted,
 * as Linux does: the pages are taken for clean, and the next sync succeeds without them. Also as
 * there (since 4.13), each descriptor of the file is told of that once: whoever wrote by another
 * one what is now forgotten fails at its own next sync.
 */

namespace {

using relay::test::DiskControl;

template <typename Function>
Function real(const char *name, Function)
{
    return reinterpret_cast<Function>(::dlsym(RTLD_NEXT, name));
}
// The next definition of a function after this library's.
#define REAL(function)                                                                             \
    ([] {                                                                                          \
        static const auto next = real(#function, &::function);                                     \
        return next;                                                                               \
    }())

bool endsWith(const std::string &text, const std::string &end)
{
    return text.size() >= end.size()
        && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

struct Range {
    off_t from;
    size_t size;
};

/** One file of the data folder, whatever its name is. */
struct File {
    std::string shadow; ///< empty: has none
    std::vector<Range> unsynced;
    int failedSyncs = 0;
};

struct OpenFile {
    std::shared_ptr<File> file;
    int seenFailures = 0;
};

class Disk {
public:
    static Disk &instance()
    {
        // Never destroyed: others are closing files until the very end.
        static Disk *const disk = new Disk;
        return *disk;
    }

    DiskControl &control() { return *m_control; }

    bool isFolder(const char *path) const { return path == m_folder; }
    bool isInFolder(const char *path) const
    {
        return !m_folder.empty() && m_folder.size() < std::strlen(path)
            && m_folder.compare(0, m_folder.size(), path, m_folder.size()) == 0
            && path[m_folder.size()] == '/';
    }
    bool isWatched(int descriptor) const { return kind(descriptor) != Kind::Other; }
    bool isWatchedFile(int descriptor) const { return kind(descriptor) == Kind::File; }

    void opened(int descriptor, const char *path, bool isNew)
    {
        const size_t at = static_cast<size_t>(descriptor);
        if (descriptor < 0 || at >= m_kinds.size())
            return;
        if (isFolder(path)) {
            m_kinds[at] = Kind::Folder;
            return;
        }
        struct stat status { };
        if (!isInFolder(path) || ::fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode))
            return;
        m_kinds[at] = Kind::File;
        if (m_shadow.empty() || endsWith(path, "-shm"))
            return;
        const std::lock_guard lock(m_mutex);
        if (isNew || !m_files.contains(status.st_ino))
            m_files[status.st_ino] = newFile(status.st_ino);
        const auto &file = m_files[status.st_ino];
        m_open[descriptor] = {file, file->failedSyncs};
    }

    void closed(int descriptor)
    {
        if (!isWatched(descriptor))
            return;
        const std::lock_guard lock(m_mutex);
        m_open.erase(descriptor);
        m_kinds[static_cast<size_t>(descriptor)] = Kind::Other;
    }

    /** Does `write`, and notes what it wrote. */
    template <typename Write>
    ssize_t write(int descriptor, off_t at, Write write)
    {
        const std::lock_guard lock(m_mutex);
        const ssize_t written = write();
        const auto file = m_open.find(descriptor);
        if (written > 0 && file != m_open.end())
            file->second.file->unsynced.push_back({at, static_cast<size_t>(written)});
        return written;
    }

    /**
     * False, once for each descriptor: a sync of the file has failed meanwhile, by another one.
     * Asked after the sync, because what it was to write may be forgotten while it goes on.
     */
    bool synced(int descriptor)
    {
        const std::lock_guard lock(m_mutex);
        if (kind(descriptor) == Kind::Folder) {
            writeEntries();
            return true;
        }
        const auto open = m_open.find(descriptor);
        if (open == m_open.end())
            return true;
        File &file = *open->second.file;
        if (std::exchange(open->second.seenFailures, file.failedSyncs) != file.failedSyncs)
            return false;
        copyUnsynced(descriptor, file);
        return true;
    }

    void syncFailed(int descriptor)
    {
        const std::lock_guard lock(m_mutex);
        if (const auto file = m_open.find(descriptor); file != m_open.end()) {
            file->second.file->unsynced.clear();
            file->second.seenFailures = ++file->second.file->failedSyncs;
        }
    }

private:
    enum class Kind : char { Other, File, Folder };

    Disk()
        : m_folder(variable("DISKSHIM_FOLDER"))
        , m_shadow(variable("DISKSHIM_SHADOW"))
    {
        const std::string control = variable("DISKSHIM_CONTROL");
        const int file = control.empty() ? -1 : REAL(open)(control.c_str(), O_RDWR | O_CLOEXEC);
        void *const mapped = file < 0
            ? MAP_FAILED
            : ::mmap(nullptr, sizeof(DiskControl), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
        if (!control.empty() && mapped == MAP_FAILED)
            std::abort();
        m_control = mapped == MAP_FAILED ? &m_ownControl : static_cast<DiskControl *>(mapped);
        if (!m_shadow.empty())
            takeOver();
    }

    static std::string variable(const char *name)
    {
        const char *value = std::getenv(name);
        return value ? value : "";
    }

    Kind kind(int descriptor) const
    {
        const size_t at = static_cast<size_t>(descriptor);
        return descriptor >= 0 && at < m_kinds.size() ? m_kinds[at].load() : Kind::Other;
    }

    std::shared_ptr<File> newFile(ino_t inode)
    {
        auto file = std::make_shared<File>();
        file->shadow = std::to_string(inode) + "." + std::to_string(++m_generation);
        return file;
    }

    template <typename Visitor>
    void forEachFile(Visitor visit) const
    {
        DIR *const folder = ::opendir(m_folder.c_str());
        if (!folder)
            return;
        while (const dirent *entry = ::readdir(folder)) {
            struct stat status { };
            const std::string path = m_folder + "/" + entry->d_name;
            if (!endsWith(path, "-shm") && ::lstat(path.c_str(), &status) == 0
                && S_ISREG(status.st_mode))
                visit(std::string(entry->d_name), path, status);
        }
        ::closedir(folder);
    }

    /** What is there at the start is on disk. */
    void takeOver()
    {
        forEachFile([this](const std::string &, const std::string &path, const struct stat &is) {
            auto file = m_files[is.st_ino] = newFile(is.st_ino);
            file->unsynced.push_back({0, static_cast<size_t>(is.st_size)});
            const int descriptor = REAL(open)(path.c_str(), O_RDONLY | O_CLOEXEC);
            copyUnsynced(descriptor, *file);
            REAL(close)(descriptor);
        });
        writeEntries();
    }

    void writeEntries()
    {
        if (m_shadow.empty())
            return;
        std::string entries;
        forEachFile([&](const std::string &name, const std::string &, const struct stat &is) {
            if (const auto file = m_files.find(is.st_ino); file != m_files.end())
                entries += file->second->shadow + " " + name + "\n";
        });
        const std::string path = m_shadow + "/entries";
        const std::string partial = path + ".partial";
        const int file =
            REAL(open)(partial.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
        if (REAL(write)(file, entries.data(), entries.size())
            != static_cast<ssize_t>(entries.size()))
            std::abort();
        REAL(close)(file);
        ::rename(partial.c_str(), path.c_str());
    }

    void copyUnsynced(int from, File &file)
    {
        const std::string path = m_shadow + "/" + file.shadow;
        const int to = REAL(open)(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
        std::vector<char> bytes;
        for (const Range &range : file.unsynced) {
            bytes.resize(range.size);
            const ssize_t size = REAL(pread)(from, bytes.data(), bytes.size(), range.from);
            if (size > 0
                && REAL(pwrite)(to, bytes.data(), static_cast<size_t>(size), range.from) != size)
                std::abort();
        }
        struct stat status { };
        if (to < 0 || ::fstat(from, &status) != 0 || REAL(ftruncate)(to, status.st_size) != 0)
            std::abort();
        REAL(close)(to);
        file.unsynced.clear();
    }

    const std::string m_folder;
    const std::string m_shadow;
    DiskControl m_ownControl {};
    DiskControl *m_control = nullptr;
    std::mutex m_mutex;
    std::array<std::atomic<Kind>, 65536> m_kinds {};
    int m_generation = 0;
    std::map<ino_t, std::shared_ptr<File>> m_files;
    std::map<int, OpenFile> m_open;
};

Disk &disk()
{
    return Disk::instance();
}

/** True: the call fails, with errno set. */
bool fails(const std::atomic<int> &error)
{
    const int number = error;
    if (number == 0)
        return false;
    ++disk().control().failures;
    errno = number;
    return true;
}

int openWatched(const char *path, int flags, mode_t mode)
{
    if (!disk().isFolder(path) && !disk().isInFolder(path))
        return REAL(open)(path, flags, mode);
    const bool isNew = (flags & O_CREAT) != 0 && ::access(path, F_OK) != 0;
    if (isNew && fails(disk().control().writeError))
        return -1;
    const int descriptor = REAL(open)(path, flags, mode);
    disk().opened(descriptor, path, isNew);
    return descriptor;
}

int syncWatched(int descriptor, int (*sync)(int))
{
    if (!disk().isWatched(descriptor))
        return sync(descriptor);
    DiskControl &control = disk().control();
    if (control.syncHangs != 0) {
        ++control.hanging;
        while (control.syncHangs != 0)
            ::usleep(1000);
        --control.hanging;
    }
    if (fails(control.syncError)) {
        disk().syncFailed(descriptor);
        return -1;
    }
    if (!disk().isWatchedFile(descriptor) && fails(control.folderSyncError))
        return -1;
    const int result = sync(descriptor);
    if (result == 0 && !disk().synced(descriptor)) {
        errno = EIO;
        return -1;
    }
    return result;
}

} // namespace

extern "C" {

int open(const char *path, int flags, ...)
{
    va_list rest;
    va_start(rest, flags);
    const mode_t mode = (flags & O_CREAT) != 0 ? va_arg(rest, mode_t) : 0;
    va_end(rest);
    return openWatched(path, flags, mode);
}

int open64(const char *path, int flags, ...)
{
    va_list rest;
    va_start(rest, flags);
    const mode_t mode = (flags & O_CREAT) != 0 ? va_arg(rest, mode_t) : 0;
    va_end(rest);
    return openWatched(path, flags, mode);
}

int close(int descriptor)
{
    disk().closed(descriptor);
    return REAL(close)(descriptor);
}

ssize_t pwrite(int descriptor, const void *bytes, size_t size, off_t at)
{
    if (!disk().isWatchedFile(descriptor))
        return REAL(pwrite)(descriptor, bytes, size, at);
    if (fails(disk().control().writeError))
        return -1;
    return disk().write(descriptor, at, [&] { return REAL(pwrite)(descriptor, bytes, size, at); });
}

ssize_t pwrite64(int descriptor, const void *bytes, size_t size, off_t at)
{
    return pwrite(descriptor, bytes, size, at);
}

ssize_t write(int descriptor, const void *bytes, size_t size)
{
    if (!disk().isWatchedFile(descriptor))
        return REAL(write)(descriptor, bytes, size);
    if (fails(disk().control().writeError))
        return -1;
    return disk().write(descriptor, ::lseek(descriptor, 0, SEEK_CUR),
        [&] { return REAL(write)(descriptor, bytes, size); });
}

ssize_t pread(int descriptor, void *bytes, size_t size, off_t at)
{
    if (disk().isWatchedFile(descriptor) && fails(disk().control().readError))
        return -1;
    return REAL(pread)(descriptor, bytes, size, at);
}

ssize_t pread64(int descriptor, void *bytes, size_t size, off_t at)
{
    return pread(descriptor, bytes, size, at);
}

int ftruncate(int descriptor, off_t size) noexcept
{
    if (disk().isWatchedFile(descriptor) && fails(disk().control().writeError))
        return -1;
    return REAL(ftruncate)(descriptor, size);
}

int ftruncate64(int descriptor, off_t size) noexcept
{
    return ftruncate(descriptor, size);
}

int fsync(int descriptor)
{
    return syncWatched(descriptor, REAL(fsync));
}

int fdatasync(int descriptor)
{
    return syncWatched(descriptor, REAL(fdatasync));
}

int unlink(const char *path) noexcept
{
    if (disk().isInFolder(path) && disk().control().writeError != 0
        && disk().control().writeError != ENOSPC && fails(disk().control().writeError))
        return -1;
    return REAL(unlink)(path);
}

int statvfs(const char *path, struct statvfs *stats) noexcept
{
    const int result = REAL(statvfs)(path, stats);
    if (result == 0 && disk().control().isFull != 0)
        stats->f_bavail = 0;
    return result;
}

int clock_gettime(clockid_t clock, struct timespec *now) noexcept
{
    const int result = REAL(clock_gettime)(clock, now);
    if (result != 0 || clock != CLOCK_REALTIME)
        return result;
    const std::int64_t wrong = disk().control().wallClockMillis;
    const std::int64_t nanos = now->tv_nsec + wrong % 1000 * 1'000'000;
    now->tv_sec += wrong / 1000 + (nanos < 0 ? -1 : nanos / 1'000'000'000);
    now->tv_nsec = nanos < 0 ? nanos + 1'000'000'000 : nanos % 1'000'000'000;
    return result;
}

int gettimeofday(struct timeval *now, void *) noexcept
{
    timespec precise {};
    const int result = clock_gettime(CLOCK_REALTIME, &precise);
    *now = {precise.tv_sec, precise.tv_nsec / 1000};
    return result;
}

time_t time(time_t *stored) noexcept
{
    timespec precise {};
    clock_gettime(CLOCK_REALTIME, &precise);
    if (stored)
        *stored = precise.tv_sec;
    return precise.tv_sec;
}

} // extern "C"
