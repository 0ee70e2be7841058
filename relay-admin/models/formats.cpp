// SPDX-License-Identifier: GPL-3.0-or-later
#include "relay-admin/models/formats.h"

#include <QCoreApplication>
#include <QLocale>

#include <algorithm>
#include <cmath>

namespace relay::admin {

namespace {

struct Words {
    Q_DECLARE_TR_FUNCTIONS(relay::admin::Formats)
};

/** Above it a double does not count in ones any more. */
constexpr double MaxWhole = 9007199254740992;

QString unknown()
{
    return QStringLiteral("\u2013");
}

int asInt(std::chrono::seconds::rep count)
{
    return static_cast<int>(std::clamp<std::chrono::seconds::rep>(count, 0, 1'000'000'000));
}

} // namespace

QString numberText(double value)
{
    if (std::isnan(value))
        return unknown();
    if (std::isinf(value))
        return value > 0 ? QStringLiteral("\u221e") : QStringLiteral("-\u221e");
    const QLocale locale;
    if (std::abs(value) < MaxWhole && value == std::floor(value))
        return locale.toString(static_cast<qlonglong>(value));
    // Four digits say enough, and no part of the whole is left out.
    const bool isLarge = std::abs(value) >= 1000 && std::abs(value) < MaxWhole;
    return isLarge ? locale.toString(value, 'f', 0) : locale.toString(value, 'g', 4);
}

QString bytesText(double bytes)
{
    if (!std::isfinite(bytes) || std::abs(bytes) >= MaxWhole)
        return numberText(bytes);
    return QLocale().formattedDataSize(static_cast<qint64>(bytes), 1);
}

QString rateText(double perSecond)
{
    return std::isnan(perSecond) ? unknown() : Words::tr("%1/s").arg(numberText(perSecond));
}

QString secondsText(double seconds)
{
    if (!std::isfinite(seconds))
        return numberText(seconds);
    const QLocale locale;
    if (std::abs(seconds) >= 1)
        return Words::tr("%1 s").arg(locale.toString(seconds, 'g', 3));
    if (std::abs(seconds) >= 0.001 || seconds == 0)
        return Words::tr("%1 ms").arg(locale.toString(seconds * 1000, 'g', 3));
    return Words::tr("%1 \u00b5s").arg(locale.toString(seconds * 1'000'000, 'g', 3));
}

QString durationText(std::chrono::milliseconds duration)
{
    const auto seconds = std::max(
        std::chrono::duration_cast<std::chrono::seconds>(duration), std::chrono::seconds(0))
                             .count();
    const auto days = Words::tr("%n day(s)", nullptr, asInt(seconds / 86'400));
    const auto hours = Words::tr("%n hour(s)", nullptr, asInt(seconds / 3600 % 24));
    const auto minutes = Words::tr("%n minute(s)", nullptr, asInt(seconds / 60 % 60));
    if (seconds >= 86'400)
        return Words::tr("%1 %2", "two units of time").arg(days, hours);
    if (seconds >= 3600)
        return Words::tr("%1 %2", "two units of time").arg(hours, minutes);
    const auto rest = Words::tr("%n second(s)", nullptr, asInt(seconds % 60));
    return seconds >= 60 ? Words::tr("%1 %2", "two units of time").arg(minutes, rest) : rest;
}

QString shortDurationText(std::chrono::milliseconds duration)
{
    const auto seconds = std::max(
        std::chrono::duration_cast<std::chrono::seconds>(duration), std::chrono::seconds(0))
                             .count();
    const QLocale locale;
    if (seconds >= 86'400)
        return Words::tr("%1 d %2 h", "days, hours")
            .arg(locale.toString(seconds / 86'400), locale.toString(seconds / 3600 % 24));
    if (seconds >= 3600)
        return Words::tr("%1 h %2 min", "hours, minutes")
            .arg(locale.toString(seconds / 3600), locale.toString(seconds / 60 % 60));
    if (seconds >= 60)
        return Words::tr("%1 min %2 s", "minutes, seconds")
            .arg(locale.toString(seconds / 60), locale.toString(seconds % 60));
    return Words::tr("%1 s", "seconds").arg(locale.toString(seconds));
}

QString usedText(double used, double limit)
{
    return Words::tr("%1 of %2", "connections used, most").arg(numberText(used), numberText(limit));
}

} // namespace relay::admin
