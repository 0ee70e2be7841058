// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtGlobal>

namespace relay::test {

/**
 * A TCP port of 127.0.0.1 for a server that is started later, or more than once: nobody else is
 * given it meanwhile, and who connects while no server listens is refused. The server has to set
 * SO_REUSEADDR, as servers do.
 */
class HeldPort {
public:
    HeldPort();
    ~HeldPort();
    HeldPort(const HeldPort &) = delete;
    HeldPort &operator=(const HeldPort &) = delete;

    quint16 number() const { return m_number; }

private:
    int m_descriptor;
    quint16 m_number = 0;
};

} // namespace relay::test
