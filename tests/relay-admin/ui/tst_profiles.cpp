// SPDX-License-Identifier: GPL-3.0-or-later
#include "relay-admin/client/profilejson.h"
#include "relay-admin/ui/profiledialog.h"
#include "tests/relay-admin/ui/console.h"

#include <QAction>
#include <QComboBox>
#include <QFile>
#include <QFileDialog>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QLineEdit>
#include <QMessageBox>
#include <QPushButton>
#include <QSpinBox>
#include <QTemporaryDir>
#include <QTest>

using namespace relay::admin;
using namespace relay::admin::test;

namespace {

const QString Token = QStringLiteral("token-of-the-relay");
const QString HeaderValue = QStringLiteral("value-of-the-header");

/** Nobody answers there. */
Profile profile(const QString &name, const QString &group = {})
{
    Profile made;
    made.name = name;
    made.group = group;
    made.monitoringUrl = QUrl(QStringLiteral("http://127.0.0.1:1"));
    return made;
}

/** One with something in each field. */
Profile fullProfile()
{
    Profile full = profile(QStringLiteral("Zuhause ü"), QStringLiteral("prod"));
    full.colour = ColourTag::Red;
    full.publicUrl = QUrl(QStringLiteral("wss://relay.example.org/a%20path"));
    full.caFile = QStringLiteral("/etc/authorities.pem");
    full.headerName = QStringLiteral("X-Proxy-Key");
    full.headerValue = HeaderValue;
    full.interval = std::chrono::seconds(600);
    return full;
}

QByteArray contentOf(const QString &path)
{
    QFile file(path);
    return file.open(QFile::ReadOnly) ? file.readAll() : QByteArray();
}

void write(const QString &path, const QByteArray &content)
{
    QFile file(path);
    QVERIFY(file.open(QFile::WriteOnly) && file.write(content) == content.size());
}

/** The names as they stand in the list. */
QStringList shownNames(Console &console)
{
    QStringList names;
    const QAbstractItemModel &model = *console.list().model();
    for (int row = 0; row < model.rowCount(); ++row)
        names.append(model.index(row, RelayListModel::Name).data().toString());
    return names;
}

/** In the list. */
void press(Console &console, Qt::Key key, Qt::KeyboardModifiers modifiers = Qt::NoModifier)
{
    QVERIFY(console.isBack());
    console.list().setFocus();
    QTest::keyClick(&console.list(), key, modifiers);
}

/** Whether a dialog is open, and what is typed goes there. */
bool hasDialog(Console &console)
{
    return QTest::qWaitFor([&] { return console.dialog() != nullptr; })
        && hasKeyboard(*console.dialog());
}

/** Types it as the name of the file that is asked for. */
void chooseFile(Console &console, const char *action, const QString &path)
{
    console.action(action)->trigger();
    const auto asks = [&] { return qobject_cast<QFileDialog *>(console.dialog()); };
    QTRY_VERIFY(asks());
    auto *name = asks()->findChild<QLineEdit *>(QStringLiteral("fileNameEdit"));
    QVERIFY(name);
    name->setText(path);
    QTest::keyClick(name, Qt::Key_Return);
    QTRY_VERIFY(!asks());
}

/** What the window warns of, taken note of; empty: of nothing. */
QString warning(Console &console)
{
    auto *box = qobject_cast<QMessageBox *>(console.dialog());
    if (!box)
        return {};
    const QString text = box->text();
    QTest::keyClick(box, Qt::Key_Escape);
    return text;
}

/** `profiles` as the window exports them. */
QByteArray fileOf(const QList<Profile> &profiles)
{
    return toJson(profiles, HeaderValues::LeftOut);
}

QByteArray withVersion(const QByteArray &json, int version)
{
    QJsonObject root = QJsonDocument::fromJson(json).object();
    root[QStringLiteral("version")] = version;
    return QJsonDocument(root).toJson();
}

/** The second profile has no name. */
QByteArray halfGood()
{
    QJsonObject root = QJsonDocument::fromJson(
        fileOf({profile(QStringLiteral("Good")), profile(QStringLiteral("Bad"))}))
                           .object();
    QJsonArray profiles = root[QStringLiteral("profiles")].toArray();
    QJsonObject second = profiles[1].toObject();
    second.remove(QStringLiteral("name"));
    profiles[1] = second;
    root[QStringLiteral("profiles")] = profiles;
    return QJsonDocument(root).toJson();
}

} // namespace

