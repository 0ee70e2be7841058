// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/monitoring/exposition.h"

#include <QHash>

#include <algorithm>
#include <charconv>
#include <limits>

namespace relay {

namespace {

using Fault = ExpositionError::Kind;

bool isBlank(char c)
{
    return c == ' ' || c == '\t';
}

bool isDigit(char c)
{
    return c >= '0' && c <= '9';
}

bool isLetter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

/** One line from left to right. Behind its end there are NULs. */
class LineReader {
public:
    explicit LineReader(QByteArrayView line)
        : m_rest(line)
    {
    }

    bool isAtEnd() const { return m_rest.isEmpty(); }
    char next() const { return m_rest.isEmpty() ? '\0' : m_rest.front(); }
    QByteArrayView rest() const { return m_rest; }

    bool skip(char c)
    {
        if (m_rest.isEmpty() || m_rest.front() != c)
            return false;
        m_rest = m_rest.sliced(1);
        return true;
    }
    void skipBlanks() { takeWhile(isBlank); }
    template <typename Predicate>
    QByteArrayView takeWhile(Predicate predicate)
    {
        const auto end = std::find_if_not(m_rest.begin(), m_rest.end(), predicate);
        return take(end - m_rest.begin());
    }
    QByteArrayView take(qsizetype count)
    {
        const QByteArrayView taken = m_rest.first(count);
        m_rest = m_rest.sliced(count);
        return taken;
    }
    /** Up to a blank or the end. */
    QByteArrayView takeWord()
    {
        return takeWhile([](char c) { return !isBlank(c); });
    }
    /** Empty: here is no name. */
    QByteArrayView takeLabelName()
    {
        if (!isLetter(next()))
            return {};
        return takeWhile([](char c) { return isLetter(c) || isDigit(c); });
    }
    QByteArrayView takeMetricName()
    {
        if (!isLetter(next()) && next() != ':')
            return {};
        return takeWhile([](char c) { return isLetter(c) || isDigit(c) || c == ':'; });
    }

private:
    QByteArrayView m_rest;
};

bool isEqualIgnoringCase(QByteArrayView word, QByteArrayView other)
{
    return word.compare(other, Qt::CaseInsensitive) == 0;
}

/**
 * Whether a decimal number that no double can hold is too large, not too small: the place of its
 * first digit that is not 0 against the point, moved by the exponent, decides.
 */
bool isOverflow(QByteArrayView digits)
{
    const auto e =
        std::find_if(digits.begin(), digits.end(), [](char c) { return c == 'e' || c == 'E'; });
    const QByteArrayView mantissa(digits.begin(), e);
    const auto isFirst = [](char c) { return c >= '1' && c <= '9'; };
    const qsizetype first =
        std::find_if(mantissa.begin(), mantissa.end(), isFirst) - mantissa.begin();
    const qsizetype point = std::find(mantissa.begin(), mantissa.end(), '.') - mantissa.begin();
    const bool isNegative = e != digits.end() && e + 1 != digits.end() && e[1] == '-';
    qint64 exponent = 0;
    for (auto at = e; at != digits.end(); ++at) {
        if (isDigit(*at))
            exponent = std::min<qint64>(exponent * 10 + (*at - '0'), 1'000'000'000);
    }
    return point - first + (isNegative ? -exponent : exponent) > 0;
}

/** What Go's ParseFloat takes, without hexadecimal digits, as Prometheus does. */
std::optional<double> valueOf(QByteArrayView word)
{
    if (isEqualIgnoringCase(word, "nan"))
        return std::numeric_limits<double>::quiet_NaN();
    LineReader reader(word);
    const bool isNegative = reader.skip('-');
    if (!isNegative)
        reader.skip('+');
    const QByteArrayView digits = reader.rest();
    const double sign = isNegative ? -1 : 1;
    if (isEqualIgnoringCase(digits, "inf") || isEqualIgnoringCase(digits, "infinity"))
        return sign * std::numeric_limits<double>::infinity();
    if (!isDigit(reader.next()) && reader.next() != '.')
        return std::nullopt;
    double value = 0;
    const char *end = digits.data() + digits.size();
    const auto result = std::from_chars(digits.data(), end, value);
    if (result.ptr != end || result.ec == std::errc::invalid_argument)
        return std::nullopt;
    if (result.ec == std::errc::result_out_of_range) {
        if (isOverflow(digits))
            return std::nullopt;
        value = 0;
    }
    return sign * value;
}

std::optional<qint64> integerOf(QByteArrayView word)
{
    if (word.startsWith('+') && !word.startsWith("+-"))
        word = word.sliced(1);
    qint64 value = 0;
    const char *end = word.data() + word.size();
    const auto result = std::from_chars(word.data(), end, value);
    if (result.ptr != end || result.ec != std::errc())
        return std::nullopt;
    return value;
}

/** In help texts a backslash before anything else stands for itself: prometheus-cpp escapes none.
 */
QString helpOf(QByteArrayView text)
{
    if (!text.contains('\\'))
        return QString::fromUtf8(text);
    QByteArray help;
    help.reserve(text.size());
    for (qsizetype i = 0; i < text.size(); ++i) {
        const char next = i + 1 < text.size() ? text[i + 1] : '\0';
        const bool isEscape = text[i] == '\\' && (next == '\\' || next == 'n');
        help += !isEscape ? text[i] : next == 'n' ? '\n' : '\\';
        i += isEscape ? 1 : 0;
    }
    return QString::fromUtf8(help);
}

std::optional<MetricType> typeOf(QByteArrayView word)
{
    struct Type {
        const char *word;
        MetricType type;
    };
    // The last four are OpenMetrics'.
    static constexpr Type types[] {{"counter", MetricType::Counter}, {"gauge", MetricType::Gauge},
        {"histogram", MetricType::Histogram}, {"summary", MetricType::Summary},
        {"untyped", MetricType::Untyped}, {"unknown", MetricType::Untyped},
        {"info", MetricType::Untyped}, {"stateset", MetricType::Untyped},
        {"gaugehistogram", MetricType::Untyped}};
    for (const Type &type : types) {
        if (isEqualIgnoringCase(word, type.word))
            return type.type;
    }
    return std::nullopt;
}

/** Reads line after line; ends at the first fault. */
class Parser {
public:
    explicit Parser(const ExpositionLimits &limits)
        : m_limits(limits)
    {
    }

    /** Nothing: the line is in order. */
    std::optional<Fault> readLine(QByteArrayView line);
    Exposition take() && { return std::move(m_exposition); }

private:
    /** What has been said of a family, which may be said once. */
    struct Said {
        qsizetype index = 0;
        bool help = false;
        bool type = false;
    };

    std::optional<Fault> readComment(LineReader line);
    std::optional<Fault> readHelp(Said &said, QByteArrayView text);
    std::optional<Fault> readType(Said &said, QByteArrayView word);
    std::optional<Fault> readSample(LineReader line);
    std::optional<Fault> readLabels(LineReader &line, MetricSample &sample);
    static std::optional<QString> readLabelValue(LineReader &line);
    static bool readNumbers(LineReader &line, MetricSample &sample);

    MetricFamily &familyOf(const Said &said) { return m_exposition.families[said.index]; }
    /** The family of this name, made if need be; null: there are too many. */
    Said *said(QByteArrayView name);
    /** The family that a sample of this name belongs to, in the same way. */
    Said *saidOfSample(QByteArrayView name);

    const ExpositionLimits m_limits;
    Exposition m_exposition;
    /** Names are parts of the text. */
    QHash<QByteArrayView, Said> m_said;
    qsizetype m_samples = 0;
};

std::optional<Fault> Parser::readLine(QByteArrayView text)
{
    if (text.endsWith('\r'))
        text.chop(1);
    if (text.size() > m_limits.maxLineBytes)
        return Fault::LineTooLong;
    LineReader line(text);
    line.skipBlanks();
    if (line.isAtEnd())
        return std::nullopt;
    if (line.skip('#'))
        return readComment(line);
    return readSample(line);
}

std::optional<Fault> Parser::readComment(LineReader line)
{
    line.skipBlanks();
    const QByteArrayView keyword = line.takeWord();
    const bool isHelp = keyword == "HELP";
    if (!isHelp && keyword != "TYPE")
        return std::nullopt;
    line.skipBlanks();
    // A line that ends here or behind the name says nothing.
    if (line.isAtEnd())
        return std::nullopt;
    const QByteArrayView name = line.takeMetricName();
    if (name.isEmpty() || (!line.isAtEnd() && !isBlank(line.next())))
        return Fault::Syntax;
    line.skipBlanks();
    if (line.isAtEnd())
        return std::nullopt;
    Said *family = said(name);
    if (!family)
        return Fault::TooManySamples;
    return isHelp ? readHelp(*family, line.rest()) : readType(*family, line.rest());
}

std::optional<Fault> Parser::readHelp(Said &said, QByteArrayView text)
{
    if (std::exchange(said.help, true))
        return Fault::Syntax;
    familyOf(said).help = helpOf(text);
    return std::nullopt;
}

std::optional<Fault> Parser::readType(Said &said, QByteArrayView word)
{
    const auto type = typeOf(word.trimmed());
    if (!type || std::exchange(said.type, true) || !familyOf(said).samples.empty())
        return Fault::Syntax;
    familyOf(said).type = *type;
    return std::nullopt;
}

std::optional<Fault> Parser::readSample(LineReader line)
{
    const QByteArrayView name = line.takeMetricName();
    if (name.isEmpty())
        return Fault::Syntax;
    MetricSample sample;
    const bool isApart = isBlank(line.next());
    line.skipBlanks();
    const bool hasLabels = line.skip('{');
    if (hasLabels) {
        if (const auto fault = readLabels(line, sample))
            return fault;
        line.skipBlanks();
    }
    if ((!hasLabels && !isApart) || !readNumbers(line, sample))
        return Fault::Syntax;
    Said *family = ++m_samples > m_limits.maxSamples ? nullptr : saidOfSample(name);
    if (!family)
        return Fault::TooManySamples;
    sample.name = name.toByteArray();
    familyOf(*family).samples.push_back(std::move(sample));
    return std::nullopt;
}

/** From behind the opening brace to behind the closing one. */
std::optional<Fault> Parser::readLabels(LineReader &line, MetricSample &sample)
{
    line.skipBlanks();
    while (!line.skip('}')) {
        if (sample.labels.size() >= static_cast<size_t>(m_limits.maxLabels))
            return Fault::TooManyLabels;
        const QByteArrayView name = line.takeLabelName();
        // The metric's own name under another, which nobody may write.
        if (name.isEmpty() || name == "__name__" || sample.label(name))
            return Fault::Syntax;
        line.skipBlanks();
        if (!line.skip('='))
            return Fault::Syntax;
        line.skipBlanks();
        auto value = readLabelValue(line);
        if (!value)
            return Fault::Syntax;
        sample.labels.push_back({name.toByteArray(), std::move(*value)});
        line.skipBlanks();
        if (!line.skip(',') && line.next() != '}')
            return Fault::Syntax;
        line.skipBlanks();
    }
    return std::nullopt;
}

std::optional<QString> Parser::readLabelValue(LineReader &line)
{
    if (!line.skip('"'))
        return std::nullopt;
    const auto takePlain = [&line] {
        return line.takeWhile([](char c) { return c != '"' && c != '\\'; });
    };
    const QByteArrayView plain = takePlain();
    if (line.skip('"'))
        return QString::fromUtf8(plain);
    QByteArray value = plain.toByteArray();
    while (line.skip('\\')) {
        const char escaped = line.next();
        if (escaped != '\\' && escaped != '"' && escaped != 'n')
            return std::nullopt;
        line.take(1);
        value += escaped == 'n' ? '\n' : escaped;
        value += takePlain();
    }
    if (!line.skip('"'))
        return std::nullopt;
    return QString::fromUtf8(value);
}

/** The value, perhaps a timestamp, perhaps an exemplar, which is skipped. */
bool Parser::readNumbers(LineReader &line, MetricSample &sample)
{
    const auto value = valueOf(line.takeWord());
    if (!value)
        return false;
    sample.value = *value;
    line.skipBlanks();
    if (line.isAtEnd() || line.next() == '#')
        return true;
    sample.timestamp = integerOf(line.takeWord());
    line.skipBlanks();
    return sample.timestamp && (line.isAtEnd() || line.next() == '#');
}

Parser::Said *Parser::said(QByteArrayView name)
{
    if (const auto found = m_said.find(name); found != m_said.end())
        return &found.value();
    const auto index = static_cast<qsizetype>(m_exposition.families.size());
    // A family is named for its samples: nobody has more of them.
    if (index >= m_limits.maxSamples)
        return nullptr;
    MetricFamily family;
    family.name = name.toByteArray();
    m_exposition.families.push_back(std::move(family));
    return &m_said.insert(name, {index}).value();
}

Parser::Said *Parser::saidOfSample(QByteArrayView name)
{
    if (m_said.contains(name))
        return said(name);
    for (const QByteArrayView suffix : {"_bucket", "_sum", "_count"}) {
        if (!name.endsWith(suffix))
            continue;
        const auto found = m_said.find(name.chopped(suffix.size()));
        if (found == m_said.end())
            continue;
        const MetricType type = familyOf(found.value()).type;
        if (type == MetricType::Histogram || (type == MetricType::Summary && suffix != "_bucket"))
            return &found.value();
    }
    return said(name);
}

} // namespace

std::optional<QString> MetricSample::label(QByteArrayView labelName) const
{
    for (const MetricLabel &label : labels) {
        if (label.name == labelName)
            return label.value;
    }
    return std::nullopt;
}

const MetricFamily *Exposition::family(QByteArrayView name) const
{
    const auto found = std::find_if(families.begin(), families.end(),
        [name](const MetricFamily &family) { return family.name == name; });
    return found == families.end() ? nullptr : &*found;
}

std::optional<double> Exposition::value(QByteArrayView name) const
{
    const MetricFamily *found = family(name);
    if (!found)
        return std::nullopt;
    for (const MetricSample &sample : found->samples) {
        if (sample.name == name && sample.labels.empty())
            return sample.value;
    }
    return std::nullopt;
}

bool isSameSeries(const MetricSample &a, const MetricSample &b)
{
    return a.name == b.name && a.labels == b.labels;
}

Result<Exposition, ExpositionError> parseExposition(
    QByteArrayView text, const ExpositionLimits &limits)
{
    if (text.size() > limits.maxBytes)
        return Err(ExpositionError {Fault::TooLarge});
    Parser parser(limits);
    for (qsizetype begin = 0, number = 1; begin < text.size(); ++number) {
        const qsizetype feed = text.indexOf('\n', begin);
        const qsizetype end = feed < 0 ? text.size() : feed;
        if (const auto kind = parser.readLine(text.sliced(begin, end - begin)))
            return Err(ExpositionError {*kind, number});
        begin = end + 1;
    }
    return std::move(parser).take();
}

} // namespace relay
