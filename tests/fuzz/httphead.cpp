// SPDX-License-Identifier: GPL-3.0-or-later
#include "relayd/http/httphead.h"

#include "tests/fuzz/fuzzing.h"

#include <QList>

#include <optional>

using namespace relay;
using namespace relay::test;

// The input is what a peer sends first: one HTTP head, and perhaps more.

namespace {

using Parsed = Result<HttpHead, HttpHeadError>;

bool isWithin(QByteArrayView part, QByteArrayView whole)
{
    return part.isEmpty() || (part.begin() >= whole.begin() && part.end() <= whole.end());
}

bool isSame(const HttpHead &left, const HttpHead &right)
{
    const auto isSameField = [](const HttpField &one, const HttpField &other) {
        return one.name == other.name && one.value == other.value;
    };
    return left.size == right.size && left.method == right.method && left.target == right.target
        && left.path == right.path && left.minorVersion == right.minorVersion
        && std::equal(left.fields.begin(), left.fields.end(), right.fields.begin(),
            right.fields.end(), isSameField);
}

bool isSame(const Parsed &left, const Parsed &right)
{
    if (!left || !right)
        return !left && !right && left.error() == right.error();
    return isSame(*left, *right);
}

/** As the bytes come in, it is Incomplete until there is a verdict, and the verdict stays. */
void requireStableVerdict(QByteArrayView bytes, const Parsed &whole)
{
    std::optional<Parsed> verdict;
    // Every length is tried for what is short, and around each line's end for what is not.
    for (qsizetype size = 0; size <= bytes.size(); ++size) {
        const bool isNearLineEnd =
            bytes.sliced(std::max(size - 3, qsizetype(0)), std::min(size, qsizetype(3)))
                .contains('\n');
        if (size > 256 && size % 101 != 0 && !isNearLineEnd && size != bytes.size())
            continue;
        const Parsed now = HttpHead::parse(bytes.first(size));
        if (verdict)
            require(isSame(now, *verdict), "a verdict stays when more comes");
        else if (now || now.error() != HttpHeadError::Incomplete)
            verdict = now;
        if (now)
            require(now->size <= size, "a head is not accepted before it is there");
        else if (whole && size >= whole->size)
            require(false, "a head is accepted when it is there");
    }
    require(verdict ? isSame(*verdict, whole) : !whole, "the verdict is that of the whole");
}

/** What stands in a head, put together again, is the head. */
void requireParts(QByteArrayView bytes, const HttpHead &head)
{
    const QByteArrayView text = bytes.first(head.size);
    require(head.size <= HttpHead::MaxSize, "a head is at most 8 KiB");
    require(text.endsWith("\r\n\r\n") && text.indexOf("\r\n\r\n") == text.size() - 4,
        "a head ends at the first empty line");
    for (const QByteArrayView part : {head.method, head.target})
        require(isWithin(part, text), "what is shown is a part of the head");
    require(isWithin(head.path, text) || head.path == "/", "the path is a part of the head");
    require(head.path == "*" || head.method == "CONNECT" || head.path.startsWith('/'),
        "a path begins with a slash");
    require(head.method == "CONNECT" || !head.path.contains('?'), "a path has no query");

    QList<QByteArray> lines;
    for (qsizetype begin = 0, end; (end = text.indexOf("\r\n", begin)) != begin; begin = end + 2)
        lines += text.sliced(begin, end - begin).toByteArray();
    require(lines.takeFirst()
            == head.method.toByteArray() + ' ' + head.target.toByteArray() + " HTTP/1."
                + QByteArray::number(head.minorVersion),
        "the request line is made of its parts");
    require(lines.size() == head.fields.size(), "each line is a field");
    for (qsizetype i = 0; i < lines.size(); ++i) {
        const HttpField &field = head.fields[i];
        require(isWithin(field.name, text) && isWithin(field.value, text),
            "what is shown is a part of the head");
        const QByteArray name = field.name.toByteArray() + ':';
        require(lines[i].startsWith(name) && lines[i].sliced(name.size()).trimmed() == field.value,
            "a line is made of its parts");
        require(!name.contains(' '), "a name has no space");
    }
    for (const char c : text)
        require(static_cast<uchar>(c) >= 0x20 || c == '\t' || c == '\r' || c == '\n',
            "a head has no control characters");
}

/** The same head with one more field, which makes it `size` bytes long. */
QByteArray padded(QByteArrayView head, qsizetype size)
{
    const QByteArray begin = head.chopped(2).toByteArray() + "X:";
    return begin + QByteArray(size - begin.size() - 4, 'x') + "\r\n\r\n";
}

void requireLimit(QByteArrayView bytes, const Parsed &whole)
{
    if (whole && whole->size < HttpHead::MaxSize - 8) {
        const QByteArrayView head = bytes.first(whole->size);
        const QByteArray largest = padded(head, HttpHead::MaxSize);
        require(HttpHead::parse(largest).hasValue(), "8 KiB are taken");
        const Parsed tooLarge = HttpHead::parse(padded(head, HttpHead::MaxSize + 1));
        require(!tooLarge && tooLarge.error() == HttpHeadError::TooLarge, "8 KiB and 1 are not");
    }
    const Parsed endless =
        HttpHead::parse(bytes.toByteArray() + QByteArray(HttpHead::MaxSize, 'x'));
    require(endless || endless.error() != HttpHeadError::Incomplete, "nobody waits for ever");
}

/** The fields of a name as anybody would look for them. */
QList<QByteArray> valuesOf(const HttpHead &head, const char *name)
{
    QList<QByteArray> values;
    for (const HttpField &field : head.fields) {
        if (field.name.toByteArray().toLower() == QByteArray(name).toLower())
            values += field.value.toByteArray();
    }
    return values;
}

bool listHas(const HttpHead &head, const char *name, const char *token)
{
    for (const QByteArray &element : valuesOf(head, name).join(',').split(',')) {
        if (element.trimmed().toLower() == token)
            return true;
    }
    return false;
}

void requireUpgradeRules(const HttpHead &head)
{
    const auto hosts = valuesOf(head, "Host");
    const auto keys = valuesOf(head, "Sec-WebSocket-Key");
    const bool isUpgrade = listHas(head, "Upgrade", "websocket");
    require(hosts.size() <= 1, "there is one host");
    require(wantsUpgrade(head) == (isUpgrade || !keys.isEmpty()), "who wants an upgrade is known");
    // RFC 6455, 4.2.1
    const auto lengths = valuesOf(head, "Content-Length");
    const bool isValid = head.method == "GET" && head.minorVersion >= 1 && hosts.size() == 1
        && isUpgrade && listHas(head, "Connection", "upgrade")
        && valuesOf(head, "Sec-WebSocket-Version") == QList<QByteArray> {"13"}
        && valuesOf(head, "Transfer-Encoding").isEmpty()
        && (lengths.isEmpty() || lengths.first() == "0") && keys.size() == 1
        && keys.first().size() == 24 && QByteArray::fromBase64(keys.first()).size() == 16;
    const auto key = webSocketKey(head);
    require(!key || isValid, "what is upgraded is a valid upgrade");
    require(!key || *key == keys.first(), "the key is the one that was sent");
    // Of 16 bytes there is one base64 that others may hold for it.
    if (isValid && QByteArray::fromBase64(keys.first()).toBase64() == keys.first())
        require(key.hasValue(), "a valid upgrade is upgraded");
}

} // namespace

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const QByteArrayView bytes(data, static_cast<qsizetype>(size));
    const Parsed whole = HttpHead::parse(bytes);
    requireStableVerdict(bytes, whole);
    requireLimit(bytes, whole);
    if (whole) {
        requireParts(bytes, *whole);
        requireUpgradeRules(*whole);
    }
    return 0;
}
