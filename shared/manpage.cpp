// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/manpage.h"

#include <QStringList>

using namespace Qt::StringLiterals;

namespace relay {

namespace {

QString escapedLine(QString line)
{
    line.replace(u'\\', u"\\e"_s).replace(u'-', u"\\-"_s);
    // What begins with a control character would be a request.
    return line.startsWith(u'.') || line.startsWith(u'\'') ? u"\\&"_s + line : line;
}

QString escaped(const QString &text)
{
    QStringList lines = text.split(u'\n');
    for (QString &line : lines)
        line = escapedLine(line);
    return lines.join(u'\n') + u'\n';
}

} // namespace

ManPage::ManPage(const QString &program, const QString &version, const QString &summary)
    // No date: a build of the same sources gives the same page.
    : m_text(u".TH %1 1 \"\" \"%2 %3\"\n.nh\n.ad l\n"_s.arg(
        escapedLine(program.toUpper()), escapedLine(program), version))
{
    section(u"NAME"_s);
    m_text += escapedLine(program) + u" \\- "_s + escaped(summary);
}

void ManPage::section(const QString &title)
{
    m_text += u".SH "_s + escaped(title);
}

void ManPage::paragraph(const QString &text)
{
    m_text += u".PP\n"_s + escaped(text);
}

void ManPage::item(const QString &term, const QString &text)
{
    m_text += u".TP\n\\fB"_s + escapedLine(term) + u"\\fR\n"_s + escaped(text);
}

void ManPage::beginDetails()
{
    m_text += u".RS\n"_s;
}

void ManPage::endDetails()
{
    m_text += u".RE\n"_s;
}

void ManPage::verbatim(const QString &lines)
{
    m_text += u".PP\n.nf\n"_s + escaped(lines) + u".fi\n"_s;
}

} // namespace relay
