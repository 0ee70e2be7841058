// SPDX-License-Identifier: GPL-3.0-or-later
#include "relayd/net/utf8check.h"

namespace relay {

bool Utf8Check::feed(QByteArrayView bytes)
{
    for (const char c : bytes) {
        const auto byte = static_cast<uchar>(c);
        if (m_missing > 0) {
            if (byte < m_lowest || byte > m_highest)
                return false;
            --m_missing;
            m_lowest = 0x80;
            m_highest = 0xbf;
        } else if (byte >= 0x80 && !begin(byte)) {
            return false;
        }
    }
    return true;
}

bool Utf8Check::begin(uchar byte)
{
    // RFC 3629, 4: the second octet's range keeps out over-long forms, surrogates, and what is
    // above U+10FFFF.
    if (byte >= 0xc2 && byte <= 0xdf) {
        m_missing = 1;
    } else if (byte >= 0xe0 && byte <= 0xef) {
        m_missing = 2;
        if (byte == 0xe0)
            m_lowest = 0xa0;
        else if (byte == 0xed)
            m_highest = 0x9f;
    } else if (byte >= 0xf0 && byte <= 0xf4) {
        m_missing = 3;
        if (byte == 0xf0)
            m_lowest = 0x90;
        else if (byte == 0xf4)
            m_highest = 0x8f;
    } else {
        return false;
    }
    return true;
}

} // namespace relay
