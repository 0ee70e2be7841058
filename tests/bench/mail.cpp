// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/bench/mail.h"

#include "shared/protocol/codec.h"
#include "tests/bench/client.h"
#include "tests/bench/fail.h"

#include <QRandomGenerator>
#include <QtEndian>

#include <cstring>

namespace relay::bench {

namespace {

/** Of a blob's id. */
constexpr int UuidSize = 36;

/** A digit is a byte 100..109: three characters of JSON and a comma, whatever it is. */
constexpr char DigitBase = 100;
constexpr int CharactersOfDigit = 4;

/** Hex digits of an id that tell the mailbox of one message from that of another. */
constexpr int MailboxDigits = 16;

/** Scatters numbers that follow each other, as ids of people are (splitmix64). */
quint64 scattered(quint64 number)
{
    number += 0x9e3779b97f4a7c15;
    number = (number ^ (number >> 30)) * 0xbf58476d1ce4e5b9;
    number = (number ^ (number >> 27)) * 0x94d049bb133111eb;
    return number ^ (number >> 31);
}

void writeHex(char *digits, quint64 number)
{
    for (int i = 0; i < MailboxDigits; ++i, number >>= 4)
        digits[i] = "0123456789abcdef"[number & 0xf];
}

/** Where the text behind `key` begins, not before `from`; -1: nowhere. */
qsizetype behind(QByteArrayView json, QByteArrayView key, qsizetype from = 0)
{
    const void *found = ::memmem(json.data() + from, static_cast<size_t>(json.size() - from),
        key.data(), static_cast<size_t>(key.size()));
    return found ? static_cast<const char *>(found) - json.data() + key.size() : -1;
}

QByteArrayView textAt(QByteArrayView json, qsizetype at)
{
    const qsizetype end = at < 0 ? -1 : json.indexOf('"', at);
    return end < 0 ? QByteArrayView() : json.sliced(at, end - at);
}

} // namespace

Mail::Mail(int size)
    : m_ciphertext(size, DigitBase)
{
    if (size < Digits)
        fail("a message has at least 12 bytes");
    QRandomGenerator bytes(1);
    for (qsizetype i = Digits; i < size; ++i)
        m_ciphertext[i] = static_cast<char>(bytes.bounded(256));
    for (qsizetype i = Digits; i < size; ++i)
        m_rest += QByteArray::number(static_cast<quint8>(m_ciphertext[i])) + ',';
    m_rest.chop(m_rest.isEmpty() ? 0 : 1);
    m_rest += ']';
}

void Mail::number(char *array, quint64 number)
{
    for (int i = Digits - 1; i >= 0; --i) {
        array[i * CharactersOfDigit + 2] = static_cast<char>('0' + number % 10);
        number /= 10;
    }
}

std::optional<quint64> Mail::numberIn(QByteArrayView json) const
{
    constexpr qsizetype NumberSize = Digits * CharactersOfDigit;
    const bool isOnlyNumber = m_rest.size() == 1;
    const qsizetype at = behind(json, "\"ciphertext\":[");
    // The last byte has no comma behind it.
    const qsizetype restAt = at + NumberSize - (isOnlyNumber ? 1 : 0);
    if (at < 0 || json.size() - restAt < m_rest.size()
        || std::memcmp(json.data() + restAt, m_rest.constData(), m_rest.size()) != 0)
        return std::nullopt;
    quint64 number = 0;
    for (int i = 0; i < Digits; ++i) {
        const char *digit = json.data() + at + i * CharactersOfDigit;
        const bool hasComma = digit[3] == ',' || (isOnlyNumber && i == Digits - 1);
        if (digit[0] != '1' || digit[1] != '0' || digit[2] < '0' || digit[2] > '9' || !hasComma)
            return std::nullopt;
        number = number * 10 + static_cast<quint64>(digit[2] - '0');
    }
    return number;
}

UpdateFrame::UpdateFrame(const Mail &mail, const Id &recipient)
    : m_recipient(recipient)
    , m_frame(maskedFrame(encodeFrame({QByteArray(Mail::Digits, 'x'), 1'700'000'000,
          EncryptedUpdate {
              WrittenId::of(recipient), WrittenId::of(randomId()), mail.ciphertext()}})))
    , m_idAt(m_frame.indexOf(QByteArray(Mail::Digits, 'x')))
    , m_recipientAt(behind(m_frame, "\"recipient_id\":\""))
    , m_arrayAt(behind(m_frame, "\"ciphertext\":["))
    , m_salt(qFromUnaligned<quint64>(recipient.bytes.data()))
{
}

QByteArrayView UpdateFrame::numbered(quint64 number)
{
    quint64 rest = number;
    for (int i = Mail::Digits - 1; i >= 0; --i) {
        m_frame.data()[m_idAt + i] = static_cast<char>('0' + rest % 10);
        rest /= 10;
    }
    Mail::number(m_frame.data() + m_arrayAt, number);
    return m_frame;
}

QByteArrayView UpdateFrame::toMailboxOf(quint64 number)
{
    numbered(number);
    writeHex(m_frame.data() + m_recipientAt, scattered(m_salt + number));
    return m_frame;
}

Id UpdateFrame::mailboxOf(quint64 number) const
{
    QByteArray hex = m_recipient.toHex();
    writeHex(hex.data(), scattered(m_salt + number));
    return *Id::fromHex(hex);
}

AckFrame::AckFrame()
    : m_frame(maskedFrame(encodeFrame({"ack", 1'700'000'000,
        Acknowledgment {QByteArray(UuidSize, 'x'), AckStatus::ReceivedByRecipient, {}}})))
    , m_idAt(m_frame.indexOf(QByteArray(UuidSize, 'x')))
{
}

QByteArrayView AckFrame::of(QByteArrayView blob)
{
    if (blob.size() != UuidSize)
        fail("a blob's id is no UUID");
    std::memcpy(m_frame.data() + m_idAt, blob.data(), UuidSize);
    return m_frame;
}

Answer Answer::read(QByteArrayView json)
{
    Answer answer;
    const qsizetype payload = behind(json, "\"payload\":");
    if (payload < 0)
        return answer;
    const QByteArrayView type = textAt(json, behind(json, "\"type\":\"", payload));
    if (type == "EncryptedUpdate") {
        answer.kind = AnswerKind::Update;
        answer.id = textAt(json, behind(json, "\"message_id\":\""));
    } else if (type == "Acknowledgment") {
        const QByteArrayView status = textAt(json, behind(json, "\"status\":\"", payload));
        if (status == "Stored")
            answer.kind = AnswerKind::Stored;
        else if (status == "Delivered")
            answer.kind = AnswerKind::Delivered;
        else if (status == "ReceivedByRecipient")
            answer.kind = AnswerKind::ReceivedByRecipient;
        else if (status == "Failed")
            answer.kind = AnswerKind::Failed;
        answer.number = textAt(json, behind(json, "\"message_id\":\"", payload)).toULongLong();
    } else if (type == "PurgeResponse") {
        answer.kind = AnswerKind::Purged;
    }
    return answer;
}

QByteArray purgeFrame()
{
    return maskedFrame(encodeFrame({"purge", 1'700'000'000, PurgeRequest {}}));
}

std::optional<quint64> blobsPurged(QByteArrayView json)
{
    const qsizetype at = behind(json, "\"blobs_deleted\":");
    if (at < 0)
        return std::nullopt;
    qsizetype end = at;
    while (end < json.size() && json[end] >= '0' && json[end] <= '9')
        ++end;
    return json.sliced(at, end - at).toULongLong();
}

} // namespace relay::bench
