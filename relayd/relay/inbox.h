// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <iterator>
#include <mutex>
#include <utility>
#include <vector>

namespace relay {

/**
 * A queue of values into one thread. Any thread posts; the owner takes everything at once.
 *
 * FIFO for each poster. The owner is woken once when the queue stops being empty, however much is
 * posted before it looks.
 */
template <typename T>
class Inbox {
public:
    /** `wake` is called on the poster's thread and must be thread-safe and cheap. */
    explicit Inbox(std::function<void()> wake)
        : m_wake(std::move(wake))
    {
    }
    Inbox(const Inbox &) = delete;
    Inbox &operator=(const Inbox &) = delete;

    void post(T value)
    {
        bool wasEmpty;
        {
            const std::lock_guard lock(m_mutex);
            wasEmpty = m_values.empty();
            m_values.push_back(std::move(value));
        }
        if (wasEmpty)
            m_wake();
    }

    /** Leaves `batch` empty. */
    void post(std::vector<T> &batch)
    {
        if (batch.empty())
            return;
        bool wasEmpty;
        {
            const std::lock_guard lock(m_mutex);
            wasEmpty = m_values.empty();
            if (wasEmpty)
                m_values.swap(batch);
            else
                m_values.insert(m_values.end(), std::make_move_iterator(batch.begin()),
                    std::make_move_iterator(batch.end()));
        }
        batch.clear();
        if (wasEmpty)
            m_wake();
    }

    /** For the owner: everything posted so far. */
    std::vector<T> take()
    {
        std::vector<T> values;
        const std::lock_guard lock(m_mutex);
        values.swap(m_values);
        return values;
    }

private:
    std::function<void()> m_wake;
    std::mutex m_mutex;
    std::vector<T> m_values;
};

} // namespace relay
