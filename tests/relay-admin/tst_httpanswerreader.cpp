// SPDX-License-Identifier: GPL-3.0-or-later
#include "relay-admin/client/httpanswerreader.h"

#include <QTest>

using namespace relay::admin;
using State = HttpAnswerReader::State;

class TestHttpAnswerReader : public QObject {
    Q_OBJECT

private slots:
    void readsHoweverItIsCut_data();
    void readsHoweverItIsCut();
};

void TestHttpAnswerReader::readsHoweverItIsCut_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<State>("state");
    QTest::addColumn<QByteArray>("body");
    const auto row = [](const char *name, const QByteArray &bytes, State state,
                         const QByteArray &body = {}) {
        QTest::newRow(name) << bytes << state << body;
    };
    const QByteArray ok = "HTTP/1.1 200 OK\r\n";
    const QByteArray chunked = ok + "Transfer-Encoding: Chunked\r\n\r\n";
    row("sized", ok + "content-length:  3 \r\n\r\nabcd", State::Complete, "abc");
    row("sized, empty", ok + "Content-Length: 0\r\n\r\n", State::Complete);
    row("sized, cut off", ok + "Content-Length: 4\r\n\r\nabc", State::Incomplete, "abc");
    row("to the end", ok + "\r\nabc", State::Complete, "abc");
    row("of HTTP/1.0", "HTTP/1.0 200\r\n\r\nabc", State::Complete, "abc");
    row("chunked", chunked + "3\r\nabc\r\nA;x=y\r\n0123456789\r\n0\r\nT: u\r\n\r\n",
        State::Complete, "abc0123456789");
    row("chunked, cut off", chunked + "3\r\nabc\r\n", State::Incomplete, "abc");
    row("longest size of a chunk", chunked + "3;" + QByteArray(1022, 'x') + "\r\nabc\r\n" + "0\r\n",
        State::Complete, "abc");
    row("interim answers", "HTTP/1.1 103 Early\r\nLink: a\r\n\r\n" + ok + "\r\nabc",
        State::Complete, "abc");
    row("a body that is of no interest", "HTTP/1.1 404 No\r\nContent-Length: 9\r\n\r\nabc",
        State::Complete);
    row("503", "HTTP/1.1 503 No\r\nContent-Length: 3\r\n\r\nabc", State::Complete, "abc");
    row("length twice the same", ok + "Content-Length: 1\r\nContent-Length: 1\r\n\r\na",
        State::Complete, "a");
    row("at the cap", ok + "\r\n" + QByteArray(20, 'a'), State::Complete, QByteArray(20, 'a'));
    row("beyond the cap", ok + "\r\n" + QByteArray(21, 'a'), State::TooLarge, QByteArray(20, 'a'));
    row("beyond the cap in chunks", chunked + "10\r\n" + QByteArray(16, 'a') + "\r\n5\r\nbbbbb",
        State::TooLarge, QByteArray(16, 'a') + "bbbb");
    row("said to be beyond the cap", ok + "Content-Length: 21\r\n\r\n", State::TooLarge);
    row("largest head", ok + "X: " + QByteArray(16 * 1024 - 24, 'x') + "\r\n\r\nabc",
        State::Complete, "abc");

    row("nothing", "", State::Incomplete);
    row("half a version", "HTTP", State::Incomplete);
    row("half a head", ok, State::Incomplete);
    row("another protocol", "HELO", State::Malformed);
    row("HTTP/2", "HTTP/2 200 OK\r\n\r\n", State::Malformed);
    row("no status", "HTTP/1.1\r\n\r\n", State::Malformed);
    row("no status, and no minor version", "HTTP/1.\r\n\r\n", State::Malformed);
    row("status of two digits", "HTTP/1.1 20 OK\r\n\r\n", State::Malformed);
    row("status of four digits", "HTTP/1.1 2000 OK\r\n\r\n", State::Malformed);
    row("signed status", "HTTP/1.1 -20 OK\r\n\r\n", State::Malformed);
    row("status below 100", "HTTP/1.1 099 OK\r\n\r\n", State::Malformed);
    row("another protocol by upgrade", "HTTP/1.1 101 OK\r\n\r\n", State::Malformed);
    row("head too large", ok + "X: " + QByteArray(16 * 1024 - 23, 'x') + "\r\n\r\n",
        State::Malformed);
    row("head without an end", ok + QByteArray(16 * 1024, 'x'), State::Malformed);
    row("interim answers without an end",
        QByteArray("HTTP/1.1 100 Continue\r\n\r\n").repeated(1000), State::Malformed);
    row("line without a colon", ok + "abc\r\n\r\n", State::Malformed);
    row("two lengths", ok + "Content-Length: 1\r\nContent-Length: 2\r\n\r\na", State::Malformed);
    row("negative length", ok + "Content-Length: -1\r\n\r\n", State::Malformed);
    row("length with a sign", ok + "Content-Length: +1\r\n\r\n", State::Malformed);
    row("length beyond all", ok + "Content-Length: 99999999999999999999\r\n\r\n", State::Malformed);
    row("compressed", ok + "Transfer-Encoding: gzip\r\n\r\n", State::Malformed);
    row("chunk without a size", chunked + "\r\n", State::Malformed);
    row("chunk of negative size", chunked + "-1\r\n", State::Malformed);
    row("chunk without an end", chunked + "1\r\nab\r\n", State::Malformed, "a");
    row("endless size of a chunk", chunked + QByteArray(2000, '0'), State::Malformed);
}

void TestHttpAnswerReader::readsHoweverItIsCut()
{
    QFETCH(QByteArray, bytes);
    QFETCH(State, state);
    QFETCH(QByteArray, body);
    for (const qsizetype piece : {bytes.size() + 1, qsizetype(1), qsizetype(7)}) {
        HttpAnswerReader reader(20);
        for (qsizetype at = 0; at < bytes.size(); at += piece)
            reader.read(bytes.mid(at, piece));
        QCOMPARE(reader.readEnd(), state);
        QCOMPARE(reader.body(), body);
    }
}

QTEST_APPLESS_MAIN(TestHttpAnswerReader)
#include "tst_httpanswerreader.moc"
