// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/protocol/codec.h"
#include "tests/bench/loadclient.h"

#include <QCommandLineParser>
#include <QCoreApplication>
#include <QFile>
#include <QJsonDocument>
#include <QJsonObject>
#include <QRandomGenerator>

#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdio>

using namespace relay;
using namespace relay::bench;
using namespace std::chrono_literals;

namespace {

struct Options {
    QByteArray host = "127.0.0.1";
    quint16 port = 8080;
    int connections = 16;
    int depth = 1;
    int size = 256;
    int seconds = 5;
    int silent = 0;
    qint64 relayPid = 0;
};

constexpr int DigitsOfId = 12;

Id randomId()
{
    Id id;
    QRandomGenerator::system()->generate(id.bytes.begin(), id.bytes.end());
    return id;
}

double cpuSeconds()
{
    rusage usage {};
    ::getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](const timeval &t) {
        return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

/** Seconds of CPU that a process has used, from /proc. */
double cpuSecondsOf(qint64 pid)
{
    QFile file(QStringLiteral("/proc/%1/stat").arg(pid));
    if (!file.open(QIODevice::ReadOnly))
        return 0;
    const QByteArray text = file.readAll();
    const auto fields = text.mid(text.lastIndexOf(')') + 2).split(' ');
    return (fields.value(11).toDouble() + fields.value(12).toDouble())
        / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

double residentBytesOf(qint64 pid)
{
    QFile file(QStringLiteral("/proc/%1/statm").arg(pid));
    if (!file.open(QIODevice::ReadOnly))
        return 0;
    return file.readAll().split(' ').value(1).toDouble()
        * static_cast<double>(::sysconf(_SC_PAGESIZE));
}

/** A sender: keeps `depth` stores in flight, each to a mailbox of its own. */
struct Sender {
    std::unique_ptr<LoadClient> client;
    QByteArray frame;
    /** Where in `frame` the digits of the message id and of the recipient are. */
    qsizetype idAt = 0;
    qsizetype recipientAt = 0;
    quint64 next = 0;
    quint64 acknowledged = 0;
    std::vector<Clock::time_point> sent;

    void send()
    {
        const QByteArray digits = QByteArray::number(next).rightJustified(DigitsOfId, '0');
        memcpy(frame.data() + idAt, digits.constData(), DigitsOfId);
        memcpy(frame.data() + recipientAt, digits.constData(), DigitsOfId);
        sent[next % sent.size()] = Clock::now();
        ++next;
        client->queue(frame);
    }
};

QByteArray storeFrame(int size)
{
    QByteArray ciphertext(size, Qt::Uninitialized);
    for (char &byte : ciphertext)
        byte = static_cast<char>(QRandomGenerator::global()->bounded(256));
    const EncryptedUpdate update {WrittenId::of(randomId()), WrittenId::of(randomId()), ciphertext};
    return encodeFrame({QByteArray(DigitsOfId, 'x'), 1'700'000'000, update});
}

/** Stores until the time is over; every answer must be Stored and in order. */
QJsonObject store(const Options &options)
{
    std::vector<std::unique_ptr<LoadClient>> silent;
    const double memoryBefore = residentBytesOf(options.relayPid);
    for (int i = 0; i < options.silent; ++i)
        silent.push_back(std::make_unique<LoadClient>(options.host, options.port, randomId()));
    const double memoryAfter = residentBytesOf(options.relayPid);

    const int epoll = ::epoll_create1(EPOLL_CLOEXEC);
    std::vector<Sender> senders(static_cast<size_t>(options.connections));
    for (size_t i = 0; i < senders.size(); ++i) {
        Sender &sender = senders[i];
        sender.client = std::make_unique<LoadClient>(options.host, options.port, randomId());
        sender.frame = maskedFrame(storeFrame(options.size));
        sender.idAt = sender.frame.indexOf(QByteArray(DigitsOfId, 'x'));
        sender.recipientAt = sender.frame.indexOf("\"recipient_id\":\"") + 16;
        sender.sent.resize(static_cast<size_t>(options.depth));
        epoll_event event {EPOLLIN, {.u64 = i}};
        ::epoll_ctl(epoll, EPOLL_CTL_ADD, sender.client->descriptor(), &event);
    }

    Latencies latencies;
    const double ownCpu = cpuSeconds();
    const double relayCpu = cpuSecondsOf(options.relayPid);
    const auto begin = Clock::now();
    const auto end = begin + std::chrono::seconds(options.seconds);
    for (Sender &sender : senders) {
        for (int n = 0; n < options.depth; ++n)
            sender.send();
        sender.client->flush();
    }
    quint64 stored = 0;
    std::array<epoll_event, 256> events;
    while (Clock::now() < end) {
        const int ready = ::epoll_wait(epoll, events.data(), static_cast<int>(events.size()), 5000);
        if (ready <= 0)
            fail("no answer for 5 s");
        for (int i = 0; i < ready; ++i) {
            Sender &sender = senders[events[static_cast<size_t>(i)].data.u64];
            sender.client->read([&](QByteArrayView message) {
                const QByteArray expected = "\"message_id\":\""
                    + QByteArray::number(sender.acknowledged).rightJustified(DigitsOfId, '0')
                    + "\",\"status\":\"Stored\"";
                if (message.indexOf(expected) < 0)
                    fail("a store was not answered Stored, in order");
                latencies.add(Clock::now() - sender.sent[sender.acknowledged % sender.sent.size()]);
                ++sender.acknowledged;
                ++stored;
                sender.send();
            });
            sender.client->flush();
        }
    }
    const double seconds = std::chrono::duration<double>(Clock::now() - begin).count();
    ::close(epoll);
    QJsonObject result {
        {QStringLiteral("connections"), options.connections},
        {QStringLiteral("depth"), options.depth},
        {QStringLiteral("silent"), options.silent},
        {QStringLiteral("stores_per_second"), static_cast<double>(stored) / seconds},
        {QStringLiteral("p50_ms"), latencies.percentile(0.5)},
        {QStringLiteral("p99_ms"), latencies.percentile(0.99)},
        {QStringLiteral("generator_cpu_share"), (cpuSeconds() - ownCpu) / seconds},
    };
    if (options.relayPid > 0) {
        result.insert(QStringLiteral("relay_cpu_share"),
            (cpuSecondsOf(options.relayPid) - relayCpu) / seconds);
        if (options.silent > 0)
            result.insert(QStringLiteral("bytes_per_silent_connection"),
                (memoryAfter - memoryBefore) / options.silent);
    }
    return result;
}

} // namespace

int main(int argc, char *argv[])
{
    const QCoreApplication application(argc, argv);
    rlimit files {};
    ::getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &files);

    QCommandLineParser parser;
    parser.setApplicationDescription(QStringLiteral(
        "Puts load on a relay and prints what it took, as JSON. Scenario: store.\n"
        "The relay needs RELAY_RATE_LIMIT_PER_MIN=0 and enough RELAY_MAX_CONNECTIONS."));
    parser.addHelpOption();
    const auto add = [&](const char *name, const char *help, const char *value) {
        parser.addOption({QString::fromLatin1(name), QString::fromLatin1(help), QStringLiteral("n"),
            QString::fromLatin1(value)});
    };
    add("port", "the relay's port on 127.0.0.1", "8080");
    add("connections", "active connections", "16");
    add("depth", "stores in flight on each", "1");
    add("size", "bytes of ciphertext", "256");
    add("seconds", "duration", "5");
    add("silent", "further connections that only shake hands", "0");
    add("relay-pid", "whose memory and CPU time to print", "0");
    parser.process(application);
    const auto number = [&](const char *name) {
        return parser.value(QString::fromLatin1(name)).toInt();
    };
    Options options;
    options.port = static_cast<quint16>(number("port"));
    options.connections = number("connections");
    options.depth = number("depth");
    options.size = number("size");
    options.seconds = number("seconds");
    options.silent = number("silent");
    options.relayPid = number("relay-pid");
    const QJsonObject result = store(options);
    std::printf("%s\n", QJsonDocument(result).toJson(QJsonDocument::Compact).constData());
    return 0;
}
