// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArrayView>

namespace relay {

/** Whether bytes that come in pieces are UTF-8 (RFC 3629), decided with the first that is not. */
class Utf8Check {
public:
    /** False: no continuation can make this UTF-8; nothing more may be fed. */
    bool feed(QByteArrayView bytes);
    /** What was fed does not end within a character. */
    bool isComplete() const { return m_missing == 0; }

private:
    bool begin(uchar byte);

    /** Octets that the character still needs, and the range of the next one. */
    uchar m_missing = 0;
    uchar m_lowest = 0x80;
    uchar m_highest = 0xbf;
};

} // namespace relay
