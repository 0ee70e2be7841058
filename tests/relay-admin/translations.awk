# SPDX-License-Identifier: GPL-3.0-or-later
# Prints what is wrong in .ts files, one line each. They are as lupdate writes them: one element
# a line, but for texts of several lines.

function fault(what) { print FILENAME ": " what ": " source }

# The place markers of a text, sorted; %L1 is %1 by the rules of the locale.
function markers(text,    found, n, i, j, swap, list) {
    n = 0
    while (match(text, /%L?[0-9n]/)) {
        found[++n] = substr(text, RSTART + RLENGTH - 1, 1)
        text = substr(text, RSTART + RLENGTH)
    }
    for (i = 2; i <= n; i++)
        for (j = i; j > 1 && found[j] < found[j - 1]; j--) {
            swap = found[j]; found[j] = found[j - 1]; found[j - 1] = swap
        }
    for (i = 1; i <= n; i++) list = list found[i]
    return list
}

function ampersands(text) { return gsub(/&amp;/, "", text) }

# `stands` is the only number that a plural form is for, if there is one: it may be in the words.
function compare(text, stands,    wanted, got) {
    if (text == "") return fault("empty")
    wanted = markers(source)
    got = markers(text)
    if (stands) sub(/n/, "", wanted)
    if (stands) sub(/n/, "", got)
    if (wanted != got) fault("place markers differ")
    if (text ~ /%n/) fault("%n ignores the locale, write %Ln")
    if (ampersands(source) != ampersands(text)) fault("mnemonic missing or too many")
    if (source ~ /^ / && text !~ /^( |&#xa0;)/) fault("blank missing at its beginning")
    if (source ~ /…$/ && text !~ /…$/) fault("ellipsis missing")
}

# Of an element on several lines, what is between its tags.
function between(tag,    text) {
    text = message
    if (text !~ "<" tag "[ >]") return ""
    sub("^.*<" tag "[^>]*>", "", text)
    sub("</" tag ">.*$", "", text)
    return text
}

function check(    forms, n, i, parts, text) {
    source = between("source")
    if (message ~ /<translation[^>]*type=/) fault("not finished")
    if (message !~ /<message[^>]*numerus="yes"/) return compare(between("translation"), 0)
    forms = (language == "ar") ? 6 : 2
    n = split(message, parts, /<numerusform>/)
    if (n - 1 != forms) fault("has " n - 1 " plural forms, not " forms)
    for (i = 2; i <= n; i++) {
        text = parts[i]
        sub(/<\/numerusform>.*$/, "", text)
        compare(text, language == "ar" && i <= 4)
    }
}

/<TS / {
    language = $0
    sub(/^.* language="/, "", language)
    sub(/".*$/, "", language)
}
/<message/ { message = "" }
{ message = message $0 "\n" }
/<\/message>/ { check() }