/** What people do with the list of relays, in its window. */
class TestProfiles : public QObject {
    Q_OBJECT

private slots:
    void init();
    void editsAProfile();
    void duplicatesAProfileWithItsToken();
    void removesAProfileForGood();
    void movesAProfileByKeys();
    void movesAProfileWithinItsGroup();
    void movesInTheOrderThatIsSeen();
    void exportsNoSecret();
    void importsWhatWasExported();
    void importsBesideWhatIsThere();
    void importsNothingOfAFileThatIsNotInOrder_data();
    void importsNothingOfAFileThatIsNotInOrder();
    void saysThatAnExportFailed();
    void leavesAFileDialogByEscape();

private:
    QString path(const char *name) const { return m_folder->filePath(QLatin1String(name)); }

    std::unique_ptr<QTemporaryDir> m_folder;
};

void TestProfiles::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    QVERIFY(m_folder->isValid());
}

void TestProfiles::editsAProfile()
{
    Profile before = fullProfile();
    Profile after = before;
    after.name = QStringLiteral("Another");
    after.colour = ColourTag::Blue;
    after.interval = std::chrono::seconds(7);
    {
        Console console(m_folder->path());
        before.id = after.id = console.fleet().add(before, Token);
        console.window().select(before.id);
        for (const bool isKept : {false, true}) {
            press(console, Qt::Key_F2);
            QVERIFY(hasDialog(console));
            ProfileDialog &dialog = *console.profileDialog();
            // What is in no field of the form, is in it nevertheless.
            QCOMPARE(dialog.profile(), before);
            QCOMPARE(dialog.token(), Token);
            for (auto *edit : dialog.findChildren<QLineEdit *>()) {
                if (edit->text() == before.name)
                    edit->setText(after.name);
            }
            for (auto *combo : dialog.findChildren<QComboBox *>()) {
                if (!combo->isEditable())
                    combo->setCurrentIndex(static_cast<int>(after.colour));
            }
            dialog.findChild<QSpinBox *>()->setValue(7);
            QTest::keyClick(&dialog, isKept ? Qt::Key_Return : Qt::Key_Escape);
            QTRY_VERIFY(!console.profileDialog());
            QCOMPARE(console.fleet().profiles(), QList<Profile> {isKept ? after : before});
        }
        QCOMPARE(console.fleet().token(after.id), Token);
        QCOMPARE(console.cell(RelayListModel::Name), after.name);
        QVERIFY(console.window().windowTitle().contains(after.name));
    }
    Console console(m_folder->path());
    QCOMPARE(console.fleet().profiles(), QList<Profile> {after});
}

void TestProfiles::duplicatesAProfileWithItsToken()
{
    Console console(m_folder->path());
    const Profile original = fullProfile();
    const QUuid id = console.fleet().add(original, Token);
    console.window().select(id);
    press(console, Qt::Key_D, Qt::ControlModifier);
    QVERIFY(hasDialog(console));
    QTest::keyClick(console.dialog(), Qt::Key_Escape);
    QTRY_VERIFY(!console.profileDialog());
    QCOMPARE(console.fleet().profiles().size(), 1);

    press(console, Qt::Key_D, Qt::ControlModifier);
    QVERIFY(hasDialog(console));
    QTest::keyClick(console.dialog(), Qt::Key_Return);
    QTRY_VERIFY(!console.profileDialog());
    QCOMPARE(console.fleet().profiles().size(), 2);
    Profile copy = console.fleet().profiles()[1];
    QVERIFY(copy.id != id && !copy.id.isNull());
    QVERIFY(copy.name != original.name && copy.name.contains(original.name));
    QCOMPARE(console.fleet().token(copy.id), Token);
    // It is the one that is shown.
    QCOMPARE(console.cell(RelayListModel::Name), copy.name);
    copy.name = original.name;
    copy.id = original.id;
    QCOMPARE(copy, original);
}

void TestProfiles::removesAProfileForGood()
{
    {
        Console console(m_folder->path());
        const QUuid first = console.fleet().add(profile(QStringLiteral("First")), Token);
        console.fleet().add(profile(QStringLiteral("Second")), {});
        console.window().select(first);
        press(console, Qt::Key_Delete);
        QVERIFY(hasDialog(console));
        auto *box = qobject_cast<QMessageBox *>(console.dialog());
        QVERIFY(box && box->text().contains(QLatin1String("First")));
        // Return does no harm.
        QTest::keyClick(box, Qt::Key_Return);
        QTRY_VERIFY(!console.dialog());
        QCOMPARE(console.fleet().profiles().size(), 2);

        press(console, Qt::Key_Delete);
        QVERIFY(hasDialog(console));
        QTest::keyClick(console.dialog(), Qt::Key_R, Qt::AltModifier);
        QTRY_VERIFY(!console.dialog());
        QCOMPARE(shownNames(console), QStringList {QStringLiteral("Second")});
        QCOMPARE(console.cell(RelayListModel::Name), QStringLiteral("Second"));
        QVERIFY(!console.fleet().monitor(first));
        QVERIFY(console.fleet().token(first).isEmpty());
    }
    Console console(m_folder->path());
    QCOMPARE(shownNames(console), QStringList {QStringLiteral("Second")});
}

