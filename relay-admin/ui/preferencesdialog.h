// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "relay-admin/ui/preferences.h"

#include <QDialog>

class QCheckBox;
class QComboBox;
class QLabel;

namespace relay::admin {

/** Asks for Preferences. What is chosen can be seen at once; Cancel takes it back. */
class PreferencesDialog : public QDialog {
    Q_OBJECT

public:
    explicit PreferencesDialog(const Preferences &present, QWidget *parent = nullptr);

    Preferences preferences() const;

signals:
    void edited(const Preferences &preferences);

protected:
    void changeEvent(QEvent *event) override;

private:
    void retranslate();

    QComboBox *m_theme;
    QComboBox *m_language;
    QCheckBox *m_notifies;
    QLabel *m_themeLabel;
    QLabel *m_languageLabel;
};

} // namespace relay::admin
