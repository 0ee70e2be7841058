// SPDX-License-Identifier: GPL-3.0-or-later
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <cstdlib>

// Preloaded into a relay that is measured: counts its syncs in the file SYNCCOUNT_FILE, 8 bytes,
// so that a run can prove that the disk was waited for.
namespace {

std::atomic<std::uint64_t> *counter()
{
    static auto *const shared = [] {
        const char *name = std::getenv("SYNCCOUNT_FILE");
        const int file = name ? ::open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0600) : -1;
        constexpr size_t Size = sizeof(std::atomic<std::uint64_t>);
        if (file < 0 || ::ftruncate(file, Size) != 0)
            std::abort();
        void *memory = ::mmap(nullptr, Size, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
        ::close(file);
        if (memory == MAP_FAILED)
            std::abort();
        return static_cast<std::atomic<std::uint64_t> *>(memory);
    }();
    return shared;
}

int sync(const char *name, int descriptor)
{
    using Function = int (*)(int);
    const auto real = reinterpret_cast<Function>(::dlsym(RTLD_NEXT, name));
    const int result = real(descriptor);
    if (result == 0)
        counter()->fetch_add(1, std::memory_order_relaxed);
    return result;
}

/** From the start on there is a file that says 0. */
[[maybe_unused]] const auto *const atStart = counter();

} // namespace

extern "C" int fsync(int descriptor)
{
    return sync("fsync", descriptor);
}

extern "C" int fdatasync(int descriptor)
{
    return sync("fdatasync", descriptor);
}
