// SPDX-License-Identifier: GPL-3.0-or-later
#include "relay-admin/client/profilejson.h"
#include "relay-admin/client/profilestore.h"
#include "tests/support/filesizelimit.h"

#include <QDir>
#include <QFile>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

using namespace relay::admin;

class TestProfileStore : public QObject {
    Q_OBJECT

private slots:
    void init() { m_folder = std::make_unique<QTemporaryDir>(); }
    void beginsEmpty();
    void keepsWhatIsAdded();
    void keepsEachField();
    void keepsOrderAndEdits();
    void putsACopyBehindItsOriginal();
    void tellsWhatHappens();
    void losesNothingOnAFullDisk();
    void isForItsOwnerAlone();
    void keepsAnUnreadableFileAside_data();
    void keepsAnUnreadableFileAside();
    void leavesTheFileWhereItCannotBeWritten();
    void exportsWithoutSecrets();
    void importsUnderNewIdsWhereTaken();
    void importsAllOrNothing_data();
    void importsAllOrNothing();
    void takesWhatIsMissingFromTheDefaults();

private:
    QString path() const { return m_folder->filePath(QStringLiteral("sub/profiles.json")); }
    void write(const QByteArray &json) const;
    QByteArray written() const;
    /** What another start of the program would show. */
    QList<Profile> reloaded() const;

    std::unique_ptr<QTemporaryDir> m_folder;
};

namespace {

Profile named(const char *name)
{
    Profile profile;
    profile.id = QUuid::createUuid();
    profile.name = QString::fromUtf8(name);
    return profile;
}

Profile fullProfile()
{
    Profile profile = named("Öst \"1\" \\");
    profile.group = QStringLiteral("مجموعة");
    profile.colour = ColourTag::Purple;
    profile.monitoringUrl = QUrl(QStringLiteral("https://ops.example.org:8443/r%C3%A9lay/"));
    profile.publicUrl = QUrl(QStringLiteral("wss://[2001:db8::1]/ws?x=1"));
    profile.caFile = QStringLiteral("/etc/ä b.pem");
    profile.headerName = QStringLiteral("X-Pass");
    profile.headerValue = QStringLiteral("for the proxy alone");
    profile.interval = std::chrono::seconds(600);
    return profile;
}

QString namesOf(const QList<Profile> &profiles)
{
    QStringList names;
    for (const Profile &profile : profiles)
        names += profile.name;
    return names.join(u' ');
}

QByteArray file(const QByteArray &profiles)
{
    return R"({"format":"vauchi-relay-admin profiles","version":1,"profiles":[)" + profiles + "]}";
}

} // namespace

void TestProfileStore::write(const QByteArray &json) const
{
    QDir().mkpath(QFileInfo(path()).path());
    QFile out(path());
    QVERIFY(out.open(QIODevice::WriteOnly));
    QCOMPARE(out.write(json), json.size());
}

QByteArray TestProfileStore::written() const
{
    QFile in(path());
    return in.open(QIODevice::ReadOnly) ? in.readAll() : QByteArray();
}

QList<Profile> TestProfileStore::reloaded() const
{
    ProfileStore store(path());
    const QString fault = store.load();
    if (!fault.isEmpty())
        qWarning("%s", qPrintable(fault));
    return store.profiles();
}

void TestProfileStore::beginsEmpty()
{
    ProfileStore store(path());
    QCOMPARE(store.load(), QString());
    QVERIFY(store.profiles().isEmpty());
    QVERIFY(!QFile::exists(path()));
}

void TestProfileStore::keepsWhatIsAdded()
{
    ProfileStore store(path());
    const Profile given = named("a");
    QCOMPARE(store.add(given), given.id);
    Profile without = named("b");
    without.id = {};
    const QUuid id = store.add(without);
    QVERIFY(!id.isNull());
    const QUuid other = store.add(given);
    QVERIFY(other != given.id && !other.isNull());
    QCOMPARE(namesOf(reloaded()), QStringLiteral("a b a"));
    QCOMPARE(reloaded(), store.profiles());
    QVERIFY(store.find(id) && store.find(id)->name == u"b");
    QVERIFY(!store.find(QUuid::createUuid()));
}

