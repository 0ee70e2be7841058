// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

#include <chrono>

namespace relay::admin {

/** Values as people read them, by the default QLocale. What is not known (NaN) is a dash. */

/** A whole number, or as many digits as say something. */
QString numberText(double value);
/** In bytes, KiB, MiB, … */
QString bytesText(double bytes);
/** Per second. */
QString rateText(double perSecond);
/** 0.0042 s is 4.2 ms. */
QString secondsText(double seconds);
/** The two largest units: "3 days 4 hours", "12 seconds". */
QString durationText(std::chrono::milliseconds duration);
/** The same for a narrow column: "3 d 4 h", "12 s". */
QString shortDurationText(std::chrono::milliseconds duration);
/** 37 of 1,000. */
QString usedText(double used, double limit);

} // namespace relay::admin
