// SPDX-License-Identifier: GPL-3.0-or-later
#include "relay-admin/ui/preferencesdialog.h"

#include "relay-admin/ui/languages.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDialogButtonBox>
#include <QFormLayout>

#include <algorithm>

namespace relay::admin {

PreferencesDialog::PreferencesDialog(const Preferences &present, QWidget *parent)
    : QDialog(parent)
    , m_theme(new QComboBox(this))
    , m_language(new QComboBox(this))
    , m_notifies(new QCheckBox(tr("Show a &notification when an alert begins or ends"), this))
{
    setWindowTitle(tr("Preferences"));
    m_theme->addItems({tr("As the desktop"), tr("Light"), tr("Dark")});
    m_theme->setCurrentIndex(static_cast<int>(present.theme));
    m_language->addItem(tr("As the desktop"), QString());
    for (const Language &language : Languages::all())
        m_language->addItem(language.name, language.code);
    m_language->setCurrentIndex(std::max(m_language->findData(present.language), 0));
    m_notifies->setChecked(present.notifies);

    auto *buttons = new QDialogButtonBox(QDialogButtonBox::Ok | QDialogButtonBox::Cancel, this);
    auto *layout = new QFormLayout(this);
    layout->addRow(tr("&Theme:"), m_theme);
    layout->addRow(tr("&Language:"), m_language);
    layout->addRow(m_notifies);
    layout->addRow(buttons);
    connect(buttons, &QDialogButtonBox::accepted, this, &QDialog::accept);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    const auto tell = [this] { emit edited(preferences()); };
    connect(m_theme, &QComboBox::currentIndexChanged, this, tell);
    connect(m_language, &QComboBox::currentIndexChanged, this, tell);
}

Preferences PreferencesDialog::preferences() const
{
    return {static_cast<ThemeChoice>(m_theme->currentIndex()), m_language->currentData().toString(),
        m_notifies->isChecked()};
}

} // namespace relay::admin
