// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtGlobal>

#include <utility>
#include <variant>

namespace relay {

/**
 * An error on its way into a Result: `return Err(ConfigError::OutOfRange);`
 */
template <typename E>
class Err {
public:
    explicit Err(E error)
        : m_error(std::move(error))
    {
    }
    E take() && { return std::move(m_error); }

private:
    E m_error;
};

/**
 * Either a value or the reason why there is none. For outcomes that are expected, never for bugs.
 *
 * (g++ 12 has no std::expected in C++20; this is the part of it that the relay uses.)
 */
template <typename T, typename E>
class [[nodiscard]] Result {
public:
    Result(T value)
        : m_state(std::in_place_index<0>, std::move(value))
    {
    }
    Result(Err<E> error)
        : m_state(std::in_place_index<1>, std::move(error).take())
    {
    }

    explicit operator bool() const { return m_state.index() == 0; }
    bool hasValue() const { return m_state.index() == 0; }

    T &value() &
    {
        auto *value = std::get_if<0>(&m_state);
        Q_ASSUME(value);
        return *value;
    }
    const T &value() const &
    {
        auto *value = std::get_if<0>(&m_state);
        Q_ASSUME(value);
        return *value;
    }
    T value() &&
    {
        auto *value = std::get_if<0>(&m_state);
        Q_ASSUME(value);
        return std::move(*value);
    }
    T *operator->() { return &value(); }
    const T *operator->() const { return &value(); }
    T &operator*() & { return value(); }
    const T &operator*() const & { return value(); }

    const E &error() const
    {
        const auto *error = std::get_if<1>(&m_state);
        Q_ASSUME(error);
        return *error;
    }

private:
    std::variant<T, E> m_state;
};

/** The value of a Result that has nothing to say but success. */
struct Done { };

} // namespace relay
