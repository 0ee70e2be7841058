// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/protocol/codec.h"
#include "tests/shared/frames.h"

#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QRegularExpression>
#include <QTest>

using namespace relay;
using namespace relay::test;
using namespace Qt::StringLiterals;

namespace {

QByteArray contentsOf(const QString &path)
{
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        qFatal("cannot read %s", qPrintable(path));
    return file.readAll();
}

QString lowerName(MessageType type)
{
    return QString::fromLatin1(toName(type).toByteArray().toLower());
}

QString inSources(const QString &path)
{
    return QStringLiteral(RELAY_SOURCE_DIR) + u'/' + path;
}

/** The objects of a file of vectors; a file that is missing or empty ends the test. */
QList<QJsonObject> vectorsOf(const QString &name)
{
    const QString path = inSources(u"tests/shared/vectors/"_s + name + u".json"_s);
    QJsonParseError error;
    const QJsonArray array = QJsonDocument::fromJson(contentsOf(path), &error).array();
    if (array.isEmpty())
        qFatal("no vectors in %s.json: %s", qPrintable(name), qPrintable(error.errorString()));
    QList<QJsonObject> vectors;
    for (const QJsonValue &value : array)
        vectors += value.toObject();
    return vectors;
}

QByteArray bytesOf(const QJsonObject &vector, QStringView key)
{
    return vector[key].toString().toUtf8();
}

QByteArray frameOf(const QJsonObject &vector)
{
    return QByteArray::fromHex(bytesOf(vector, u"frame_hex"));
}

void addRows(const QString &file)
{
    QTest::addColumn<QJsonObject>("vector");
    for (const QJsonObject &vector : vectorsOf(file))
        QTest::newRow(bytesOf(vector, u"name").constData()) << vector;
}

// --- What a message says, in the form of `fields` ---

QString form(const QByteArray &text)
{
    return QString::fromUtf8(text);
}
QString form(quint64 number)
{
    return QString::number(number);
}
QString form(const Id &id)
{
    return QString::fromLatin1(id.toHex());
}
QString form(const WrittenId &id)
{
    return QString::fromLatin1(id.toHex());
}
QString hexForm(QByteArrayView bytes)
{
    return QString::fromLatin1(bytes.toByteArray().toHex());
}

template <size_t N>
QString hexForm(const std::array<quint8, N> &bytes)
{
    return hexForm(QByteArrayView(reinterpret_cast<const char *>(bytes.data()), N));
}

template <typename T>
void addIfAny(QJsonObject &fields, const QString &name, const T &value)
{
    if (value)
        fields[name] = form(*value);
}

struct FieldsOf {
    QJsonObject operator()(const Unknown &) const { return {}; }
    QJsonObject operator()(const Invalid &) const { return {}; }
    QJsonObject operator()(const Handshake &m) const
    {
        QJsonObject fields {
            {u"client_id"_s, form(m.clientId)}, {u"suppress_presence"_s, m.suppressPresence}};
        addIfAny(fields, u"device_id"_s, m.deviceId);
        addIfAny(fields, u"routing_token"_s, m.routingToken);
        if (m.signature) {
            fields[u"identity_public_key"] = hexForm(m.signature->publicKey);
            fields[u"nonce"] = hexForm(m.signature->nonce);
            fields[u"signature"] = hexForm(m.signature->signature);
            fields[u"timestamp"] = form(m.signature->timestamp);
        }
        return fields;
    }
    QJsonObject operator()(const HandshakeAck &m) const
    {
        QJsonArray features;
        for (const QByteArray &feature : m.features)
            features += form(feature);
        QJsonObject fields {{u"protocol_version"_s, form(m.protocolVersion)},
            {u"server_version"_s, form(m.serverVersion)}, {u"features"_s, features}};
        if (m.limits) {
            fields[u"limits"] =
                QJsonObject {{u"max_message_size"_s, form(m.limits->maxMessageSize)},
                    {u"rate_limit_per_min"_s, form(m.limits->rateLimitPerMin)},
                    {u"blob_ttl_secs"_s, form(m.limits->blobTtlSecs)},
                    {u"max_blobs_per_recipient"_s, form(m.limits->maxBlobsPerRecipient)}};
        }
        return fields;
    }
    QJsonObject operator()(const EncryptedUpdate &m) const
    {
        QJsonObject fields {
            {u"recipient_id"_s, form(m.recipientId)}, {u"ciphertext"_s, hexForm(m.ciphertext)}};
        addIfAny(fields, u"sender_id"_s, m.senderId);
        return fields;
    }
    QJsonObject operator()(const Acknowledgment &m) const
    {
        QJsonObject fields {{u"message_id"_s, form(m.messageId)},
            {u"status"_s, form(toName(m.status).toByteArray())}};
        if (!m.blobId.isEmpty())
            fields[u"blob_id"] = form(m.blobId);
        return fields;
    }
    QJsonObject operator()(const RecoveryProofStore &m) const
    {
        return {{u"key_hash"_s, form(m.keyHash)}, {u"proof_data"_s, hexForm(m.proofData)}};
    }
    QJsonObject operator()(const RecoveryProofQuery &m) const
    {
        QJsonArray hashes;
        for (const Id &hash : m.keyHashes)
            hashes += form(hash);
        return {{u"key_hashes"_s, hashes}};
    }
    QJsonObject operator()(const RecoveryProofResponse &m) const
    {
        QJsonArray proofs;
        for (const RecoveryProof &proof : m.proofs)
            proofs += QJsonObject {
                {u"key_hash"_s, form(proof.keyHash)}, {u"proof_data"_s, hexForm(proof.proofData)}};
        QJsonObject fields {{u"proofs"_s, proofs}};
        if (m.truncated)
            fields[u"truncated"] = true;
        return fields;
    }
    QJsonObject operator()(const DeviceSyncMessage &m) const
    {
        return {{u"identity_id"_s, form(m.identityId)},
            {u"target_device_id"_s, form(m.targetDeviceId)},
            {u"sender_device_id"_s, form(m.senderDeviceId)},
            {u"encrypted_payload"_s, hexForm(m.encryptedPayload)}, {u"version"_s, form(m.version)}};
    }
    QJsonObject operator()(const DeviceSyncAck &m) const
    {
        return {{u"message_id"_s, form(m.messageId)}, {u"synced_version"_s, form(m.syncedVersion)}};
    }
    QJsonObject operator()(const PurgeRequest &m) const
    {
        QJsonObject fields {{u"include_device_sync"_s, m.includeDeviceSync},
            {u"include_recovery_proofs"_s, m.includeRecoveryProofs}};
        addIfAny(fields, u"recovery_key_hash"_s, m.recoveryKeyHash);
        return fields;
    }
    QJsonObject operator()(const PurgeResponse &m) const
    {
        return {{u"blobs_deleted"_s, form(m.blobsDeleted)},
            {u"device_sync_deleted"_s, form(m.deviceSyncDeleted)},
            {u"recovery_proofs_deleted"_s, form(m.recoveryProofsDeleted)}};
    }
    QJsonObject operator()(const AccountRevoked &m) const
    {
        return {{u"sender_id"_s, form(m.senderId)}, {u"recipient_id"_s, form(m.recipientId)},
            {u"timestamp"_s, form(m.timestamp)}, {u"signature"_s, hexForm(m.signature)}};
    }
    QJsonObject operator()(const ForwardingHints &m) const
    {
        QJsonArray hints;
        for (const ForwardingHint &hint : m.hints)
            hints += QJsonObject {{u"blob_id"_s, form(hint.blobId)},
                {u"relay_url"_s, form(hint.relayUrl)},
                {u"expires_at_secs"_s, form(hint.expiresAtSecs)}};
        return {{u"hints"_s, hints}};
    }
};

} // namespace

