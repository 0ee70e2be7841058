// SPDX-License-Identifier: GPL-3.0-or-later
#include "relayd/net/framegate.h"

#include <QtEndian>

#include <algorithm>

namespace relay {

namespace {

// RFC 6455, 5.2
constexpr uchar FinalBit = 0x80;
constexpr uchar ReservedBits = 0x70;
constexpr uchar OpCodeBits = 0x0f;
constexpr uchar ControlBit = 0x08;
constexpr uchar MaskBit = 0x80;
constexpr uchar LengthBits = 0x7f;
constexpr uchar OpCodeText = 0x01;
constexpr uchar OpCodeBinary = 0x02;
constexpr uchar OpCodeClose = 0x08;
constexpr uchar Length16 = 126;
constexpr uchar Length64 = 127;
constexpr qsizetype MaskSize = 4;

bool isReserved(uchar opCode)
{
    return (opCode > 2 && opCode < 8) || opCode > 10;
}

} // namespace

FrameGate::Verdict FrameGate::inspect(QByteArrayView input)
{
    if (input.size() < 2)
        return Verdict::Incomplete;
    const auto first = static_cast<uchar>(input[0]);
    const auto second = static_cast<uchar>(input[1]);
    const auto opCode = static_cast<uchar>(first & OpCodeBits);
    const auto shortLength = static_cast<uchar>(second & LengthBits);
    if (!(second & MaskBit))
        return Verdict::Unmasked;
    if (opCode == OpCodeText || opCode == OpCodeBinary)
        m_isText = opCode == OpCodeText;

    const bool isControl = opCode & ControlBit;
    const bool breaksRules = (first & ReservedBits) || isReserved(opCode)
        || (isControl && (shortLength > 125 || !(first & FinalBit)));
    if (breaksRules) {
        m_frameSize = input.size();
        return Verdict::Frame;
    }

    qsizetype headerSize = 2 + MaskSize;
    quint64 payload = shortLength;
    if (shortLength == Length16) {
        headerSize += 2;
        if (input.size() < headerSize)
            return Verdict::Incomplete;
        payload = qFromBigEndian<quint16>(input.data() + 2);
    } else if (shortLength == Length64) {
        headerSize += 8;
        if (input.size() < headerSize)
            return Verdict::Incomplete;
        payload = qFromBigEndian<quint64>(input.data() + 2);
    }
    if (payload > static_cast<quint64>(m_maxFrameSize)) {
        m_frameSize = input.size();
        return Verdict::Frame;
    }
    m_frameSize = headerSize + static_cast<qsizetype>(payload);
    if (input.size() < m_frameSize)
        return Verdict::Incomplete;
    return opCode == OpCodeClose ? Verdict::CloseFrame : Verdict::Frame;
}

bool FrameGate::beginsText(char firstByte)
{
    return (static_cast<uchar>(firstByte) & OpCodeBits) == OpCodeText;
}

char FrameGate::asBinary(char firstByte)
{
    return static_cast<char>((static_cast<uchar>(firstByte) & ~OpCodeBits) | OpCodeBinary);
}

} // namespace relay
