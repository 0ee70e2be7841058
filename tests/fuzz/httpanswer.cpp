// SPDX-License-Identifier: GPL-3.0-or-later
#include "relay-admin/client/httpanswerreader.h"
#include "tests/fuzz/fuzzing.h"

using namespace relay::admin;
using namespace relay::test;

// The input is a cap for the body, the length of a piece, and what answers a GET.

namespace {

using State = HttpAnswerReader::State;

const QByteArray Ok = "HTTP/1.1 200 OK\r\n";

bool isSame(const HttpAnswerReader &left, const HttpAnswerReader &right)
{
    return left.state() == right.state() && left.status() == right.status()
        && left.mediaType() == right.mediaType() && left.body() == right.body();
}

/** In pieces of `piece` bytes; a verdict stays, whatever comes behind it. */
void readInPieces(HttpAnswerReader &reader, QByteArrayView bytes, qsizetype piece)
{
    for (; !bytes.isEmpty(); bytes = bytes.sliced(std::min(piece, bytes.size()))) {
        const State before = reader.state();
        const QByteArray body = reader.body();
        const State after = reader.read(bytes.first(std::min(piece, bytes.size())));
        require(reader.body().startsWith(body), "what was read stays");
        require(before == State::Incomplete || (after == before && reader.body() == body),
            "a verdict stays");
    }
}

void requireSense(const HttpAnswerReader &reader, QByteArrayView bytes, qsizetype maxBodyBytes)
{
    require(reader.body().size() <= maxBodyBytes, "there is no more body than there may be");
    require(reader.body().isEmpty() || reader.status() == 200 || reader.status() == 503,
        "other answers have no body");
    require(reader.status() == 0 || (reader.status() >= 200 && reader.status() <= 999),
        "a status has three digits, and is no interim one");
    require(reader.state() != State::Complete || reader.status() != 0, "an answer has a status");
    require(reader.state() != State::Incomplete || bytes.isEmpty()
            || bytes.startsWith(
                QByteArrayView("HTTP/1.").first(std::min<qsizetype>(7, bytes.size()))),
        "nobody waits for what is no HTTP");
    require(reader.status() != 0 || reader.state() != State::Incomplete
            || bytes.size() <= HttpAnswerReader::MaxHeadBytes,
        "nobody waits for the end of a head for ever");
    const QByteArray &type = reader.mediaType();
    require(type == type.toLower().trimmed() && !type.contains(';') && !type.contains("\r\n"),
        "a media type is in lower case, without parameters");
}

QByteArray chunked(QByteArrayView body, qsizetype piece)
{
    QByteArray bytes;
    for (; !body.isEmpty(); body = body.sliced(std::min(piece, body.size()))) {
        const QByteArrayView chunk = body.first(std::min(piece, body.size()));
        bytes += QByteArray::number(chunk.size(), 16) + "\r\n" + chunk.toByteArray() + "\r\n";
    }
    return bytes + "0\r\n";
}

/** What is written in a framing reads as the same; lacking a byte it is not taken for whole. */
void requireFraming(const QByteArray &answer, QByteArrayView body, qsizetype piece, bool hasEnd)
{
    HttpAnswerReader reader(body.size());
    readInPieces(reader, answer, piece);
    require(reader.readEnd() == State::Complete && reader.body() == body,
        "what is written reads as the same");
    HttpAnswerReader lacking(body.size());
    readInPieces(lacking, QByteArrayView(answer).chopped(1), piece);
    require(!hasEnd || lacking.readEnd() == State::Incomplete,
        "an answer that lacks a byte is not whole");
    if (body.isEmpty())
        return;
    HttpAnswerReader capped(body.size() - 1);
    readInPieces(capped, answer, piece);
    require(capped.readEnd() == State::TooLarge, "a byte beyond the cap is too much");
}

} // namespace

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    FuzzInput input({data, static_cast<qsizetype>(size)});
    const qsizetype maxBodyBytes = input.byte();
    const qsizetype piece = input.byte() + 1;
    const QByteArrayView bytes = input.rest();

    HttpAnswerReader whole(maxBodyBytes);
    whole.read(bytes);
    requireSense(whole, bytes, maxBodyBytes);
    for (const qsizetype length : {qsizetype(1), piece}) {
        HttpAnswerReader reader(maxBodyBytes);
        readInPieces(reader, bytes, length);
        require(isSame(reader, whole), "it reads the same however it is cut");
    }
    const State state = whole.state();
    const State end = whole.readEnd();
    require(end == state || (state == State::Incomplete && end == State::Complete),
        "the end changes no verdict");

    const QByteArray body = bytes.toByteArray();
    requireFraming(Ok + "\r\n" + body, body, piece, false);
    requireFraming(Ok + "Content-Length: " + QByteArray::number(body.size()) + "\r\n\r\n" + body,
        body, piece, !body.isEmpty());
    requireFraming(
        Ok + "Transfer-Encoding: chunked\r\n\r\n" + chunked(body, piece), body, piece, true);
    return 0;
}
