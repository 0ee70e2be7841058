// SPDX-License-Identifier: GPL-3.0-or-later
#include "relay-admin/ui/profiledialog.h"

#include "relay-admin/ui/colourtag.h"
#include "relay-admin/ui/connectiontestview.h"
#include "relay-admin/ui/filequestion.h"

#include <QAction>
#include <QComboBox>
#include <QDialogButtonBox>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSpinBox>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>
#include <utility>

namespace relay::admin {

namespace {

QUrl urlFrom(const QLineEdit &edit)
{
    const QString text = edit.text().trimmed();
    return text.isEmpty() ? QUrl() : QUrl(text, QUrl::StrictMode);
}

/** To be read, and to be read again by urlFrom(): a blank in it would make it no address. */
QString textOf(const QUrl &url)
{
    return url.toString(QUrl::EncodeSpaces | QUrl::EncodeReserved);
}

} // namespace

ProfileDialog::ProfileDialog(const Profile &profile, const QString &token, TokenKept kept,
    const QStringList &groups, Theme &theme, QWidget *parent)
    : QDialog(parent)
    , m_theme(theme)
    , m_original(profile)
    , m_name(new QLineEdit(profile.name, this))
    , m_group(new QComboBox(this))
    , m_colour(new QComboBox(this))
    , m_monitoringUrl(new QLineEdit(textOf(profile.monitoringUrl), this))
    , m_publicUrl(new QLineEdit(textOf(profile.publicUrl), this))
    , m_token(new QLineEdit(token, this))
    , m_caFile(new QLineEdit(profile.caFile, this))
    , m_headerName(new QLineEdit(profile.headerName, this))
    , m_headerValue(new QLineEdit(profile.headerValue, this))
    , m_interval(new QSpinBox(this))
    , m_buttons(new QDialogButtonBox(QDialogButtonBox::Ok | QDialogButtonBox::Cancel, this))
    , m_test(new QPushButton(tr("&Test connection"), this))
    , m_testView(new ConnectionTestView(theme, this))
{
    setWindowTitle(profile.name.isEmpty() ? tr("New relay") : tr("Edit %1").arg(profile.name));
    m_name->setPlaceholderText(tr("Home"));
    m_group->setEditable(true);
    m_group->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    m_group->addItem(QString());
    m_group->addItems(groups);
    m_group->setEditText(profile.group);
    for (int n = 0; n <= static_cast<int>(ColourTag::Purple); ++n) {
        const auto colour = static_cast<ColourTag>(n);
        m_colour->addItem(colourIcon(colour, theme), colourName(colour));
    }
    m_colour->setCurrentIndex(static_cast<int>(profile.colour));
    m_publicUrl->setPlaceholderText(QStringLiteral("wss://relay.example.org"));
    m_token->setEchoMode(QLineEdit::Password);
    m_token->setPlaceholderText(tr("None"));
    m_headerName->setPlaceholderText(tr("Name"));
    m_headerName->setAccessibleName(tr("Name of the header"));
    m_headerValue->setPlaceholderText(tr("Value"));
    m_headerValue->setAccessibleName(tr("Value of the header"));
    m_interval->setRange(static_cast<int>(Profile::MinInterval.count()),
        static_cast<int>(Profile::MaxInterval.count()));
    m_interval->setSuffix(tr(" s"));
    m_interval->setValue(static_cast<int>(profile.interval.count()));
    // Addresses run from left to right in every language.
    for (QLineEdit *edit : {m_monitoringUrl, m_publicUrl, m_caFile, m_headerName, m_headerValue}) {
        edit->setLayoutDirection(Qt::LeftToRight);
        edit->setMinimumWidth(360);
    }
    m_headerName->setMinimumWidth(120);
    m_headerValue->setMinimumWidth(120);

    auto *form = new QFormLayout;
    form->setFieldGrowthPolicy(QFormLayout::ExpandingFieldsGrow);
    addField(form, ProfileField::MonitoringUrl, tr("&Monitoring port:"), m_monitoringUrl);
    addField(form, ProfileField::Name, tr("&Name:"), m_name);
    addField(form, ProfileField::Group, tr("&Group:"), m_group);
    addField(form, ProfileField::Colour, tr("C&olour:"), m_colour);
    addField(form, ProfileField::PublicUrl, tr("&Public port (optional):"), m_publicUrl);
    addField(form, ProfileField::Token, tr("&Bearer token (optional):"), m_token);
    auto *keptLabel = new QLabel(kept == TokenKept::InKeychain
            ? tr("It is kept in the desktop's keychain.")
            : tr("There is no keychain: the token is forgotten when this program ends."),
        this);
    keptLabel->setWordWrap(true);
    keptLabel->setMinimumSize(360, keptLabel->heightForWidth(360));
    QPalette muted = keptLabel->palette();
    muted.setColor(QPalette::WindowText, theme.color(Shade::Muted));
    keptLabel->setPalette(muted);
    m_token->setAccessibleDescription(keptLabel->text());
    form->addRow(QString(), keptLabel);
    addField(form, ProfileField::CaFile, tr("&Authorities (PEM, optional):"), withBrowse(m_caFile));
    auto *header = new QWidget(this);
    auto *headerLayout = new QHBoxLayout(header);
    headerLayout->setContentsMargins(0, 0, 0, 0);
    headerLayout->addWidget(m_headerName, 1);
    headerLayout->addWidget(m_headerValue, 2);
    header->setFocusProxy(m_headerName);
    addField(form, ProfileField::HeaderName, tr("&Header for a proxy:"), header);
    addField(form, ProfileField::Interval, tr("Ask &every:"), m_interval);

    m_test->setObjectName(QStringLiteral("test"));
    m_buttons->addButton(m_test, QDialogButtonBox::ActionRole);
    m_testView->hide();
    auto *layout = new QVBoxLayout(this);
    layout->addLayout(form);
    layout->addWidget(m_testView, 1);
    layout->addWidget(m_buttons);

    connect(m_buttons, &QDialogButtonBox::accepted, this, &ProfileDialog::accept);
    connect(m_buttons, &QDialogButtonBox::rejected, this, &ProfileDialog::reject);
    connect(m_test, &QPushButton::clicked, this, &ProfileDialog::testConnection);
    for (QLineEdit *edit : findChildren<QLineEdit *>())
        connect(edit, &QLineEdit::textChanged, this, [this] {
            if (m_isChecked)
                check();
        });
    orderTabs();
    m_monitoringUrl->setFocus();
    m_monitoringUrl->selectAll();
}

/** As they stand: Tab goes by the order of creation else, and leaves some out. */
void ProfileDialog::orderTabs()
{
    QList<QWidget *> order {m_monitoringUrl, m_name, m_group, m_colour, m_publicUrl, m_token,
        m_caFile, m_browse, m_headerName, m_headerValue, m_interval, m_testView};
    // Where the buttons stand is the desktop's choice.
    layout()->activate();
    m_buttons->layout()->activate();
    QList<QWidget *> buttons;
    for (QAbstractButton *button : m_buttons->buttons())
        buttons.append(button);
    std::sort(buttons.begin(), buttons.end(),
        [](const QWidget *a, const QWidget *b) { return a->x() < b->x(); });
    if (isRightToLeft())
        std::reverse(buttons.begin(), buttons.end());
    order.append(buttons);
    for (qsizetype n = 1; n < order.size(); ++n)
        setTabOrder(order[n - 1], order[n]);
}

void ProfileDialog::addField(
    QFormLayout *form, ProfileField field, const QString &label, QWidget *editor)
{
    auto *fault = new QLabel(this);
    fault->setWordWrap(true);
    fault->setTextFormat(Qt::PlainText);
    QPalette bad = fault->palette();
    bad.setColor(QPalette::WindowText, m_theme.color(Shade::Bad));
    fault->setPalette(bad);
    fault->hide();
    m_faultLabels.insert(field, fault);
    auto *cell = new QVBoxLayout;
    cell->setSpacing(2);
    cell->addWidget(editor);
    cell->addWidget(fault);
    auto *caption = new QLabel(label, this);
    QWidget *target = editor->focusProxy() ? editor->focusProxy() : editor;
    caption->setBuddy(target);
    if (target->accessibleName().isEmpty())
        target->setAccessibleName(
            QString(label).remove(QLatin1Char('&')).remove(QLatin1Char(':')).trimmed());
    // What is read aloud is the line in it, which has the focus for it.
    if (auto *combo = qobject_cast<QComboBox *>(target); combo && combo->lineEdit())
        combo->lineEdit()->setAccessibleName(combo->accessibleName());
    form->addRow(caption, cell);
}

QWidget *ProfileDialog::withBrowse(QLineEdit *edit)
{
    auto *both = new QWidget(this);
    m_browse = new QPushButton(tr("Bro&wse…"), both);
    auto *layout = new QHBoxLayout(both);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(edit, 1);
    layout->addWidget(m_browse);
    both->setFocusProxy(edit);
    connect(m_browse, &QPushButton::clicked, this, [this, edit] {
        askForFile(this,
            {QFileDialog::AcceptOpen, tr("Authorities to trust"),
                tr("Certificates (*.pem *.crt *.cer);;All files (*)"), edit->text(), {}},
            [edit](const QString &file) { edit->setText(file); });
    });
    return both;
}

Profile ProfileDialog::profile() const
{
    Profile profile = m_original;
    profile.monitoringUrl = urlFrom(*m_monitoringUrl);
    profile.publicUrl = urlFrom(*m_publicUrl);
    profile.name = m_name->text().trimmed();
    // A relay that nobody named is called as it is reached.
    if (profile.name.isEmpty())
        profile.name = profile.monitoringUrl.host();
    profile.group = m_group->currentText().trimmed();
    profile.colour = static_cast<ColourTag>(m_colour->currentIndex());
    profile.caFile = m_caFile->text().trimmed();
    profile.headerName = m_headerName->text().trimmed();
    profile.headerValue = m_headerValue->text().trimmed();
    profile.interval = std::chrono::seconds(m_interval->value());
    return profile;
}

QString ProfileDialog::token() const
{
    return m_token->text().trimmed();
}

void ProfileDialog::check()
{
    m_isChecked = true;
    for (QLabel *label : std::as_const(m_faultLabels))
        label->hide();
    const QList<ProfileFault> faults = faultsOf(profile()) + faultsOfToken(token());
    for (const ProfileFault &fault : faults) {
        // Both parts of the header have one row.
        const ProfileField row =
            fault.field == ProfileField::HeaderValue ? ProfileField::HeaderName : fault.field;
        if (QLabel *label = m_faultLabels.value(row)) {
            label->setText(fault.text);
            label->show();
        }
    }
    m_buttons->button(QDialogButtonBox::Ok)->setEnabled(faults.isEmpty());
    m_test->setEnabled(faults.isEmpty());
}

void ProfileDialog::accept()
{
    check();
    if (m_buttons->button(QDialogButtonBox::Ok)->isEnabled())
        QDialog::accept();
}

void ProfileDialog::testConnection()
{
    check();
    if (!m_test->isEnabled())
        return;
    m_testView->show();
    m_testView->start(profile(), token());
}

} // namespace relay::admin
