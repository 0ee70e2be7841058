// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>
#include <QRegularExpression>
#include <QStringDecoder>

/**
 * RFC 8259 as plainly as it can be said: tokens by regular expression, structure by recursion.
 * Slow. (QJsonDocument cannot be the judge: it lets control characters and made-up escapes pass.)
 */
namespace relay::test {

class NaiveJson {
public:
    static bool accepts(const QByteArray &json)
    {
        QStringDecoder utf8(QStringDecoder::Utf8, QStringDecoder::Flag::Stateless);
        NaiveJson reader(utf8.decode(json));
        if (utf8.hasError() || json.startsWith("\xef\xbb\xbf"))
            return false;
        return reader.value(1) && reader.m_at == reader.m_text.size();
    }

private:
    explicit NaiveJson(const QString &text)
        : m_text(text)
    {
    }

    /** Takes `token` if it stands here. */
    bool take(const QRegularExpression &token)
    {
        const auto match = token.match(m_text, m_at, QRegularExpression::NormalMatch,
            QRegularExpression::AnchorAtOffsetMatchOption);
        if (!match.hasMatch())
            return false;
        m_at = match.capturedEnd();
        return true;
    }

    bool value(int depth)
    {
        // With the white space around it.
        static const auto token = [](const char *pattern) {
            const QString space = QStringLiteral("[ \\t\\r\\n]*");
            return QRegularExpression(space + QLatin1String(pattern) + space);
        };
        static const auto string =
            token(R"re("([^"\\\x{00}-\x{1f}]|\\(["\\/bfnrt]|u[0-9a-fA-F]{4}))*+")re");
        static const auto scalar =
            token(R"re((true|false|null|-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?))re");
        static const auto comma = token(","), colon = token(":");
        static const auto openArray = token("\\["), closeArray = token("\\]");
        static const auto openObject = token("\\{"), closeObject = token("\\}");

        if (take(string) || take(scalar))
            return true;
        const bool isObject = take(openObject);
        if ((!isObject && !take(openArray)) || depth > 128)
            return false;
        const QRegularExpression &close = isObject ? closeObject : closeArray;
        if (take(close))
            return true;
        do {
            if ((isObject && !(take(string) && take(colon))) || !value(depth + 1))
                return false;
        } while (take(comma));
        return take(close);
    }

    const QString m_text;
    qsizetype m_at = 0;
};

} // namespace relay::test
