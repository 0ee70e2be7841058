// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/fakes.h"

#include <QtGlobal>

#include <algorithm>

namespace relay::test {

void FakePeer::send(const QByteArray &frame)
{
    if (frame.size() > maxFrame)
        qFatal("the relay sent a frame that is too large");
    auto decoded = m_decoder.decode(frame);
    if (!decoded || decoded->prefixMismatch)
        qFatal("the relay sent a frame that is not decodable");
    sent.push_back(std::move(decoded->envelope));
    if (m_isTaking)
        return;
    m_unsent += frame.size();
    m_mostUnsent = std::max(m_mostUnsent, m_unsent);
}

double sampleOf(const Metrics &metrics, const QByteArray &name)
{
    const auto lines = metrics.text().split('\n');
    for (const QByteArray &line : lines) {
        if (line.startsWith(QByteArray(name + ' ')))
            return line.mid(name.size() + 1).toDouble();
    }
    return -1;
}

double refusedOf(const Metrics &metrics, const QByteArray &reason)
{
    return sampleOf(metrics, "relay_messages_refused_total{reason=\"" + reason + "\"}");
}

quint64 countOf(const prometheus::Histogram &histogram)
{
    return histogram.Collect().histogram.sample_count;
}

double sumOf(const prometheus::Histogram &histogram)
{
    return histogram.Collect().histogram.sample_sum;
}

quint32 randomSeed()
{
    bool isSet = false;
    quint32 seed = qEnvironmentVariable("RELAYTEST_SEED").toUInt(&isSet);
    if (!isSet)
        seed = QRandomGenerator::system()->generate();
    qInfo("seed %u (RELAYTEST_SEED repeats it)", seed);
    return seed;
}

} // namespace relay::test
