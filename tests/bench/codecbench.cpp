// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/protocol/codec.h"

#include <QRandomGenerator>

#include <benchmark/benchmark.h>

using namespace relay;

namespace {

Id randomId()
{
    Id id;
    QRandomGenerator::global()->generate(id.bytes.begin(), id.bytes.end());
    return id;
}

const QByteArray MessageId = "4b7c6f0e-8a53-4c1d-9d2e-1f0a7c3b5e6d";

Envelope updateOf(qint64 bytes)
{
    QByteArray ciphertext(bytes, Qt::Uninitialized);
    for (char &byte : ciphertext)
        byte = static_cast<char>(QRandomGenerator::global()->bounded(256));
    return {MessageId, 1'700'000'000,
        EncryptedUpdate {WrittenId::of(randomId()), WrittenId::of(randomId()), ciphertext}};
}

Envelope acknowledgment()
{
    return {MessageId, 1'700'000'000, Acknowledgment {MessageId, AckStatus::Stored, {}}};
}

void decode(benchmark::State &state, const Envelope &envelope)
{
    const QByteArray frame = encodeFrame(envelope);
    Decoder decoder;
    for (auto _ : state) {
        auto decoded = decoder.decode(frame);
        if (!decoded)
            state.SkipWithError("not decodable");
        benchmark::DoNotOptimize(decoded);
    }
    state.SetBytesProcessed(state.iterations() * frame.size());
}

void encode(benchmark::State &state, const Envelope &envelope)
{
    qsizetype size = 0;
    for (auto _ : state) {
        const QByteArray frame = encodeFrame(envelope);
        size = frame.size();
        benchmark::DoNotOptimize(frame.constData());
    }
    state.SetBytesProcessed(state.iterations() * size);
}

void decodeUpdate(benchmark::State &state)
{
    decode(state, updateOf(state.range(0)));
}
void encodeUpdate(benchmark::State &state)
{
    encode(state, updateOf(state.range(0)));
}
void decodeAcknowledgment(benchmark::State &state)
{
    decode(state, acknowledgment());
}
void encodeAcknowledgment(benchmark::State &state)
{
    encode(state, acknowledgment());
}

// Of ciphertext: nothing, the field's usual, a picture.
BENCHMARK(decodeUpdate)->Arg(0)->Arg(256)->Arg(65'536);
BENCHMARK(encodeUpdate)->Arg(0)->Arg(256)->Arg(65'536);
BENCHMARK(decodeAcknowledgment);
BENCHMARK(encodeAcknowledgment);

} // namespace

BENCHMARK_MAIN();