void TestProfileStore::keepsEachField()
{
    ProfileStore store(path());
    store.add(fullProfile());
    store.add(named("x"));
    QCOMPARE(reloaded(), store.profiles());
    QCOMPARE(reloaded().first().headerValue, QStringLiteral("for the proxy alone"));
}

void TestProfileStore::keepsOrderAndEdits()
{
    ProfileStore store(path());
    const QUuid a = store.add(named("a"));
    store.add(named("b"));
    const QUuid c = store.add(named("c"));
    store.move(c, 0);
    QCOMPARE(namesOf(reloaded()), QStringLiteral("c a b"));
    store.move(c, 99);
    QCOMPARE(namesOf(reloaded()), QStringLiteral("a b c"));
    store.move(c, -1);
    Profile edited = *store.find(a);
    edited.name = QStringLiteral("A");
    store.edit(edited);
    QCOMPARE(namesOf(reloaded()), QStringLiteral("c A b"));
    store.remove(store.profiles().first().id);
    QCOMPARE(namesOf(reloaded()), QStringLiteral("A b"));
    store.edit(named("nobody's"));
    store.remove(QUuid());
    QCOMPARE(namesOf(reloaded()), QStringLiteral("A b"));
}

void TestProfileStore::putsACopyBehindItsOriginal()
{
    ProfileStore store(path());
    Profile first = named("a");
    first.name = QString(200, u'a');
    store.add(first);
    store.add(named("b"));
    const QUuid copy = store.duplicate(first.id);
    QVERIFY(!copy.isNull() && copy != first.id);
    QCOMPARE(store.profiles().at(1).id, copy);
    QVERIFY(store.profiles().at(1).name.startsWith(u"Copy of aaa"));
    QCOMPARE(reloaded(), store.profiles());
    QVERIFY(store.duplicate(QUuid::createUuid()).isNull());
    QCOMPARE(store.profiles().size(), 3);
}

void TestProfileStore::tellsWhatHappens()
{
    ProfileStore store(path());
    QSignalSpy added(&store, &ProfileStore::added);
    QSignalSpy edited(&store, &ProfileStore::edited);
    QSignalSpy removed(&store, &ProfileStore::removed);
    QSignalSpy moved(&store, &ProfileStore::moved);
    QSignalSpy failed(&store, &ProfileStore::saveFailed);
    Profile a = named("a");
    store.add(a);
    const QUuid b = store.add(named("b"));
    QCOMPARE(added.value(1), (QVariantList {b, qsizetype(1)}));
    store.edit(a); // as it is
    QCOMPARE(edited.count(), 0);
    a.name = QStringLiteral("c");
    store.edit(a);
    QCOMPARE(edited.value(0), QVariantList {a.id});
    store.move(a.id, 1);
    QCOMPARE(moved.value(0), (QVariantList {a.id, qsizetype(0), qsizetype(1)}));
    store.move(a.id, 1);
    QCOMPARE(moved.count(), 1);
    store.remove(store.profiles().first().id);
    QCOMPARE(removed.value(0), QVariantList {b});
    QCOMPARE(failed.count(), 0);
}

void TestProfileStore::losesNothingOnAFullDisk()
{
    {
        ProfileStore store(path());
        store.add(named("a"));
        QSignalSpy failed(&store, &ProfileStore::saveFailed);
        const relay::test::FileSizeLimit full(100);
        store.add(named("b"));
        QCOMPARE(failed.count(), 1);
        QVERIFY(failed.front().front().toString().contains(path()));
    }
    ProfileStore store(path());
    QCOMPARE(store.load(), QString());
    QCOMPARE(store.profiles().size(), 1);
    QCOMPARE(store.profiles().front().name, QStringLiteral("a"));
}

