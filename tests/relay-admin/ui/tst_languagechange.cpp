// SPDX-License-Identifier: GPL-3.0-or-later
#include "relay-admin/ui/alertspage.h"
#include "relay-admin/ui/overviewpage.h"
#include "relay-admin/ui/plot.h"
#include "relay-admin/ui/preferencesdialog.h"
#include "relay-admin/ui/statelabel.h"
#include "tests/relay-admin/ui/console.h"

#include <QAbstractButton>
#include <QAction>
#include <QApplication>
#include <QCategoryAxis>
#include <QChart>
#include <QComboBox>
#include <QDialogButtonBox>
#include <QHeaderView>
#include <QLabel>
#include <QMenu>
#include <QMenuBar>
#include <QPushButton>
#include <QTabWidget>
#include <QTableView>
#include <QTemporaryDir>
#include <QTest>

using namespace relay::admin;
using namespace relay::admin::test;

namespace {

constexpr int Soon = 10'000;

/** Nobody listens there: what is said of it is the same each time. */
const QUrl Nobody(QStringLiteral("http://127.0.0.1:1"));

/** The shipped rules, without the time that they wait. */
std::shared_ptr<const AlertRules> hastyRules()
{
    AlertRules rules = *defaultAlertRules();
    for (auto &rule : rules)
        rule.holdFor = {};
    return std::make_shared<const AlertRules>(std::move(rules));
}

QStringList headingsOf(const QTableView &table)
{
    QStringList headings;
    for (int n = 0; n < table.model()->columnCount(); ++n)
        headings.append(table.model()->headerData(n, Qt::Horizontal).toString());
    return headings;
}

const QAbstractItemModel &alertsOf(Console &console)
{
    return *console.alerts().findChild<QTableView *>()->model();
}

QString stateLine(Console &console)
{
    return console.overview().findChild<StateLabel *>()->accessibleName();
}

/** Every word of the window but for those that tell the time or count what came in. */
QStringList wordsOf(Console &console)
{
    MainWindow &window = console.window();
    QStringList words {window.windowTitle(), stateLine(console)};
    for (const QAction *menu : window.menuBar()->actions()) {
        words.append(menu->text());
        for (const QAction *action : menu->menu()->actions())
            words.append(action->text());
    }
    for (int n = 0; n < console.tabs().count(); ++n)
        words.append(console.tabs().tabText(n));
    for (const auto *button : window.findChildren<QAbstractButton *>())
        words.append({button->text(), button->toolTip(), button->accessibleName()});
    for (const auto *label : window.findChildren<QLabel *>()) {
        if (label->buddy())
            words.append(label->text());
    }
    for (const auto *table : window.findChildren<QTableView *>()) {
        words.append(table->accessibleName());
        words.append(headingsOf(*table));
    }
    for (ChartPanel *chart : console.overview().charts()) {
        words.append(chart->title());
        // A time is written in the language's digits, too.
        chart->setCrosshair(0);
        for (const auto *label : chart->findChildren<QLabel *>())
            words.append(label->text());
        chart->setCrosshair(std::nullopt);
        const Plot &plot = *chart->findChild<Plot *>();
        words.append({plot.accessibleName(), plot.accessibleDescription()});
        for (auto *axis : plot.chart()->axes(Qt::Vertical))
            words.append(qobject_cast<QCategoryAxis *>(axis)->categoriesLabels());
    }
    for (const int column :
        {RelayListModel::Name, RelayListModel::State, RelayListModel::Connections})
        words.append(console.cell(static_cast<RelayListModel::Column>(column)));
    words.append(console.list().currentIndex().data(Qt::ToolTipRole).toString());
    for (const int column :
        {AlertsModel::Severity, AlertsModel::Summary, AlertsModel::State, AlertsModel::Value})
        words.append(alertsOf(console).index(0, column).data().toString());
    words.append(alertsOf(console).index(0, 0).data(Qt::ToolTipRole).toString());
    return words;
}

QComboBox *languageBox(QDialog &dialog)
{
    for (auto *box : dialog.findChildren<QComboBox *>()) {
        if (box->findData(QStringLiteral("ar")) >= 0)
            return box;
    }
    return nullptr;
}

/** Opens Preferences and chooses there. */
PreferencesDialog *chooseInPreferences(Console &console, const QString &code)
{
    console.action("preferences")->trigger();
    auto *dialog = qobject_cast<PreferencesDialog *>(console.dialog());
    QComboBox *box = dialog ? languageBox(*dialog) : nullptr;
    if (!box)
        return nullptr;
    box->setCurrentIndex(box->findData(code));
    QCoreApplication::processEvents();
    return dialog;
}

} // namespace

