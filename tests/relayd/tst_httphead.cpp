// SPDX-License-Identifier: GPL-3.0-or-later
#include "relayd/http/httphead.h"
#include "relayd/http/httpresponse.h"

#include <QRandomGenerator>
#include <QTest>

using namespace relay;

using MaybeHead = Result<HttpHead, HttpHeadError>;

namespace {

const QByteArray Upgrade = "GET /ws?a=b HTTP/1.1\r\n"
                           "Host: relay.example\r\n"
                           "Connection: keep-alive, Upgrade\r\n"
                           "Upgrade: WebSocket\r\n"
                           "Sec-WebSocket-Version: 13\r\n"
                           "Sec-WebSocket-Key: AAECAwQFBgcICQoLDA0ODw==\r\n"
                           "\r\n";

QByteArray headOfSize(qsizetype size)
{
    const QByteArray begin = "GET / HTTP/1.1\r\nX: ";
    const QByteArray end = "\r\n\r\n";
    return begin + QByteArray(size - begin.size() - end.size(), 'a') + end;
}

} // namespace

class TestHttpHead : public QObject {
    Q_OBJECT

private slots:
    void takesARequestApart();
    void findsThePath_data();
    void findsThePath();
    void refusesWhatIsMalformed_data();
    void refusesWhatIsMalformed();
    void waitsForTheRestOfEveryTruncation();
    void seesRubbishBeforeTheHeadEnds_data();
    void seesRubbishBeforeTheHeadEnds();
    void holdsTheLimit();
    void takesAnyNumberOfFields();
    void looksFieldsUp();
    void looksTokensUp_data();
    void looksTokensUp();
    void survivesRandomBytes();
    void acceptsAnUpgrade_data();
    void acceptsAnUpgrade();
    void refusesABadUpgrade_data();
    void refusesABadUpgrade();
    void knowsWhoWantsAnUpgrade_data();
    void knowsWhoWantsAnUpgrade();
    void writesAResponse();
    void escapesTheTextOfAnError();
};

void TestHttpHead::takesARequestApart()
{
    const QByteArray bytes = Upgrade + "frames";
    const auto head = HttpHead::parse(bytes);
    QVERIFY(head);
    QCOMPARE(head->method, QByteArrayView("GET"));
    QCOMPARE(head->target, QByteArrayView("/ws?a=b"));
    QCOMPARE(head->path, QByteArrayView("/ws"));
    QCOMPARE(head->minorVersion, 1);
    QCOMPARE(head->fields.size(), 5);
    QCOMPARE(head->size, Upgrade.size());
    QCOMPARE(HttpHead::parse("GET / HTTP/1.0\r\n\r\n")->minorVersion, 0);
}

void TestHttpHead::findsThePath_data()
{
    QTest::addColumn<QByteArray>("target");
    QTest::addColumn<QByteArray>("path");
    const auto row = [](const char *target, const char *path) {
        QTest::newRow(target) << QByteArray(target) << QByteArray(path);
    };
    row("/", "/");
    row("/health", "/health");
    row("/health?", "/health");
    row("/health?a=b?c", "/health");
    row("//health", "//health");
    row("//", "//");
    row("/health/", "/health/");
    row("/%68ealth", "/%68ealth");
    row("/a://b", "/a://b");
    row("http://relay.example/health", "/health");
    row("http://relay.example//health?x", "//health");
    row("http://relay.example", "/");
    row("http://relay.example?x=/y", "/");
    row("ws://relay.example:8080/", "/");
    row("*", "*");
}

void TestHttpHead::findsThePath()
{
    QFETCH(QByteArray, target);
    QFETCH(QByteArray, path);
    const QByteArray bytes = "GET " + target + " HTTP/1.1\r\nHost: x\r\n\r\n";
    const auto head = HttpHead::parse(bytes);
    QVERIFY(head);
    QCOMPARE(head->path, QByteArrayView(path));
    QCOMPARE(head->target, QByteArrayView(target));
}

