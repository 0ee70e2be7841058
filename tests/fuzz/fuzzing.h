// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArrayView>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

/** What the fuzz targets share. */
namespace relay::test {

/** A property of the code under test: if it does not hold, the input is a finding, in any build. */
inline void require(bool holds, const char *property)
{
    if (holds)
        return;
    std::fprintf(stderr, "does not hold: %s\n", property);
    std::abort();
}

/** Takes an input apart from its front. Behind the end there are zeros. */
class FuzzInput {
public:
    explicit FuzzInput(QByteArrayView bytes)
        : m_rest(bytes)
    {
    }

    bool isAtEnd() const { return m_rest.isEmpty(); }
    quint8 byte() { return isAtEnd() ? 0 : static_cast<quint8>(bytes(1)[0]); }
    /** At most `count`. */
    QByteArrayView bytes(qsizetype count)
    {
        const QByteArrayView taken = m_rest.first(std::min(count, m_rest.size()));
        m_rest = m_rest.sliced(taken.size());
        return taken;
    }
    QByteArrayView rest() { return bytes(m_rest.size()); }

private:
    QByteArrayView m_rest;
};

} // namespace relay::test

/** What a target is: no more than one input at a time, and the same each time. Returns 0. */
extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
