// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/protocol/codec.h"
#include "shared/protocol/framereader.h"

#include <QtEndian>

namespace relay {

namespace {

constexpr size_t SmallestCapacity = 4 * 1024;
/** Buffers that a larger frame made grow are not kept. */
constexpr size_t KeptCapacity = 256 * 1024;

} // namespace

struct Decoder::Private {
    bool reserve(size_t jsonSize);
    bool decode(QByteArrayView json, Envelope &envelope, DecodeError &error);

    simdjson::ondemand::parser parser;
    /** The JSON, and behind it the zeros that the parser may read. */
    std::vector<char> padded;
    FrameReader::Scratch scratch;
};

bool Decoder::Private::reserve(size_t jsonSize)
{
    if (jsonSize + simdjson::SIMDJSON_PADDING <= padded.size())
        return true;
    const size_t capacity = std::max({jsonSize, 2 * parser.capacity(), SmallestCapacity});
    padded.resize(capacity + simdjson::SIMDJSON_PADDING);
    scratch.bytes.resize(capacity / 2); // an element of a byte array takes at least two characters
    return parser.allocate(capacity) == simdjson::SUCCESS;
}

bool Decoder::Private::decode(QByteArrayView json, Envelope &envelope, DecodeError &error)
{
    error = DecodeError::Json;
    const auto size = static_cast<size_t>(json.size());
    if (json.startsWith("\xef\xbb\xbf") || !reserve(size))
        return false;
    std::memcpy(padded.data(), json.data(), size);
    std::memset(padded.data() + size, 0, simdjson::SIMDJSON_PADDING);

    simdjson::ondemand::document document;
    if (parser.iterate(padded.data(), size, padded.size()).get(document))
        return false;
    FrameReader reader(scratch);
    if (reader.read(document, envelope))
        return true;
    error = reader.error();
    return false;
}

Decoder::Decoder()
    : d(std::make_unique<Private>())
{
}

Decoder::~Decoder() = default;
Decoder::Decoder(Decoder &&) noexcept = default;
Decoder &Decoder::operator=(Decoder &&) noexcept = default;

Result<Decoded, DecodeError> Decoder::decode(QByteArrayView frame)
{
    if (frame.size() < PrefixSize)
        return Err(DecodeError::TooShort);
    const QByteArrayView json = frame.sliced(PrefixSize);

    Decoded decoded;
    decoded.prefixMismatch = qFromBigEndian<quint32>(frame.data()) != quint64(json.size());
    DecodeError error;
    const bool ok = d->decode(json, decoded.envelope, error);
    if (d->parser.capacity() > KeptCapacity)
        d = std::make_unique<Private>();
    if (!ok)
        return Err(error);
    return decoded;
}

} // namespace relay