/** Another language is chosen while the windows are open, and something is wrong. */
class TestLanguageChange : public QObject {
    Q_OBJECT

public:
    /** The country's way to write numbers would be the system's. */
    static void initMain()
    {
        qputenv("LC_ALL", "C");
        qunsetenv("LANGUAGE");
    }

private slots:
    void init();
    void saysAtOnceWhatItSaysAfterARestart();
    void leavesRoomForTheHeadings();
    void preferencesFollowTheirOwnChoice();
    void cancelTakesItBack();
    void keepsTheChoiceOverARestart();

private:
    /** As the current one, with an alert, and never asked again by itself. */
    void watchNobody(Console &console);

    std::unique_ptr<QTemporaryDir> m_folder;
};

void TestLanguageChange::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    QVERIFY(m_folder->isValid());
}

void TestLanguageChange::watchNobody(Console &console)
{
    if (!console.list().currentMonitor()) {
        Profile profile;
        profile.name = QStringLiteral("Home");
        profile.monitoringUrl = Nobody;
        profile.interval = Profile::MaxInterval;
        console.window().select(console.fleet().add(profile, {}));
    }
    QTRY_COMPARE_WITH_TIMEOUT(console.state(), RelayState::Down, Soon);
    QTRY_COMPARE(alertsOf(console).rowCount(), 1);
}

void TestLanguageChange::saysAtOnceWhatItSaysAfterARestart()
{
    QMap<QString, QStringList> atOnce;
    {
        Console console(m_folder->path(), hastyRules());
        watchNobody(console);
        QStringList codes;
        for (const Language &language : Languages::all())
            codes.append(language.code);
        // From right to left, back, and to where it began.
        for (const QString &code :
            codes + QStringList {QStringLiteral("de"), QStringLiteral("en")}) {
            auto *dialog = chooseInPreferences(console, code);
            QVERIFY(dialog);
            QTest::mouseClick(dialog->findChild<QDialogButtonBox *>()->button(QDialogButtonBox::Ok),
                Qt::LeftButton);
            QTRY_VERIFY(!console.window().findChild<PreferencesDialog *>());
            QCOMPARE(console.languages().code(), code);
            const auto direction = code == QLatin1String("ar") ? Qt::RightToLeft : Qt::LeftToRight;
            QCOMPARE(console.window().layoutDirection(), direction);
            QCOMPARE(console.overview().layoutDirection(), direction);
            // The list is at the side where reading begins.
            QCOMPARE(console.list().mapTo(&console.window(), QPoint()).x()
                    < console.tabs().mapTo(&console.window(), QPoint()).x(),
                direction == Qt::LeftToRight);
            // What an answer meant is said anew with the next, which is asked for.
            const QString nobody = QCoreApplication::translate(
                "relay::admin::HttpQuery", "Nothing listens at this port.");
            QTRY_VERIFY2(stateLine(console).contains(nobody), qPrintable(stateLine(console)));
            QCOMPARE(console.window().windowTitle(),
                QCoreApplication::translate("relay::admin::MainWindow", "%1 – Vauchi Relay Console")
                    .arg(QStringLiteral("Home")));
            QCOMPARE(alertsOf(console).index(0, AlertsModel::Summary).data().toString(),
                QCoreApplication::translate("AlertRules", "The relay does not answer."));
            if (atOnce.contains(code))
                QCOMPARE(wordsOf(console), atOnce.value(code));
            atOnce.insert(code, wordsOf(console));
        }
    }
    for (const QString &code : atOnce.keys()) {
        {
            QSettings settings(
                m_folder->filePath(QStringLiteral("settings.ini")), QSettings::IniFormat);
            settings.setValue(QStringLiteral("preferences/language"), code);
        }
        Console console(m_folder->path(), hastyRules());
        watchNobody(console);
        QCOMPARE(console.languages().code(), code);
        QTRY_COMPARE(atOnce.value(code), wordsOf(console));
        // All of it was translated, but for names and numbers.
        QVERIFY(code == QLatin1String("en")
            || atOnce.value(code) != atOnce.value(QStringLiteral("en")));
    }
}

