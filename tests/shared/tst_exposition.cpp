// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/monitoring/exposition.h"

#include <QTest>

#include <time.h>

#include <cmath>
#include <limits>

using namespace relay;
using Kind = ExpositionError::Kind;

class TestExposition : public QObject {
    Q_OBJECT

private slots:
    void readsTheExampleOfTheSpecification();
    void readsLines_data();
    void readsLines();
    void readsValues_data();
    void readsValues();
    void readsHelp_data();
    void readsHelp();
    void putsSamplesIntoFamilies_data();
    void putsSamplesIntoFamilies();
    void refuses_data();
    void refuses();
    void takesWhatIsAtTheLimit();
    void refusesWhatIsBeyondALimit_data();
    void refusesWhatIsBeyondALimit();
    void takesTimeInProportion_data();
    void takesTimeInProportion();
};

namespace {

/** Of this thread's processor time: what runs beside it does not count. */
qint64 threadNanoseconds()
{
    timespec now {};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return now.tv_sec * 1'000'000'000 + now.tv_nsec;
}

/** A sample as it would be written plainly; control characters and quotes in their escapes. */
QString written(const MetricSample &sample)
{
    QString text = QString::fromLatin1(sample.name);
    for (const MetricLabel &label : sample.labels)
        text += QStringLiteral(" %1=<%2>").arg(QString::fromLatin1(label.name), label.value);
    text += QStringLiteral(" %1").arg(sample.value);
    if (sample.timestamp)
        text += QStringLiteral(" @%1").arg(*sample.timestamp);
    return text;
}

QString writtenSamples(const Exposition &exposition)
{
    QStringList lines;
    for (const MetricFamily &family : exposition.families) {
        for (const MetricSample &sample : family.samples)
            lines += written(sample);
    }
    return lines.join(u'|');
}

/** Adds rows of a text of metrics and of what it reads as, in the column `result`. */
auto textRows(const char *result)
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QString>(result);
    return [](const char *name, const QByteArray &text, const char *expected) {
        QTest::newRow(name) << text << QString::fromUtf8(expected);
    };
}

} // namespace

void TestExposition::readsTheExampleOfTheSpecification()
{
    const auto read =
        parseExposition(R"(# HELP http_requests_total The total number of HTTP requests.
# TYPE http_requests_total counter
http_requests_total{method="post",code="200"} 1027 1395066363000
http_requests_total{method="post",code="400"}    3 1395066363000

# Escaping in label values:
msdos_file_access_time_seconds{path="C:\\DIR\\FILE.TXT",error="Cannot find file:\n\"FILE.TXT\""} 1.458255915e9

# Minimalistic line:
metric_without_timestamp_and_labels 12.47

# A weird metric from before the epoch:
something_weird{problem="division by zero"} +Inf -3982045

# A histogram, which has a pretty complex representation in the text format:
# HELP http_request_duration_seconds A histogram of the request duration.
# TYPE http_request_duration_seconds histogram
http_request_duration_seconds_bucket{le="0.05"} 24054
http_request_duration_seconds_bucket{le="+Inf"} 144320
http_request_duration_seconds_sum 53423
http_request_duration_seconds_count 144320

# Finally a summary, which has a complex representation, too:
# HELP rpc_duration_seconds A summary of the RPC duration in seconds.
# TYPE rpc_duration_seconds summary
rpc_duration_seconds{quantile="0.01"} 3102
rpc_duration_seconds_sum 1.7560473e+07
rpc_duration_seconds_count 2693
)");
    QVERIFY(read.hasValue());
    QCOMPARE(read->families.size(), size_t(6));
    const MetricFamily *requests = read->family("http_requests_total");
    QVERIFY(requests);
    QCOMPARE(requests->type, MetricType::Counter);
    QCOMPARE(requests->help, QStringLiteral("The total number of HTTP requests."));
    QCOMPARE(requests->samples.size(), size_t(2));
    QCOMPARE(written(requests->samples[1]),
        QStringLiteral("http_requests_total method=<post> code=<400> 3 @1395066363000"));
    const MetricFamily *files = read->family("msdos_file_access_time_seconds");
    QVERIFY(files);
    QCOMPARE(files->type, MetricType::Untyped);
    QCOMPARE(files->samples[0].label("path"), QStringLiteral("C:\\DIR\\FILE.TXT"));
    QCOMPARE(files->samples[0].label("error"), QStringLiteral("Cannot find file:\n\"FILE.TXT\""));
    QCOMPARE(files->samples[0].label("pat"), std::nullopt);
    QCOMPARE(read->value("metric_without_timestamp_and_labels"), 12.47);
    QCOMPARE(read->value("something_weird"), std::nullopt);
    QCOMPARE(read->value("no_such_metric"), std::nullopt);
    QVERIFY(std::isinf(read->family("something_weird")->samples[0].value));
    QCOMPARE(read->family("http_request_duration_seconds")->samples.size(), size_t(4));
    QCOMPARE(read->family("rpc_duration_seconds")->samples.size(), size_t(3));
    QVERIFY(!read->family("rpc_duration_seconds_sum"));
}

