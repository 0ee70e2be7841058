// SPDX-License-Identifier: GPL-3.0-or-later
#include "relayd/net/framegate.h"
#include "tests/support/fakes.h"
#include "tests/support/rawclient.h"

#include <QTest>
#include <QtEndian>

using namespace relay;
using namespace relay::test;
using Verdict = FrameGate::Verdict;

Q_DECLARE_METATYPE(relay::FrameGate::Verdict)

namespace {

constexpr qint64 MaxFrameSize = 100'000;

/** A header with a 64-bit length, and no more. */
QByteArray header64(quint64 length)
{
    QByteArray header = QByteArray::fromHex("82ff") + QByteArray(8, '\0') + "mask";
    qToBigEndian(length, header.data() + 2);
    return header;
}

} // namespace

class TestFrameGate : public QObject {
    Q_OBJECT

private slots:
    void findsFramesOfEachHeaderForm_data();
    void findsFramesOfEachHeaderForm();
    void waitsForEachByte_data();
    void waitsForEachByte();
    void refusesUnmaskedFrames_data();
    void refusesUnmaskedFrames();
    void letsThroughWhatBreaksTheRules_data();
    void letsThroughWhatBreaksTheRules();
    void letsThroughWhatIsTooLargeAtOnce_data();
    void letsThroughWhatIsTooLargeAtOnce();
    void cutsAnyStreamIntoItsFrames();
};

void TestFrameGate::findsFramesOfEachHeaderForm_data()
{
    QTest::addColumn<int>("opCode");
    QTest::addColumn<int>("size");
    QTest::addColumn<bool>("isFinal");
    QTest::addColumn<int>("headerSize");
    QTest::addColumn<Verdict>("verdict");
    const struct {
        int size;
        int headerSize;
    } sizes[] = {
        {0, 6}, {1, 6}, {125, 6}, {126, 8}, {127, 8}, {65535, 8}, {65536, 14}, {MaxFrameSize, 14}};
    for (const auto [size, headerSize] : sizes) {
        QTest::addRow("binary, %d", size)
            << OpBinary << size << true << headerSize << Verdict::Frame;
        QTest::addRow("text, %d", size) << OpText << size << true << headerSize << Verdict::Frame;
        QTest::addRow("first fragment, %d", size)
            << OpBinary << size << false << headerSize << Verdict::Frame;
        QTest::addRow("continuation, %d", size)
            << OpContinuation << size << true << headerSize << Verdict::Frame;
    }
    for (const int size : {0, 2, 125}) {
        QTest::addRow("ping, %d", size) << OpPing << size << true << 6 << Verdict::Frame;
        QTest::addRow("pong, %d", size) << OpPong << size << true << 6 << Verdict::Frame;
        QTest::addRow("close, %d", size) << OpClose << size << true << 6 << Verdict::CloseFrame;
    }
}

void TestFrameGate::findsFramesOfEachHeaderForm()
{
    QFETCH(int, opCode);
    QFETCH(int, size);
    QFETCH(bool, isFinal);
    QFETCH(int, headerSize);
    QFETCH(Verdict, verdict);
    const QByteArray frame = clientFrame(opCode, QByteArray(size, 'x'), isFinal);
    QCOMPARE(frame.size(), headerSize + size);
    FrameGate gate(MaxFrameSize);
    QCOMPARE(gate.inspect(frame), verdict);
    QCOMPARE(gate.frameSize(), frame.size());
    // What follows belongs to the next frame.
    QCOMPARE(gate.inspect(frame + "more"), verdict);
    QCOMPARE(gate.frameSize(), frame.size());
}

void TestFrameGate::waitsForEachByte_data()
{
    QTest::addColumn<QByteArray>("frame");
    QTest::newRow("short") << clientFrame(OpBinary, QByteArray(20, 'x'));
    QTest::newRow("empty") << clientFrame(OpBinary, {});
    QTest::newRow("16-bit length") << clientFrame(OpBinary, QByteArray(300, 'x'));
    QTest::newRow("64-bit length") << clientFrame(OpBinary, QByteArray(65536, 'x'));
    QTest::newRow("close") << clientFrame(OpClose, QByteArray(2, 'x'));
}

void TestFrameGate::waitsForEachByte()
{
    QFETCH(QByteArray, frame);
    FrameGate gate(MaxFrameSize);
    for (qsizetype size = 0; size < frame.size(); ++size) {
        if (gate.inspect(QByteArrayView(frame).first(size)) != Verdict::Incomplete)
            QFAIL(QByteArray("complete with " + QByteArray::number(size)).constData());
    }
    QVERIFY(gate.inspect(frame) != Verdict::Incomplete);
}

