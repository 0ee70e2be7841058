// SPDX-License-Identifier: GPL-3.0-or-later
#include "relay-admin/client/profilefaults.h"

#include <QTest>

#include <functional>

using namespace relay::admin;

using Edit = std::function<void(Profile &)>;
using Fields = QList<ProfileField>;
Q_DECLARE_METATYPE(Edit)

class TestProfileFaults : public QObject {
    Q_OBJECT

private slots:
    void takesTheFirstProfileOnceItHasAName();
    void saysWhichFieldIsAtFault_data();
    void saysWhichFieldIsAtFault();
    void saysEachFaultAtOnce();
    void looksAtTokens_data();
    void looksAtTokens();
};

namespace {

Profile goodProfile()
{
    Profile profile;
    profile.name = QStringLiteral("Relay");
    return profile;
}

Fields fieldsOf(const QList<ProfileFault> &faults)
{
    Fields fields;
    for (const ProfileFault &fault : faults)
        fields += fault.field;
    return fields;
}

} // namespace

void TestProfileFaults::takesTheFirstProfileOnceItHasAName()
{
    QCOMPARE(fieldsOf(faultsOf(Profile())), Fields {ProfileField::Name});
    QCOMPARE(fieldsOf(faultsOf(goodProfile())), Fields {});
}

void TestProfileFaults::saysWhichFieldIsAtFault_data()
{
    QTest::addColumn<Edit>("edit");
    QTest::addColumn<Fields>("fields");
    const auto row = [](const char *name, const Edit &edit, const Fields &fields) {
        QTest::newRow(name) << edit << fields;
    };
    const auto text = [](const char *utf8) { return QString::fromUtf8(utf8); };
    const auto monitoring = [&](const char *name, const char *url, bool isFine) {
        row(
            name, [=](Profile &p) { p.monitoringUrl = QUrl(text(url)); },
            isFine ? Fields {} : Fields {ProfileField::MonitoringUrl});
    };
    const auto publicUrl = [&](const char *name, const char *url, bool isFine) {
        row(
            name, [=](Profile &p) { p.publicUrl = QUrl(text(url)); },
            isFine ? Fields {} : Fields {ProfileField::PublicUrl});
    };
    const auto header = [&](const char *name, const char *field, const char *value,
                            const Fields &fields) {
        row(
            name,
            [=](Profile &p) {
                p.headerName = text(field);
                p.headerValue = text(value);
            },
            fields);
    };

    row("name of blanks", [=](Profile &p) { p.name = text("  "); }, {ProfileField::Name});
    row("name of two lines", [=](Profile &p) { p.name = text("a\nb"); }, {ProfileField::Name});
    row("name in any script", [=](Profile &p) { p.name = text("خادم ۱"); }, {});
    row("name too long", [=](Profile &p) { p.name = QString(201, u'x'); }, {ProfileField::Name});
    row("longest name", [=](Profile &p) { p.name = QString(200, u'x'); }, {});
    row("group of two lines", [=](Profile &p) { p.group = text("a\nb"); }, {ProfileField::Group});

    monitoring("no URL", "", false);
    monitoring("https with path", "https://ops.example.org/relay/", true);
    monitoring("scheme in capitals", "HTTP://ops.example.org", true);
    monitoring("IPv6", "http://[::1]:8081", true);
    monitoring("no scheme", "localhost", false);
    monitoring("host for a scheme", "localhost:8081", false);
    monitoring("ftp", "ftp://localhost", false);
    monitoring("ws", "ws://localhost:8080", false);
    monitoring("file", "file:///etc/passwd", false);
    monitoring("no host", "http:///health", false);
    monitoring("port 0", "http://localhost:0", false);
    monitoring("port 70000", "http://localhost:70000", false);
    monitoring("password", "http://a:b@localhost", false);
    monitoring("query", "http://localhost/?token=1", false);
    monitoring("fragment", "http://localhost/#a", false);

    publicUrl("no public URL", "", true);
    publicUrl("wss", "wss://relay.example.org", true);
    publicUrl("ws with path", "ws://relay.example.org/ws", true);
    publicUrl("public https", "https://relay.example.org", false);
    publicUrl("public password", "wss://a:b@relay.example.org", false);

    row("CA file with NUL", [](Profile &p) { p.caFile = QString(QChar::Null); },
        {ProfileField::CaFile});

    header("header", "X-Forwarded-Access", "abc 1,2", {});
    header("header without value", "X-Empty", "", {});
    header("value without header", "", "a", {ProfileField::HeaderName});
    header("header with colon", "X-A:", "a", {ProfileField::HeaderName});
    header("header with blank", "X A", "a", {ProfileField::HeaderName});
    header("header of two lines", "X-A", "a\r\nX-B: c", {ProfileField::HeaderValue});
    header("header beyond ASCII", "X-A", "ü", {ProfileField::HeaderValue});
    header("the token's header", "authorization", "Bearer a", {ProfileField::HeaderName});
    header("the host", "Host", "other", {ProfileField::HeaderName});

    const auto interval = [&](const char *name, int seconds, bool isFine) {
        row(
            name, [=](Profile &p) { p.interval = std::chrono::seconds(seconds); },
            isFine ? Fields {} : Fields {ProfileField::Interval});
    };
    interval("no interval", 0, false);
    interval("shortest interval", 1, true);
    interval("longest interval", 600, true);
    interval("interval too long", 601, false);
}

void TestProfileFaults::saysWhichFieldIsAtFault()
{
    QFETCH(Edit, edit);
    QFETCH(Fields, fields);
    Profile profile = goodProfile();
    edit(profile);
    const QList<ProfileFault> faults = faultsOf(profile);
    QCOMPARE(fieldsOf(faults), fields);
    for (const ProfileFault &fault : faults)
        QVERIFY(!fault.text.isEmpty() && !fault.text.contains(u"%1"));
}

void TestProfileFaults::saysEachFaultAtOnce()
{
    Profile profile;
    profile.monitoringUrl = {};
    profile.publicUrl = QUrl(QStringLiteral("http://a"));
    profile.interval = std::chrono::seconds(-1);
    QCOMPARE(fieldsOf(faultsOf(profile)),
        (Fields {ProfileField::Name, ProfileField::MonitoringUrl, ProfileField::PublicUrl,
            ProfileField::Interval}));
}

void TestProfileFaults::looksAtTokens_data()
{
    QTest::addColumn<QString>("token");
    QTest::addColumn<bool>("isFine");
    QTest::newRow("none") << QString() << true;
    QTest::newRow("base64") << QStringLiteral("abc+/12==") << true;
    QTest::newRow("blank") << QStringLiteral("a b") << false;
    QTest::newRow("line feed") << QStringLiteral("ab\n") << false;
    QTest::newRow("beyond ASCII") << QStringLiteral("é") << false;
    QTest::newRow("too long") << QString(2001, u'a') << false;
}

void TestProfileFaults::looksAtTokens()
{
    QFETCH(QString, token);
    QFETCH(bool, isFine);
    QCOMPARE(faultsOfToken(token).isEmpty(), isFine);
}

QTEST_GUILESS_MAIN(TestProfileFaults)
#include "tst_profilefaults.moc"