/** The vectors that other implementations may use, and the examples of the protocol's README. */
class TestVectors : public QObject {
    Q_OBJECT

private slots:
    void readsAndWritesEachVector_data();
    void readsAndWritesEachVector();
    void refusesWhatIsNotDecodable_data() { addRows(QStringLiteral("not_decodable")); }
    void refusesWhatIsNotDecodable();
    void readsWhatBreaksARuleAsInvalid_data() { addRows(QStringLiteral("invalid")); }
    void readsWhatBreaksARuleAsInvalid();
    void theExamplesOfTheReadmeAreVectors_data();
    void theExamplesOfTheReadmeAreVectors();
};

void TestVectors::readsAndWritesEachVector_data()
{
    QTest::addColumn<int>("type");
    QTest::addColumn<QJsonObject>("vector");
    for (const MessageType type : knownTypes()) {
        for (const QJsonObject &vector : vectorsOf(lowerName(type))) {
            const QByteArray name = toName(type).toByteArray() + ": " + bytesOf(vector, u"name");
            QTest::newRow(name.constData()) << static_cast<int>(type) << vector;
        }
    }
}

void TestVectors::readsAndWritesEachVector()
{
    QFETCH(int, type);
    QFETCH(QJsonObject, vector);
    const QByteArray frame = frameOf(vector);
    QCOMPARE(frame, relay::test::frameOf(bytesOf(vector, u"json")));
    QVERIFY(QStringList({u"client to relay"_s, u"relay to client"_s, u"both"_s})
                .contains(vector[u"direction"].toString()));

    Decoder decoder;
    const auto read = decoder.decode(frame);
    QVERIFY(read);
    QVERIFY(!read->prefixMismatch);
    const Envelope &envelope = read->envelope;
    QCOMPARE(static_cast<int>(typeOf(envelope.message)), type);
    QCOMPARE(bytesOf(vector, u"type"), toName(typeOf(envelope.message)).toByteArray());
    QCOMPARE(envelope.messageId, bytesOf(vector, u"message_id"));
    QCOMPARE(QByteArray::number(envelope.timestamp), bytesOf(vector, u"timestamp"));
    QCOMPARE(std::visit(FieldsOf(), envelope.message), vector[u"fields"].toObject());

    const QByteArray written = encodeFrame(envelope);
    if (vector[u"canonical"].toBool())
        QCOMPARE(written, frame);
    else
        QVERIFY(written != frame);
}

