// SPDX-License-Identifier: GPL-3.0-or-later
#include "relayd/net/framegate.h"
#include "tests/fuzz/fuzzing.h"

#include <QByteArray>

#include <vector>

using namespace relay;
using namespace relay::test;

// The input: a byte for the limit, one for the number of cuts, a byte for the length of each chunk
// (they are used again from the first one), and then what a peer sends behind its head.

namespace {

/** RFC 6455, 5.2, as one reads it: one frame that `bytes` begin with. */
struct NaiveFrame {
    enum class Kind { Incomplete, Good, Close, Unmasked, Bad };
    Kind kind = Kind::Incomplete;
    quint64 size = 0;

    static NaiveFrame of(QByteArrayView bytes, quint64 maxPayload)
    {
        const auto at = [&](qsizetype n) { return static_cast<quint64>(uchar(bytes[n])); };
        if (bytes.size() < 2)
            return {};
        const bool isFinal = at(0) / 128 == 1;
        const quint64 reserved = at(0) / 16 % 8;
        const quint64 opCode = at(0) % 16;
        const bool isMasked = at(1) / 128 == 1;
        quint64 length = at(1) % 128;
        if (!isMasked)
            return {Kind::Unmasked, 0};
        const bool isData = opCode <= 2;
        const bool isControl = opCode == 8 || opCode == 9 || opCode == 10;
        if (reserved != 0 || (!isData && !isControl))
            return {Kind::Bad, 0};
        if (isControl && (!isFinal || length > 125))
            return {Kind::Bad, 0};
        qsizetype extra = 0;
        if (length >= 126) {
            extra = length == 126 ? 2 : 8;
            length = 0;
            // The decision falls when the mask would begin to matter: with the whole header.
            if (bytes.size() < 2 + extra + 4)
                return {};
            for (qsizetype n = 2; n < 2 + extra; ++n)
                length = length * 256 + at(n);
        }
        if (length > maxPayload)
            return {Kind::Bad, 0};
        const quint64 size = 2 + static_cast<quint64>(extra) + 4 + length;
        if (size > static_cast<quint64>(bytes.size()))
            return {};
        return {opCode == 8 ? Kind::Close : Kind::Good, size};
    }
};

using Kind = NaiveFrame::Kind;

/** Where the frames of a stream end, and how it ends; a frame that breaks the rules ends it. */
struct Framing {
    std::vector<quint64> ends;
    Kind last = Kind::Incomplete;

    bool operator==(const Framing &) const = default;
};

Framing naiveFraming(QByteArrayView stream, quint64 maxPayload)
{
    Framing framing;
    quint64 begin = 0;
    for (;;) {
        const auto frame = NaiveFrame::of(stream.sliced(static_cast<qsizetype>(begin)), maxPayload);
        framing.last = frame.kind;
        if (frame.kind != Kind::Good && frame.kind != Kind::Close)
            return framing;
        begin += frame.size;
        framing.ends.push_back(begin);
        if (frame.kind == Kind::Close)
            return framing;
    }
}

Kind kindOf(FrameGate::Verdict verdict)
{
    switch (verdict) {
    case FrameGate::Verdict::Incomplete:
        return Kind::Incomplete;
    case FrameGate::Verdict::Frame:
        return Kind::Good;
    case FrameGate::Verdict::CloseFrame:
        return Kind::Close;
    case FrameGate::Verdict::Unmasked:
        return Kind::Unmasked;
    }
    std::abort();
}

/** What a connection does with the gate, for a stream that arrives in chunks. */
class Gate {
public:
    explicit Gate(qint64 maxPayload)
        : m_maxPayload(maxPayload)
        , m_gate(maxPayload)
    {
    }

    /** False: the stream has ended, by Close or by a fault. */
    bool take(QByteArrayView chunk)
    {
        m_input.append(chunk);
        while (isOpen()) {
            const auto verdict = m_gate.inspect(m_input);
            const auto naive = NaiveFrame::of(m_input, static_cast<quint64>(m_maxPayload));
            m_framing.last = kindOf(verdict);
            if (naive.kind == Kind::Bad) {
                require(
                    verdict == FrameGate::Verdict::Frame && m_gate.frameSize() == m_input.size(),
                    "what breaks the rules is let through at once");
                m_framing.last = Kind::Bad;
                break;
            }
            require(m_framing.last == naive.kind, "a frame is judged as RFC 6455 says");
            if (naive.kind == Kind::Incomplete)
                return true;
            if (naive.kind == Kind::Unmasked)
                break;
            require(static_cast<quint64>(m_gate.frameSize()) == naive.size,
                "a frame is as long as RFC 6455 says");
            m_end += naive.size;
            m_framing.ends.push_back(m_end);
            m_input.remove(0, m_gate.frameSize());
        }
        return false;
    }
    const Framing &framing() const { return m_framing; }

private:
    bool isOpen() const
    {
        return m_framing.last == Kind::Incomplete || m_framing.last == Kind::Good;
    }

    const qint64 m_maxPayload;
    FrameGate m_gate;
    QByteArray m_input;
    quint64 m_end = 0;
    Framing m_framing;
};

} // namespace

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    constexpr qint64 MaxPayloads[] = {0, 1, 125, 126, 1024, 65535, 65536, 1048576};
    FuzzInput input({data, static_cast<qsizetype>(size)});
    const qint64 maxPayload = MaxPayloads[input.byte() % std::size(MaxPayloads)];
    const QByteArrayView cuts = input.bytes(input.byte() % 16);
    const QByteArrayView stream = input.rest();

    const Framing expected = naiveFraming(stream, static_cast<quint64>(maxPayload));
    Gate gate(maxPayload);
    FuzzInput rest(stream);
    for (qsizetype n = 0; !rest.isAtEnd(); ++n) {
        const qsizetype length =
            cuts.isEmpty() ? stream.size() : 1 + static_cast<uchar>(cuts[n % cuts.size()]);
        if (!gate.take(rest.bytes(length)))
            break;
    }
    // An unmasked or broken frame may be known before the rest of the stream is there.
    require(gate.framing() == expected, "a stream has the same frames however it is cut");
    return 0;
}
