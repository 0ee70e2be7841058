// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/heldport.h"

#include <QtEndian>

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace relay::test {

HeldPort::HeldPort()
    : m_descriptor(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0))
{
    sockaddr_in address {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = qToBigEndian(INADDR_LOOPBACK);
    auto *const plain = reinterpret_cast<sockaddr *>(&address);
    socklen_t size = sizeof address;
    const int yes = 1;
    // Bound and not listening: Linux lets a server that names the port have it, and hands it to
    // nobody who asks for any.
    if (::setsockopt(m_descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) != 0
        || ::bind(m_descriptor, plain, size) != 0 || ::getsockname(m_descriptor, plain, &size) != 0)
        qFatal("no port can be held");
    m_number = qFromBigEndian(address.sin_port);
}

HeldPort::~HeldPort()
{
    ::close(m_descriptor);
}

} // namespace relay::test
