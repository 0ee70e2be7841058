// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "relay-admin/ui/preferences.h"

#include <QDialog>

class QCheckBox;
class QComboBox;

namespace relay::admin {

/** Asks for Preferences. What is chosen can be seen at once; Cancel takes it back. */
class PreferencesDialog : public QDialog {
    Q_OBJECT

public:
    explicit PreferencesDialog(const Preferences &present, QWidget *parent = nullptr);

    Preferences preferences() const;

signals:
    void edited(const Preferences &preferences);

private:
    QComboBox *m_theme;
    QComboBox *m_language;
    QCheckBox *m_notifies;
};

} // namespace relay::admin
