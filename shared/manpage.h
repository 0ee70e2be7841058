// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

namespace relay {

/** A manual page of section 1 as roff, made from the texts that a program's --help has. */
class ManPage {
public:
    ManPage(const QString &program, const QString &version, const QString &summary);

    void section(const QString &title);
    void paragraph(const QString &text);
    /** A term, and what it means below it. */
    void item(const QString &term, const QString &text);
    /** Items until endDetails() belong to the item before. */
    void beginDetails();
    void endDetails();
    /** Lines as they are. */
    void verbatim(const QString &lines);

    QString text() const { return m_text; }

private:
    QString m_text;
};

} // namespace relay
