// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>
#include <QByteArrayView>

#include <openssl/crypto.h>

#include <array>
#include <memory>
#include <optional>

using EVP_CIPHER_CTX = struct evp_cipher_ctx_st;

/**
 * `Noise_NK_25519_ChaChaPoly_BLAKE2s` (the Noise Protocol Framework, revision 34), on OpenSSL's
 * primitives: an initiator that knows the responder's public key, and the responder.
 */
namespace relay {

/** Bytes that are wiped when they go. */
template <size_t Size>
struct SecretBytes {
    std::array<quint8, Size> bytes {};

    SecretBytes() = default;
    SecretBytes(const SecretBytes &) = default;
    SecretBytes &operator=(const SecretBytes &) = default;
    ~SecretBytes() { OPENSSL_cleanse(bytes.data(), Size); }
};

using NoisePublicKey = std::array<quint8, 32>;

/** An X25519 key pair. */
class NoiseKey {
public:
    /** Of the form in which a key is kept: private, then public. */
    static constexpr int Size = 64;

    static NoiseKey generate();
    /** Nothing unless these are 64 bytes whose second half is the public key of the first. */
    static std::optional<NoiseKey> fromBytes(QByteArrayView bytes);
    static NoiseKey fromPrivate(const SecretBytes<32> &privateKey);

    const NoisePublicKey &publicKey() const { return m_public; }
    /** Secret: the caller wipes it. */
    QByteArray toBytes() const;
    /** X25519; nothing if the other key makes the result zero. */
    std::optional<SecretBytes<32>> sharedWith(const NoisePublicKey &other) const;

private:
    SecretBytes<32> m_private;
    NoisePublicKey m_public {};
};

/** base64url without padding, 43 characters: as GET /pubkey gives it. */
QByteArray toText(const NoisePublicKey &key);
std::optional<NoisePublicKey> noisePublicKeyFromText(QByteArrayView text);

/** One direction: a key, and the number of the next message under it. */
class NoiseCipher {
public:
    static constexpr qsizetype TagSize = 16;
    /** Of a message, tag included. */
    static constexpr qsizetype MaxMessageSize = 65535;
    /** Of what one message can carry. */
    static constexpr qsizetype MaxPlaintextSize = MaxMessageSize - TagSize;

    explicit NoiseCipher(const SecretBytes<32> &key);
    ~NoiseCipher();
    NoiseCipher(NoiseCipher &&) noexcept;
    NoiseCipher &operator=(NoiseCipher &&) noexcept;

    /** `plaintext`: at most MaxPlaintextSize bytes. */
    QByteArray encrypt(QByteArrayView plaintext, QByteArrayView associated = {});
    /** Nothing if it is not the next message under this key, or larger than MaxMessageSize. */
    std::optional<QByteArray> decrypt(QByteArrayView message, QByteArrayView associated = {});

private:
    std::array<quint8, 12> nextNonce();

    struct Deleter {
        void operator()(EVP_CIPHER_CTX *context) const;
    };
    std::unique_ptr<EVP_CIPHER_CTX, Deleter> m_context;
    quint64 m_number = 0;
};

/** What a finished handshake leaves. */
struct NoiseTransport {
    NoiseCipher send;
    NoiseCipher receive;
};

/** The two messages: the initiator writes and reads, the responder reads and writes. */
class NoiseHandshake {
public:
    /** What both messages carry in front on the wire (shared/protocol/README.md, 6). */
    static constexpr QByteArrayView Magic {"\0V2", 3};
    static constexpr qsizetype KeySize = 32;
    /** Of either message around an empty payload. */
    static constexpr qsizetype MessageSize = KeySize + NoiseCipher::TagSize;

    /** `ephemeral` is generated, but for published vectors. */
    static NoiseHandshake initiator(const NoisePublicKey &responder, QByteArrayView prologue = {},
        const NoiseKey &ephemeral = NoiseKey::generate());
    static NoiseHandshake responder(const NoiseKey &key, QByteArrayView prologue = {},
        const NoiseKey &ephemeral = NoiseKey::generate());

    QByteArray write(QByteArrayView payload = {});
    /** The payload. Nothing: it was not made for this key, or was changed; all is over then. */
    std::optional<QByteArray> read(QByteArrayView message);
    /** After both messages. */
    NoiseTransport split() const;
    /** The same for both sides, and for no other session. */
    QByteArray hash() const;

private:
    enum class Role { Initiator, Responder };
    using Hash = std::array<quint8, 32>;

    NoiseHandshake(Role role, const NoisePublicKey &responder, QByteArrayView prologue,
        const NoiseKey &ephemeral);
    void mixHash(QByteArrayView bytes);
    void mixKey(const SecretBytes<32> &input);
    /** After an ephemeral key has been sent or received: `es` in the first message, then `ee`. */
    bool mixSharedSecret();

    const Role m_role;
    const NoisePublicKey m_responder;
    /** The responder's own. */
    std::optional<NoiseKey> m_static;
    const NoiseKey m_ephemeral;
    NoisePublicKey m_remoteEphemeral {};
    Hash m_hash {};
    SecretBytes<32> m_chainingKey;
    std::optional<NoiseCipher> m_cipher;
    int m_messages = 0;
};

} // namespace relay
