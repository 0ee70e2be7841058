// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/rawclient.h"

#include <QProcess>
#include <QTest>
#include <QtEndian>

#include <algorithm>
#include <array>

using namespace relay::test;

namespace {

constexpr int MessageLimit = 1024 * 1024;
constexpr std::array<int, 3> Reserved {0x40, 0x20, 0x10};
constexpr int Whole = 0;

/** What a server sends: not masked, in one frame. */
QByteArray serverFrame(int opCode, const QByteArray &payload)
{
    return clientFrame(opCode, payload, true, false);
}

QByteArray closePayload(int code, const QByteArray &reason = {})
{
    QByteArray payload(2, Qt::Uninitialized);
    qToBigEndian(static_cast<quint16>(code), payload.data());
    return payload + reason;
}

QByteArray closeFrame(int code, const QByteArray &reason = {})
{
    return clientFrame(OpClose, closePayload(code, reason));
}

/** A message in frames of `size` octets of payload. */
QByteArray fragments(int opCode, const QByteArray &message, qsizetype size)
{
    QByteArray frames;
    for (qsizetype at = 0; at == 0 || at < message.size(); at += size)
        frames += clientFrame(
            at == 0 ? opCode : OpContinuation, message.mid(at, size), at + size >= message.size());
    return frames;
}

/** A masked frame whose length is written in 2 or 8 octets, whether or not it needs them. */
QByteArray longHeader(int opCode, quint64 length, int octets)
{
    QByteArray frame;
    frame += static_cast<char>(0x80 | opCode);
    frame += static_cast<char>(octets == 2 ? 0xfe : 0xff);
    frame.resize(2 + octets);
    if (octets == 2)
        qToBigEndian(static_cast<quint16>(length), frame.data() + 2);
    else
        qToBigEndian(length, frame.data() + 2);
    return frame + QByteArray(4, '\0');
}

void columns()
{
    QTest::addColumn<QByteArray>("input");
    QTest::addColumn<QByteArray>("answer");
    QTest::addColumn<int>("code");
    QTest::addColumn<int>("chop");
}

/** The server answers `input` with `answer` and its own Close, and ends the connection. */
void ends(const QByteArray &name, const QByteArray &input, int code, const QByteArray &answer = {},
    int chop = Whole)
{
    const QByteArray chopped = " in chops of " + QByteArray::number(chop);
    QTest::newRow(name + (chop == Whole ? QByteArray() : chopped))
        << input << answer << code << chop;
}

/** The same, and the connection goes on until a Close that follows at once. */
void answers(
    const QByteArray &name, const QByteArray &input, const QByteArray &answer, int chop = Whole)
{
    ends(name, input + closeFrame(1000), 1000, answer, chop);
}

QByteArray nameOf(int opCode)
{
    return "opcode " + QByteArray::number(opCode, 16);
}

QList<QByteArray> fromHex(std::initializer_list<const char *> texts)
{
    QList<QByteArray> list;
    for (const char *text : texts)
        list.append(QByteArray::fromHex(text));
    return list;
}

} // namespace

/**
 * What RFC 6455 asks of a server once it is open, case by case, of the relay's own connections. The
 * groups are those of the Autobahn test suite (autobahn.sh), which needs more to be installed.
 */
class TestRfc6455 : public QObject {
    Q_OBJECT

private slots:
    void initTestCase();
    void cleanupTestCase();
    void framing_data();
    void framing() { exchange(); }
    void pings_data();
    void pings() { exchange(); }
    void reservedBits_data();
    void reservedBits() { exchange(); }
    void opCodes_data();
    void opCodes() { exchange(); }
    void fragmentation_data();
    void fragmentation() { exchange(); }
    void utf8_data();
    void utf8() { exchange(); }
    void closing_data();
    void closing() { exchange(); }
    void limits_data();
    void limits() { exchange(); }

private:
    void exchange();

    QProcess m_echo;
    quint16 m_port = 0;
};