void TestProfileStore::isForItsOwnerAlone()
{
    ProfileStore store(path());
    store.add(named("a"));
    store.add(named("b"));
    const auto others = QFileDevice::ReadGroup | QFileDevice::WriteGroup | QFileDevice::ReadOther
        | QFileDevice::WriteOther;
    QVERIFY(!(QFileInfo(path()).permissions() & others));
}

void TestProfileStore::keepsAnUnreadableFileAside_data()
{
    QTest::addColumn<QByteArray>("json");
    QTest::newRow("empty") << QByteArray();
    QTest::newRow("half") << file(R"({"name":"a")").left(60);
    QTest::newRow("binary") << QByteArray(5000, '\0');
    QTest::newRow("newer") << QByteArray(file("")).replace(":1,", ":2,");
    QTest::newRow("one fault") << file(R"({"name":"a"},{"name":""})");
}

void TestProfileStore::keepsAnUnreadableFileAside()
{
    QFETCH(QByteArray, json);
    for (int round = 1; round <= 2; ++round) {
        write(json);
        ProfileStore store(path());
        const QString fault = store.load();
        QVERIFY(store.profiles().isEmpty());
        const QDir folder = QFileInfo(path()).dir();
        const QStringList aside = folder.entryList({QStringLiteral("profiles.json.unreadable-*")});
        // The second does not take the place of the first.
        QCOMPARE(aside.size(), round);
        QVERIFY(fault.contains(aside.first()));
        QFile kept(folder.filePath(aside.last()));
        QVERIFY(kept.open(QIODevice::ReadOnly));
        QCOMPARE(kept.readAll(), json);
        QVERIFY(!QFile::exists(path()));
        store.add(named("new"));
        QCOMPARE(namesOf(reloaded()), QStringLiteral("new"));
    }
}

void TestProfileStore::leavesTheFileWhereItCannotBeWritten()
{
    // A folder in the file's place: nobody can write it, root neither.
    QVERIFY(QDir().mkpath(path() + QStringLiteral("/inside")));
    ProfileStore store(path());
    QSignalSpy failed(&store, &ProfileStore::saveFailed);
    QVERIFY(store.load().contains(path()));
    store.add(named("a"));
    QCOMPARE(failed.count(), 1);
    QVERIFY(failed.first().first().toString().contains(path()));
    QCOMPARE(namesOf(store.profiles()), QStringLiteral("a"));
    QVERIFY(QFileInfo(path()).isDir());
}

void TestProfileStore::exportsWithoutSecrets()
{
    ProfileStore store(path());
    store.add(fullProfile());
    const QByteArray json = store.exported();
    QVERIFY(written().contains("for the proxy alone"));
    QVERIFY(!json.contains("for the proxy alone"));
    QVERIFY(json.contains("X-Pass"));

    ProfileStore other(m_folder->filePath(QStringLiteral("other.json")));
    QCOMPARE(other.import(json).value(), 1);
    Profile expected = fullProfile();
    expected.id = other.profiles().first().id;
    expected.headerValue.clear();
    QCOMPARE(other.profiles().first(), expected);
    QCOMPARE(expected.id, store.profiles().first().id);
}

