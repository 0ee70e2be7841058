// SPDX-License-Identifier: GPL-3.0-or-later
#include <pthread.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <thread>
#include <utility>

/*
 * Preloaded into the relay: the destructors that libraries have set up for the end of a thread take
 * their time, as they do when the processor is wanted elsewhere. A process that ends itself
 * meanwhile frees what they use, so that is reported, and ends by a signal.
 */

/** The C library's own name for the function that is replaced: to look one up may allocate. */
extern "C" int __pthread_key_create(pthread_key_t *key, void (*destructor)(void *));

namespace {

using Destructor = void (*)(void *);

/** More than the libraries of the relay have. */
constexpr size_t MaxKeys = 64;
constexpr std::chrono::milliseconds Pause {20};

std::array<std::atomic<Destructor>, MaxKeys> destructors;
std::atomic<size_t> keys = 0;
std::atomic<int> running = 0;

/** What a library's destructor is called by: it is told nothing but the value. */
template <size_t Key>
void callSlowly(void *value)
{
    ++running;
    std::this_thread::sleep_for(Pause);
    destructors[Key].load()(value);
    --running;
}

template <size_t... Key>
constexpr std::array<Destructor, MaxKeys> callers(std::index_sequence<Key...>)
{
    return {callSlowly<Key>...};
}
constexpr auto slowDestructors = callers(std::make_index_sequence<MaxKeys>());

__attribute__((destructor)) void endOfProcess()
{
    if (running == 0)
        return;
    std::fputs("slowexit: the process ends before its threads\n", stderr);
    std::abort();
}

} // namespace

extern "C" int pthread_key_create(pthread_key_t *key, Destructor destructor)
{
    if (!destructor)
        return __pthread_key_create(key, nullptr);
    const size_t number = keys++;
    if (number >= MaxKeys)
        return __pthread_key_create(key, destructor);
    destructors[number] = destructor;
    return __pthread_key_create(key, slowDestructors[number]);
}