void TestRfc6455::initTestCase()
{
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    environment.insert(QStringLiteral("RELAY_LISTEN_ADDR"), QStringLiteral("127.0.0.1:0"));
    environment.insert(QStringLiteral("RELAY_MAX_MESSAGE_SIZE"), QString::number(MessageLimit));
    m_echo.setProcessEnvironment(environment);
    m_echo.setProcessChannelMode(QProcess::ForwardedErrorChannel);
    m_echo.start(QStringLiteral(RELAY_ECHO), QStringList());
    QVERIFY(m_echo.waitForReadyRead(RawClient::Timeout));
    m_port = m_echo.readLine().trimmed().split(' ').last().toUShort();
    QVERIFY(m_port != 0);
}

void TestRfc6455::cleanupTestCase()
{
    // Still there after all of it, and in order.
    m_echo.terminate();
    QVERIFY(m_echo.waitForFinished(RawClient::Timeout));
    QCOMPARE(m_echo.exitStatus(), QProcess::NormalExit);
    QCOMPARE(m_echo.exitCode(), 0);
}

void TestRfc6455::exchange()
{
    QFETCH(QByteArray, input);
    QFETCH(QByteArray, answer);
    QFETCH(int, code);
    QFETCH(int, chop);

    RawClient client(m_port);
    QVERIFY(client.upgrade());
    const qsizetype size = chop == Whole ? input.size() : chop;
    for (qsizetype at = 0; at < input.size(); at += size)
        QVERIFY(client.sendBytes(input.mid(at, size)));

    // To the end of the connection, which is the server's to bring about (7.1.1).
    const QByteArray got = client.readAll();
    QVERIFY(!client.wasReset());
    QCOMPARE(got.first(std::min(answer.size(), got.size())).left(64), answer.left(64));
    QVERIFY(got.startsWith(answer));
    const QByteArray closing = got.sliced(answer.size());
    QVERIFY2(closing.size() >= 4, closing.toHex().constData());
    const QByteArray payload = closing.sliced(2);
    QCOMPARE(closing.toHex(), serverFrame(OpClose, payload).toHex());
    QCOMPARE(qFromBigEndian<quint16>(payload.constData()), code);
    QVERIFY(QString::fromUtf8(payload.sliced(2)).toUtf8() == payload.sliced(2));
}

void TestRfc6455::framing_data()
{
    columns();
    for (const int opCode : {OpText, OpBinary}) {
        const QByteArray kind = opCode == OpText ? "text" : "binary";
        const char octet = opCode == OpText ? '*' : '\xfe';
        for (const int size : {0, 1, 125, 126, 127, 128, 65535, 65536, 65537}) {
            const QByteArray payload(size, octet);
            const QByteArray name = kind + " of " + QByteArray::number(size);
            const QByteArray frame = clientFrame(opCode, payload);
            const QByteArray echo = serverFrame(opCode, payload);
            answers(name, frame, echo);
            answers(name, frame, echo, 997);
            if (size <= 128)
                answers(name, frame, echo, 1);
        }
        answers(kind + ": two at once", clientFrame(opCode, "a") + clientFrame(opCode, "b"),
            serverFrame(opCode, "a") + serverFrame(opCode, "b"));
    }
    answers("text, binary, text",
        clientFrame(OpText, "a") + clientFrame(OpBinary, "\xff") + clientFrame(OpText, "b"),
        serverFrame(OpText, "a") + serverFrame(OpBinary, "\xff") + serverFrame(OpText, "b"));

    // 5.2: the minimal number of octets, and the most significant bit 0.
    for (const int size : {0, 1, 125})
        ends("2 octets for " + QByteArray::number(size),
            longHeader(OpBinary, size, 2) + QByteArray(size, 'x'), 1002);
    for (const int size : {0, 125, 126, 65535})
        ends("8 octets for " + QByteArray::number(size),
            longHeader(OpBinary, size, 8) + QByteArray(size, 'x'), 1002);
    ends("length with its highest bit", longHeader(OpBinary, Q_UINT64_C(1) << 63, 8), 1002);
    ends("the highest length", longHeader(OpBinary, ~Q_UINT64_C(0), 8), 1002);

    // 5.1: a server closes upon an unmasked frame.
    for (const int opCode : {OpContinuation, OpText, OpBinary, OpClose, OpPing, OpPong}) {
        ends("unmasked, " + nameOf(opCode), clientFrame(opCode, "", true, false), 1002);
        ends("unmasked with payload, " + nameOf(opCode), clientFrame(opCode, "abcd", true, false),
            1002);
    }
    ends("unmasked after a message",
        clientFrame(OpText, "a") + clientFrame(OpText, "b", true, false), 1002,
        serverFrame(OpText, "a"));
}

