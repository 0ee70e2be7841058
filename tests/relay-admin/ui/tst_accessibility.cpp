// SPDX-License-Identifier: GPL-3.0-or-later
#include "relay-admin/ui/connectiontestview.h"
#include "relay-admin/ui/overviewpage.h"
#include "relay-admin/ui/plot.h"
#include "relay-admin/ui/profiledialog.h"
#include "tests/relay-admin/ui/console.h"
#include "tests/support/mailload.h"

#include <QAbstractButton>
#include <QAccessible>
#include <QAction>
#include <QDialog>
#include <QLabel>
#include <QSignalSpy>
#include <QStatusBar>
#include <QTabWidget>
#include <QTableView>
#include <QTemporaryDir>
#include <QTest>

using namespace relay::admin;
using namespace relay::admin::test;
using relay::test::idOf;
using relay::test::storeMail;

namespace {

constexpr int Soon = 10'000;

/** Roles that say nothing of what can be done with a thing. */
bool isGeneric(QAccessible::Role role)
{
    static const QList<QAccessible::Role> generic {QAccessible::NoRole, QAccessible::Client,
        QAccessible::Pane, QAccessible::Window, QAccessible::Whitespace};
    return generic.contains(role);
}

bool isInteractive(const QAccessibleInterface &thing)
{
    const auto *widget = qobject_cast<const QWidget *>(thing.object());
    // What another thing has the focus for is that one's frame.
    const bool isFocusable = thing.state().focusable && !(widget && widget->focusProxy());
    return isFocusable || thing.state().checkable || thing.role() == QAccessible::Button
        || thing.role() == QAccessible::MenuItem || thing.role() == QAccessible::PageTab;
}

/** Of no interest to anybody who does not see: frames, and what scrolls. */
bool isFurniture(const QAccessibleInterface &thing)
{
    static const QList<QAccessible::Role> furniture {QAccessible::Separator, QAccessible::ScrollBar,
        QAccessible::Grip, QAccessible::Border, QAccessible::TitleBar};
    return furniture.contains(thing.role());
}

QString pathOf(QAccessibleInterface *thing)
{
    QStringList path;
    for (; thing; thing = thing->parent())
        path.prepend(
            QStringLiteral("%1(%2 %3)")
                .arg(thing->object() ? QLatin1String(thing->object()->metaObject()->className())
                                     : QLatin1String("-"))
                .arg(thing->role())
                .arg(thing->text(QAccessible::Name)));
    return path.join(QLatin1String(" / "));
}

/** What is wrong with the accessible tree from `thing` on, and how much of it was seen. */
class Walk {
public:
    explicit Walk(QWidget *window) { visit(QAccessible::queryAccessibleInterface(window)); }

    QStringList faults;
    QMap<QAccessible::Role, int> seen;

private:
    void visit(QAccessibleInterface *thing)
    {
        if (!thing || !thing->isValid() || thing->state().invisible || isFurniture(*thing))
            return;
        ++seen[thing->role()];
        check(thing);
        // A table of thousands is not read through.
        const int children = std::min(thing->childCount(), 300);
        for (int n = 0; n < children; ++n)
            visit(thing->child(n));
    }

    void check(QAccessibleInterface *thing)
    {
        const bool hasText =
            !thing->text(QAccessible::Name).isEmpty() || !thing->text(QAccessible::Value).isEmpty();
        const bool isLeaf = thing->childCount() == 0;
        if (isInteractive(*thing)) {
            if (thing->text(QAccessible::Name).isEmpty())
                faults.append(QStringLiteral("no name: ") + pathOf(thing));
            if (isGeneric(thing->role()))
                faults.append(QStringLiteral("no role: ") + pathOf(thing));
        } else if (isLeaf && !hasText && !isEmptyByNature(thing)) {
            faults.append(QStringLiteral("nothing to say: ") + pathOf(thing));
        }
        const auto *label = qobject_cast<QLabel *>(thing->object());
        if (label && label->text().contains(QLatin1Char('&')) && !label->buddy())
            faults.append(QStringLiteral("no buddy: ") + pathOf(thing));
    }

