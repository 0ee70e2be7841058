// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tests/faults/crashload.h"

#include <QTest>

#include <algorithm>

namespace relay::test {

/** RELAYTEST_ROUNDS, or `unasked`. */
inline int roundsAsked(int unasked)
{
    bool isSet = false;
    const int rounds = qEnvironmentVariableIntValue("RELAYTEST_ROUNDS", &isSet);
    return isSet ? rounds : unasked;
}

/** What the rounds came to. Only those count at whose end the pipeline was full. */
class CrashFigures {
public:
    static constexpr int LeastInFlight = 100;

    void add(const RoundFigures &round)
    {
        if (round.inFlight >= LeastInFlight)
            m_inFlight.push_back(round.inFlight);
        else
            ++m_notCounted;
    }
    int rounds() const { return static_cast<int>(m_inFlight.size()); }

    void print(const Ledger &ledger)
    {
        std::ranges::sort(m_inFlight);
        const Findings &found = ledger.findings();
        qInfo("rounds %d (%d more with fewer than %d stores in flight)", rounds(), m_notCounted,
            LeastInFlight);
        if (!m_inFlight.empty())
            qInfo("stores in flight at the end: min %d, median %d, max %d", m_inFlight.front(),
                m_inFlight[m_inFlight.size() / 2], m_inFlight.back());
        qInfo("stores acknowledged %lld, deletions proven %lld", qlonglong(ledger.acknowledged()),
            qlonglong(ledger.provenDeletions()));
        qInfo("lost %lld, back after a proven deletion %lld, invented %lld, out of order %lld, "
              "repeated %lld, refused %lld",
            qlonglong(found.lost), qlonglong(found.back), qlonglong(found.invented),
            qlonglong(found.disordered), qlonglong(found.repeated), qlonglong(found.refused));
    }

private:
    std::vector<int> m_inFlight;
    int m_notCounted = 0;
};

} // namespace relay::test

namespace QTest {

template <>
inline char *toString(const relay::test::Findings &found)
{
    return qstrdup(qPrintable(QStringLiteral("lost %1, back %2, invented %3, out of order %4, "
                                             "repeated %5, refused %6")
                                  .arg(found.lost)
                                  .arg(found.back)
                                  .arg(found.invented)
                                  .arg(found.disordered)
                                  .arg(found.repeated)
                                  .arg(found.refused)));
}

} // namespace QTest