void TestHttpHead::refusesWhatIsMalformed_data()
{
    QTest::addColumn<QByteArray>("bytes");
    const auto row = [](const char *name, const QByteArray &bytes) {
        QTest::newRow(name) << bytes;
    };
    row("empty line first", "\r\nGET / HTTP/1.1\r\n\r\n");
    row("one word", "GET\r\n\r\n");
    row("no version", "GET /\r\n\r\n");
    row("no method", " / HTTP/1.1\r\n\r\n");
    row("empty target", "GET  HTTP/1.1\r\n\r\n");
    row("target without a slash", "GET health HTTP/1.1\r\n\r\n");
    row("two targets", "GET / / HTTP/1.1\r\n\r\n");
    row("space behind the version", "GET / HTTP/1.1 \r\n\r\n");
    row("tab in the target", "GET /\t HTTP/1.1\r\n\r\n");
    row("method with a colon", "GE:T / HTTP/1.1\r\n\r\n");
    row("HTTP/2", "PRI * HTTP/2.0\r\n\r\n");
    row("HTTP/1", "GET / HTTP/1\r\n\r\n");
    row("HTTP/1.x", "GET / HTTP/1.x\r\n\r\n");
    row("HTTP/1.10", "GET / HTTP/1.10\r\n\r\n");
    row("http/1.1", "GET / http/1.1\r\n\r\n");
    row("field without a colon", "GET / HTTP/1.1\r\nHost\r\n\r\n");
    row("field without a name", "GET / HTTP/1.1\r\n: x\r\n\r\n");
    row("space before the colon", "GET / HTTP/1.1\r\nHost : x\r\n\r\n");
    row("folded field", "GET / HTTP/1.1\r\nA: x\r\n y\r\n\r\n");
    row("field folded with a tab", "GET / HTTP/1.1\r\nA: x\r\n\ty\r\n\r\n");
    row("folded first field", "GET / HTTP/1.1\r\n A: x\r\n\r\n");
    row("NUL in a value", QByteArray("GET / HTTP/1.1\r\nA: x\0y\r\n\r\n", 26));
    row("escape in a value", "GET / HTTP/1.1\r\nA: \x1b[0m\r\n\r\n");
    row("DEL in the target", "GET /\x7f HTTP/1.1\r\n\r\n");
    row("bare CR in a value", "GET / HTTP/1.1\r\nA: x\ry\r\n\r\n");
    row("two CR", "GET / HTTP/1.1\r\r\n\r\n");
    row("bare LF", "GET / HTTP/1.1\nHost: x\n\n");
    row("bare LF at the end", "GET / HTTP/1.1\r\nHost: x\r\n\n");
    row("two hosts", "GET / HTTP/1.1\r\nHost: x\r\nhost: x\r\n\r\n");
}

void TestHttpHead::refusesWhatIsMalformed()
{
    QFETCH(QByteArray, bytes);
    const auto head = HttpHead::parse(bytes);
    QVERIFY(!head);
    QCOMPARE(head.error(), HttpHeadError::Malformed);
}

void TestHttpHead::waitsForTheRestOfEveryTruncation()
{
    for (qsizetype size = 0; size < Upgrade.size(); ++size) {
        const auto head = HttpHead::parse(Upgrade.left(size));
        QVERIFY(!head);
        QCOMPARE(head.error(), HttpHeadError::Incomplete);
    }
    QVERIFY(HttpHead::parse(Upgrade));
}

void TestHttpHead::seesRubbishBeforeTheHeadEnds_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::newRow("a TLS hello") << QByteArray("\x16\x03\x01\x02", 4);
    QTest::newRow("a NUL") << QByteArray(1, '\0');
    QTest::newRow("a bad first line") << QByteArray("HELO relay\r\n");
    QTest::newRow("a bad field") << QByteArray("GET / HTTP/1.1\r\nHost\r\n");
}

