#!/usr/bin/env python3
"""Makes tables.txt of the Unicode Character Database: make-tables.py FOLDER >tables.txt

FOLDER has UnicodeData.txt, CompositionExclusions.txt, DerivedCoreProperties.txt, PropList.txt, HangulSyllableType.txt
and ArabicShaping.txt (https://www.unicode.org/Public/15.0.0/ucd/, Debian's package unicode-data).
The classes are those of RFC 8264 section 8, computed step by step in its order."""
import os
import sys

FOLDER, END = sys.argv[1], 0x110000


def lines(name):
    with open(os.path.join(FOLDER, name), encoding="utf-8") as file:
        for line in file:
            fields = [f.strip() for f in line.split("#")[0].split(";")]
            if fields[0]:
                yield fields


def span(text):
    first, _, last = text.partition("..")
    return range(int(first, 16), int(last or first, 16) + 1)


def having(name, *values):
    return {c for fields in lines(name) if fields[1] in values for c in span(fields[0])}


category, combining, bidi, canonical, compat, width = {}, {}, {}, {}, set(), {}
first = None
for f in lines("UnicodeData.txt"):
    c = int(f[0], 16)
    if f[1].endswith("First>"):
        first = c
        continue
    for code in range(first if f[1].endswith("Last>") else c, c + 1):
        category[code], bidi[code] = f[2], f[4]
        if f[3] != "0":
            combining[code] = f[3]
    kind, _, mapped = f[5].rpartition("> ")
    if kind:
        compat.add(c)
        if kind in ("<wide", "<narrow"):
            width[c] = mapped
    elif mapped:
        canonical[c] = mapped.split()
HANGUL = range(0xAC00, 0xD7A4)
starters = {c for c in range(END) if c not in combining}
excluded = {int(f[0], 16) for f in lines("CompositionExclusions.txt")} | {
    c for c, parts in canonical.items() if len(parts) == 1 or c not in starters or int(parts[0], 16) not in starters}
noncharacter = having("PropList.txt", "Noncharacter_Code_Point")
ignorable = having("DerivedCoreProperties.txt", "Default_Ignorable_Code_Point") | noncharacter
jamo = having("HangulSyllableType.txt", "L", "V", "T")
EXCEPTIONS = dict.fromkeys([0xDF, 0x3C2, 0x6FD, 0x6FE, 0xF0B, 0x3007, 0xB7, 0x375, 0x5F3, 0x5F4, 0x30FB,
                            *range(0x660, 0x66A), *range(0x6F0, 0x6FA)], "I") | dict.fromkeys(
    [0x640, 0x7FA, 0x302E, 0x302F, *range(0x3031, 0x3036), 0x303B], None)


def has_compat(c):
    # NFKC(c) is not c: mapped for compatibility, or to one character, or into parts that are never put together again.
    return c in compat or c in canonical and (c in excluded or any(has_compat(int(part, 16)) for part in canonical[c]))


def class_of(c):
    kind = category.get(c)
    if c in EXCEPTIONS:
        return EXCEPTIONS[c]
    if kind is None:
        return None
    if 0x21 <= c <= 0x7E or c in (0x200C, 0x200D):
        return "I"
    if c in jamo or c in ignorable or kind == "Cc":
        return None
    if has_compat(c):
        return "F"
    if kind in ("Ll", "Lu", "Lo", "Nd", "Lm", "Mn", "Mc"):
        return "I"
    return "F" if kind in ("Lt", "Nl", "No", "Me", "Zs", "Sm", "Sc", "Sk", "So", "Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po") else None


def spans(value_of):
    begun = None
    for c in range(END + 1):
        value = value_of(c) if c < END else None
        if begun and begun[1] != value:
            yield begun[0], c - 1, begun[1]
            begun = None
        if value is not None and not begun:
            begun = (c, value)


def print_section(name, words):
    line = name
    for word in words:
        if len(line) + len(word) > 138:
            print(line)
            line = name
        line += " " + word
    print(line)


def print_spans(name, value_of, valued=True):
    print_section(name, (f"{a:X}" + (f"-{b:X}" if b > a else "") + (f":{v}" if valued else "") for a, b, v in spans(value_of)))


joining = {int(f[0], 16): f[2] for f in lines("ArabicShaping.txt")}
rtl = {"AL": "R"}
print("# Unicode 15.0.0, made by make-tables.py. Copyright 1991-2022 Unicode, Inc.; https://www.unicode.org/license.txt")
print_section("decomposed", (f"{c:X}{'!' if c in excluded else '='}{'+'.join(f'{int(p, 16):X}' for p in parts)}"
                             for c, parts in sorted(canonical.items())))
print_spans("combining", combining.get)
print_section("width", (f"{c:X}={int(mapped, 16):X}" for c, mapped in sorted(width.items())))
print_spans("identifier", lambda c: "" if class_of(c) == "I" else None, valued=False)
print_spans("freeform", lambda c: "" if class_of(c) == "F" else None, valued=False)
print_spans("bidi", lambda c: rtl.get(bidi[c], bidi[c]) if bidi.get(c, "L") != "L" and class_of(c) == "I" else None)
print_spans("joining", lambda c: joining.get(c, "T" if category.get(c) in ("Mn", "Me", "Cf") and c != 0x200C else None)
            if joining.get(c, "T") in "DRLT" else None)
