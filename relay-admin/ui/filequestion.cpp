// SPDX-License-Identifier: GPL-3.0-or-later
#include "relay-admin/ui/filequestion.h"

#include <utility>

namespace relay::admin {

void askForFile(
    QWidget *parent, const FileQuestion &question, std::function<void(const QString &)> chosen)
{
    auto *dialog = new QFileDialog(parent, question.title, QString(), question.filters);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(question.mode);
    const bool isSaved = question.mode == QFileDialog::AcceptSave;
    dialog->setFileMode(isSaved ? QFileDialog::AnyFile : QFileDialog::ExistingFile);
    dialog->setDefaultSuffix(question.suffix);
    if (!question.suggested.isEmpty())
        dialog->selectFile(question.suggested);
    QObject::connect(dialog, &QFileDialog::fileSelected, parent, std::move(chosen));
    dialog->open();
}

} // namespace relay::admin