void TestRfc6455::pings_data()
{
    columns();
    for (const int size : {0, 1, 2, 5, 124, 125}) {
        const QByteArray payload = QByteArray("\0\xff\xfe\xfd", 4).repeated(32).left(size);
        const QByteArray name = "ping of " + QByteArray::number(size);
        answers(name, clientFrame(OpPing, payload), serverFrame(OpPong, payload));
        answers(name, clientFrame(OpPing, payload), serverFrame(OpPong, payload), 1);
        answers(
            "unsolicited pong of " + QByteArray::number(size), clientFrame(OpPong, payload), {});
    }
    for (const int opCode : {OpPing, OpPong}) {
        for (const int size : {126, 127, 65535, 65536})
            ends(nameOf(opCode) + " of " + QByteArray::number(size),
                clientFrame(opCode, QByteArray(size, 'x')), 1002);
    }
    ends("a message before a bad ping",
        clientFrame(OpText, "a") + clientFrame(OpPing, QByteArray(126, 'x')), 1002,
        serverFrame(OpText, "a"));
    answers("pong, then ping", clientFrame(OpPong, "a") + clientFrame(OpPing, "b"),
        serverFrame(OpPong, "b"));
    QByteArray pings;
    QByteArray pongs;
    for (char c = '0'; c <= '9'; ++c) {
        pings += clientFrame(OpPing, QByteArray("payload-") + c);
        pongs += serverFrame(OpPong, QByteArray("payload-") + c);
    }
    answers("ten pings", pings, pongs);
    answers("ten pings", pings, pongs, 1);
    answers("pings between messages",
        clientFrame(OpText, "a") + clientFrame(OpPing, "p") + clientFrame(OpText, "b"),
        serverFrame(OpText, "a") + serverFrame(OpPong, "p") + serverFrame(OpText, "b"));
}

void TestRfc6455::reservedBits_data()
{
    columns();
    const QByteArray message = clientFrame(OpText, "a");
    const QByteArray echo = serverFrame(OpText, "a");
    for (int bits = 1; bits < 8; ++bits) {
        int reserved = 0;
        for (int i = 0; i < 3; ++i)
            reserved |= bits & (4 >> i) ? Reserved[i] : 0;
        const QByteArray with = "bits " + QByteArray::number(bits) + ", ";
        for (const int opCode : {OpText, OpBinary, OpClose, OpPing, OpPong}) {
            const QByteArray payload = opCode == OpClose ? closePayload(1000) : "x";
            const QByteArray frame = clientFrame(opCode | reserved, payload);
            ends(with + nameOf(opCode), frame, 1002);
            ends(with + nameOf(opCode) + " after a message", message + frame, 1002, echo);
            if (opCode >= OpClose)
                ends(with + nameOf(opCode) + " within a message",
                    clientFrame(OpText, "a", false) + frame, 1002);
        }
        ends(with + "continuation",
            clientFrame(OpText, "a", false) + clientFrame(OpContinuation | reserved, "b"), 1002);
        ends(with + "ping octet by octet", clientFrame(OpPing | reserved, "x").first(2), 1002, {},
            1);
    }
}