void TestProfiles::movesAProfileByKeys()
{
    const QStringList moved {QStringLiteral("C"), QStringLiteral("A"), QStringLiteral("B")};
    {
        Console console(m_folder->path());
        QUuid last;
        for (const char *name : {"A", "B", "C"})
            last = console.fleet().add(profile(QLatin1String(name)), {});
        console.window().select(last);
        // Once more than there is room for.
        for (int n = 0; n < 3; ++n)
            press(console, Qt::Key_Up, Qt::AltModifier);
        QCOMPARE(shownNames(console), moved);
        press(console, Qt::Key_Down, Qt::AltModifier);
        QCOMPARE(shownNames(console),
            (QStringList {QStringLiteral("A"), QStringLiteral("C"), QStringLiteral("B")}));
        press(console, Qt::Key_Up, Qt::AltModifier);
        // It stays the one that is shown.
        QCOMPARE(console.cell(RelayListModel::Name), QStringLiteral("C"));
        QCOMPARE(console.profileNames(), moved);
    }
    Console console(m_folder->path());
    QCOMPARE(console.profileNames(), moved);
    QCOMPARE(shownNames(console), moved);
}

void TestProfiles::movesAProfileWithinItsGroup()
{
    Console console(m_folder->path());
    console.fleet().add(profile(QStringLiteral("A"), QStringLiteral("prod")), {});
    console.fleet().add(profile(QStringLiteral("X"), QStringLiteral("test")), {});
    const QUuid last =
        console.fleet().add(profile(QStringLiteral("B"), QStringLiteral("prod")), {});
    console.window().select(last);
    QCOMPARE(shownNames(console),
        (QStringList {QStringLiteral("A"), QStringLiteral("B"), QStringLiteral("X")}));
    // One key moves it by one place, though one of another group is between them.
    press(console, Qt::Key_Up, Qt::AltModifier);
    const QStringList moved {QStringLiteral("B"), QStringLiteral("A"), QStringLiteral("X")};
    QCOMPARE(shownNames(console), moved);
    press(console, Qt::Key_Down, Qt::AltModifier);
    press(console, Qt::Key_Down, Qt::AltModifier);
    QCOMPARE(shownNames(console),
        (QStringList {QStringLiteral("A"), QStringLiteral("B"), QStringLiteral("X")}));
    // Beyond the end of its group it has gone nowhere, unseen either.
    QCOMPARE(console.profileNames(), shownNames(console));
}

void TestProfiles::movesInTheOrderThatIsSeen()
{
    Console console(m_folder->path());
    QUuid last;
    for (const char *name : {"A", "B", "C"})
        last = console.fleet().add(profile(QLatin1String(name)), {});
    console.window().select(last);
    // Turned round, up is towards the end.
    console.list().sortByColumn(RelayListModel::Name, Qt::DescendingOrder);
    QCOMPARE(shownNames(console).front(), QStringLiteral("C"));
    press(console, Qt::Key_Down, Qt::AltModifier);
    QCOMPARE(shownNames(console),
        (QStringList {QStringLiteral("B"), QStringLiteral("C"), QStringLiteral("A")}));
    // Sorted by something else, their own order comes back first.
    console.list().sortByColumn(RelayListModel::Age, Qt::AscendingOrder);
    press(console, Qt::Key_Down, Qt::AltModifier);
    QCOMPARE(console.profileNames(),
        (QStringList {QStringLiteral("A"), QStringLiteral("B"), QStringLiteral("C")}));
    QCOMPARE(shownNames(console), console.profileNames());
}

void TestProfiles::exportsNoSecret()
{
    Console console(m_folder->path());
    console.fleet().add(fullProfile(), Token);
    // A name without an end gets one.
    chooseFile(console, "export", path("mine"));
    QCOMPARE(warning(console), QString());
    const QByteArray exported = contentOf(path("mine.json"));
    QVERIFY(exported.contains("X-Proxy-Key"));
    QVERIFY(!exported.contains(Token.toUtf8()));
    QVERIFY(!exported.contains(HeaderValue.toUtf8()));
}

