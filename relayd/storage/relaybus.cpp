// SPDX-License-Identifier: GPL-3.0-or-later
#include "relayd/storage/relaybus.h"

#include "relayd/config/settings.h"

#include <QCryptographicHash>
#include <QLoggingCategory>
#include <QRandomGenerator>
#include <QSqlDriver>
#include <QVariant>
#include <QtEndian>

#include <openssl/evp.h>

#include <algorithm>
#include <memory>

namespace relay {

namespace {

Q_LOGGING_CATEGORY(lcBus, "relay.storage")

const QString Channel = QStringLiteral("vauchi_relay");

constexpr qsizetype NonceSize = 12;
constexpr qsizetype InstanceSize = 6;
constexpr qsizetype TagSize = 16;
/** Kind, id, device, sequence. */
constexpr qsizetype NoteSize = 1 + Id::Size + Id::Size + 8;
constexpr size_t NotesInPayload =
    static_cast<size_t>((BusSeal::MaxPayload * 3 / 4 - NonceSize - TagSize) / NoteSize);
/** Ids asked about in one statement. */
constexpr size_t LookedAtOnce = 500;

struct ContextDeleter {
    void operator()(EVP_CIPHER_CTX *context) const { EVP_CIPHER_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_CIPHER_CTX, ContextDeleter>;

const uchar *bytesOf(QByteArrayView view)
{
    return reinterpret_cast<const uchar *>(view.data());
}
uchar *bytesOf(QByteArray &bytes)
{
    return reinterpret_cast<uchar *>(bytes.data());
}

void append(QByteArray &to, const BusNote &note)
{
    to += static_cast<char>(note.kind);
    to += note.id.view();
    to += note.device.view();
    const qint64 sequence = qToBigEndian(note.sequence.value);
    to.append(reinterpret_cast<const char *>(&sequence), sizeof sequence);
}

} // namespace

// ---- BusSeal ----

BusSeal::BusSeal(const QByteArray &idKey)
    : m_key(QCryptographicHash::hash("vauchi-relay notes\0" + idKey, QCryptographicHash::Sha256))
    , m_instance(InstanceSize, Qt::Uninitialized)
{
    QRandomGenerator::system()->generate(m_instance.begin(), m_instance.end());
}

std::vector<QByteArray> BusSeal::seal(const std::vector<BusNote> &notes) const
{
    std::vector<QByteArray> payloads;
    for (size_t first = 0; first < notes.size(); first += NotesInPayload) {
        QByteArray plain;
        for (size_t i = first; i < std::min(notes.size(), first + NotesInPayload); ++i)
            append(plain, notes[i]);
        QByteArray random(NonceSize - InstanceSize, Qt::Uninitialized);
        QRandomGenerator::system()->generate(random.begin(), random.end());
        const QByteArray nonce = m_instance + random;
        QByteArray sealed(plain.size() + TagSize, Qt::Uninitialized);
        const Context context(EVP_CIPHER_CTX_new());
        int written = 0;
        const bool ok = context
            && EVP_EncryptInit_ex(
                context.get(), EVP_chacha20_poly1305(), nullptr, bytesOf(m_key), bytesOf(nonce))
            && EVP_EncryptUpdate(context.get(), bytesOf(sealed), &written, bytesOf(plain),
                static_cast<int>(plain.size()))
            && EVP_EncryptFinal_ex(context.get(), bytesOf(sealed) + written, &written)
            && EVP_CIPHER_CTX_ctrl(
                context.get(), EVP_CTRL_AEAD_GET_TAG, TagSize, bytesOf(sealed) + plain.size());
        if (!ok)
            qFatal("ChaCha20-Poly1305 is not available in this OpenSSL");
        payloads.push_back((nonce + sealed).toBase64());
    }
    return payloads;
}

bool BusSeal::isOwn(QByteArrayView payload) const
{
    return QByteArray::fromBase64(payload.toByteArray()).startsWith(m_instance);
}

std::optional<std::vector<BusNote>> BusSeal::open(QByteArrayView payload) const
{
    const auto decoded = QByteArray::fromBase64Encoding(
        payload.toByteArray(), QByteArray::AbortOnBase64DecodingErrors);
    const QByteArray &bytes = *decoded;
    const qsizetype size = bytes.size() - NonceSize - TagSize;
    if (!decoded || size < 0 || size % NoteSize != 0)
        return std::nullopt;
    QByteArray plain(size, Qt::Uninitialized);
    QByteArray tag = bytes.last(TagSize);
    const Context context(EVP_CIPHER_CTX_new());
    int written = 0;
    const bool ok = context
        && EVP_DecryptInit_ex(
            context.get(), EVP_chacha20_poly1305(), nullptr, bytesOf(m_key), bytesOf(bytes))
        && EVP_DecryptUpdate(context.get(), bytesOf(plain), &written,
            bytesOf(bytes.sliced(NonceSize)), static_cast<int>(size))
        && EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_TAG, TagSize, bytesOf(tag))
        && EVP_DecryptFinal_ex(context.get(), bytesOf(plain) + written, &written);
    if (!ok)
        return std::nullopt;
    std::vector<BusNote> notes;
    for (qsizetype at = 0; at < size; at += NoteSize) {
        const QByteArrayView one = QByteArrayView(plain).sliced(at, NoteSize);
        notes.push_back(
            {static_cast<BusNote::Kind>(one[0]), *Id::fromBytes(one.sliced(1, Id::Size)),
                *Id::fromBytes(one.sliced(1 + Id::Size, Id::Size)),
                {qFromBigEndian<qint64>(one.sliced(1 + 2 * Id::Size).data())}});
    }
    return notes;
}

// ---- RelayBus ----

RelayBus::RelayBus(RelayContext &relay, const IoInboxes &io)
    : m_relay(relay)
    , m_inbox([this] { QMetaObject::invokeMethod(this, &RelayBus::drain, Qt::QueuedConnection); })
    , m_mail(io)
    , m_tick(this)
{
    connect(&m_tick, &QTimer::timeout, this, &RelayBus::tick);
}

RelayBus::~RelayBus() = default;

void RelayBus::open(const PostgresConfig &config, const QByteArray &idKey)
{
    m_seal.emplace(idKey);
    m_connection.emplace(config);
    connect(m_connection->handle().driver(), &QSqlDriver::notification, this,
        [this](const QString &, QSqlDriver::NotificationSource source, const QVariant &payload) {
            if (source == QSqlDriver::OtherSource)
                received(payload.toString());
        });
    ensureListening();
    m_tick.start(std::chrono::seconds(1));
}

void RelayBus::close()
{
    drain();
    m_tick.stop();
    m_connection.reset();
}

void RelayBus::ensureListening()
{
    bool isNew = false;
    if (!m_connection->ensureOpen(&isNew)) {
        m_isListening = false;
        return;
    }
    if (m_isListening && !isNew)
        return;
    // A note that is lost with the server costs a delay only, so no commit of one waits for a disk.
    m_isListening = m_connection->exec(QStringLiteral("SET synchronous_commit = off"))
        && m_connection->handle().driver()->subscribeToNotification(Channel);
    if (!m_isListening) {
        m_connection->close();
        return;
    }
    // What came before is not heard of any more.
    m_lastLook = {};
    look();
}

void RelayBus::tick()
{
    ensureListening();
    if (m_isListening && m_relay.clock.now() - m_lastLook >= LookInterval)
        look();
}

void RelayBus::drain()
{
    std::vector<BusNote> notes = m_inbox.take();
    if (notes.empty() || !m_connection || !m_connection->isOpen())
        return;
    // An empty payload says: look.
    const auto payloads =
        notes.size() > MaxWaiting ? std::vector<QByteArray> {QByteArray()} : m_seal->seal(notes);
    QString text;
    for (const QByteArray &payload : payloads)
        text += QStringLiteral("SELECT pg_notify('%1', '%2');")
                    .arg(Channel, QString::fromLatin1(payload));
    if (!m_connection->exec(text))
        qCWarning(lcBus).noquote() << "the other relays could not be told of deliveries; they find "
                                      "them when they look:"
                                   << m_connection->lastFailure();
}

void RelayBus::received(const QString &payload)
{
    const QByteArray bytes = payload.toLatin1();
    if (bytes.isEmpty()) {
        look();
        return;
    }
    if (m_seal->isOwn(bytes))
        return;
    const auto notes = m_seal->open(bytes);
    if (!notes)
        return;
    for (const BusNote &note : *notes)
        handle(note);
    m_mail.post();
}

void RelayBus::handle(const BusNote &note)
{
    switch (note.kind) {
    case BusNote::Kind::Blob:
        announce(m_relay.presence.mailbox(note.id), ItemKind::Blob, note.sequence);
        break;
    case BusNote::Kind::DeviceMessage:
        announce(m_relay.presence.device({note.id, note.device}), ItemKind::DeviceMessage,
            note.sequence);
        break;
    case BusNote::Kind::Proven:
        if (!m_relay.settings.protectProvenIds)
            break;
        for (const ConnectionId user : m_relay.presence.usersOf(note.id))
            m_mail.add(user, IdProven {user, note.id});
        break;
    }
}

void RelayBus::announce(const Presence::Connections &to, ItemKind kind, Sequence sequence)
{
    // Without its payload: each connection reads it in its place.
    for (const ConnectionId connection : to)
        m_mail.add(connection, ItemPush {connection, kind, sequence, std::nullopt});
}

bool RelayBus::look()
{
    m_lastLook = m_relay.clock.now();
    const bool ok = lookAtMailboxes() && lookAtDevices() && lookAtProofs();
    m_mail.post();
    return ok;
}

bool RelayBus::lookAtMailboxes()
{
    const std::vector<Id> online = m_relay.presence.onlineMailboxes();
    for (size_t first = 0; first < online.size(); first += LookedAtOnce) {
        std::vector<QByteArray> ids;
        for (size_t i = first; i < std::min(online.size(), first + LookedAtOnce); ++i)
            ids.push_back(online[i].toBytes());
        QSqlQuery rows = m_connection->run(
            QStringLiteral("SELECT a.id, b.sequence FROM unnest(%1) AS a(id), LATERAL (SELECT "
                           "sequence FROM blobs WHERE recipient = a.id ORDER BY sequence DESC "
                           "LIMIT 1) AS b")
                .arg(PostgresText::array(ids)));
        if (!rows.isActive())
            return false;
        while (rows.next()) {
            if (const auto id = Id::fromBytes(rows.value(0).toByteArray()))
                handle({BusNote::Kind::Blob, *id, {}, {rows.value(1).toLongLong()}});
        }
    }
    return true;
}

bool RelayBus::lookAtDevices()
{
    const std::vector<DeviceKey> online = m_relay.presence.onlineDevices();
    for (size_t first = 0; first < online.size(); first += LookedAtOnce) {
        std::vector<QByteArray> clients;
        std::vector<QByteArray> devices;
        for (size_t i = first; i < std::min(online.size(), first + LookedAtOnce); ++i) {
            clients.push_back(online[i].client.toBytes());
            devices.push_back(online[i].device.toBytes());
        }
        QSqlQuery rows = m_connection->run(
            QStringLiteral("SELECT a.client, a.device, b.sequence FROM unnest(%1, %2) AS "
                           "a(client, device), LATERAL (SELECT sequence FROM device_messages AS m "
                           "WHERE m.client = a.client AND m.device = a.device "
                           "ORDER BY sequence DESC LIMIT 1) AS b")
                .arg(PostgresText::array(clients), PostgresText::array(devices)));
        if (!rows.isActive())
            return false;
        while (rows.next()) {
            const auto client = Id::fromBytes(rows.value(0).toByteArray());
            const auto device = Id::fromBytes(rows.value(1).toByteArray());
            if (client && device)
                handle(
                    {BusNote::Kind::DeviceMessage, *client, *device, {rows.value(2).toLongLong()}});
        }
    }
    return true;
}

bool RelayBus::lookAtProofs()
{
    if (!m_relay.settings.protectProvenIds)
        return true;
    const std::vector<Id> used = m_relay.presence.usedIds();
    for (size_t first = 0; first < used.size(); first += LookedAtOnce) {
        std::vector<QByteArray> ids;
        for (size_t i = first; i < std::min(used.size(), first + LookedAtOnce); ++i)
            ids.push_back(used[i].toBytes());
        QSqlQuery rows =
            m_connection->run(QStringLiteral("SELECT id FROM proven_ids WHERE id = ANY(%1)")
                                  .arg(PostgresText::array(ids)));
        if (!rows.isActive())
            return false;
        while (rows.next()) {
            if (const auto id = Id::fromBytes(rows.value(0).toByteArray()))
                handle({BusNote::Kind::Proven, *id, {}, {}});
        }
    }
    return true;
}

} // namespace relay
