"""Turns what a teenager types into the plain words that rules are written in.

Text-speak, emoji, look-alike letters, spaced and starred words, misspellings: all are undone
with the tables of content/signals/normalise.yml. Says honestly when a text could not be read.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field

from symspellpy import SymSpell, Verbosity

from bot.content.signals import NormaliseFile
from bot.spotting.vocabulary import word_frequencies

# English contractions: closed forms of the language, not a matter of content. "can't" and "won't"
# stand first because they change their stem.
_CONTRACTIONS = (
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
_APOSTROPHES = dict.fromkeys((0x2019, 0x2018, 0x60, 0xB4, 0x2BC), "'")  # curly, grave, acute
_SPELLED_OUT = re.compile(
    r"(?<![a-z0-9])[a-z0-9@$*](?:[\s.,\-_*/|]{1,3}[a-z0-9@$*]){2,}(?![a-z0-9])"
)
_STARRED = re.compile(r"(?<![a-z])(?:[a-z]++[*#_]++[a-z]*+|[a-z]++(?:[.\-][a-z]++)+)")
_TOKEN = re.compile(r"[@$]?[^\W_]+(?:[@$!|][^\W_]+)*|[.!?]+")
_LONGEST_WORD = 25
_FEWEST_WORDS = 3  # of fewer, nobody can say what language they are
_NUMBER_UNIT = re.compile(r"(\d+)([a-z]+)")
_REPEATED = re.compile(r"(.)\1{2,}")
_VOWELS = re.compile(r"[aeiouy]")
_SHORTEST_RUN = 8  # letters of "iwanttodie" and other words run together
_STARS = re.compile(r"[*#_]+")
_DOUBLED_END = re.compile(r"(?<=..)(.)\1$")
_END = (".", "!", "?")


@dataclass(frozen=True)
class Normalised:
    """Words and sentence ends, separated by single spaces.

    Attributes:
        text: The words.
        complete: False if not all was read.
        english: False where hardly a word of several is known.
    """

    text: str = field(repr=False)
    complete: bool
    english: bool = True


class Normaliser:
    """Made once from the tables; calling it has no side effects and keeps nothing."""

    def __init__(self, tables: NormaliseFile, vocabulary: frozenset[str], limit: int) -> None:
        """Prepare look-ups.

        Args:
            tables: content/signals/normalise.yml.
            vocabulary: Every word that a rule looks for; misspellings are mended towards these.
            limit: Characters read at most; a longer text counts as not read in full.
        """
        self._tables = tables
        self._limit = limit
        self._hidden = frozenset(tables.hidden_words)
        self._vocabulary = vocabulary | self._hidden
        self._english = word_frequencies().keys() | self._vocabulary
        self._speller = SymSpell(max_dictionary_edit_distance=2)
        for word in sorted(self._vocabulary):
            if len(word) >= 4:
                self._speller.create_dictionary_entry(word, 1)
        self._joined = _any_of(tables.joined, r"(?<![^ ])(?:%s)(?![^ ])")
        self._emoji = _any_of(tables.emoji, r"(?:%s)")

    def __call__(self, text: str) -> Normalised:
        """Normalise one message of any length and content."""
        short = text[: self._limit]
        plain, readable = self._plain(short)
        for pattern, written_out in _CONTRACTIONS:
            plain = pattern.sub(written_out, plain)
        plain = _SPELLED_OUT.sub(self._unspell, plain)
        plain = _STARRED.sub(self._unstar, plain)
        plain = plain.replace("'", "").replace("&", " and ").replace("\n", " . ")
        tokens = _TOKEN.findall(plain)
        words = [word for token in tokens for word in self._words(token)]
        joined = self._joined.sub(lambda m: self._tables.joined[m.group()], " ".join(words))
        complete = readable and len(short) == len(text)
        return Normalised(joined, complete, self._is_english(tokens))

    def _is_english(self, tokens: list[str]) -> bool:
        known = [
            token in self._english or token in self._tables.text_speak
            for token in tokens
            if token.isalpha()
        ]
        return len(known) < _FEWEST_WORDS or sum(known) * 2 >= len(known)

    def _plain(self, text: str) -> tuple[str, bool]:
        """Lower-case letters without accents, emoji as words; and whether it could be read."""
        text, emoji_read = self._emoji.subn(lambda m: f" {self._tables.emoji[m.group()]} ", text)
        text = unicodedata.normalize("NFKD", text.translate(_APOSTROPHES)).casefold()
        kept, strange, letters = [], 0, 0
        for char in text:
            kind = unicodedata.category(char)
            if kind[0] == "L" and not char.isascii():
                char = self._tables.look_alikes.get(char, char)
            if kind[0] == "L":
                letters += 1
                strange += not char.isascii()
            if char in "\n\t\r" or kind[0] == "Z":
                kept.append("\n" if char == "\n" else " ")
            elif kind in ("Cs", "Co", "Cn", "Cc") or char == "\ufffd":
                strange += 1
            elif kind[0] != "C" and kind[0] != "M":
                kept.append(char)
        nothing = letters == 0 and not emoji_read and any(not char.isspace() for char in text)
        digits_or_signs = all(char.isascii() for char in text)
        readable = strange * 5 <= letters and (not nothing or digits_or_signs)
        return "".join(kept), readable

    def _unspell(self, match: re.Match[str]) -> str:
        """Join "k i l l" and "s.u.i.c.i.d.e" where that gives words AskSafe looks for."""
        letters = re.sub(r"[\s.,\-_/|]", "", match.group())
        found = self._unstarred(letters) or self._leet(letters)
        if found in self._tables.text_speak or found in self._hidden:
            return f" {found} "
        parts = self._split(found)
        return f" {' '.join(parts)} " if self._hidden.intersection(parts) else match.group()

    def _split(self, letters: str) -> list[str]:
        """Cut run-together letters into known words (fewest words; [] if that cannot be done)."""
        best: list[list[str] | None] = [[]] + [None] * len(letters)
        for end in range(1, len(letters) + 1):
            for start in range(max(0, end - 14), end):
                head, word = best[start], letters[start:end]
                known = word in self._vocabulary if len(word) > 1 else word in ("i", "a")
                if head is not None and known and len(head) + 1 < len(best[end] or [""] * 99):
                    best[end] = [*head, word]
        return best[-1] or []

    def _unstar(self, match: re.Match[str]) -> str:
        word = match.group()
        found = self._unstarred(word) or self._unstarred(re.sub(r"[.\-]", "", word))
        return found or word.replace("-", " ").replace("_", " ")

    def _unstarred(self, word: str) -> str:
        """The one hidden word that fits, each run of * # _ standing for one letter or more."""
        if not word.isascii() or not any(char.isalpha() for char in word):
            return ""
        plain = self._leet(word)
        if plain in self._hidden:
            return plain
        if not _STARS.search(word):
            return ""
        parts = _STARS.split(word)
        fits = [hidden for hidden in self._hidden if _fits(parts, hidden)]
        exact = [hidden for hidden in fits if len(hidden) == len(word)]
        return min(exact or fits, default="")

    def _leet(self, word: str) -> str:
        return "".join(self._tables.look_alikes.get(char, char) for char in word)

    def _words(self, token: str) -> list[str]:
        """One raw token as the words that rules are written in."""
        if token[0] in _END:
            return ["?" if "?" in token else token[0]]
        for form in (token, _REPEATED.sub(r"\1", token), _REPEATED.sub(r"\1\1", token)):
            if form in self._tables.text_speak:
                return self._tables.text_speak[form].split()
        number = _NUMBER_UNIT.fullmatch(token)
        if number:
            return [number[1], *([] if number[2] == "s" else self._words(number[2]))]  # "13s"
        if token.isdecimal():
            return [token]
        if not token.isalpha():
            plain = self._leet(token)
            if plain in self._vocabulary:
                return [plain]
            return [word for part in re.findall(r"[^\W_]+|!", token) for word in self._part(part)]
        return self._spelled(token).split()

    def _part(self, part: str) -> list[str]:
        """A piece of a token with signs in it, as the words it would be alone."""
        return self._words(part) if part.isalpha() or part == "!" else [part]

    def _spelled(self, word: str) -> str:
        """Mend a word that is not English towards a word that rules look for."""
        once, twice = _REPEATED.sub(r"\1", word), _REPEATED.sub(r"\1\1", word)
        for form in (word, once, twice, _DOUBLED_END.sub(r"\1", word)):
            if form in self._english:
                return form
        if word.endswith("in") and f"{word}g" in self._english:  # "gettin"
            return f"{word}g"
        word = once
        shortest = 4 if _VOWELS.search(word) else 3  # "kll", "hts"
        if not shortest <= len(word) <= _LONGEST_WORD or not word.isascii():
            return word
        if len(word) >= _SHORTEST_RUN and (parts := self._split(word)):
            return " ".join(parts)
        distance = 1 if len(word) < 8 else 2
        found = self._speller.lookup(word, Verbosity.CLOSEST, max_edit_distance=distance)
        near = [item for item in found if item.term[0] == word[0]]
        frequency = word_frequencies()
        # "beeing" is as near to "beefing" as to "being": the one written more often
        best = min(
            near, key=lambda item: (item.distance, -frequency.get(item.term, 0)), default=None
        )
        return best.term if best else word


def _fits(parts: list[str], word: str) -> bool:
    """Whether a word is made of these parts with one to four letters in each gap.

    No regular expression: `re` would keep what a student typed in its cache of patterns.
    """
    if not word.startswith(parts[0]):
        return False
    rest = word[len(parts[0]) :]
    if len(parts) == 1:
        return not rest
    return any(_fits(parts[1:], rest[gap:]) for gap in range(1, min(len(rest), 4) + 1))


def _any_of(table: Mapping[str, str], frame: str) -> re.Pattern[str]:
    """One pattern for all keys of a table, longest first."""
    if not table:
        return re.compile(r"(?!)")
    keys = sorted(table, key=len, reverse=True)
    return re.compile(frame % "|".join(re.escape(key) for key in keys))
