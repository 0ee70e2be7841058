// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/monitoring/exposition.h"

#include "tests/fuzz/fuzzing.h"

#include <QList>

#include <charconv>
#include <cmath>

using namespace relay;
using namespace relay::test;

// The input is the body of an answer of /metrics.

namespace {

using Parsed = Result<Exposition, ExpositionError>;
using Kind = ExpositionError::Kind;

bool isSame(const MetricSample &left, const MetricSample &right)
{
    const bool isSameValue =
        std::isnan(left.value) ? std::isnan(right.value) : left.value == right.value;
    return isSameValue && left.name == right.name && left.labels == right.labels
        && left.timestamp == right.timestamp;
}

bool isSame(const Exposition &left, const Exposition &right)
{
    const auto isSameFamily = [](const MetricFamily &one, const MetricFamily &other) {
        return one.name == other.name && one.type == other.type && one.help == other.help
            && std::equal(one.samples.begin(), one.samples.end(), other.samples.begin(),
                other.samples.end(),
                [](const MetricSample &a, const MetricSample &b) { return isSame(a, b); });
    };
    return std::equal(left.families.begin(), left.families.end(), right.families.begin(),
        right.families.end(), isSameFamily);
}

QByteArray escaped(const QString &text)
{
    return text.toUtf8().replace('\\', "\\\\").replace('\n', "\\n");
}

QByteArray written(double value)
{
    if (std::isnan(value))
        return "NaN";
    if (std::isinf(value))
        return value < 0 ? "-Inf" : "+Inf";
    char text[64];
    return {text, std::to_chars(text, text + sizeof text, value).ptr - text};
}

QByteArray written(const MetricSample &sample)
{
    QByteArray line = sample.name + '{';
    for (const MetricLabel &label : sample.labels)
        line += label.name + "=\"" + escaped(label.value).replace('"', "\\\"") + "\",";
    line += "} " + written(sample.value);
    return sample.timestamp ? line + ' ' + QByteArray::number(*sample.timestamp) : line;
}

/** Anybody's way of writing it. Ends lines in CRLF, because a help text may end in CR. */
QByteArray written(const Exposition &exposition)
{
    static const QList<QByteArray> types {"untyped", "counter", "gauge", "histogram", "summary"};
    QByteArray text;
    for (const MetricFamily &family : exposition.families) {
        text += "# TYPE " + family.name + ' ' + types[int(family.type)] + "\r\n";
        if (!family.help.isEmpty())
            text += "# HELP " + family.name + ' ' + escaped(family.help) + "\r\n";
        for (const MetricSample &sample : family.samples)
            text += written(sample) + "\r\n";
    }
    return text;
}

qsizetype sampleCount(const Exposition &exposition)
{
    qsizetype count = 0;
    for (const MetricFamily &family : exposition.families)
        count += static_cast<qsizetype>(family.samples.size());
    return count;
}

bool isSampleLine(const QByteArray &line)
{
    const QByteArray text = line.endsWith('\r') ? line.chopped(1) : line;
    qsizetype at = 0;
    while (at < text.size() && (text[at] == ' ' || text[at] == '\t'))
        ++at;
    return at < text.size() && text[at] != '#';
}

void requireWhole(const QList<QByteArray> &lines, const Exposition &exposition)
{
    require(sampleCount(exposition) == std::count_if(lines.begin(), lines.end(), isSampleLine),
        "each line that is no comment is a sample");
    const Parsed again = parseExposition(written(exposition));
    require(again && isSame(*again, exposition), "what is written again reads as the same");
    const Parsed closed = parseExposition(lines.join('\n') + '\n');
    require(closed && isSame(*closed, exposition), "the end of the last line changes nothing");
    for (const MetricFamily &family : exposition.families) {
        require(exposition.family(family.name) == &family, "a name is one family's");
        for (const MetricSample &sample : family.samples)
            require(sample.name.startsWith(family.name), "a sample has its family's name");
    }
}

void requireFault(const QList<QByteArray> &lines, const ExpositionError &error)
{
    require(error.line >= 1 && error.line <= lines.size(), "a fault stands on a line");
    const Parsed before = parseExposition(lines.first(error.line - 1).join('\n'));
    require(before.hasValue(), "what stands before the fault is in order");
    const Parsed upTo = parseExposition(lines.first(error.line).join('\n'));
    require(!upTo && upTo.error().kind == error.kind && upTo.error().line == error.line,
        "what stands behind the fault changes nothing");
}

/** Narrower limits refuse, and change nothing else. */
void requireLimits(QByteArrayView text, const Parsed &whole)
{
    const ExpositionLimits limits {
        .maxBytes = 500, .maxLineBytes = 40, .maxSamples = 5, .maxLabels = 2};
    const Parsed limited = parseExposition(text, limits);
    if (!limited) {
        require(limited.error().kind != Kind::Syntax || !whole, "limits are no faults of syntax");
        return;
    }
    require(whole && isSame(*limited, *whole), "who keeps to the limits is read");
    require(text.size() <= limits.maxBytes, "the text is bounded");
    require(sampleCount(*limited) <= limits.maxSamples, "samples are bounded");
    require(limited->families.size() <= static_cast<size_t>(2 * limits.maxSamples),
        "families are bounded");
    for (const MetricFamily &family : limited->families) {
        for (const MetricSample &sample : family.samples)
            require(sample.labels.size() <= static_cast<size_t>(limits.maxLabels),
                "labels are bounded");
    }
}

} // namespace

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const QByteArrayView text(data, static_cast<qsizetype>(size));
    const Parsed whole = parseExposition(text);
    const QList<QByteArray> lines = text.toByteArray().split('\n');
    if (whole)
        requireWhole(lines, *whole);
    else
        requireFault(lines, whole.error());
    requireLimits(text, whole);
    return 0;
}
