"""Signs and short forms of English that the normaliser undoes, none of them a matter of content."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

# English contractions: closed forms of the language, not a matter of content. "can't" and "won't"
# stand first because they change their stem.
CONTRACTIONS = (
    (re.compile(r"\bcan't\b"), "can not"),
    (re.compile(r"\bwon't\b"), "will not"),
    (re.compile(r"\bshan't\b"), "shall not"),
    (re.compile(r"\bain't\b"), "is not"),
    (re.compile(r"n't\b"), " not"),
    (re.compile(r"'m\b"), " am"),
    (re.compile(r"'ve\b"), " have"),
    (re.compile(r"'ll\b"), " will"),
    (re.compile(r"'re\b"), " are"),
    (re.compile(r"'d\b"), " would"),
    (re.compile(r"\b(he|she|it|that|what|who|where|there|here|how|when)'s\b"), r"\1 is"),
    (re.compile(r"(\w)'s (?=\w+ing\b|been\b|got\b|always\b|not\b|so\b)"), r"\1 is "),
)
APOSTROPHES = dict.fromkeys((0x2019, 0x2018, 0x60, 0xB4, 0x2BC), "'")  # curly, grave, acute
# "kms" is "kill myself"; after a number it is a distance where words of one stand beside it.
KILOMETRES = (
    re.compile(
        r"(\b(?:ran|run|running|walk\w*|cycl\w*|rode|ride|riding|swam|swim|drove|drive|driving"
        r"|bik(?:ed|ing)|jogg\w*|hik(?:e|ed|ing)|row(?:ed|ing)) (?:\w+ ){0,2}?\d+(?:\.\d+)? ?)kms\b"
    ),
    re.compile(r"(\d ?)kms\b(?= (?:away|long|an hour|per|walk|run|race|ride|swim|cycle)\b)"),
)
_LETTER_NAME = re.compile(r"letter ([a-z])$")
_DULL = {"face", "with", "sign", "symbol", "black", "white", "heavy", "and", "of", "the"}


def named(sign: str) -> tuple[str, list[str]]:
    """What a sign without a table entry says: a letter in a box as that letter, else its name.

    Returns:
        The letter or "", and the words of the name or none.
    """
    name = unicodedata.name(sign, "").lower()
    if letter := _LETTER_NAME.search(name):
        return letter[1], []
    return "", [word for word in re.split(r"[^a-z]+", name) if word and word not in _DULL]


def is_braille(sign: str) -> bool:
    """Whether it is a letter for the fingers, which nobody here can read."""
    return "\u2800" <= sign <= "\u28ff"


def fits(parts: list[str], word: str) -> bool:
    """Whether a word is made of these parts with one to four letters in each gap.

    No regular expression: `re` would keep what a student typed in its cache of patterns.
    """
    if not word.startswith(parts[0]):
        return False
    rest = word[len(parts[0]) :]
    if len(parts) == 1:
        return not rest
    return any(fits(parts[1:], rest[gap:]) for gap in range(1, min(len(rest), 4) + 1))


def any_of(table: Mapping[str, str], frame: str) -> re.Pattern[str]:
    """One pattern for all keys of a table, longest first."""
    if not table:
        return re.compile(r"(?!)")
    keys = sorted(table, key=len, reverse=True)
    return re.compile(frame % "|".join(re.escape(key) for key in keys))
