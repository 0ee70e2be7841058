// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace relay::test {

/**
 * How often a test tries at random, of `unsanitized` times. Where a sanitizer is built in, each try
 * takes many times as long, and a third of them shows the faults of memory that it is for.
 */
constexpr int tries(int unsanitized)
{
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    return unsanitized / 3;
#else
    return unsanitized;
#endif
}

} // namespace relay::test