void TestRfc6455::opCodes_data()
{
    columns();
    for (const int opCode : {3, 4, 5, 6, 7, 0xb, 0xc, 0xd, 0xe, 0xf}) {
        const QByteArray name = nameOf(opCode);
        ends(name, clientFrame(opCode, ""), 1002);
        ends(name + " with payload", clientFrame(opCode, "payload"), 1002);
        ends(name + " not final", clientFrame(opCode, "", false), 1002);
        ends(name + " after a message", clientFrame(OpText, "a") + clientFrame(opCode, "b"), 1002,
            serverFrame(OpText, "a"));
        ends(name + " within a message", clientFrame(OpText, "a", false) + clientFrame(opCode, "b"),
            1002);
        ends(name + " before a ping", clientFrame(opCode, "b") + clientFrame(OpPing, "p"), 1002);
    }
}

void TestRfc6455::fragmentation_data()
{
    columns();
    for (const int opCode : {OpText, OpBinary}) {
        const QByteArray kind = opCode == OpText ? "text, " : "binary, ";
        const QByteArray begun = clientFrame(opCode, "fragment1", false);
        const QByteArray over = clientFrame(OpContinuation, "fragment2");
        const QByteArray echo = serverFrame(opCode, "fragment1fragment2");
        const QByteArray ping = clientFrame(OpPing, "ping");
        const QByteArray pong = serverFrame(OpPong, "ping");
        answers(kind + "two fragments", begun + over, echo);
        answers(kind + "two fragments", begun + over, echo, 1);
        answers(kind + "a ping between", begun + ping + over, pong + echo);
        answers(kind + "a ping between", begun + ping + over, pong + echo, 1);
        answers(kind + "a pong between", begun + clientFrame(OpPong, "pong") + over, echo);
        answers(kind + "empty fragments",
            clientFrame(opCode, "", false) + clientFrame(OpContinuation, "", false)
                + clientFrame(OpContinuation, ""),
            serverFrame(opCode, ""));
        answers(kind + "an empty one between",
            begun + clientFrame(OpContinuation, "", false) + over, echo);
        answers(kind + "pings between five",
            begun + ping + clientFrame(OpContinuation, "2", false) + ping
                + clientFrame(OpContinuation, "3", false) + clientFrame(OpContinuation, "4", false)
                + ping + clientFrame(OpContinuation, "5"),
            pong + pong + pong + serverFrame(opCode, "fragment12345"));
        for (const int size : {1, 7, 1300})
            answers(kind + "64 KiB in fragments of " + QByteArray::number(size * 10),
                fragments(opCode, QByteArray(65536, 'x'), size * 10),
                serverFrame(opCode, QByteArray(65536, 'x')));
        answers(kind + "a whole one after it", begun + over + clientFrame(opCode, "x"),
            echo + serverFrame(opCode, "x"));
        for (const int other : {OpText, OpBinary}) {
            const QByteArray name = kind + nameOf(other) + " within";
            ends(name, begun + clientFrame(other, "x"), 1002);
            ends(name + ", not final", begun + clientFrame(other, "x", false), 1002);
            ends(name + ", after the first continuation",
                begun + clientFrame(OpContinuation, "x", false) + clientFrame(other, "x"), 1002);
        }
        ends(kind + "a continuation after its end", begun + over + clientFrame(OpContinuation, "x"),
            1002, echo);
        ends(kind + "a Close between", begun + closeFrame(1000), 1000);
    }
    for (const bool isFinal : {true, false}) {
        const QByteArray frame = clientFrame(OpContinuation, "x", isFinal);
        const QByteArray name = isFinal ? "final continuation" : "continuation";
        ends(name + " of nothing", frame, 1002);
        ends(name + " of nothing, empty", clientFrame(OpContinuation, "", isFinal), 1002);
        ends(name + " of nothing, octet by octet", frame, 1002, {}, 1);
        ends(name + " after a whole message", clientFrame(OpText, "a") + frame, 1002,
            serverFrame(OpText, "a"));
        ends(name + " after a ping", clientFrame(OpPing, "p") + frame, 1002,
            serverFrame(OpPong, "p"));
    }
    for (const int opCode : {OpClose, OpPing, OpPong}) {
        const QByteArray payload = opCode == OpClose ? closePayload(1000) : "x";
        ends(nameOf(opCode) + " in fragments",
            clientFrame(opCode, payload, false) + clientFrame(OpContinuation, "y"), 1002);
        ends(nameOf(opCode) + " in fragments within a message",
            clientFrame(OpText, "a", false) + clientFrame(opCode, payload, false), 1002);
    }
}