void TestLanguageChange::leavesRoomForTheHeadings()
{
    Console console(m_folder->path(), hastyRules());
    watchNobody(console);
    for (const Language &language : Languages::all()) {
        QVERIFY(chooseInPreferences(console, language.code));
        console.dialog()->accept();
        QTRY_VERIFY(!console.dialog());
        const QHeaderView &header = *console.list().horizontalHeader();
        for (int n = RelayListModel::State; n < RelayListModel::ColumnCount; ++n)
            QVERIFY2(header.sectionSize(n) >= header.sectionSizeHint(n),
                qPrintable(language.code + u' ' + headingsOf(console.list())[n]));
    }
}

void TestLanguageChange::preferencesFollowTheirOwnChoice()
{
    Console console(m_folder->path());
    const auto textsOf = [](const QDialog &dialog) {
        QStringList texts {dialog.windowTitle()};
        for (const auto *label : dialog.findChildren<QLabel *>())
            texts.append(label->text());
        for (const auto *button : dialog.findChildren<QAbstractButton *>())
            texts.append(button->text());
        for (const auto *box : dialog.findChildren<QComboBox *>())
            texts.append(box->itemText(0));
        return texts;
    };
    QSet<QStringList> all;
    for (const Language &language : Languages::all()) {
        auto *dialog = chooseInPreferences(console, language.code);
        QVERIFY(dialog);
        const QStringList atOnce = textsOf(*dialog);
        QCOMPARE(dialog->layoutDirection(), QGuiApplication::layoutDirection());
        dialog->accept();
        QTRY_VERIFY(!console.dialog());
        console.action("preferences")->trigger();
        QCOMPARE(atOnce, textsOf(*console.dialog()));
        console.dialog()->reject();
        QTRY_VERIFY(!console.dialog());
        all.insert(atOnce);
    }
    QCOMPARE(all.size(), Languages::all().size());
}

void TestLanguageChange::cancelTakesItBack()
{
    Console console(m_folder->path());
    QVERIFY(chooseInPreferences(console, QStringLiteral("en")));
    console.dialog()->accept();
    QTRY_VERIFY(!console.dialog());
    const QString before = console.action("add")->text();
    QVERIFY(chooseInPreferences(console, QStringLiteral("ar")));
    // It can be seen before it is taken.
    QVERIFY(console.action("add")->text() != before);
    QVERIFY(console.window().isRightToLeft());
    QTest::keyClick(console.dialog(), Qt::Key_Escape);
    QTRY_VERIFY(!console.dialog());
    QCoreApplication::processEvents();
    QCOMPARE(console.action("add")->text(), before);
    QVERIFY(!console.window().isRightToLeft());
}

void TestLanguageChange::keepsTheChoiceOverARestart()
{
    QString title;
    {
        Console console(m_folder->path());
        QVERIFY(chooseInPreferences(console, QStringLiteral("ar")));
        console.dialog()->accept();
        QTRY_VERIFY(!console.dialog());
        title = console.window().windowTitle();
    }
    Languages().choose(QStringLiteral("en"));
    Console console(m_folder->path());
    QCOMPARE(console.languages().code(), QStringLiteral("ar"));
    QCOMPARE(console.window().windowTitle(), title);
    QVERIFY(console.window().isRightToLeft());
}

QTEST_MAIN(TestLanguageChange)
#include "tst_languagechange.moc"
