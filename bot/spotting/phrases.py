"""Compiles the phrase language of content/ into spaCy token patterns.

hurt         that word                   {they}   a word list (entries may be several words)
hit|hits     one of these                (really) optional
threat*      a word that starts so       #        a number
..           up to 2 words between       ...      up to 5 words between
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache

TokenPattern = dict[str, object]
Pattern = list[TokenPattern]

_ELEMENT = re.compile(r"\([^()]*\)|\S+")
_WORD = re.compile(r"[a-z0-9]+|[.!?]")
_GAPS = {"..": "{0,2}", "...": "{0,5}"}
_MOST_PATTERNS = 200
_DETERMINERS = {"a", "an", "the", "my", "our", "your", "his", "her", "their"}
_DETERMINERS |= {"this", "that", "these", "some"}


class PhraseError(Exception):
    """Raised when a phrase cannot be compiled; the message says what to write instead."""


def compiler(
    lists: Mapping[str, list[str]], rewrite: Callable[[str], str]
) -> Callable[[str], list[Pattern]]:
    """What compiles the phrases of one file; each element that stands in several only once.

    Args:
        lists: Word lists by name.
        rewrite: The normaliser: a literal that it would change can never match.
    """
    branches = cache(lambda element: _branches(element, lists, rewrite))
    return lambda phrase: compile_phrase(phrase, branches)


def compile_phrase(phrase: str, branches_of: Callable[[str], list[Pattern]]) -> list[Pattern]:
    """Compile one phrase.

    Args:
        phrase: A row of elements as in the module's table.
        branches_of: The ways in which an element can match.

    Returns:
        Token patterns for spaCy's Matcher; several where a list holds entries of several words.

    Raises:
        PhraseError: On an unknown list, an empty element, or a word that cannot occur.
    """
    rows: list[list[Pattern]] = []
    for element in _ELEMENT.findall(phrase):
        optional = element.startswith("(")
        branches = list(branches_of(element.strip("()")))
        if optional and len(branches) == 1 and len(branches[0]) == 1:
            branches = [[{**branches[0][0], "OP": "?"}]]
        elif optional:
            branches.append([])
        rows.append(branches)
    count = 1
    for branches in rows:
        count *= len(branches)
    if count > _MOST_PATTERNS:
        raise PhraseError(f"'{phrase}' makes {count} patterns; cut it in two or use fewer lists")
    patterns = [list(itertools.chain(*row)) for row in itertools.product(*rows)]
    if not any(_is_solid(token) for token in itertools.chain(*patterns)):
        raise PhraseError(f"'{phrase}' has no word that must be there; add one")
    return [pattern for pattern in patterns if any(_is_solid(token) for token in pattern)]


def words_of(phrases: Iterable[str]) -> set[str]:
    """Every literal word of 2 letters or more in phrases or list entries; no names of lists."""
    text = re.sub(r"\{[a-z_]+\}|[a-z0-9]+\*", " ", " ".join(phrases))
    return set(re.findall(r"\b[a-z]{2,}\b", text))


def words_in(token: TokenPattern) -> list[str]:
    """The words that one token of a pattern can be; [] for gaps, stems and numbers."""
    orth = token.get("ORTH")
    if isinstance(orth, str):
        return [orth]
    return list(orth.get("IN", [])) if isinstance(orth, dict) else []


def stem_of(token: TokenPattern) -> str:
    """What the word must start with, for an element such as threat*; "" for all others."""
    orth = token.get("ORTH")
    return str(orth.get("REGEX", ""))[1:] if isinstance(orth, dict) else ""


@dataclass(frozen=True)
class Anchor:
    """Where in a text a pattern can match at all.

    Attributes:
        words: Words of its rarest element that must be there; one of them is in every match.
        others: Words of each other element that must be there; a text that holds none of one of
            these cannot match.
        before: Most tokens of a match in front of the anchor.
        after: Most tokens behind it.
    """

    words: frozenset[str]
    others: tuple[frozenset[str], ...]
    before: int
    after: int


def anchor(pattern: Pattern, frequency: Callable[[frozenset[str]], int]) -> Anchor | None:
    """The anchor of a pattern, or None where it is held by nothing but prefixes and numbers.

    Args:
        pattern: As `compile_phrase` returns it.
        frequency: How often one of these words occurs in English.
    """
    solid = {
        i: frozenset(words_in(token))
        for i, token in enumerate(pattern)
        if _is_solid(token) and words_in(token)
    }
    if not solid:
        return None
    place = min(solid, key=lambda i: frequency(solid[i]))
    return Anchor(
        words=solid.pop(place),
        others=tuple(solid.values()),
        before=sum(map(_most_tokens, pattern[:place])),
        after=sum(map(_most_tokens, pattern[place + 1 :])),
    )


def _most_tokens(token: TokenPattern) -> int:
    """How many tokens of a text one token of a pattern can take: {0,5} is 5."""
    return int(str(token.get("OP", "1")).strip("{}?").rpartition(",")[2] or 1)


def _is_solid(token: TokenPattern) -> bool:
    return token.get("OP") is None


def _branches(
    element: str, lists: Mapping[str, list[str]], rewrite: Callable[[str], str]
) -> list[Pattern]:
    """The ways in which one element can match, each a row of tokens."""
    if element in _GAPS:
        return [[{"ORTH": {"NOT_IN": [".", "!", "?"]}, "OP": _GAPS[element]}]]
    singles: set[str] = set()
    determiners: set[str] = set()
    longer: dict[tuple[str, ...], set[str]] = {}
    special: list[Pattern] = []
    for entry in _entries(element, lists, rewrite):
        *head, last = entry.split()
        if entry == "#":
            special.append([{"IS_DIGIT": True}])
        elif entry.endswith("*"):
            special.append([{"ORTH": {"REGEX": f"^{entry[:-1]}"}}])
        elif not head or (len(head) == 1 and head[0] in _DETERMINERS):
            determiners.update(head)
            singles.add(last)
        else:
            longer.setdefault(tuple(head), set()).add(last)
    rows = [[*(_one_of({word}) for word in head), _one_of(last)] for head, last in longer.items()]
    if singles:
        # "dad" and "my dad" share a row: fewer patterns, and "our dad" costs nothing.
        optional: Pattern = [{**_one_of(determiners), "OP": "?"}] if determiners else []
        rows.append([*optional, _one_of(singles)])
    return rows + special


def _one_of(words: set[str]) -> TokenPattern:
    """A single word is given as such: spaCy compares it far quicker than a list of one."""
    return {"ORTH": {"IN": sorted(words)} if len(words) > 1 else next(iter(words))}


def _entries(
    element: str, lists: Mapping[str, list[str]], rewrite: Callable[[str], str]
) -> Iterator[str]:
    """The alternatives of one element, word lists written out."""
    for option in element.split("|"):
        name = re.fullmatch(r"\{([a-z_]+)\}", option)
        if name and name[1] not in lists:
            raise PhraseError(f"no word list is called '{name[1]}'; there are {', '.join(lists)}")
        if name:
            yield from lists[name[1]]
        else:
            check_entry(option, rewrite)
            yield option


def check_entry(entry: str, rewrite: Callable[[str], str]) -> None:
    """Refuse a word, or several of a list's entry, that can never occur in normalised text.

    Raises:
        PhraseError: Saying what to write instead.
    """
    if entry == "#":
        return
    stem = entry.removesuffix("*")
    words = stem.split()
    if not words or not all(_WORD.fullmatch(word) for word in words):
        raise PhraseError(f"'{entry}' is no plain lower-case word; write letters and digits only")
    written = stem if stem != entry else rewrite(entry)
    if written != entry.removesuffix("*"):
        raise PhraseError(f"'{entry}' never occurs in normalised text; write '{written}'")
