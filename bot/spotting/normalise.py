"""Turns what a teenager types into the plain words that rules are written in.

Text-speak, emoji, look-alike letters, spaced and starred words, misspellings: all are undone
with the tables of content/signals/normalise.yml. Says honestly when a text could not be read.
"""

from __future__ import annotations

import math
import re
import unicodedata
from dataclasses import dataclass, field
from threading import Lock

from symspellpy import SymSpell, Verbosity
from symspellpy.suggest_item import SuggestItem

from bot.content.signals import NormaliseFile
from bot.spotting.signs import (
    APOSTROPHES,
    CONTRACTIONS,
    KILOMETRES,
    any_of,
    fits,
    is_braille,
    named,
)
from bot.spotting.vocabulary import word_frequencies

_GAPS = r"[\s.,\-_*/|~+=:;\u2022\u00b7]"
_SPELLED_OUT = re.compile(
    rf"(?<![a-z0-9])[a-z0-9@$*](?:{_GAPS}{{1,3}}[a-z0-9@$*]){{2,}}(?![a-z0-9])"
)
_WIDE_GAP = re.compile(r"\s{2,}|\s/\s")  # between words of which each letter is spaced
_STARRED = re.compile(r"(?<![a-z])(?:[a-z]++(?:[*#_]++[a-z]*+)++|[a-z]++(?:[.\-][a-z]++)+)")
_TOKEN = re.compile(r"[@$]?[^\W_]+(?:[@$!|][^\W_]+)*|[.!?]+")
_LONGEST_WORD = 25
_LONGEST_RUN = 60  # letters of words run together
_MOST_NAMES = 20  # of emoji; more of them say no more
_FEWEST_WORDS = 3  # of fewer, nobody can say what language they are
_NUMBER_UNIT = re.compile(r"(\d+)([a-z]+)")
_REPEATED = re.compile(r"(.)\1{2,}")
_VOWELS = re.compile(r"[aeiouy]")
_LETTERS = re.compile(r"([^\W_]+)")
_SHORTEST_RUN = 8  # letters of "iwanttodie" and other words run together
_SURE_LENGTH = 5  # of a longer word, the last letter is no question: "suicidr"
_STARS = re.compile(r"[*#_]+")
# First letters that are heard alike, as written and as meant: "wodka", "nife", "kat".
_HEARD_ALIKE = {("w", "v"), ("v", "w"), ("n", "k"), ("k", "c"), ("c", "k"), ("f", "t")}
_DOUBLED_END = re.compile(r"(?<=..)(.)\1$")
_END = (".", "!", "?")
_UNSEEN = ("Cf", "Mn", "Mc", "Me")  # zero-width characters, and marks on letters


