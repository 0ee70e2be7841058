// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/protocol/jsontext.h"
#include "tests/shared/frames.h"
#include "tests/shared/naivejson.h"

#include <QTest>

using namespace relay;
using namespace relay::test;

/** What the tests of whole frames cannot tell from the work of the parser. */
class TestJsonText : public QObject {
    Q_OBJECT

private slots:
    void acceptsWhatANaiveParserAccepts();
    void refusesControlCharactersInStrings();
    void refusesSpaceAroundTheValue();
    void countsLevels();
    void unescapes_data();
    void unescapes();
};

void TestJsonText::acceptsWhatANaiveParserAccepts()
{
    static const QList<QByteArray> pieces {"{", "}", "[", "]", ":", ",", "\"", "\"a\"",
        "\"b\":", "0", "-1", "1.5e3", "true", "null", "\\", "\\n", "\\u00e4", " ", "\n"};
    QRandomGenerator random(printedSeed());
    int accepted = 0;
    for (int i = 0; i < 100000; ++i) {
        QByteArray text;
        for (int n = random.bounded(1, 8); n > 0; --n)
            text += pieces[random.bounded(pieces.size())];
        const std::string_view view(text.constData(), size_t(text.size()));
        const bool isValue = json::isValue(json::trimmed(view), 128);
        accepted += isValue;
        QVERIFY2(isValue == NaiveJson::accepts(text), text.constData());
    }
    QVERIFY(accepted > 1000);
}

void TestJsonText::refusesControlCharactersInStrings()
{
    for (int c = 0; c < 0x20; ++c) {
        const QByteArray text = '"' + QByteArray(1, static_cast<char>(c)) + '"';
        QVERIFY(!json::isValue({text.constData(), 3}, 128));
    }
    QVERIFY(json::isValue("\"\x7f\"", 128));
}

void TestJsonText::refusesSpaceAroundTheValue()
{
    QVERIFY(json::isValue("[ 1 ]", 128));
    QVERIFY(!json::isValue(" 1", 128));
    QVERIFY(!json::isValue("1 ", 128));
    QCOMPARE(json::trimmed(" \t\r\n1 \n"), std::string_view("1"));
    QCOMPARE(json::trimmed(" \n"), std::string_view());
}

void TestJsonText::countsLevels()
{
    QVERIFY(json::isValue("1", 0));
    QVERIFY(!json::isValue("[]", 0));
    QVERIFY(json::isValue(R"([{},[],"x"])", 2));
    QVERIFY(!json::isValue(R"([{"a":[]}])", 2));
}

void TestJsonText::unescapes_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<int>("fault");
    QTest::addColumn<QByteArray>("meaning");
    const auto row = [](const QByteArray &text, json::StringFault fault,
                         const QByteArray &meaning) {
        QTest::newRow(text.constData()) << text << static_cast<int>(fault) << meaning;
    };
    using enum json::StringFault;
    row("plain", None, "plain");
    row(R"(\"\\\/\b\f\n\r\t)", None, "\"\\/\b\f\n\r\t");
    row(R"(\u0041\u00e4\u20aC\uD83d\udd11)", None, "A\u00e4\u20ac\U0001f511");
    row(R"(\u0000)", None, QByteArray(1, '\0'));
    row(R"(\ud7ff\ue000\uffff)", None, "\ud7ff\ue000\uffff");
    row(R"(\ud800\udc00\udbff\udfff)", None, "\U00010000\U0010ffff");
    row(R"(a\ud83d)", LoneSurrogate, {});
    row(R"(\udd11a)", LoneSurrogate, {});
    row(R"(\ud83d\ud83d\udd11)", LoneSurrogate, {});
    row(R"(\ud83d\n)", LoneSurrogate, {});
    row(R"(\ud83d\u)", Malformed, {});
    row(R"(\ud83d\x)", Malformed, {});
    row(R"(\)", Malformed, {});
    row(R"(\u12)", Malformed, {});
    row(R"(\u12g4)", Malformed, {});
    row(R"(\a)", Malformed, {});
}

void TestJsonText::unescapes()
{
    QFETCH(QByteArray, text);
    QFETCH(int, fault);
    QFETCH(QByteArray, meaning);
    QByteArray out = "before";
    const json::StringFault found = json::unescape({text.constData(), size_t(text.size())}, out);
    QCOMPARE(static_cast<int>(found), fault);
    if (found == json::StringFault::None)
        QCOMPARE(out, meaning);
}

QTEST_APPLESS_MAIN(TestJsonText)
#include "tst_jsontext.moc"