void TestHttpHead::seesRubbishBeforeTheHeadEnds()
{
    QFETCH(QByteArray, bytes);
    const auto head = HttpHead::parse(bytes);
    QVERIFY(!head);
    QCOMPARE(head.error(), HttpHeadError::Malformed);
}

void TestHttpHead::holdsTheLimit()
{
    const QByteArray largest = headOfSize(8192);
    QCOMPARE(largest.size(), 8192);
    QCOMPARE(HttpHead::parse(largest)->size, 8192);
    QCOMPARE(HttpHead::parse(QByteArray(largest + QByteArray(9000, 'x')))->size, 8192);
    QCOMPARE(HttpHead::parse(largest.chopped(1)).error(), HttpHeadError::Incomplete);

    const QByteArray tooLarge = headOfSize(8193);
    QCOMPARE(HttpHead::parse(tooLarge).error(), HttpHeadError::TooLarge);
    QCOMPARE(HttpHead::parse(tooLarge.left(8192)).error(), HttpHeadError::TooLarge);
    QCOMPARE(HttpHead::parse(QByteArray(1 << 20, 'a')).error(), HttpHeadError::TooLarge);
}

void TestHttpHead::takesAnyNumberOfFields()
{
    QByteArray bytes = "GET / HTTP/1.1\r\n";
    qsizetype fields = 0;
    for (; bytes.size() + 6 <= HttpHead::MaxSize; ++fields)
        bytes += "a:\r\n";
    bytes += "\r\n";
    const auto head = HttpHead::parse(bytes);
    QVERIFY(head);
    QVERIFY(fields > 2000);
    QCOMPARE(head->fields.size(), fields);
    QCOMPARE(head->count("A"), fields);
}

void TestHttpHead::looksFieldsUp()
{
    const QByteArray bytes = "GET / HTTP/1.1\r\nX-One: \t first \t\r\nx-two:\r\nX-ONE:second\r\n"
                             "X-Utf8: \xc3\xa4\r\n\r\n";
    const auto head = HttpHead::parse(bytes);
    QVERIFY(head);
    QCOMPARE(head->count("x-one"), 2);
    QCOMPARE(head->value("x-oNe"), QByteArrayView("first"));
    QCOMPARE(head->count("X-Two"), 1);
    QCOMPARE(head->value("X-Two"), QByteArrayView(""));
    QCOMPARE(head->value("X-Utf8"), QByteArrayView("\xc3\xa4"));
    QCOMPARE(head->count("X-Three"), 0);
    QVERIFY(head->value("X-Three").isEmpty());
}

void TestHttpHead::looksTokensUp_data()
{
    QTest::addColumn<QByteArray>("fields");
    QTest::addColumn<bool>("found");
    const auto row = [](const char *fields, bool found) {
        QByteArray name(fields);
        QTest::newRow(name.replace("\r\n", " / ")) << QByteArray(fields) << found;
    };
    row("Connection: upgrade\r\n", true);
    row("Connection: UPGRADE\r\n", true);
    row("Connection: keep-alive,Upgrade\r\n", true);
    row("Connection: keep-alive ,\tUpgrade\t, x\r\n", true);
    row("Connection: ,,Upgrade,\r\n", true);
    row("Connection: close\r\nConnection: Upgrade\r\n", true);
    row("Connection: close\r\n", false);
    row("Connection: upgrades\r\n", false);
    row("Connection: no upgrade\r\n", false);
    row("Connection:\r\n", false);
    row("X-Connection: upgrade\r\n", false);
    row("", false);
}

void TestHttpHead::looksTokensUp()
{
    QFETCH(QByteArray, fields);
    QFETCH(bool, found);
    const QByteArray bytes = "GET / HTTP/1.1\r\n" + fields + "\r\n";
    const auto head = HttpHead::parse(bytes);
    QVERIFY(head);
    QCOMPARE(head->hasToken("connection", "upgrade"), found);
}