void TestRfc6455::utf8_data()
{
    columns();
    const auto valid = fromHex({"", "68656c6c6f", "48656c6c6f2dc2b540c39fc3b6c3a4c3bcc3a0c3a1",
        "cebae1bdb9cf83cebcceb5", "00", "7f", "c280", "dfbf", "e0a080", "ed9fbf", "ee8080",
        "efbfbd", "efbfbe", "efbfbf", "efb790", "f0908080", "f09fbfbe", "f09fbfbf", "f48fbfbe",
        "f48fbfbf", "f09f9880", "61f09f988062", "efbbbf", "efbbbf61", "61efbbbf", "efbfbdefbfbd"});
    for (const QByteArray &text : valid) {
        const QByteArray name = "valid " + text.toHex() + ", ";
        const QByteArray echo = serverFrame(OpText, text);
        answers(name + "one frame", clientFrame(OpText, text), echo);
        answers(name + "one frame", clientFrame(OpText, text), echo, 1);
        answers(name + "octets as fragments", fragments(OpText, text, 1), echo);
    }
    const auto invalid = fromHex({"80", "bf", "8080", "c0", "c080", "c0af", "c1bf", "c2", "c220",
        "c328", "df", "e0", "e080af", "e09fbf", "e0a0", "e1bd", "e228a1", "e28228", "ef", "efbf",
        "eda080", "edadbf", "edae80", "edafbf", "edb080", "edbe80", "edbfbf", "eda080edb080",
        "edafbfedbfbf", "f08080af", "f08fbfbf", "f0288cbc", "f09028bc", "f0288c28", "f0908028",
        "f09080", "f09f98", "f4908080", "f5808080", "f7bfbfbf", "f888808080", "fbbfbfbfbf",
        "fc8480808080", "fdbfbfbfbfbf", "fe", "ff", "feff", "fffe",
        "cebae1bdb9cf83cebcceb5eda080656469746564", "cebae1bdb9cf83cebcceb5f4908080656469746564"});
    for (const QByteArray &text : invalid) {
        const QByteArray name = "invalid " + text.toHex() + ", ";
        ends(name + "one frame", clientFrame(OpText, text), 1007);
        ends(name + "octets as fragments", fragments(OpText, text, 1), 1007);
        ends(name + "after text", clientFrame(OpText, "a") + clientFrame(OpText, "b" + text), 1007,
            serverFrame(OpText, "a"));
        answers(name + "binary", clientFrame(OpBinary, text), serverFrame(OpBinary, text));
    }
    // 8.1 with 7.1.7: decided with the fragment that cannot be text, whatever would follow.
    for (const QByteArray &text : fromHex({"80", "c0", "eda0", "f490", "61ff"}))
        ends("invalid fragment " + text.toHex(), clientFrame(OpText, text, false), 1007);
    ends("invalid by the second fragment",
        clientFrame(OpText, "\xf4", false) + clientFrame(OpContinuation, "\x90", false), 1007);
    answers("a binary message after half a character's text",
        fragments(OpText, "\xf0\x9f\x98\x80", 2) + fragments(OpBinary, "\xf0\x9f\x98", 2),
        serverFrame(OpText, "\xf0\x9f\x98\x80") + serverFrame(OpBinary, "\xf0\x9f\x98"));
    answers("a ping within a character",
        clientFrame(OpText, "\xf0\x9f", false) + clientFrame(OpPing, "\xff")
            + clientFrame(OpContinuation, "\x98\x80"),
        serverFrame(OpPong, "\xff") + serverFrame(OpText, "\xf0\x9f\x98\x80"));
}

