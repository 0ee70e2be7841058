// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QSocketNotifier>

namespace relay {

/**
 * SIGTERM and SIGINT as a Qt signal; SIGHUP and SIGPIPE do nothing. One at most in a process.
 * Lives on the main thread; made before other threads start, so that they inherit the mask.
 */
class UnixSignals final : public QObject {
    Q_OBJECT

public:
    explicit UnixSignals(QObject *parent = nullptr);
    ~UnixSignals() override;

signals:
    void stopRequested();

private:
    void readSignals();

    int m_descriptor;
    QSocketNotifier m_notifier;
};

} // namespace relay