void TestExposition::readsLines_data()
{
    const auto row = textRows("samples");
    row("nothing", "", "");
    row("empty lines", "\n \n\t\n", "");
    row("no end of line", "a 1", "a 1");
    row("CRLF", "a 1\r\nb{c=\"d\"} 2\r\n", "a 1|b c=<d> 2");
    row("end mark", "a 1\n# EOF\n", "a 1");
    row("comments", "# a 1\n#b 2\n  # TYPEc 3\n#\nd 4\n", "d 4");
    row("blanks and tabs", "\ta \t 1\t 5 \nb\t{ c\t=\t\"d\" , e = \"f\" ,\t}\t2\n",
        "a 1 @5|b c=<d> e=<f> 2");
    row("no blank behind labels", "a{b=\"c\"}1", "a b=<c> 1");
    row("empty labels", "a{} 1\nb{ } 2", "a 1|b 2");
    row("comma at the end", "a{b=\"c\",} 1", "a b=<c> 1");
    row("colons and underscores", "a:b_c 1\n:d 2\n_e{_f=\"\"} 3", "a:b_c 1|:d 2|_e _f=<> 3");
    row("braces, quotes, hashes in a value", R"(a{b="}{# \"c\" 1"} 2)", "a b=<}{# \"c\" 1> 2");
    row("escapes at both ends", R"(a{b="\\x\\"} 1)", "a b=<\\x\\> 1");
    row("backslash and n", R"(a{b="\\n"} 1)", "a b=<\\n> 1");
    row("UTF-8", "a{b=\"gr\xc3\xbc\xc3\x9f\"} 1", "a b=<grüß> 1");
    row("no UTF-8", "a{b=\"x\xff\"} 1", "a b=<x\xef\xbf\xbd> 1");
    row("half a character", "a{b=\"x\xc3\"} 1", "a b=<x\xef\xbf\xbd> 1");
    row("exemplar", "a 1 # {trace=\"}\\x\"} 2 3", "a 1");
    row("exemplar behind a timestamp", "a 1 4 # {} 2", "a 1 @4");
    row("timestamps", "a 1 -5\na 1 +5\na 1 9223372036854775807",
        "a 1 @-5|a 1 @5|a 1 @9223372036854775807");
    row("same twice", "a 1\na 2", "a 1|a 2");
    row("incomplete HELP and TYPE", "# HELP\n# TYPE\n# HELP a\n# TYPE a \na 1", "a 1");
}

void TestExposition::readsLines()
{
    QFETCH(QByteArray, text);
    QFETCH(QString, samples);
    const auto read = parseExposition(text);
    QVERIFY(read.hasValue());
    QCOMPARE(writtenSamples(*read), samples);
}

void TestExposition::readsValues_data()
{
    QTest::addColumn<QByteArray>("word");
    QTest::addColumn<double>("value");
    const double infinity = std::numeric_limits<double>::infinity();
    const auto row = [](const QByteArray &word, double value) {
        QTest::newRow(word.left(30).constData()) << word << value;
    };
    row("0", 0);
    row("-0", -0.0);
    row("+1", 1);
    row("-1.5", -1.5);
    row("1e3", 1000);
    row("1E+3", 1000);
    row("1e-3", 0.001);
    row(".5", 0.5);
    row("5.", 5);
    row("007", 7);
    row("9007199254740993", 9007199254740992.0);
    row("1.7976931348623157e308", std::numeric_limits<double>::max());
    row("5e-324", std::numeric_limits<double>::denorm_min());
    row("1e-400", 0);
    row("0e400", 0);
    row("0." + QByteArray(400, '0') + "1", 0);
    row("1" + QByteArray(400, '0') + "e-400", 1);
    row("Inf", infinity);
    row("+Inf", infinity);
    row("-inf", -infinity);
    row("Infinity", infinity);
    row("-INFINITY", -infinity);
    row("NaN", std::numeric_limits<double>::quiet_NaN());
    row("nan", std::numeric_limits<double>::quiet_NaN());
}

void TestExposition::readsValues()
{
    QFETCH(QByteArray, word);
    QFETCH(double, value);
    const auto read = parseExposition("a " + word + '\n');
    QVERIFY(read.hasValue());
    const double found = read->value("a").value();
    QVERIFY(std::isnan(value) ? std::isnan(found) : found == value);
    QCOMPARE(std::signbit(found), std::signbit(value));
}

void TestExposition::readsHelp_data()
{
    const auto row = textRows("help");
    row("words", "# HELP a Some  words.", "Some  words.");
    row("tabs", "#\tHELP\ta\tb c", "b c");
    row("escapes", R"(# HELP a b\nc\\d\\n)", "b\nc\\d\\n");
    row("quotes are not escaped", R"(# HELP a "b" \"c\")", R"("b" \"c\")");
    row("lone backslashes", R"(# HELP a b\x \)", R"(b\x \)");
    row("no UTF-8", "# HELP a \xff", "\xef\xbf\xbd");
    row("CRLF", "# HELP a b\r\n", "b");
}

void TestExposition::readsHelp()
{
    QFETCH(QByteArray, text);
    QFETCH(QString, help);
    const auto read = parseExposition(text);
    QVERIFY(read.hasValue() && read->family("a"));
    QCOMPARE(read->family("a")->help, help);
}

void TestExposition::putsSamplesIntoFamilies_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QString>("families");
    const auto row = [](const char *name, const QByteArray &text, const char *families) {
        QTest::newRow(name) << text << QString::fromLatin1(families);
    };
    row("order of first naming", "b 1\n# TYPE a gauge\nc 1\na 1\nb 2", "b0:2 a2:1 c0:1");
    row("histogram", "# TYPE h histogram\nh_bucket{le=\"1\"} 1\nh_sum 1\nh_count 1\nh_max 1",
        "h3:3 h_max0:1");
    row("summary", "# TYPE s summary\ns 1\ns_sum 1\ns_count 1\ns_bucket 1", "s4:3 s_bucket0:1");
    row("suffixes of a counter", "# TYPE c counter\nc 1\nc_sum 1\nc_count 1",
        "c1:1 c_sum0:1 c_count0:1");
    row("suffixes without a family", "x_sum 1\nx_bucket 1", "x_sum0:1 x_bucket0:1");
    row("a family with a suffix of its own",
        "# TYPE h histogram\n# TYPE h_count counter\nh_count 1\nh_sum 2", "h3:1 h_count1:1");
    row("types in any case", "# TYPE a COUNTER\n# TYPE b Gauge", "a1:0 b2:0");
    row("types of OpenMetrics", "# TYPE a info\n# TYPE b unknown\n# TYPE c stateset",
        "a0:0 b0:0 c0:0");
    row("help behind samples", "a 1\n# HELP a b", "a0:1");
}