void TestRfc6455::closing_data()
{
    columns();
    // 5.5.1: answered with the same code.
    for (const int code :
        {1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999}) {
        const QByteArray name = "code " + QByteArray::number(code);
        ends(name, closeFrame(code), code);
        ends(name + " with a reason", closeFrame(code, "going"), code);
    }
    // 7.4.1, 7.4.2: not to be sent, or not assigned by the RFC.
    for (const int code : {0, 1, 999, 1004, 1005, 1006, 1012, 1013, 1014, 1015, 1016, 1100, 2000,
             2999, 5000, 65535}) {
        const QByteArray name = "bad code " + QByteArray::number(code);
        ends(name, closeFrame(code), 1002);
        ends(name + " with a reason", closeFrame(code, "going"), 1002);
    }
    ends("no code", clientFrame(OpClose, ""), 1000);
    ends("half a code", clientFrame(OpClose, "\x03"), 1002);
    ends("reason of 123", closeFrame(1000, QByteArray(123, '*')), 1000);
    ends("reason of 124", closeFrame(1000, QByteArray(124, '*')), 1002);
    ends("reason in UTF-8", closeFrame(1000, "\xce\xba\xe1\xbd\xb9"), 1000);
    for (const QByteArray &reason : fromHex({"ff", "ce", "eda080", "f4908080", "c0af"}))
        ends("reason " + reason.toHex(), closeFrame(1000, reason), 1007);
    for (const int chop : {Whole, 1}) {
        ends("octet by octet", closeFrame(1000, "bye"), 1000, {}, chop);
        const QByteArray close = closeFrame(1000);
        ends("a message before it", clientFrame(OpText, "a") + close, 1000,
            serverFrame(OpText, "a"), chop);
        ends("a message after it", close + clientFrame(OpText, "a"), 1000, {}, chop);
        ends("a ping after it", close + clientFrame(OpPing, "a"), 1000, {}, chop);
        ends("twice", close + close, 1000, {}, chop);
        ends("another code after it", close + closeFrame(1001), 1000, {}, chop);
        ends("a fault after it", close + clientFrame(3, "a"), 1000, {}, chop);
        ends("unmasked after it", close + clientFrame(OpText, "a", true, false), 1000, {}, chop);
    }
    ends("256 KiB before it", clientFrame(OpBinary, QByteArray(262144, 'x')) + closeFrame(1000),
        1000, serverFrame(OpBinary, QByteArray(262144, 'x')));
}

void TestRfc6455::limits_data()
{
    columns();
    for (const int opCode : {OpText, OpBinary}) {
        const QByteArray kind = opCode == OpText ? "text, " : "binary, ";
        const QByteArray largest(MessageLimit, 'x');
        answers(kind + "largest", clientFrame(opCode, largest), serverFrame(opCode, largest));
        answers(kind + "largest in fragments", fragments(opCode, largest, 65536),
            serverFrame(opCode, largest));
        answers(kind + "largest in chops", clientFrame(opCode, largest),
            serverFrame(opCode, largest), 997);
        ends(kind + "larger", clientFrame(opCode, largest + 'x'), 1009);
        ends(kind + "larger, its header alone", longHeader(opCode, MessageLimit + 1, 8), 1009);
        ends(kind + "4 GiB, its header alone", longHeader(opCode, Q_UINT64_C(1) << 32, 8), 1009);
        ends(kind + "larger in fragments", fragments(opCode, largest + 'x', 65536), 1009);
        ends(kind + "larger by the second fragment",
            clientFrame(opCode, largest, false) + clientFrame(OpContinuation, "x", false), 1009);
        ends(kind + "larger after a message",
            clientFrame(opCode, "a") + clientFrame(opCode, largest + 'x'), 1009,
            serverFrame(opCode, "a"));
    }
}

QTEST_GUILESS_MAIN(TestRfc6455)
#include "tst_rfc6455.moc"