    /** A label without words, a page or a bar with nothing on it now. */
    static bool isEmptyByNature(QAccessibleInterface *thing)
    {
        const auto *label = qobject_cast<QLabel *>(thing->object());
        if (label)
            return (label->text().isEmpty() && label->pixmap().isNull())
                // Qt's decoration of a message box, which says nothing that its text does not.
                || label->objectName() == QLatin1String("qt_msgboxex_icon_label");
        return isGeneric(thing->role()) || thing->role() == QAccessible::ToolBar
            || thing->role() == QAccessible::StatusBar || thing->role() == QAccessible::Cell;
    }
};

#define VERIFY_ACCESSIBLE(walk)                                                                    \
    QVERIFY2((walk).faults.isEmpty(), qPrintable((walk).faults.join(QLatin1Char('\n'))))

/**
 * The words of the last announcement. The event itself reaches nobody offscreen: Qt sends none
 * where no assistive technology has asked for them.
 */
QString lastAnnounced(Console &console)
{
    QAccessibleInterface *bar = QAccessible::queryAccessibleInterface(console.window().statusBar());
    return bar->text(QAccessible::Name);
}

} // namespace

/** All that a screen reader can reach has a name and a role. */
class TestAccessibility : public QObject {
    Q_OBJECT

private slots:
    void init();
    void firstRun();
    void eachPageOfTheMainWindow();
    void eachChartOffersItsTable();
    void eachStateIconHasAText();
    void profileDialogWithTheResultsOfATest();
    void otherDialogs_data();
    void otherDialogs();
    void menus();
    void changesOfStateAreSaidInTheStatusBar();

private:
    std::unique_ptr<QTemporaryDir> m_folder;
};

void TestAccessibility::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
}

void TestAccessibility::firstRun()
{
    Console console(m_folder->path());
    const Walk walk(&console.window());
    VERIFY_ACCESSIBLE(walk);
    QVERIFY(walk.seen[QAccessible::Button] >= 2);
}

void TestAccessibility::eachPageOfTheMainWindow()
{
    RelayProcess relay;
    QVERIFY2(relay.start(), relay.log());
    Console console(m_folder->path());
    console.watch(monitoringUrlOf(relay));
    QTRY_COMPARE_WITH_TIMEOUT(console.state(), RelayState::Up, Soon);
    for (int page = 0; page < console.tabs().count(); ++page) {
        console.tabs().setCurrentIndex(page);
        QVERIFY(console.tabs().currentWidget()->isVisible());
        const Walk walk(&console.window());
        VERIFY_ACCESSIBLE(walk);
        QCOMPARE(walk.seen[QAccessible::PageTab], console.tabs().count());
        QVERIFY(walk.seen[QAccessible::Table] >= 1);
    }
}

void TestAccessibility::eachChartOffersItsTable()
{
    RelayProcess relay;
    QVERIFY2(relay.start(), relay.log());
    Console console(m_folder->path());
    console.watch(monitoringUrlOf(relay));
    QTRY_COMPARE_WITH_TIMEOUT(console.state(), RelayState::Up, Soon);
    // Rates and quantiles need messages between two answers.
    int sent = 0;
    const auto hasAll = [&] {
        const auto &charts = console.overview().charts();
        return std::all_of(charts.begin(), charts.end(), [](const ChartPanel *chart) {
            const auto &lines = chart->lines();
            return std::any_of(lines.begin(), lines.end(),
                [](const ChartLine &line) { return !line.points.isEmpty(); });
        });
    };
    QTRY_VERIFY_WITH_TIMEOUT(
        hasAll() || (storeMail(relay, idOf(1), sent, sent + 1) && !++sent), Soon);
    for (ChartPanel *chart : console.overview().charts()) {
        const QAccessibleInterface *plot =
            QAccessible::queryAccessibleInterface(chart->findChild<Plot *>());
        QVERIFY(plot);
        QCOMPARE(plot->role(), QAccessible::Chart);
        QCOMPARE(plot->text(QAccessible::Name), chart->title());
        // What it shows now, in words.
        for (const ChartLine &line : chart->lines())
            QVERIFY(plot->text(QAccessible::Description).contains(line.name));

        QAccessibleInterface *button = QAccessible::queryAccessibleInterface(
            chart->findChild<QAbstractButton *>(QStringLiteral("table")));
        QVERIFY(button && button->actionInterface());
        button->actionInterface()->doAction(QAccessibleActionInterface::toggleAction());
        QVERIFY(chart->isTableShown());
        QAccessibleInterface *table =
            QAccessible::queryAccessibleInterface(chart->findChild<QTableView *>());
        QVERIFY(table && table->tableInterface());
        QVERIFY(table->text(QAccessible::Name).contains(chart->title()));
        QVERIFY(table->tableInterface()->rowCount() > 0);
        QCOMPARE(table->tableInterface()->columnCount(), int(chart->lines().size()) + 1);
        for (int n = 0; n < chart->lines().size(); ++n)
            QCOMPARE(table->tableInterface()->columnDescription(n + 1), chart->lines()[n].name);
    }
    const Walk walk(&console.window());
    VERIFY_ACCESSIBLE(walk);
}

