// SPDX-License-Identifier: GPL-3.0-or-later
#include "relay-admin/ui/statelabel.h"

#include "relay-admin/ui/icons.h"

#include <QHBoxLayout>
#include <QLabel>

namespace relay::admin {

namespace {

constexpr int IconSize = 28;

QString iconName(RelayState state)
{
    switch (state) {
    case RelayState::Unknown:
        return QStringLiteral("state-unknown");
    case RelayState::Up:
        return QStringLiteral("state-up");
    case RelayState::NotReady:
        return QStringLiteral("state-notready");
    case RelayState::Degraded:
        return QStringLiteral("state-degraded");
    case RelayState::Down:
        return QStringLiteral("state-down");
    case RelayState::Stale:
        return QStringLiteral("state-stale");
    }
    return {};
}

} // namespace

Shade shadeOf(RelayState state)
{
    switch (state) {
    case RelayState::Up:
        return Shade::Good;
    case RelayState::NotReady:
        return Shade::Waiting;
    case RelayState::Degraded:
        return Shade::Warning;
    case RelayState::Down:
        return Shade::Bad;
    case RelayState::Unknown:
    case RelayState::Stale:
        break;
    }
    return Shade::Muted;
}

QIcon stateIcon(RelayState state, const Theme &theme)
{
    return icon(iconName(state), [state, &theme] { return theme.color(shadeOf(state)); });
}

StateLabel::StateLabel(Theme &theme, QWidget *parent)
    : QWidget(parent)
    , m_theme(theme)
    , m_icon(new QLabel(this))
    , m_word(new QLabel(this))
    , m_reason(new QLabel(this))
{
    QFont large = font();
    large.setBold(true);
    large.setPointSizeF(large.pointSizeF() * 1.35);
    m_word->setFont(large);
    m_reason->setWordWrap(true);
    // It may hold a relay's own words.
    m_reason->setTextFormat(Qt::PlainText);
    m_reason->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    auto *layout = new QHBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(10);
    layout->addWidget(m_icon);
    layout->addWidget(m_word);
    layout->addWidget(m_reason, 1);
    layout->addStretch(); // where there is no reason
    connect(&m_theme, &Theme::changed, this, &StateLabel::draw);
    draw();
}

void StateLabel::show(const StateReport &report)
{
    m_report = report;
    draw();
}

void StateLabel::draw()
{
    const QString word = stateName(m_report.state);
    m_icon->setPixmap(
        stateIcon(m_report.state, m_theme).pixmap(QSize(IconSize, IconSize), devicePixelRatioF()));
    m_icon->setAccessibleName(word);
    m_word->setText(word);
    QPalette colours = palette();
    colours.setColor(QPalette::WindowText, m_theme.color(shadeOf(m_report.state)));
    m_word->setPalette(colours);
    m_reason->setText(m_report.reason);
    // Nobody should come to a text without words.
    m_reason->setVisible(!m_report.reason.isEmpty());
    setAccessibleName(m_report.reason.isEmpty() ? word : tr("%1: %2").arg(word, m_report.reason));
}

} // namespace relay::admin
