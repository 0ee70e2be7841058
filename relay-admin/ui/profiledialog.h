// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "relay-admin/client/profile.h"
#include "relay-admin/client/profilefaults.h"
#include "relay-admin/ui/theme.h"

#include <QDialog>
#include <QMap>

class QComboBox;
class QDialogButtonBox;
class QFormLayout;
class QLabel;
class QLineEdit;
class QPushButton;
class QSpinBox;
class QTabWidget;

namespace relay::admin {

class ConnectionTestView;

/** Where a bearer token will stay. */
enum class TokenKept { InKeychain, InMemory };

/**
 * Asks how a relay is reached. What is wrong is said below the field it is about, and nothing can
 * be accepted until it is mended.
 */
class ProfileDialog : public QDialog {
    Q_OBJECT

public:
    /** `token`: the one in use, empty if there is none. */
    ProfileDialog(const Profile &profile, const QString &token, TokenKept kept,
        const QStringList &groups, Theme &theme, QWidget *parent = nullptr);

    Profile profile() const;
    QString token() const;

public slots:
    void accept() override;
    void testConnection();

private:
    void addField(QFormLayout *form, ProfileField field, const QString &label, QWidget *editor);
    QWidget *withBrowse(QLineEdit *edit);
    void orderTabs();
    void check();

    Theme &m_theme;
    const Profile m_original;
    QLineEdit *m_name;
    QComboBox *m_group;
    QComboBox *m_colour;
    QLineEdit *m_monitoringUrl;
    QLineEdit *m_publicUrl;
    QLineEdit *m_token;
    QLineEdit *m_caFile;
    QPushButton *m_browse = nullptr;
    QLineEdit *m_headerName;
    QLineEdit *m_headerValue;
    QSpinBox *m_interval;
    QMap<ProfileField, QLabel *> m_faultLabels;
    QDialogButtonBox *m_buttons;
    QPushButton *m_test;
    ConnectionTestView *m_testView;
    /** Nothing is called wrong before somebody has had the time to write it. */
    bool m_isChecked = false;
};

} // namespace relay::admin