void TestHttpHead::survivesRandomBytes()
{
    const quint32 seed = QRandomGenerator::global()->generate();
    qInfo("seed %u", seed);
    QRandomGenerator random(seed);
    const QByteArray alphabet = QByteArray("GET /:HTTP1.\r\n\r\n\t,a\x80\x16") + '\0';
    int accepted = 0;
    for (int round = 0; round < 20000; ++round) {
        QByteArray bytes;
        if (round % 2 == 0) {
            bytes = Upgrade;
            for (int changes = random.bounded(1, 4); changes > 0; --changes)
                bytes[random.bounded(bytes.size())] = char(random.bounded(256));
        } else {
            for (int size = random.bounded(200); size > 0; --size)
                bytes += alphabet[random.bounded(alphabet.size())];
        }
        const auto head = HttpHead::parse(bytes);
        if (!head)
            continue;
        ++accepted;
        QVERIFY(head->size <= bytes.size() && !head->path.isEmpty());
        (void)wantsUpgrade(*head);
        (void)webSocketKey(*head);
    }
    QVERIFY(accepted > 0);
}

void TestHttpHead::acceptsAnUpgrade_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::newRow("as clients send it") << Upgrade;
    QByteArray extended = Upgrade;
    extended.replace("Host:",
        "Sec-WebSocket-Protocol: x\r\nSec-WebSocket-Extensions: permessage-deflate\r\n"
        "Content-Length: 0\r\nHost:");
    QTest::newRow("with offers") << extended;
    QByteArray later = Upgrade;
    QTest::newRow("HTTP/1.2") << later.replace("HTTP/1.1", "HTTP/1.2");
}

void TestHttpHead::acceptsAnUpgrade()
{
    QFETCH(QByteArray, bytes);
    const auto head = HttpHead::parse(bytes);
    QVERIFY(head && wantsUpgrade(*head));
    const auto key = webSocketKey(*head);
    QVERIFY2(key, key ? "" : key.error().constData());
    QCOMPARE(*key, QByteArray("AAECAwQFBgcICQoLDA0ODw=="));
}

