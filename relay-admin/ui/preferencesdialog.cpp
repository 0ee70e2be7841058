// SPDX-License-Identifier: GPL-3.0-or-later
#include "relay-admin/ui/preferencesdialog.h"

#include "relay-admin/ui/languages.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDialogButtonBox>
#include <QEvent>
#include <QFormLayout>
#include <QLabel>

#include <algorithm>

namespace relay::admin {

PreferencesDialog::PreferencesDialog(const Preferences &present, QWidget *parent)
    : QDialog(parent)
    , m_theme(new QComboBox(this))
    , m_language(new QComboBox(this))
    , m_notifies(new QCheckBox(this))
    , m_themeLabel(new QLabel(this))
    , m_languageLabel(new QLabel(this))
{
    m_theme->addItems({QString(), QString(), QString()});
    m_theme->setCurrentIndex(static_cast<int>(present.theme));
    m_language->addItem(QString(), QString());
    for (const Language &language : Languages::all())
        m_language->addItem(language.name, language.code);
    m_language->setCurrentIndex(std::max(m_language->findData(present.language), 0));
    m_notifies->setChecked(present.notifies);

    auto *buttons = new QDialogButtonBox(QDialogButtonBox::Ok | QDialogButtonBox::Cancel, this);
    auto *layout = new QFormLayout(this);
    layout->addRow(m_themeLabel, m_theme);
    layout->addRow(m_languageLabel, m_language);
    layout->addRow(m_notifies);
    layout->addRow(buttons);
    connect(buttons, &QDialogButtonBox::accepted, this, &QDialog::accept);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    m_themeLabel->setBuddy(m_theme);
    m_languageLabel->setBuddy(m_language);
    retranslate();
    const auto tell = [this] { emit edited(preferences()); };
    connect(m_theme, &QComboBox::currentIndexChanged, this, tell);
    connect(m_language, &QComboBox::currentIndexChanged, this, tell);
}

void PreferencesDialog::changeEvent(QEvent *event)
{
    if (event->type() == QEvent::LanguageChange)
        retranslate();
    QDialog::changeEvent(event);
}

void PreferencesDialog::retranslate()
{
    setWindowTitle(tr("Preferences"));
    m_themeLabel->setText(tr("&Theme:"));
    m_languageLabel->setText(tr("&Language:"));
    const QStringList themes {tr("As the desktop"), tr("Light"), tr("Dark")};
    for (int n = 0; n < themes.size(); ++n)
        m_theme->setItemText(n, themes[n]);
    m_language->setItemText(0, tr("As the desktop"));
    m_notifies->setText(tr("Show a &notification when an alert begins or ends"));
}

Preferences PreferencesDialog::preferences() const
{
    return {static_cast<ThemeChoice>(m_theme->currentIndex()), m_language->currentData().toString(),
        m_notifies->isChecked()};
}

} // namespace relay::admin