void TestVectors::refusesWhatIsNotDecodable()
{
    QFETCH(QJsonObject, vector);
    QVERIFY(vector.contains(u"frame_hex") && !bytesOf(vector, u"reason").isEmpty());
    QVERIFY(!Decoder().decode(frameOf(vector)));
}

void TestVectors::readsWhatBreaksARuleAsInvalid()
{
    QFETCH(QJsonObject, vector);
    QVERIFY(!bytesOf(vector, u"reason").isEmpty());
    QCOMPARE(frameOf(vector), relay::test::frameOf(bytesOf(vector, u"json")));
    const auto read = Decoder().decode(frameOf(vector));
    QVERIFY(read);
    QVERIFY(std::holds_alternative<Invalid>(read->envelope.message));
    QCOMPARE(toName(typeOf(read->envelope.message)).toByteArray(), bytesOf(vector, u"type"));
    QCOMPARE(read->envelope.messageId, bytesOf(vector, u"message_id"));
}

void TestVectors::theExamplesOfTheReadmeAreVectors_data()
{
    QTest::addColumn<QByteArrayList>("examples");
    const QString readme = QString::fromUtf8(contentsOf(inSources(u"shared/protocol/README.md"_s)));
    static const QRegularExpression chapter(
        QStringLiteral("\n## 3 (.*?)\n## 4 "), QRegularExpression::DotMatchesEverythingOption);
    static const QRegularExpression block(
        QStringLiteral("\n### [0-9.]+ (\\w+)\n|\n```json\n(.*?)\n```"),
        QRegularExpression::DotMatchesEverythingOption);
    QHash<QString, QByteArrayList> examples;
    QString heading;
    auto matches = block.globalMatch(chapter.match(readme).captured(1));
    while (matches.hasNext()) {
        const auto match = matches.next();
        if (match.hasCaptured(2))
            examples[heading] += match.captured(2).toUtf8();
        else
            heading = match.captured(1);
    }
    for (const MessageType type : knownTypes()) {
        const QByteArray name = toName(type).toByteArray();
        QTest::newRow(name.constData()) << examples.take(QString::fromLatin1(name));
    }
    for (auto it = examples.cbegin(); it != examples.cend(); ++it)
        qFatal("an example under \"%s\", which is no message", qPrintable(it.key()));
}

void TestVectors::theExamplesOfTheReadmeAreVectors()
{
    QFETCH(QByteArrayList, examples);
    QVERIFY2(!examples.isEmpty(), "a message without an example");
    const MessageType type = messageTypeFromName(QTest::currentDataTag());
    QByteArrayList canonical;
    for (const QJsonObject &vector : vectorsOf(lowerName(type))) {
        if (vector[u"canonical"].toBool())
            canonical += frameOf(vector);
    }
    for (const QByteArray &example : std::as_const(examples)) {
        const auto read = Decoder().decode(relay::test::frameOf(example));
        QVERIFY2(read, example.constData());
        QCOMPARE(typeOf(read->envelope.message), type);
        QVERIFY2(canonical.contains(encodeFrame(read->envelope)), example.constData());
    }
}

QTEST_APPLESS_MAIN(TestVectors)
#include "tst_vectors.moc"
