// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>

#include <cstdio>
#include <cstdlib>

namespace relay::bench {

/** Prints a complaint and ends the program with 1: a benchmark that fails has no figures. */
[[noreturn]] inline void fail(const QByteArray &what)
{
    std::fprintf(stderr, "relay-bench: %s\n", what.constData());
    // Threads and sockets end with the process.
    std::fflush(nullptr);
    std::_Exit(1);
}

} // namespace relay::bench