void TestProfiles::importsWhatWasExported()
{
    QList<Profile> before;
    {
        Console console(m_folder->path());
        console.fleet().add(fullProfile(), Token);
        console.fleet().add(profile(QStringLiteral("Other"), QStringLiteral("test")), {});
        before = console.fleet().profiles();
        chooseFile(console, "export", path("mine.json"));
    }
    before[0].headerValue.clear();
    QTemporaryDir empty;
    {
        Console console(empty.path());
        QVERIFY(console.window().findChild<QPushButton *>(QStringLiteral("addFirst"))->isVisible());
        chooseFile(console, "import", path("mine.json"));
        QCOMPARE(warning(console), QString());
        QCOMPARE(console.fleet().profiles(), before);
        // The first of them is shown, and no longer the word that there is none.
        QCOMPARE(console.cell(RelayListModel::Name), before[0].name);
        QVERIFY(
            !console.window().findChild<QPushButton *>(QStringLiteral("addFirst"))->isVisible());
        QVERIFY(console.fleet().token(before[0].id).isEmpty());
    }
    Console console(empty.path());
    QCOMPARE(console.fleet().profiles(), before);
}

void TestProfiles::importsBesideWhatIsThere()
{
    Console console(m_folder->path());
    const QUuid id = console.fleet().add(fullProfile(), Token);
    console.window().select(id);
    const Profile before = console.fleet().profiles().front();
    chooseFile(console, "export", path("mine.json"));
    chooseFile(console, "import", path("mine.json"));
    QCOMPARE(console.fleet().profiles().size(), 2);
    // Nothing of the old one is replaced: neither the secrets, nor what is shown.
    QCOMPARE(console.fleet().profiles().front(), before);
    QVERIFY(console.fleet().profiles().back().id != id);
    QCOMPARE(console.fleet().token(id), Token);
    QCOMPARE(console.monitor().profile().id, id);
}

void TestProfiles::importsNothingOfAFileThatIsNotInOrder_data()
{
    QTest::addColumn<QByteArray>("content");
    QTest::addColumn<QString>("word");
    const QByteArray good = fileOf({profile(QStringLiteral("Good"))});
    QTest::newRow("empty") << QByteArray() << QStringLiteral("not JSON");
    QTest::newRow("broken off") << good.left(good.size() / 2) << QStringLiteral("not JSON: line");
    QTest::newRow("something else") << QByteArray(R"({"version": 1, "profiles": []})")
                                    << QStringLiteral("not a list of connection profiles");
    QTest::newRow("newer") << withVersion(good, 2) << QStringLiteral("newer version");
    QTest::newRow("no version") << withVersion(good, 0) << QStringLiteral("no version");
    QTest::newRow("half good") << halfGood() << QStringLiteral("Profile 2, field “name”");
    QTest::newRow("too large") << QByteArray(5 * 1024 * 1024, ' ') << QStringLiteral("too large");
    QTest::newRow("too many") << fileOf(
        QList<Profile>(MaxProfiles, profile(QStringLiteral("One of many"))))
                              << QStringLiteral("more than 1,000");
}

void TestProfiles::importsNothingOfAFileThatIsNotInOrder()
{
    QFETCH(QByteArray, content);
    QFETCH(QString, word);
    Console console(m_folder->path());
    console.fleet().add(fullProfile(), Token);
    const QList<Profile> before = console.fleet().profiles();
    const QByteArray fileBefore = contentOf(path("profiles.json"));
    QVERIFY(fileBefore.contains("Zuhause"));
    write(path("theirs.json"), content);
    chooseFile(console, "import", path("theirs.json"));
    QVERIFY(hasDialog(console));
    const QString said = warning(console);
    QVERIFY2(said.contains(word), qPrintable(said));
    QTRY_VERIFY(!console.dialog());
    QCOMPARE(console.fleet().profiles(), before);
    QCOMPARE(contentOf(path("profiles.json")), fileBefore);
    QCOMPARE(console.list().model()->rowCount(), 1);
}

void TestProfiles::saysThatAnExportFailed()
{
    Console console(m_folder->path());
    console.fleet().add(fullProfile(), Token);
    // Nobody can write there.
    chooseFile(console, "export", QStringLiteral("/proc/relays.json"));
    QVERIFY(hasDialog(console));
    const QString said = warning(console);
    QVERIFY2(
        said.contains(QLatin1String("/proc/relays.json could not be written")), qPrintable(said));
}

void TestProfiles::leavesAFileDialogByEscape()
{
    Console console(m_folder->path());
    console.fleet().add(profile(QStringLiteral("A")), {});
    for (const char *action : {"import", "export", "csv", "picture"}) {
        console.action(action)->trigger();
        QTRY_VERIFY2(qobject_cast<QFileDialog *>(console.dialog()), action);
        QTest::keyClick(console.dialog(), Qt::Key_Escape);
        QTRY_VERIFY2(!console.dialog(), action);
    }
    QCOMPARE(console.profileNames(), QStringList {QStringLiteral("A")});
}

QTEST_MAIN(TestProfiles)
#include "tst_profiles.moc"
