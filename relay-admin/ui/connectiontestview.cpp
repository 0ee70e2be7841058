// SPDX-License-Identifier: GPL-3.0-or-later
#include "relay-admin/ui/connectiontestview.h"

#include "relay-admin/ui/icons.h"

#include <QAccessibleWidget>
#include <QGridLayout>
#include <QLabel>

namespace relay::admin {

namespace {

constexpr int IconSize = 18;

struct Look {
    const char *icon;
    Shade shade;
};

Look lookOf(TestState state)
{
    switch (state) {
    case TestState::Ok:
        return {"ok", Shade::Good};
    case TestState::Failed:
        return {"failed", Shade::Bad};
    case TestState::Running:
        return {"state-notready", Shade::Accent};
    case TestState::Waiting:
    case TestState::Skipped:
        break;
    }
    return {"skipped", Shade::Muted};
}

QString wordFor(TestState state)
{
    switch (state) {
    case TestState::Waiting:
        return ConnectionTestView::tr("waiting");
    case TestState::Running:
        return ConnectionTestView::tr("running…");
    case TestState::Ok:
        return ConnectionTestView::tr("in order");
    case TestState::Failed:
        return ConnectionTestView::tr("failed");
    case TestState::Skipped:
        return ConnectionTestView::tr("left out");
    }
    return {};
}

/** Its rows belong together; that they scroll is nothing to tell. */
QAccessibleInterface *accessibleView(const QString &, QObject *object)
{
    auto *view = qobject_cast<ConnectionTestView *>(object);
    return view ? new QAccessibleWidget(view, QAccessible::Grouping) : nullptr;
}

} // namespace

ConnectionTestView::ConnectionTestView(Theme &theme, QWidget *parent)
    : QScrollArea(parent)
    , m_theme(theme)
{
    static const bool isTold = (QAccessible::installFactory(accessibleView), true);
    Q_UNUSED(isTold)
    auto *page = new QWidget(this);
    auto *grid = new QGridLayout(page);
    grid->setHorizontalSpacing(10);
    for (int n = 0; n < TestStepCount; ++n) {
        Row &row = m_rows[static_cast<size_t>(n)];
        row = {
            new QLabel(page), new QLabel(nameOf(static_cast<TestStep>(n)), page), new QLabel(page)};
        QFont bold = row.name->font();
        bold.setBold(true);
        row.name->setFont(bold);
        // It may hold what a stranger wrote: a certificate's names.
        row.text->setTextFormat(Qt::PlainText);
        row.text->setWordWrap(true);
        row.text->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
        grid->addWidget(row.icon, n, 0, Qt::AlignTop);
        grid->addWidget(row.name, n, 1, Qt::AlignTop);
        grid->addWidget(row.text, n, 2, Qt::AlignTop);
    }
    grid->setColumnStretch(2, 1);
    grid->setRowStretch(TestStepCount, 1);
    setWidget(page);
    setWidgetResizable(true);
    setMinimumHeight(250);
    setAccessibleName(tr("Connection test"));
    connect(
        &m_test, &ConnectionTest::changed, this, qOverload<TestStep>(&ConnectionTestView::show));
    connect(&m_test, &ConnectionTest::finished, this, [this] {
        QAccessibleEvent event(this, QAccessible::Alert);
        QAccessible::updateAccessibility(&event);
        emit finished();
    });
}

void ConnectionTestView::start(const Profile &profile, const QString &token)
{
    m_test.start(profile, token);
    for (int n = 0; n < TestStepCount; ++n)
        show(static_cast<TestStep>(n));
}

void ConnectionTestView::show(TestStep step)
{
    const TestResult &result = m_test.result(step);
    Row &row = m_rows[static_cast<size_t>(step)];
    const Look look = lookOf(result.state);
    row.icon->setPixmap(icon(QLatin1String(look.icon), [this, look] {
        return m_theme.color(look.shade);
    }).pixmap(QSize(IconSize, IconSize), devicePixelRatioF()));
    row.icon->setAccessibleName(wordFor(result.state));
    QStringList lines;
    lines.append(result.detail.isEmpty() ? wordFor(result.state)
                                         : tr("%1: %2").arg(wordFor(result.state), result.detail));
    if (!result.advice.isEmpty())
        lines.append(result.advice);
    row.text->setText(lines.join(QLatin1Char('\n')));
}

} // namespace relay::admin
