// SPDX-License-Identifier: GPL-3.0-or-later
#include "relay-admin/client/connectiontest.h"
#include "relay-admin/client/profilefaults.h"
#include "relay-admin/models/alertengine.h"
#include "relay-admin/models/alertsmodel.h"
#include "relay-admin/models/formats.h"
#include "relay-admin/models/relaystate.h"
#include "relay-admin/ui/colourtag.h"
#include "relay-admin/ui/languages.h"
#include "relay-admin/ui/mainwindow.h"
#include "relay-admin/ui/profiledialog.h"

#include <QAbstractButton>
#include <QApplication>
#include <QFile>
#include <QLabel>
#include <QLocale>
#include <QMenu>
#include <QMenuBar>
#include <QSettings>
#include <QTabBar>
#include <QTemporaryDir>
#include <QTest>

using namespace relay::admin;
using namespace std::chrono_literals;

namespace {

/** Something of each folder, as the program itself says it. */
QStringList words()
{
    QStringList words {stateName(RelayState::Stale), severityName(relay::AlertSeverity::Critical),
        colourName(ColourTag::Purple), chartName(Chart::Refusals), unitName(Unit::Seconds),
        nameOf(TestStep::Dns), faultsOf(Profile()).front().text, usedText(1, 2), durationText(26h),
        QCoreApplication::translate("QPlatformTheme", "Cancel")};
    for (const auto &rule : *defaultAlertRules())
        words.append(summaryText(rule));
    return words;
}

QString seconds(int number)
{
    return QCoreApplication::translate("relay::admin::Formats", "%n second(s)", nullptr, number);
}

/** Those that two of the texts share: a person's key would do now the one, now the other. */
QStringList sharedMnemonics(const QStringList &texts)
{
    QStringList shared;
    QHash<QString, QString> taken;
    for (const QString &text : texts) {
        const QString key = QKeySequence::mnemonic(text).toString();
        if (!key.isEmpty() && taken.contains(key))
            shared.append(taken.value(key) + QStringLiteral(" and ") + text);
        taken.insert(key, text);
    }
    return shared;
}

QStringList textsOf(const QList<QAction *> &actions)
{
    QStringList texts;
    for (const QAction *action : actions)
        texts.append(action->text());
    return texts;
}

} // namespace

class TestLanguages : public QObject {
    Q_OBJECT

public:
    /** The country's way to write numbers would be the system's. */
    static void initMain()
    {
        qputenv("LC_ALL", "C");
        qunsetenv("LANGUAGE");
    }

private slots:
    void eachHasItsOwnWords_data();
    void eachHasItsOwnWords();
    void countsAsTheLanguageDoes_data();
    void countsAsTheLanguageDoes();
    void arabicHasSixForms();
    void runsInItsDirection();
    void writesNumbersByItsLocale();
    void fallsBackToEnglish();
    void sharesNoMnemonics_data();
    void sharesNoMnemonics();

private:
    Languages m_languages;
};

void TestLanguages::eachHasItsOwnWords_data()
{
    QTest::addColumn<QString>("quit");
    QTest::newRow("en") << "&Quit";
    QTest::newRow("de") << "&Beenden";
    QTest::newRow("es") << "&Salir";
    QTest::newRow("fr") << "&Quitter";
    QTest::newRow("ar") << "&خروج";
}

void TestLanguages::eachHasItsOwnWords()
{
    QFETCH(QString, quit);
    const QString code = QString::fromLatin1(QTest::currentDataTag());
    QVERIFY(QFile::exists(QStringLiteral(":/i18n/vauchi-relay-admin_%1.qm").arg(code)));
    m_languages.choose(QStringLiteral("en"));
    const QStringList english = words();
    m_languages.choose(code);
    QCOMPARE(m_languages.code(), code);
    QCOMPARE(QCoreApplication::translate("relay::admin::MainWindow", "&Quit"), quit);
    for (qsizetype n = 0; n < english.size() && code != QStringLiteral("en"); ++n)
        QVERIFY2(words()[n] != english[n], qPrintable(english[n]));
}

void TestLanguages::countsAsTheLanguageDoes_data()
{
    QTest::addColumn<QString>("code");
    QTest::addColumn<int>("number");
    QTest::addColumn<QString>("text");
    const auto row = [](const char *code, int number, const char *text) {
        QTest::addRow("%s %d", code, number)
            << QString::fromLatin1(code) << number << QString::fromUtf8(text);
    };
    row("en", 0, "0 seconds");
    row("en", 1, "1 second");
    row("en", 3, "3 seconds");
    row("de", 1, "1 Sekunde");
    row("de", 3, "3 Sekunden");
    row("es", 1, "1 segundo");
    row("es", 3, "3 segundos");
    row("fr", 0, "0\u00a0seconde");
    row("fr", 1, "1\u00a0seconde");
    row("fr", 3, "3\u00a0secondes");
    row("ar", 1, "ثانية واحدة");
    row("ar", 2, "ثانيتان");
    row("ar", 3, "٣ ثوانٍ");
}

void TestLanguages::countsAsTheLanguageDoes()
{
    QFETCH(QString, code);
    QFETCH(int, number);
    QFETCH(QString, text);
    m_languages.choose(code);
    QCOMPARE(durationText(std::chrono::seconds(number)), text);
}