void TestProfileStore::importsUnderNewIdsWhereTaken()
{
    ProfileStore store(path());
    store.add(named("a"));
    store.add(named("b"));
    QCOMPARE(store.import(store.exported()).value(), 2);
    QCOMPARE(namesOf(reloaded()), QStringLiteral("a b a b"));
    QSet<QUuid> ids;
    for (const Profile &profile : store.profiles())
        ids += profile.id;
    QCOMPARE(ids.size(), 4);
    QCOMPARE(reloaded(), store.profiles());
    const auto imported =
        store.import(file(R"({"name":"c","monitoringUrl":"http://a","id":"zzz"})"));
    QVERIFY(imported.hasValue());
    QVERIFY(!store.profiles().last().id.isNull());
}

void TestProfileStore::importsAllOrNothing_data()
{
    QTest::addColumn<QByteArray>("json");
    QTest::addColumn<QString>("place");
    const auto row = [](const char *name, const QByteArray &json, const char *place) {
        QTest::newRow(name) << json << QString::fromUtf8(place);
    };
    const QByteArray url = R"("monitoringUrl":"http://a")";
    const auto profile = [&row, &url](
                             const char *name, const QByteArray &fields, const char *field) {
        row(name, file(R"({"name":"a",)" + url + R"(},{"name":"b",)" + url + ',' + fields + '}'),
            "Profile 2, field “");
        row(qPrintable(QString::fromLatin1(name) + QStringLiteral(", field")),
            file(R"({"name":"b",)" + url + ',' + fields + '}'), field);
    };
    row("no JSON", "{\n  \"version\": x}", "line 2, column");
    row("a list", "[]", "not a list of connection profiles");
    row("another's", R"({"format":"other","version":1,"profiles":[]})", "not a list of conn");
    row("no list", R"({"format":"vauchi-relay-admin profiles","version":1})", "not a list of conn");
    row("newer", QByteArray(file("")).replace(":1,", ":7,"), "newer");
    row("no version", QByteArray(file("")).replace(R"("version":1,)", ""), "version");
    row("version of half", QByteArray(file("")).replace(":1,", ":0.5,"), "version");
    row("deep", QByteArray(2'000, '['), "JSON");
    row("too large", QByteArray(MaxProfileJsonBytes + 1, ' '), "too large");
    row("too many", file(QByteArray("{\"name\":\"a\"},").repeated(1000) + "{}"), "more than");
    row("no object", file("7"), "Profile 1, field “name”");
    row("no name", file("{}"), "Profile 1, field “name”");
    row("no address", file(R"({"name":"a"})"), "Profile 1, field “monitoringUrl”");
    profile("name is a number", R"("name":7)", "“name”");
    profile("wrong address", R"("monitoringUrl":"ftp://a")", "“monitoringUrl”");
    profile("script", R"("monitoringUrl":"javascript:alert")", "“monitoringUrl”");
    profile("broken address", R"("publicUrl":"wss://a b/%%%")", "“publicUrl”");
    profile("colour", R"("colour":"pink")", "“colour”");
    profile("interval is a text", R"("intervalSeconds":"5")", "“intervalSeconds”");
    profile("interval is a fraction", R"("intervalSeconds":1.5)", "“intervalSeconds”");
    profile("interval too long", R"("intervalSeconds":601)", "“intervalSeconds”");
    profile("interval is huge", R"("intervalSeconds":1e300)", "“intervalSeconds”");
    profile(
        "header of two lines", R"("headerName":"A","headerValue":"b\r\nC: d")", "“headerValue”");
}

void TestProfileStore::importsAllOrNothing()
{
    QFETCH(QByteArray, json);
    QFETCH(QString, place);
    ProfileStore store(path());
    store.add(named("here"));
    const QByteArray before = written();
    const auto imported = store.import(json);
    QVERIFY(!imported.hasValue());
    QVERIFY2(imported.error().contains(place), qPrintable(imported.error()));
    QCOMPARE(namesOf(store.profiles()), QStringLiteral("here"));
    QCOMPARE(written(), before);
}

void TestProfileStore::takesWhatIsMissingFromTheDefaults()
{
    ProfileStore store(path());
    const auto imported =
        store.import(file(R"({"name":"a","monitoringUrl":"http://a","token":"x","future":[1]})"));
    QVERIFY(imported.hasValue());
    Profile expected;
    expected.id = store.profiles().first().id;
    expected.name = QStringLiteral("a");
    expected.monitoringUrl = QUrl(QStringLiteral("http://a"));
    QCOMPARE(store.profiles().first(), expected);
    QVERIFY(!written().contains("token"));
}

QTEST_GUILESS_MAIN(TestProfileStore)
#include "tst_profilestore.moc"
