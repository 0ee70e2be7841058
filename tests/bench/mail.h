// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/protocol/ids.h"

#include <QByteArray>

#include <optional>

/** What the load consists of: frames encoded once, in which only numbers are written over. */
namespace relay::bench {

/**
 * The ciphertexts of a run: all alike but for their number, which is in their first bytes, so that
 * each can be checked byte by byte without decoding.
 */
class Mail {
public:
    static constexpr int Digits = 12;

    /** `size` bytes each, at least Digits. The same in each run. */
    explicit Mail(int size);

    const QByteArray &ciphertext() const { return m_ciphertext; }
    /** Writes the number into the JSON of a ciphertext that begins at `array`, behind the '['. */
    static void number(char *array, quint64 number);
    /** Of an EncryptedUpdate; nothing if a byte of its ciphertext is wrong. */
    std::optional<quint64> numberIn(QByteArrayView json) const;

private:
    QByteArray m_ciphertext;
    /** Its JSON, from behind the digits up to and with the ']'. */
    QByteArray m_rest;
};

/** An EncryptedUpdate as a client sends it, numbered anew for each message. */
class UpdateFrame {
public:
    UpdateFrame(const Mail &mail, const Id &recipient);

    /** For the same recipient as all. */
    QByteArrayView numbered(quint64 number);
    /** For mailboxOf(number). */
    QByteArrayView toMailboxOf(quint64 number);
    /** A mailbox for this message only: anywhere among all, as mailboxes of people are. */
    Id mailboxOf(quint64 number) const;
    /** Of the connection that sends it, and to which this is a recipient. */
    const Id &recipient() const { return m_recipient; }

private:
    Id m_recipient;
    QByteArray m_frame;
    qsizetype m_idAt;
    qsizetype m_recipientAt;
    qsizetype m_arrayAt;
    quint64 m_salt;
};

/** A client's ReceivedByRecipient. */
class AckFrame {
public:
    AckFrame();
    /** `blob`: as delivered; a UUID from this relay, any text from others. */
    QByteArrayView of(QByteArrayView blob);

private:
    QByteArray m_frame;
    qsizetype m_idAt;
};

enum class AnswerKind { Stored, Delivered, ReceivedByRecipient, Failed, Update, Purged, Other };

/** What a message of the relay says, as far as the load has to know. */
struct Answer {
    AnswerKind kind = AnswerKind::Other;
    /** Of a status: the number of the message that it is about. */
    quint64 number = 0;
    /** Of an update: the blob's id. */
    QByteArrayView id;

    static Answer read(QByteArrayView json);
};

/** A PurgeRequest. Its answer comes when all that the connection sent before is committed. */
QByteArray purgeFrame();
/** Of a PurgeResponse: blobs_deleted. */
std::optional<quint64> blobsPurged(QByteArrayView json);

} // namespace relay::bench