@dataclass(frozen=True)
class Normalised:
    """Words and sentence ends, separated by single spaces.

    Attributes:
        text: The words.
        complete: False if not all was read.
        english: False where hardly a word of several is known.
        emoji: The words of the names of emoji that no table knows: no rule looks for these.
    """

    text: str = field(repr=False)
    complete: bool
    english: bool = True
    emoji: str = field(default="", repr=False)


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
        # In words run together, "dont" and "hes" stand as they are typed.
        self._in_runs = self._vocabulary | {
            short for short, full in tables.text_speak.items() if len(short) > 1 and " " in full
        }
        self._speller = SymSpell(max_dictionary_edit_distance=2)
        self._spelling = Lock()  # SymSpell's look-up is not safe between threads
        for word in sorted(self._vocabulary):
            if len(word) >= 4:
                self._speller.create_dictionary_entry(word, 1)
        self._joined = any_of(tables.joined, r"(?<![^ ])(?:%s)(?![^ ])")
        self._emoji = any_of(tables.emoji, r"(?:%s)")

    def __call__(self, text: str) -> Normalised:
        """Normalise one message of any length and content."""
        short = text[: self._limit]
        plain, readable, names = self._plain(short)
        for pattern, written_out in CONTRACTIONS:
            plain = pattern.sub(written_out, plain)
        for pattern in KILOMETRES:
            plain = pattern.sub(r"\1kilometres", plain)
        plain = _SPELLED_OUT.sub(self._unspell, plain)
        plain = _STARRED.sub(self._unstar, plain)
        plain = plain.replace("'", "").replace("&", " and ").replace("\n", " . ")
        tokens = _TOKEN.findall(plain)
        words = [word for token in tokens for word in self._words(token)]
        joined = self._joined.sub(lambda m: self._tables.joined[m.group()], " ".join(words))
        complete = readable and len(short) == len(text)
        return Normalised(joined, complete, self._is_english(tokens), names)

    def _is_english(self, tokens: list[str]) -> bool:
        known = [
            token in self._english or token in self._tables.text_speak
            for token in tokens
            if token.isalpha()
        ]
        return len(known) < _FEWEST_WORDS or sum(known) * 2 >= len(known)

    def _plain(self, text: str) -> tuple[str, bool, str]:
        """Lower-case letters without accents; whether it could be read; the names of emoji."""
        typed = bool(text.strip())
        text, emoji_read = self._emoji.subn(lambda m: f" {self._tables.emoji[m.group()]} ", text)
        text = unicodedata.normalize("NFKD", text.translate(APOSTROPHES)).casefold()
        text = "".join(char for char in text if unicodedata.category(char) not in _UNSEEN)
        text = "".join(self._mapped(part) for part in _LETTERS.split(text))
        kept, strange, letters = [], 0, 0
        names: list[str] = []
        for char in text:
            kind = unicodedata.category(char)
            if kind[0] == "L":
                letters += 1
                strange += not char.isascii()
            if char in "\n\t\r" or kind[0] == "Z":
                kept.append("\n" if char == "\n" else " ")
            elif kind in ("Cs", "Co", "Cn", "Cc") or char == "\ufffd" or is_braille(char):
                strange += 1
            elif kind == "So":
                letter, name = named(char)
                kept.append(letter or " ")
                names += name
            else:
                kept.append(char)
        plain = "".join(kept)
        lost = typed and not (plain.strip() or emoji_read or names)
        return plain, strange * 5 <= letters and not lost, " ".join(names[:_MOST_NAMES])

    def _mapped(self, word: str) -> str:
        """Look-alikes of English letters as these; a word of another script stays what it is."""
        if word.isascii():
            return word
        plain = "".join(
            self._tables.look_alikes.get(char, char) if not char.isascii() else char
            for char in word
        )
        among_ours = any("a" <= char <= "z" for char in word)
        known = plain in self._english or plain in self._tables.text_speak
        return plain if among_ours or known else word

    def _unspell(self, match: re.Match[str]) -> str:
        """Join "k i l l" and "s.u.i.c.i.d.e" where that gives words AskSafe looks for."""
        words = [re.sub(_GAPS, "", word) for word in _WIDE_GAP.split(match.group())]
        if len(words) > 1 and max(map(len, words)) > 1:
            return f" {' '.join(words)} "
        letters = re.sub(_GAPS, "", match.group().replace("*", "\0")).replace("\0", "*")
        found = self._unstarred(letters) or self._leet(letters)
        if found in self._tables.text_speak or found in self._hidden:
            return f" {found} "
        parts = self._split(found)
        one = len(parts) == 1 and len(found) > 3
        sure = one or len(found) >= _SHORTEST_RUN or self._hidden.intersection(parts)
        return f" {' '.join(parts)} " if parts and sure else match.group()

    def _split(self, letters: str) -> list[str]:
        """Cut run-together letters into known words; [] if that cannot be done.

        Of several ways the one with the fewest words, then with the more common ones.
        """
        frequency = word_frequencies()
        # For each end: words so far, how rare they are, and where the last one begins.
        best: list[tuple[int, float, int] | None] = [(0, 0.0, 0)] + [None] * len(letters)
        for end in range(1, len(letters) + 1):
            for start in range(max(0, end - 14), end):
                head, word = best[start], letters[start:end]
                known = word in self._in_runs if len(word) > 1 else word in ("i", "a")
                if head is not None and known:
                    rarity = head[1] - math.log(frequency.get(word, 0) + 1)
                    cut = (head[0] + 1, rarity, start)
                    best[end] = min(best[end] or cut, cut)
        words: list[str] = []
        end, last = len(letters), best[-1]
        while end and last is not None:
            word = letters[last[2] : end]
            words = [*self._tables.text_speak.get(word, word).split(), *words]
            end, last = last[2], best[last[2]]
        return words

    def _harm_at_the_end(self, word: str, item: SuggestItem) -> bool:
        """Whether only the last letter would make it a word of harm: "groot" is no "groom"."""
        short = len(word) <= _SURE_LENGTH
        return short and item.term in self._hidden and item.term[:-1] == word[:-1]

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
        if len("".join(parts)) < 2 and len(word) < 4:  # "an a* in art", "c# is a language"
            return ""
        fitting = [hidden for hidden in self._hidden if fits(parts, hidden)]
        exact = [hidden for hidden in fitting if len(hidden) == len(word)]
        return min(exact or fitting, default="")

    def _leet(self, word: str) -> str:
        return "".join(self._tables.look_alikes.get(char, char) for char in word)

    def _words(self, token: str) -> list[str]:
        """One raw token as the words that rules are written in."""
        if token[0] in _END:
            return ["?" if "?" in token else token[0]]
        for form in (token, _REPEATED.sub(r"\1", token), _REPEATED.sub(r"\1\1", token)):
            if form in self._tables.text_speak:
                return self._tables.text_speak[form].split()
        digits = {self._leet(token), self._leet(token.replace("1", "l"))}
        number = _NUMBER_UNIT.fullmatch(token)  # "1am" is no "i am"
        known = self._hidden if number else self._in_runs
        if (
            not (token.isalpha() or token.isdecimal())
            and len(token) > 2
            and (hidden := (digits - {token}) & known)
        ):
            return self._words(min(hidden))
        if number:
            return [number[1], *([] if number[2] == "s" else self._words(number[2]))]  # "13s"
        if token.isdecimal():
            return [token]
        if not token.isalpha():
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
        if not shortest <= len(word) <= _LONGEST_RUN or not word.isascii():
            return word
        if len(word) >= _SHORTEST_RUN and (parts := self._split(word)):
            return " ".join(parts)
        if len(word) > _LONGEST_WORD:
            return word
        distance = 1 if len(word) < 8 else 2
        with self._spelling:
            found = self._speller.lookup(word, Verbosity.CLOSEST, max_edit_distance=distance)
        near = [
            item
            for item in found
            if _begins_alike(word, item) and not self._harm_at_the_end(word, item)
        ]
        frequency = word_frequencies()

        def rank(item: SuggestItem) -> tuple[int, bool, int]:
            # "trian" is "train" and not "trial"; "beeing" is "being", which is written more often
            # than "beefing".
            swapped = sorted(item.term) == sorted(word)
            return item.distance, not swapped, -frequency.get(item.term, 0)

        best = min(near, key=rank, default=None)
        return str(best.term) if best else word


def _begins_alike(word: str, item: SuggestItem) -> bool:
    """A first letter is seldom wrong, but for those that sound like another."""
    first = (word[0], item.term[0])
    return first[0] == first[1] or (item.distance == 1 and first in _HEARD_ALIKE)
