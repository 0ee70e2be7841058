// SPDX-License-Identifier: GPL-3.0-or-later
#include "relayd/config/settings.h"
#include "relayd/metrics/metrics.h"

#include <QDirIterator>
#include <QFile>
#include <QMap>
#include <QRegularExpression>
#include <QTest>

using namespace relay;
using namespace Qt::StringLiterals;

namespace {

QString sourcePath(const QString &path)
{
    return QStringLiteral(RELAY_SOURCE_DIR) + u'/' + path;
}

QString textOf(const QString &path)
{
    QFile file(sourcePath(path));
    return file.open(QIODevice::ReadOnly) ? QString::fromUtf8(file.readAll()) : QString();
}

/** What stands in @p text between `<!-- name -->` and `<!-- end of name -->`, by lines. */
QStringList linesBetween(const QString &text, const QString &name)
{
    const QString begin = u"<!-- %1 -->\n"_s.arg(name);
    const qsizetype from = text.indexOf(begin);
    const qsizetype to = text.indexOf(u"<!-- end of %1 -->"_s.arg(name));
    if (from < 0 || to < from)
        return {};
    return text.mid(from + begin.size(), to - from - begin.size()).split(u'\n', Qt::SkipEmptyParts);
}

/** Of a table's lines, those below its head. */
QStringList rowsOf(const QStringList &lines)
{
    return lines.mid(2);
}

/** Name and type of each metric that the relay exports. */
QMap<QString, QString> exportedMetrics()
{
    Metrics metrics;
    metrics.setStorageBackend("sqlite");
    QMap<QString, QString> types;
    const QStringList lines = QString::fromUtf8(metrics.text()).split(u'\n');
    for (const QString &line : lines) {
        const QStringList words = line.split(u' ');
        if (line.startsWith("# TYPE "_L1) && words.size() == 4)
            types.insert(words[2], words[3]);
    }
    return types;
}

} // namespace

/** What the documents say of the program, held against the program. */
class TestDocumentation : public QObject {
    Q_OBJECT

private slots:
    void listsEverySetting();
    void listsEveryMetric();
    void hasTheChaptersThatCommentsName();
};

void TestDocumentation::listsEverySetting()
{
    const QStringList rows = rowsOf(linesBetween(textOf(u"deploy/DEPLOYMENT.md"_s), u"settings"_s));
    const QStringList expected = settingsMarkdown().split(u'\n', Qt::SkipEmptyParts);
    if (rows == expected)
        return;
    qInfo("The rows between the markers of deploy/DEPLOYMENT.md have to be:");
    for (const QString &row : expected)
        qInfo("%s", qPrintable(row));
    QFAIL("deploy/DEPLOYMENT.md does not have the program's settings");
}

void TestDocumentation::listsEveryMetric()
{
    static const QRegularExpression row(
        u"^\\| `([a-z_]+)`(?:\\{[a-z, ]+\\})? \\| (\\w+) \\| \\S.* \\|$"_s);
    QMap<QString, QString> documented;
    const QStringList rows = rowsOf(linesBetween(textOf(u"deploy/DEPLOYMENT.md"_s), u"metrics"_s));
    for (const QString &line : rows) {
        const auto match = row.match(line);
        QVERIFY2(match.hasMatch(), qPrintable(line));
        documented.insert(match.captured(1), match.captured(2));
    }
    QCOMPARE(documented, exportedMetrics());
}

void TestDocumentation::hasTheChaptersThatCommentsName()
{
    // A file, and perhaps the number or the name of a chapter, over the ends of lines.
    static const QRegularExpression lineOfComment(u"\\n\\s*(\\*|//|--)?\\s*"_s);
    static const QRegularExpression reference(
        u"((?:[\\w-]+/)+[A-Z]+\\.md)(?:, (?:chapters? )?([0-9.]*[0-9]|\"[^\"]+\"))?"_s);
    int found = 0;
    for (const QString &folder : {u"shared"_s, u"relayd"_s, u"tests"_s}) {
        QDirIterator files(sourcePath(folder), {u"*.h"_s, u"*.cpp"_s, u"*.sql"_s}, QDir::Files,
            QDirIterator::Subdirectories);
        while (files.hasNext()) {
            QFile file(files.next());
            QVERIFY(file.open(QIODevice::ReadOnly));
            const QString text = QString::fromUtf8(file.readAll()).replace(lineOfComment, u" "_s);
            for (auto it = reference.globalMatch(text); it.hasNext();) {
                const auto match = it.next();
                const QString document = textOf(match.captured(1));
                const QString where = file.fileName() + u": "_s + match.captured();
                QVERIFY2(!document.isEmpty(), qPrintable(where));
                QString chapter = match.captured(2);
                const bool isNumber = !chapter.startsWith(u'"');
                chapter.remove(u'"');
                const QRegularExpression heading(
                    u"^#+ "_s + QRegularExpression::escape(chapter) + (isNumber ? u" "_s : u"$"_s),
                    QRegularExpression::MultilineOption);
                QVERIFY2(chapter.isEmpty() || document.contains(heading), qPrintable(where));
                ++found;
            }
        }
    }
    QVERIFY(found > 5);
}

QTEST_GUILESS_MAIN(TestDocumentation)
#include "tst_documentation.moc"
