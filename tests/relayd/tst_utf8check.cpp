// SPDX-License-Identifier: GPL-3.0-or-later
#include "relayd/net/utf8check.h"

#include <QByteArray>
#include <QTest>

#include <set>

using namespace relay;

namespace {

/** RFC 3629, 3, by arithmetic. */
QByteArray encoded(char32_t c)
{
    const auto tail = [c](int shift) { return static_cast<char>(0x80 | ((c >> shift) & 0x3f)); };
    const auto head = [c](int mark, int shift) { return static_cast<char>(mark | (c >> shift)); };
    if (c < 0x80)
        return {1, static_cast<char>(c)};
    if (c < 0x800)
        return QByteArray {} + head(0xc0, 6) + tail(0);
    if (c < 0x10000)
        return QByteArray {} + head(0xe0, 12) + tail(6) + tail(0);
    return QByteArray {} + head(0xf0, 18) + tail(12) + tail(6) + tail(0);
}

/** What characters begin with, and whole characters of up to three octets. */
struct Characters {
    std::set<QByteArray> beginnings;
    std::set<QByteArray> whole;

    Characters()
    {
        for (char32_t c = 0; c < 0x10000; ++c) {
            if (c >= 0xd800 && c <= 0xdfff)
                continue;
            const QByteArray bytes = encoded(c);
            whole.insert(bytes);
            begin(bytes);
        }
        // Of four octets the last may have any value.
        for (char32_t c = 0x10000; c <= 0x10ffff; c += 64)
            begin(encoded(c));
    }

    void begin(const QByteArray &bytes)
    {
        for (qsizetype n = 1; n < bytes.size(); ++n)
            beginnings.insert(bytes.first(n));
    }
};

} // namespace

class TestUtf8Check : public QObject {
    Q_OBJECT

private slots:
    void takesWhatCharactersAreMadeOfAndNothingElse();
    void takesTextInAnyPieces();
    void knowsWhenACharacterIsNotOver();
};

void TestUtf8Check::takesWhatCharactersAreMadeOfAndNothingElse()
{
    const Characters characters;
    QByteArray all;
    for (int octet = 0; octet < 256; ++octet)
        all += static_cast<char>(octet);
    const QByteArray boundsOfTheFourth("\0\x7f\x80\xbf\xc0\xff", 6);
    std::set<QByteArray> open {QByteArray()};
    // Each octet after each beginning of a character: decided there and then.
    for (const QByteArray &beginning : characters.beginnings)
        open.insert(beginning);
    for (const QByteArray &before : open) {
        Utf8Check begun;
        QVERIFY(begun.feed(before));
        for (const char octet : before.size() == 3 ? boundsOfTheFourth : all) {
            Utf8Check check = begun;
            const QByteArray next(1, octet);
            const QByteArray bytes = before + next;
            const bool isLastOfFour = bytes.size() == 4 && (octet & 0xc0) == 0x80;
            const bool isWhole = isLastOfFour || characters.whole.contains(bytes);
            const bool isGood = isWhole || characters.beginnings.contains(bytes);
            if (check.feed(next) != isGood || (isGood && check.isComplete() != isWhole))
                QFAIL(bytes.toHex().constData());
        }
    }
}

void TestUtf8Check::takesTextInAnyPieces()
{
    const QByteArray text("a\xc3\xa9\xe1\xbd\xb9\xf4\x8f\xbf\xbf\xef\xbb\xbf\0z", 15);
    for (qsizetype cut = 0; cut <= text.size(); ++cut) {
        Utf8Check check;
        QVERIFY(check.feed(text.first(cut)));
        QVERIFY(check.feed(text.sliced(cut)));
        QVERIFY(check.isComplete());
    }
}

void TestUtf8Check::knowsWhenACharacterIsNotOver()
{
    Utf8Check check;
    QVERIFY(check.isComplete());
    QVERIFY(check.feed("x\xf0\x9f"));
    QVERIFY(!check.isComplete());
    QVERIFY(check.feed("\x98"));
    QVERIFY(!check.isComplete());
    QVERIFY(check.feed("\x80"));
    QVERIFY(check.isComplete());
}

QTEST_GUILESS_MAIN(TestUtf8Check)
#include "tst_utf8check.moc"
