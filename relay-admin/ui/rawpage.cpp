// SPDX-License-Identifier: GPL-3.0-or-later
#include "relay-admin/ui/rawpage.h"

#include "relay-admin/ui/icons.h"

#include <QApplication>
#include <QClipboard>
#include <QEvent>
#include <QFontDatabase>
#include <QHBoxLayout>
#include <QLabel>
#include <QLocale>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QVBoxLayout>

namespace relay::admin {

RawPage::RawPage(QWidget *parent)
    : QWidget(parent)
    , m_when(new QLabel(this))
    , m_update(new QPushButton(icon(QStringLiteral("refresh")), QString(), this))
    , m_copy(new QPushButton(icon(QStringLiteral("copy")), QString(), this))
    , m_text(new QPlainTextEdit(this))
{
    m_text->setReadOnly(true);
    m_text->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    m_text->setLineWrapMode(QPlainTextEdit::NoWrap);
    m_text->setFont(QFontDatabase::systemFont(QFontDatabase::FixedFont));
    m_text->setTabChangesFocus(true);
    // A format of machines: it runs from left to right in every language.
    m_text->setLayoutDirection(Qt::LeftToRight);
    auto *head = new QHBoxLayout;
    head->addWidget(m_when, 1);
    head->addWidget(m_update);
    head->addWidget(m_copy);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(14, 12, 14, 14);
    layout->addLayout(head);
    layout->addWidget(m_text, 1);
    connect(m_update, &QPushButton::clicked, this, &RawPage::load);
    connect(m_copy, &QPushButton::clicked, this,
        [this] { QApplication::clipboard()->setText(m_text->toPlainText()); });
    retranslate();
}

void RawPage::setMonitor(RelayMonitor *monitor)
{
    m_monitor = monitor;
    load();
}

void RawPage::showEvent(QShowEvent *event)
{
    QWidget::showEvent(event);
    load();
}

void RawPage::changeEvent(QEvent *event)
{
    if (event->type() == QEvent::LanguageChange)
        retranslate();
    QWidget::changeEvent(event);
}

void RawPage::retranslate()
{
    m_update->setText(tr("&Update"));
    m_copy->setText(tr("&Copy all"));
    m_text->setAccessibleName(tr("The last answer of /metrics"));
    m_text->setPlaceholderText(tr("/metrics has not been read yet."));
    load();
}

void RawPage::load()
{
    if (!isVisible())
        return;
    const QByteArray body = m_monitor ? m_monitor->rawMetrics() : QByteArray();
    m_text->setPlainText(QString::fromUtf8(body));
    m_copy->setEnabled(!body.isEmpty());
    m_when->clear();
    if (m_monitor && m_monitor->last())
        m_when->setText(tr("Read at %1, %n byte(s)", nullptr, static_cast<int>(body.size()))
                            .arg(QLocale().toString(
                                m_monitor->last()->wallTime.toLocalTime(), QLocale::ShortFormat)));
}

} // namespace relay::admin