void TestExposition::putsSamplesIntoFamilies()
{
    QFETCH(QByteArray, text);
    const auto read = parseExposition(text);
    QVERIFY(read.hasValue());
    QStringList families;
    for (const MetricFamily &family : read->families)
        families += QStringLiteral("%1%2:%3")
                        .arg(QString::fromLatin1(family.name))
                        .arg(int(family.type))
                        .arg(family.samples.size());
    QTEST(families.join(u' '), "families");
}

void TestExposition::refuses_data()
{
    QTest::addColumn<QByteArray>("line");
    const auto row = [](const char *name, const QByteArray &line) { QTest::newRow(name) << line; };
    row("HTML", "<html>");
    row("no value", "a");
    row("no value behind a blank", "a ");
    row("no value behind labels", "a{b=\"c\"}");
    row("word for a value", "a b");
    row("value behind no name", "1");
    row("name with a hyphen", "a-b 1");
    row("name that begins with a digit", "1a 1");
    row("name beyond ASCII", "\xc3\xa4 1");
    row("NUL", QByteArray("a\0 1", 4));
    row("two names", "a b 1");
    row("label with a colon", "a{b:c=\"d\"} 1");
    row("label that begins with a digit", "a{1b=\"c\"} 1");
    row("label without a value", "a{b} 1");
    row("label without quotes", "a{b=c} 1");
    row("label in single quotes", "a{b='c'} 1");
    row("label twice", "a{b=\"c\",b=\"d\"} 1");
    row("label for the name", "a{__name__=\"c\"} 1");
    row("no comma", "a{b=\"c\" d=\"e\"} 1");
    row("two commas", "a{b=\"c\",,} 1");
    row("comma alone", "a{,} 1");
    row("labels without an end", "a{b=\"c\" 1");
    row("value without an end", "a{b=\"c} 1");
    row("value that ends in a backslash", "a{b=\"c\\");
    row("unknown escape", R"(a{b="\t"} 1)");
    row("line feed in a value", "a{b=\"c\nd\"} 1");
    row("two timestamps", "a 1 2 3");
    row("timestamp with a fraction", "a 1 2.5");
    row("timestamp too large", "a 1 9223372036854775808");
    row("timestamp of two signs", "a 1 +-5");
    row("two signs", "a +-1");
    row("hexadecimal", "a 0x10");
    row("hexadecimal with an exponent", "a 0x1p3");
    row("underscore", "a 1_000");
    row("comma in a number", "a 1,5");
    row("signed NaN", "a -NaN");
    row("half of infinity", "a infin");
    row("point alone", "a .");
    row("exponent alone", "a e5");
    row("exponent without digits", "a 1e");
    row("too large", "a 1e309");
    row("too large without an exponent", "a 1" + QByteArray(400, '0'));
    row("far too large", "a 0.1e99999999999999999999");
    row("exemplar without a blank", "a 1#b");
    row("unknown type", "# TYPE a counting");
    row("two types", "# TYPE a counter gauge");
    row("type twice", "# TYPE a counter\n# TYPE a counter");
    row("help twice", "# HELP a b\n# HELP a b");
    row("type behind a sample", "a 1\n# TYPE a counter");
    row("type of no name", "# TYPE 1a counter");
    row("CR inside", "a 1\rb 2");
}