void TestAccessibility::eachStateIconHasAText()
{
    Console console(m_folder->path());
    console.watch(QUrl(QStringLiteral("http://127.0.0.1:1")));
    QTRY_COMPARE_WITH_TIMEOUT(console.state(), RelayState::Down, Soon);
    int icons = 0;
    for (const QLabel *label : console.window().findChildren<QLabel *>()) {
        if (!label->isVisible() || label->pixmap().isNull())
            continue;
        ++icons;
        QVERIFY2(!label->accessibleName().isEmpty(), label->parent()->metaObject()->className());
    }
    QVERIFY(icons >= 1);
    const QModelIndex state = console.list().currentIndex().siblingAtColumn(RelayListModel::State);
    QVERIFY(state.data(Qt::AccessibleTextRole).toString().contains(stateName(RelayState::Down)));
}

void TestAccessibility::profileDialogWithTheResultsOfATest()
{
    RelayProcess relay;
    QVERIFY2(relay.start(), relay.log());
    Console console(m_folder->path());
    console.watch(monitoringUrlOf(relay));
    console.action("edit")->trigger();
    QTRY_VERIFY(console.profileDialog() && console.profileDialog()->isVisible());
    {
        const Walk walk(console.profileDialog());
        VERIFY_ACCESSIBLE(walk);
        QVERIFY(walk.seen[QAccessible::EditableText] >= 7);
    }
    auto *view = console.profileDialog()->findChild<ConnectionTestView *>();
    QSignalSpy tested(view, &ConnectionTestView::finished);
    console.profileDialog()->testConnection();
    QVERIFY(tested.wait(Soon));
    const Walk walk(console.profileDialog());
    VERIFY_ACCESSIBLE(walk);
    QCOMPARE(walk.seen[QAccessible::Graphic], TestStepCount);
}

void TestAccessibility::otherDialogs_data()
{
    QTest::addColumn<QByteArray>("action");
    for (const char *action : {"add", "preferences", "shortcuts", "about", "remove", "duplicate"})
        QTest::newRow(action) << QByteArray(action);
}

void TestAccessibility::otherDialogs()
{
    QFETCH(QByteArray, action);
    Console console(m_folder->path());
    console.watch(QUrl(QStringLiteral("http://127.0.0.1:1")));
    console.action(action.constData())->trigger();
    QTRY_VERIFY(console.dialog());
    QVERIFY(!console.dialog()->windowTitle().isEmpty());
    const Walk walk(console.dialog());
    VERIFY_ACCESSIBLE(walk);
    QVERIFY(walk.seen[QAccessible::Button] >= 1);
    QTest::keyClick(console.dialog(), Qt::Key_Escape);
    QTRY_VERIFY(!console.dialog());
}

void TestAccessibility::menus()
{
    Console console(m_folder->path());
    for (const QAction *action : console.window().findChildren<QAction *>()) {
        // Icons within an editor, and what Qt makes for itself.
        const bool isOwn = !action->objectName().isEmpty()
            && !action->objectName().startsWith(QLatin1String("_q_"));
        if (isOwn)
            QVERIFY2(!action->text().isEmpty(), qPrintable(action->objectName()));
    }
}

void TestAccessibility::changesOfStateAreSaidInTheStatusBar()
{
    RelayProcess relay;
    QVERIFY2(relay.start(), relay.log());
    Console console(m_folder->path());
    console.watch(monitoringUrlOf(relay));
    const auto words = [](RelayState state) { return QStringLiteral("Home: ") + stateName(state); };
    QTRY_COMPARE_WITH_TIMEOUT(lastAnnounced(console), words(RelayState::Up), Soon);
    relay.kill();
    QTRY_COMPARE_WITH_TIMEOUT(lastAnnounced(console), words(RelayState::Down), Soon);
    QCOMPARE(console.window().statusBar()->currentMessage(), words(RelayState::Down));
}

QTEST_MAIN(TestAccessibility)
#include "tst_accessibility.moc"