void TestHttpHead::refusesABadUpgrade_data()
{
    QTest::addColumn<QByteArray>("before");
    QTest::addColumn<QByteArray>("after");
    QTest::addColumn<QByteArray>("says");
    const auto row = [](const char *name, const char *before, const char *after, const char *says) {
        QTest::newRow(name) << QByteArray(before) << QByteArray(after) << QByteArray(says);
    };
    const char *key = "AAECAwQFBgcICQoLDA0ODw==";
    row("POST", "GET", "POST", "GET");
    row("HTTP/1.0", "HTTP/1.1", "HTTP/1.0", "HTTP/1.1");
    row("no Host", "Host: relay.example\r\n", "", "Host");
    row("no Connection", "Connection: keep-alive, Upgrade\r\n", "", "Connection");
    row("Connection without Upgrade", "keep-alive, Upgrade", "keep-alive", "Connection");
    row("no Upgrade", "Upgrade: WebSocket\r\n", "", "Upgrade");
    row("Upgrade to something else", "WebSocket\r\n", "h2c\r\n", "Upgrade");
    row("no version", "Sec-WebSocket-Version: 13\r\n", "", "Version");
    row("version 8", "Version: 13", "Version: 8", "Version");
    row("version 013", "Version: 13", "Version: 013", "Version");
    row("two versions", "Sec-WebSocket-Version: 13\r\n",
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Version: 13\r\n", "Version");
    row("no key", "Sec-WebSocket-Key: AAECAwQFBgcICQoLDA0ODw==\r\n", "", "Key");
    row("empty key", key, "", "Key");
    row("key of 15 bytes", key, "AAECAwQFBgcICQoLDA0O", "Key");
    row("key of 17 bytes", key, "AAECAwQFBgcICQoLDA0ODxA=", "Key");
    row("key without padding", key, "AAECAwQFBgcICQoLDA0ODw", "Key");
    row("key that is not base64", key, "AAECAwQFBgcICQoLDA0OD!==", "Key");
    row("two keys", "Sec-WebSocket-Key: AAECAwQFBgcICQoLDA0ODw==\r\n",
        "Sec-WebSocket-Key: AAECAwQFBgcICQoLDA0ODw==\r\n"
        "Sec-WebSocket-Key: AAECAwQFBgcICQoLDA0ODw==\r\n",
        "Key");
    row("a body", "Host:", "Content-Length: 5\r\nHost:", "body");
    row("a body in chunks", "Host:", "Transfer-Encoding: chunked\r\nHost:", "body");
}

void TestHttpHead::refusesABadUpgrade()
{
    QFETCH(QByteArray, before);
    QFETCH(QByteArray, after);
    QFETCH(QByteArray, says);
    QByteArray bytes = Upgrade;
    QCOMPARE(bytes.count(before), 1);
    bytes.replace(before, after);
    const auto head = HttpHead::parse(bytes);
    QVERIFY(head);
    const auto key = webSocketKey(*head);
    QVERIFY(!key);
    QVERIFY2(key.error().contains(says), key.error().constData());
}

void TestHttpHead::knowsWhoWantsAnUpgrade_data()
{
    QTest::addColumn<QByteArray>("fields");
    QTest::addColumn<bool>("wants");
    QTest::newRow("nothing") << QByteArray() << false;
    QTest::newRow("HTTP/2") << QByteArray("Connection: Upgrade\r\nUpgrade: h2c\r\n") << false;
    QTest::newRow("Connection alone") << QByteArray("Connection: Upgrade\r\n") << false;
    QTest::newRow("WebSocket") << QByteArray("Upgrade: websocket\r\n") << true;
    QTest::newRow("a list") << QByteArray("Upgrade: h2c, WebSocket\r\n") << true;
    QTest::newRow("a key alone") << QByteArray("Sec-WebSocket-Key: x\r\n") << true;
}

void TestHttpHead::knowsWhoWantsAnUpgrade()
{
    QFETCH(QByteArray, fields);
    QFETCH(bool, wants);
    const QByteArray bytes = "GET / HTTP/1.1\r\n" + fields + "\r\n";
    QCOMPARE(wantsUpgrade(*HttpHead::parse(bytes)), wants);
}

void TestHttpHead::writesAResponse()
{
    HttpResponse response;
    response.status = 503;
    response.body = "{}";
    response.fields = {{"Retry-After", "5"}};
    const QByteArray head = "HTTP/1.1 503 Service Unavailable\r\n"
                            "Content-Type: application/json\r\n"
                            "Content-Length: 2\r\n"
                            "Cache-Control: no-store\r\n"
                            "Retry-After: 5\r\n"
                            "Connection: close\r\n"
                            "\r\n";
    QCOMPARE(response.toBytes(HttpBody::LengthOnly), head);
    QCOMPARE(response.toBytes(HttpBody::Included), QByteArray(head + "{}"));

    response.status = 426;
    response.fields = {{"Upgrade", "websocket"}};
    const QByteArray upgrade = response.toBytes(HttpBody::Included);
    QVERIFY(upgrade.startsWith("HTTP/1.1 426 Upgrade Required\r\n"));
    QVERIFY(upgrade.contains("\r\nUpgrade: websocket\r\nConnection: close, Upgrade\r\n"));
}

void TestHttpHead::escapesTheTextOfAnError()
{
    const HttpResponse response = HttpResponse::error(400, "a \"quoted\" text");
    QCOMPARE(response.status, 400);
    const QByteArray body = "{\"error\":\"a \\\"quoted\\\" text\"}";
    QCOMPARE(response.body, body);
}

QTEST_GUILESS_MAIN(TestHttpHead)
#include "tst_httphead.moc"
