// SPDX-License-Identifier: GPL-3.0-or-later
#include "relay-admin/models/rates.h"

#include <QHash>

#include <algorithm>
#include <cmath>
#include <limits>

namespace relay::admin {

namespace {

constexpr double NaN = std::numeric_limits<double>::quiet_NaN();
/** By how much the two clocks may disagree about a span: more is a suspend, or a clock that was
 * set. */
constexpr std::chrono::seconds ClockTolerance {2};

/** The relay's histograms have 17. Alert windows keep the buckets of each poll for minutes. */
constexpr size_t MaxBuckets = 256;

QByteArray seriesKey(const MetricSample &sample)
{
    QByteArray key = sample.name;
    for (const MetricLabel &label : sample.labels)
        key += '\0' + label.name + '\0' + label.value.toUtf8();
    return key;
}

/** Finds the samples of one family again, mostly at the same place, in any case in constant time.
 */
class SeriesFinder {
public:
    explicit SeriesFinder(const MetricFamily &family)
        : m_family(family)
    {
    }
    const MetricSample *find(const MetricSample &wanted, size_t place)
    {
        const auto &samples = m_family.samples;
        if (place < samples.size() && isSameSeries(samples[place], wanted))
            return &samples[place];
        if (m_places.isEmpty()) {
            for (const MetricSample &sample : samples)
                m_places.insert(seriesKey(sample), &sample);
        }
        return m_places.value(seriesKey(wanted), nullptr);
    }

private:
    const MetricFamily &m_family;
    QHash<QByteArray, const MetricSample *> m_places;
};

/** Finds families again, in the same way. */
class FamilyFinder {
public:
    explicit FamilyFinder(const Exposition &exposition)
        : m_exposition(exposition)
    {
    }
    const MetricFamily *find(const QByteArray &name, size_t place)
    {
        const auto &families = m_exposition.families;
        if (place < families.size() && families[place].name == name)
            return &families[place];
        if (m_places.isEmpty()) {
            for (const MetricFamily &family : families)
                m_places.insert(family.name, &family);
        }
        return m_places.value(name, nullptr);
    }

private:
    const Exposition &m_exposition;
    QHash<QByteArray, const MetricFamily *> m_places;
};

/** Whether the sample only rises, but at a restart. */
bool isCumulative(const MetricFamily &family, const MetricSample &sample)
{
    switch (family.type) {
    case MetricType::Counter:
    case MetricType::Histogram:
        return true;
    case MetricType::Summary:
        return sample.name != family.name; // _sum and _count; the others are quantiles
    case MetricType::Gauge:
    case MetricType::Untyped:
        return false;
    }
    Q_UNREACHABLE();
}

bool startedAnew(const Exposition &before, const Exposition &now)
{
    const QByteArrayView name = "process_start_time_seconds";
    const std::optional<double> a = before.value(name);
    const std::optional<double> b = now.value(name);
    return a && b && *a != *b && !std::isnan(*a) && !std::isnan(*b);
}

} // namespace

bool hasLabels(const MetricSample &sample, const std::vector<MetricLabel> &labels)
{
    return std::all_of(labels.begin(), labels.end(), [&](const MetricLabel &label) {
        return std::find(sample.labels.begin(), sample.labels.end(), label) != sample.labels.end();
    });
}

void Rates::take(std::shared_ptr<const Exposition> exposition, const Moment &at,
    std::chrono::milliseconds longestSpan)
{
    using std::chrono::milliseconds;
    const std::shared_ptr<const Exposition> before = std::move(m_exposition);
    const Moment beforeAt = m_at;
    m_exposition = std::move(exposition);
    m_at = at;
    m_span.reset();
    m_increases.clear();
    m_isRestarted = before && startedAnew(*before, *m_exposition);
    if (!before || m_isRestarted)
        return;
    const auto steady = std::chrono::duration_cast<milliseconds>(at.steady - beforeAt.steady);
    const bool hasWall = beforeAt.wall.isValid() && at.wall.isValid();
    const milliseconds wall = hasWall ? milliseconds(beforeAt.wall.msecsTo(at.wall)) : steady;
    if (steady <= milliseconds(0) || steady > longestSpan
        || std::chrono::abs(wall - steady) > ClockTolerance)
        return;
    m_span = std::chrono::duration<double>(steady).count();
    compare(*before, *m_exposition);
}

void Rates::compare(const Exposition &before, const Exposition &now)
{
    m_increases.resize(now.families.size());
    FamilyFinder families(before);
    for (size_t f = 0; f < now.families.size(); ++f) {
        const MetricFamily &family = now.families[f];
        const MetricFamily *earlier = families.find(family.name, f);
        m_increases[f].assign(family.samples.size(), NaN);
        if (!earlier || earlier->type != family.type || family.type == MetricType::Gauge)
            continue;
        SeriesFinder series(*earlier);
        for (size_t s = 0; s < family.samples.size(); ++s) {
            const MetricSample &sample = family.samples[s];
            const MetricSample *old =
                isCumulative(family, sample) ? series.find(sample, s) : nullptr;
            const double rise = old ? sample.value - old->value : NaN;
            m_increases[f][s] = std::isfinite(rise) && rise >= 0 ? rise : NaN;
        }
    }
}

double Rates::sampleIncrease(size_t family, size_t sample) const
{
    return m_increases.empty() ? NaN : m_increases[family][sample];
}

double Rates::increase(QByteArrayView counter, const std::vector<MetricLabel> &labels) const
{
    if (!m_span)
        return NaN;
    const MetricFamily *family = m_exposition->family(counter);
    if (!family || family->type != MetricType::Counter)
        return NaN;
    const auto f = static_cast<size_t>(family - m_exposition->families.data());
    double sum = 0;
    bool isAny = false;
    for (size_t s = 0; s < family->samples.size(); ++s) {
        if (hasLabels(family->samples[s], labels)) {
            sum += sampleIncrease(f, s);
            isAny = true;
        }
    }
    return isAny ? sum : NaN;
}

double Rates::perSecond(QByteArrayView counter, const std::vector<MetricLabel> &labels) const
{
    return m_span ? increase(counter, labels) / *m_span : NaN;
}

double Rates::perSecond(size_t family, size_t sample) const
{
    return m_span ? sampleIncrease(family, sample) / *m_span : NaN;
}

std::vector<Bucket> Rates::bucketIncreases(QByteArrayView histogram) const
{
    const MetricFamily *family = m_span ? m_exposition->family(histogram) : nullptr;
    if (!family || family->type != MetricType::Histogram)
        return {};
    const auto f = static_cast<size_t>(family - m_exposition->families.data());
    std::vector<Bucket> buckets;
    for (size_t s = 0; s < family->samples.size(); ++s) {
        const MetricSample &sample = family->samples[s];
        if (!sample.name.endsWith("_bucket"))
            continue;
        const std::optional<QString> bound = sample.label("le");
        const double rise = sampleIncrease(f, s);
        if (!bound || std::isnan(rise) || buckets.size() == MaxBuckets)
            return {};
        bool isNumber = false;
        double upper = *bound == QLatin1String("+Inf") ? std::numeric_limits<double>::infinity()
                                                       : bound->toDouble(&isNumber);
        if (!isNumber && !std::isinf(upper))
            return {};
        buckets.push_back({upper, rise});
    }
    return buckets;
}

} // namespace relay::admin