void TestFrameGate::refusesUnmaskedFrames_data()
{
    QTest::addColumn<int>("opCode");
    QTest::addColumn<int>("size");
    for (const int size : {0, 125, 126, 70'000}) {
        QTest::addRow("binary, %d", size) << OpBinary << size;
        QTest::addRow("close, %d", size) << OpClose << size;
    }
}

void TestFrameGate::refusesUnmaskedFrames()
{
    QFETCH(int, opCode);
    QFETCH(int, size);
    const QByteArray frame = clientFrame(opCode, QByteArray(size, 'x'), true, false);
    FrameGate gate(MaxFrameSize);
    QCOMPARE(gate.inspect(frame), Verdict::Unmasked);
    QCOMPARE(gate.inspect(frame.first(2)), Verdict::Unmasked); // no need to wait for the rest
    QCOMPARE(gate.inspect(frame.first(1)), Verdict::Incomplete);
}

void TestFrameGate::letsThroughWhatBreaksTheRules_data()
{
    QTest::addColumn<QByteArray>("input");
    // As soon as two bytes show it: the layer that answers must not be kept waiting.
    for (const int bit : {0x40, 0x20, 0x10})
        QTest::addRow("reserved bit %x", static_cast<uint>(bit))
            << QByteArray(1, static_cast<char>(0x82 | bit)) + "\x85";
    for (const int opCode : {3, 4, 5, 6, 7, 11, 12, 13, 14, 15})
        QTest::addRow("reserved opcode %d", opCode)
            << QByteArray(1, static_cast<char>(0x80 | opCode)) + "\x85";
    for (const int opCode : {OpClose, OpPing, OpPong}) {
        QTest::addRow("control frame %d, 16-bit length", opCode)
            << QByteArray(1, static_cast<char>(0x80 | opCode)) + "\xfe";
        QTest::addRow("control frame %d, 64-bit length", opCode)
            << QByteArray(1, static_cast<char>(0x80 | opCode)) + "\xff";
        QTest::addRow("control frame %d in fragments", opCode)
            << QByteArray(1, static_cast<char>(opCode)) + "\x82";
    }
}

void TestFrameGate::letsThroughWhatBreaksTheRules()
{
    QFETCH(QByteArray, input);
    FrameGate gate(MaxFrameSize);
    for (const qsizetype more : {0, 1, 5, 1000}) {
        const QByteArray all = input + QByteArray(more, 'x');
        QCOMPARE(gate.inspect(all), Verdict::Frame);
        QCOMPARE(gate.frameSize(), all.size());
    }
}

void TestFrameGate::letsThroughWhatIsTooLargeAtOnce_data()
{
    QTest::addColumn<quint64>("length");
    QTest::addColumn<bool>("tooLarge");
    QTest::newRow("at the limit") << quint64(MaxFrameSize) << false;
    QTest::newRow("over it") << quint64(MaxFrameSize + 1) << true;
    QTest::newRow("4 GiB") << (quint64(1) << 32) << true;
    QTest::newRow("2^63 - 1") << (quint64(1) << 63) - 1 << true;
    QTest::newRow("2^63, which is forbidden") << (quint64(1) << 63) << true;
    QTest::newRow("2^64 - 1") << ~quint64(0) << true;
}

void TestFrameGate::letsThroughWhatIsTooLargeAtOnce()
{
    QFETCH(quint64, length);
    QFETCH(bool, tooLarge);
    const QByteArray header = header64(length);
    FrameGate gate(MaxFrameSize);
    QCOMPARE(gate.inspect(header.first(header.size() - 1)), Verdict::Incomplete);
    QCOMPARE(gate.inspect(header), tooLarge ? Verdict::Frame : Verdict::Incomplete);
    if (tooLarge)
        QCOMPARE(gate.frameSize(), header.size());
    // With a small limit, the 16-bit form as well.
    FrameGate small(200);
    QCOMPARE(small.inspect(clientFrame(OpBinary, QByteArray(200, 'x'))), Verdict::Frame);
    const QByteArray large = clientFrame(OpBinary, QByteArray(201, 'x'));
    QCOMPARE(small.inspect(large.first(8)), Verdict::Frame);
    QCOMPARE(small.frameSize(), 8);
}

void TestFrameGate::cutsAnyStreamIntoItsFrames()
{
    QRandomGenerator random(randomSeed());
    for (int round = 0; round < 200; ++round) {
        QByteArray stream;
        QList<qsizetype> sizes;
        for (int i = 0; i < 20; ++i) {
            const int opCode =
                QList<int> {OpContinuation, OpText, OpBinary, OpPing}.at(random.bounded(4));
            const int size = opCode == OpPing ? random.bounded(126)
                : random.bounded(4)           ? random.bounded(200)
                                              : random.bounded(70'000);
            const QByteArray frame = clientFrame(opCode, QByteArray(size, 'x'));
            sizes.append(frame.size());
            stream += frame;
        }
        // The input arrives in pieces of any size.
        FrameGate gate(MaxFrameSize);
        QByteArray input;
        qsizetype arrived = 0;
        QList<qsizetype> found;
        while (arrived < stream.size()) {
            const qsizetype piece = std::min<qsizetype>(
                random.bounded(2) ? random.bounded(1, 20) : random.bounded(1, 65536),
                stream.size() - arrived);
            input += stream.mid(arrived, piece);
            arrived += piece;
            while (gate.inspect(input) == Verdict::Frame) {
                found.append(gate.frameSize());
                input.remove(0, gate.frameSize());
            }
        }
        QCOMPARE(found, sizes);
        QVERIFY(input.isEmpty());
    }
}

QTEST_APPLESS_MAIN(TestFrameGate)
#include "tst_framegate.moc"
