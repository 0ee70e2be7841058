// SPDX-License-Identifier: GPL-3.0-or-later
#include "relay-admin/ui/languages.h"

#include <QApplication>
#include <QLibraryInfo>
#include <QLocale>

#include <algorithm>

// Resources of a static library are not there before somebody asks for them; the macro wants no
// namespace around it.
static void loadTranslations()
{
    Q_INIT_RESOURCE(translations);
}

namespace relay::admin {

namespace {

QString codeOf(const QString &localeName)
{
    return localeName.section(QLatin1Char('_'), 0, 0).section(QLatin1Char('-'), 0, 0);
}

bool isKnown(const QString &code)
{
    const auto &all = Languages::all();
    return std::any_of(
        all.begin(), all.end(), [&](const Language &language) { return language.code == code; });
}

QString preferredBySystem()
{
    for (const QString &name : QLocale::system().uiLanguages()) {
        if (isKnown(codeOf(name)))
            return codeOf(name);
    }
    return QStringLiteral("en");
}

} // namespace

const QList<Language> &Languages::all()
{
    static const QList<Language> all {
        {QStringLiteral("en"), QStringLiteral("English")},
        {QStringLiteral("de"), QStringLiteral("Deutsch")},
        {QStringLiteral("es"), QStringLiteral("Español")},
        {QStringLiteral("fr"), QStringLiteral("Français")},
        {QStringLiteral("ar"), QStringLiteral("العربية")},
    };
    return all;
}

void Languages::choose(const QString &code)
{
    loadTranslations();
    m_code = isKnown(code) ? code : preferredBySystem();
    // The country's way to write numbers stays, where the language is the system's own.
    const QLocale system = QLocale::system();
    const QLocale locale = codeOf(system.name()) == m_code ? system : QLocale(m_code);
    QLocale::setDefault(locale);
    QApplication::setLayoutDirection(locale.textDirection());
    QCoreApplication::removeTranslator(&m_own);
    QCoreApplication::removeTranslator(&m_qt);
    // English has a file too: the plural forms.
    if (m_own.load(QStringLiteral(":/i18n/vauchi-relay-admin_%1.qm").arg(m_code)))
        QCoreApplication::installTranslator(&m_own);
    if (m_qt.load(QStringLiteral("qtbase_%1").arg(m_code),
            QLibraryInfo::path(QLibraryInfo::TranslationsPath)))
        QCoreApplication::installTranslator(&m_qt);
}

} // namespace relay::admin
