// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>

#include <string_view>

/**
 * The parts of JSON that the On-Demand parser leaves to its caller: whether a text that is skipped
 * is JSON at all, and what a string with escapes says.
 */
namespace relay::json {

/** Without JSON white space (space, tab, LF, CR) at either end. */
std::string_view trimmed(std::string_view text);

/**
 * Whether `text` is exactly one JSON value with nothing around it, in which arrays and objects nest
 * at most `levels` deep (not above 128). UTF-8 is not checked here. Linear, without recursion.
 */
bool isValue(std::string_view text, int levels);

enum class StringFault {
    None,
    LoneSurrogate, ///< the grammar is kept, but the string has no UTF-8 form
    Malformed,     ///< not a JSON string
};

/** `text`: what stands between the quotes. `out` is replaced by what it means, in UTF-8. */
StringFault unescape(std::string_view text, QByteArray &out);

} // namespace relay::json
