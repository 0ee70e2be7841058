// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>
#include <QStringDecoder>

#include <regex>
#include <string>

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
        [[maybe_unused]] const QString decoded = utf8.decode(json);
        if (utf8.hasError() || json.startsWith("\xef\xbb\xbf"))
            return false;
        NaiveJson reader(json.toStdString());
        return reader.value(1) && reader.m_at == reader.m_text.cend();
    }

private:
    explicit NaiveJson(std::string text)
        : m_text(std::move(text))
        , m_at(m_text.cbegin())
    {
    }

    /** Takes `token` and the white space around it. */
    bool take(const std::regex &token)
    {
        std::smatch match;
        if (!std::regex_search(
                m_at, m_text.cend(), match, token, std::regex_constants::match_continuous))
            return false;
        m_at = match[0].second;
        return true;
    }

    bool value(int depth)
    {
        static const auto token = [](const char *pattern) {
            return std::regex(std::string("[ \\t\\r\\n]*") + pattern + "[ \\t\\r\\n]*");
        };
        static const std::regex string =
            token(R"re("([^"\\\x00-\x1f]|\\(["\\/bfnrt]|u[0-9a-fA-F]{4}))*")re");
        static const std::regex scalar =
            token(R"re((true|false|null|-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?))re");
        static const std::regex comma = token(","), colon = token(":");
        static const std::regex openArray = token("\\["), closeArray = token("\\]");
        static const std::regex openObject = token("\\{"), closeObject = token("\\}");

        if (take(string) || take(scalar))
            return true;
        const bool isObject = take(openObject);
        if ((!isObject && !take(openArray)) || depth > 128)
            return false;
        const std::regex &close = isObject ? closeObject : closeArray;
        if (take(close))
            return true;
        do {
            if ((isObject && !(take(string) && take(colon))) || !value(depth + 1))
                return false;
        } while (take(comma));
        return take(close);
    }

    const std::string m_text;
    std::string::const_iterator m_at;
};

} // namespace relay::test
