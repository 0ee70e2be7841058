// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QFileDialog>

#include <functional>

namespace relay::admin {

/** Which file a person is asked for. */
struct FileQuestion {
    QFileDialog::AcceptMode mode = QFileDialog::AcceptOpen;
    QString title;
    /** As getOpenFileName() takes them. */
    QString filters;
    /** The name, or the path, that is there at first; empty: none. */
    QString suggested;
    /** Of a file that is saved under a name without one. */
    QString suffix;
};

/**
 * Opens the desktop's dialog for it and returns at once: no event loop within another. `chosen` is
 * called with the path, unless the person thinks better of it or `parent` is gone.
 */
void askForFile(
    QWidget *parent, const FileQuestion &question, std::function<void(const QString &)> chosen);

} // namespace relay::admin