void TestLanguages::arabicHasSixForms()
{
    m_languages.choose(QStringLiteral("ar"));
    QStringList forms;
    for (const int number : {0, 1, 2, 3, 11, 100}) {
        const QString form = seconds(number).remove(QLocale().toString(number)).trimmed();
        forms.append(form);
    }
    // With 100 it is what it is with 0, for seconds.
    QCOMPARE(forms.takeLast(), forms.first());
    QCOMPARE(QSet<QString>(forms.begin(), forms.end()).size(), 5);
    QCOMPARE(seconds(103), seconds(3).replace(QLocale().toString(3), QLocale().toString(103)));
    QCOMPARE(seconds(111), seconds(11).replace(QLocale().toString(11), QLocale().toString(111)));
    // And where 0 has a word of its own, all six.
    QSet<QString> rows;
    for (const int number : {0, 1, 2, 3, 11, 100})
        rows.insert(
            QCoreApplication::translate("relay::admin::MetricsPage", "%n row(s)", nullptr, number)
                .remove(QLocale().toString(number)));
    QCOMPARE(rows.size(), 6);
}

void TestLanguages::runsInItsDirection()
{
    for (const Language &language : Languages::all()) {
        m_languages.choose(language.code);
        QCOMPARE(QApplication::isRightToLeft(), language.code == QStringLiteral("ar"));
    }
}

void TestLanguages::writesNumbersByItsLocale()
{
    const auto number = [this](const char *code) {
        m_languages.choose(QLatin1String(code));
        return numberText(12345678) + u' ' + numberText(0.5);
    };
    QCOMPARE(number("en"), QStringLiteral("12,345,678 0.5"));
    QCOMPARE(number("de"), QStringLiteral("12.345.678 0,5"));
    QCOMPARE(number("es"), QStringLiteral("12.345.678 0,5"));
    QCOMPARE(number("fr"), QStringLiteral("12\u202f345\u202f678 0,5"));
    QCOMPARE(number("ar"), QStringLiteral("١٢٬٣٤٥٬٦٧٨ ٠٫٥"));
    // Those in the middle of words too.
    QCOMPARE(seconds(1234), QStringLiteral("١٬٢٣٤ ثانيةً"));
}

void TestLanguages::fallsBackToEnglish()
{
    for (const char *code : {"", "tlh"}) {
        m_languages.choose(QStringLiteral("de"));
        m_languages.choose(QLatin1String(code));
        QCOMPARE(m_languages.code(), QStringLiteral("en"));
        QCOMPARE(seconds(1), QStringLiteral("1 second"));
    }
}

void TestLanguages::sharesNoMnemonics_data()
{
    QTest::addColumn<QString>("code");
    for (const Language &language : Languages::all())
        QTest::addRow("%s", qPrintable(language.code)) << language.code;
}

void TestLanguages::sharesNoMnemonics()
{
    QFETCH(QString, code);
    QTemporaryDir folder;
    QSettings settings(folder.filePath(QStringLiteral("settings.ini")), QSettings::IniFormat);
    settings.setValue(QStringLiteral("preferences/language"), code);
    Theme theme;
    Fleet fleet(QDir(folder.path()), settings);
    MainWindow window(fleet, theme, m_languages, settings);
    m_languages.choose(code);
    QCoreApplication::sendPostedEvents(nullptr, QEvent::LanguageChange);
    QCOMPARE(window.menuBar()->actions().size(), 3);
    QVERIFY(window.menuBar()->actions().front()->text().contains(u'&'));
    for (const QAction *menu : window.menuBar()->actions())
        QCOMPARE(sharedMnemonics(textsOf(menu->menu()->actions())), QStringList());

    // With the menu bar and the tabs there is one page, or the first run's button.
    QStringList always = textsOf(window.menuBar()->actions());
    auto *tabs = window.findChild<QTabWidget *>();
    QVERIFY(tabs);
    for (int n = 0; n < tabs->count(); ++n)
        always.append(tabs->tabText(n));
    QList<QWidget *> pages {tabs->parentWidget()->findChild<QWidget *>(QStringLiteral("addFirst"))};
    for (int n = 0; n < tabs->count(); ++n)
        pages.append(tabs->widget(n));
    for (const QWidget *page : pages) {
        QVERIFY(page);
        QStringList texts = always;
        if (const auto *button = qobject_cast<const QAbstractButton *>(page))
            texts.append(button->text());
        for (const auto *button : page->findChildren<QAbstractButton *>())
            texts.append(button->text());
        for (const auto *label : page->findChildren<QLabel *>()) {
            if (label->buddy())
                texts.append(label->text());
        }
        QCOMPARE(sharedMnemonics(texts), QStringList());
    }

    ProfileDialog dialog(Profile(), {}, TokenKept::InMemory, {}, theme, &window);
    QStringList texts;
    for (const auto *label : dialog.findChildren<QLabel *>()) {
        if (label->buddy())
            texts.append(label->text());
    }
    for (const auto *button : dialog.findChildren<QAbstractButton *>())
        texts.append(button->text());
    QCOMPARE(sharedMnemonics(texts), QStringList());
}

QTEST_MAIN(TestLanguages)
#include "tst_languages.moc"