void TestExposition::refuses()
{
    QFETCH(QByteArray, line);
    const auto read = parseExposition("# first\n" + line);
    QVERIFY(!read.hasValue());
    QCOMPARE(read.error().kind, Kind::Syntax);
    QCOMPARE(read.error().line, line.contains("\n#") ? 3 : 2);
    QVERIFY(!parseExposition(line + "\n# last\n").hasValue());
}

namespace {

ExpositionLimits smallLimits()
{
    return {.maxBytes = 100, .maxLineBytes = 20, .maxSamples = 3, .maxLabels = 2};
}

} // namespace

void TestExposition::takesWhatIsAtTheLimit()
{
    QVERIFY(parseExposition("a 1\na 2\na 3\n", smallLimits()).hasValue());
    QVERIFY(parseExposition("# HELP b c\n# HELP d e\n# HELP f g", smallLimits()).hasValue());
    QVERIFY(parseExposition("a{b=\"c\",d=\"e\",} 1\r\n", smallLimits()).hasValue());
    QVERIFY(parseExposition("# " + QByteArray(18, 'x'), smallLimits()).hasValue());
    QVERIFY(parseExposition(QByteArray(100, '\n'), smallLimits()).hasValue());
}

void TestExposition::refusesWhatIsBeyondALimit_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<Kind>("kind");
    QTest::addColumn<int>("line");
    QTest::newRow("bytes") << QByteArray(101, '\n') << Kind::TooLarge << 0;
    QTest::newRow("line") << "\n# " + QByteArray(19, 'x') << Kind::LineTooLong << 2;
    QTest::newRow("samples") << QByteArray("a 1\na 1\na 1\na 1") << Kind::TooManySamples << 4;
    QTest::newRow("names") << QByteArray("# HELP a b\n# HELP c d\n# HELP e f\ng 1")
                           << Kind::TooManySamples << 4;
    QTest::newRow("labels") << QByteArray("a{b=\"\",c=\"\",d=\"\"}1") << Kind::TooManyLabels << 1;
}

