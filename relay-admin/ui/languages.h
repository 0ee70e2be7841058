// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QList>
#include <QObject>
#include <QString>
#include <QTranslator>

namespace relay::admin {

struct Language {
    /** As in the name of its file: "de". */
    QString code;
    /** In itself: "Deutsch". */
    QString name;
};

/**
 * The language of the windows, with its numbers, dates and direction.
 *
 * One object, on the GUI thread, for as long as there are windows; they are sent LanguageChange.
 */
class Languages : public QObject {
    Q_OBJECT

public:
    /** English first, then the others by their own names. */
    static const QList<Language> &all();

    /** `code` of one of them; empty or unknown: what the system prefers, or English. */
    void choose(const QString &code);
    /** The one in force. */
    QString code() const { return m_code; }

private:
    QString m_code;
    QTranslator m_own;
    QTranslator m_qt;
};

} // namespace relay::admin
