// SPDX-License-Identifier: GPL-3.0-or-later
#include "relayd/app/unixsignals.h"

#include <sys/signalfd.h>
#include <unistd.h>

#include <csignal>

namespace relay {

namespace {

int openSignals()
{
    std::signal(SIGHUP, SIG_IGN);
    std::signal(SIGPIPE, SIG_IGN);
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    pthread_sigmask(SIG_BLOCK, &set, nullptr);
    const int descriptor = ::signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    if (descriptor < 0)
        qFatal("signalfd is not available");
    return descriptor;
}

} // namespace

UnixSignals::UnixSignals(QObject *parent)
    : QObject(parent)
    , m_descriptor(openSignals())
    , m_notifier(m_descriptor, QSocketNotifier::Read)
{
    connect(&m_notifier, &QSocketNotifier::activated, this, &UnixSignals::readSignals);
}

UnixSignals::~UnixSignals()
{
    m_notifier.setEnabled(false);
    ::close(m_descriptor);
}

void UnixSignals::readSignals()
{
    signalfd_siginfo info {};
    while (::read(m_descriptor, &info, sizeof info) == sizeof info)
        emit stopRequested();
}

} // namespace relay