void TestExposition::refusesWhatIsBeyondALimit()
{
    QFETCH(QByteArray, text);
    QFETCH(Kind, kind);
    const auto read = parseExposition(text, smallLimits());
    QVERIFY(!read.hasValue());
    QCOMPARE(read.error().kind, kind);
    QTEST(int(read.error().line), "line");
}

void TestExposition::takesTimeInProportion_data()
{
    QTest::addColumn<QByteArray>("unit");
    QTest::addColumn<bool>("isOneLine");
    QTest::newRow("families") << QByteArray("# HELP a@ b\n# TYPE a@ counter\na@ 1\n") << false;
    QTest::newRow("samples of a histogram") << QByteArray("h_bucket{le=\"@\"} 1\n") << false;
    QTest::newRow("escapes") << QByteArray("\\\\") << true;
    QTest::newRow("digits") << QByteArray("1") << true;
}

/** Twenty times the text, and not four hundred times as long. */
void TestExposition::takesTimeInProportion()
{
    QFETCH(QByteArray, unit);
    QFETCH(bool, isOneLine);
    const auto textOf = [&](int count) {
        QByteArray text = isOneLine ? QByteArray("a{b=\"") : QByteArray("# TYPE h histogram\n");
        for (int i = 0; i < count; ++i)
            text += QByteArray(unit).replace('@', QByteArray::number(i));
        return isOneLine ? text + "\"} 1" + (unit == "1" ? QByteArray(count, '1') : "") : text;
    };
    const ExpositionLimits limits {
        .maxBytes = 64 << 20, .maxLineBytes = 64 << 20, .maxSamples = 1'000'000};
    const auto nanosecondsOf = [&limits](const QByteArray &text) {
        qint64 best = std::numeric_limits<qint64>::max();
        for (int i = 0; i < 5; ++i) {
            const qint64 begun = threadNanoseconds();
            (void)parseExposition(text, limits);
            best = std::min(best, threadNanoseconds() - begun);
        }
        return best;
    };
    const qint64 little = nanosecondsOf(textOf(2'000));
    const qint64 much = nanosecondsOf(textOf(40'000));
    QVERIFY2(much < little * 150, qPrintable(QStringLiteral("%1 %2").arg(little).arg(much)));
}

QTEST_GUILESS_MAIN(TestExposition)
#include "tst_exposition.moc"
