"""One spaCy Matcher for all phrases of content/signals/, run once over a message."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import spacy
from spacy.matcher import Matcher
from spacy.tokens import Doc

from bot.content.files import Loaded, Loc
from bot.content.signals import RuleFile, SignalContent, WordFile
from bot.errors import ContentError
from bot.spotting.phrases import (
    Pattern,
    PhraseError,
    anchor,
    check_entry,
    compile_phrase,
    stem_of,
    words_in,
    words_of,
)
from bot.spotting.vocabulary import word_frequencies

Span = tuple[int, int]
CUES = ("yes", "no", "unsure", "question", "year", "staff", "staff_named")
_MOST_PROBLEMS = 30
_SCOPES = ("negated", "past", "hypothetical", "friend", "other")


@dataclass(frozen=True)
class Group:
    """Phrases that mean one thing, and the place in a file they come from."""

    key: str
    phrases: list[str]
    lists: dict[str, list[str]]
    loaded: Loaded[Any]
    loc: Loc


@dataclass(frozen=True)
class Found:
    """Where each group matched, by key ("rule:<id>", "unless:<id>", "idioms:3", "cue:yes", ...)."""

    words: tuple[str, ...]
    spans: dict[str, list[Span]]

    def of(self, key: str) -> list[Span]:
        """Spans (first token, token after the last) of one group; [] if it did not match."""
        return self.spans.get(key, [])


class PhraseMatcher:
    """Finds every phrase of every table in a normalised text.

    One spaCy Matcher a group, because its set-up time grows with the square of the patterns in
    it. Only those groups are run of which the text holds an anchor: the rarest word that a
    pattern cannot do without.
    """

    def __init__(self, content: SignalContent, rewrite: Callable[[str], str]) -> None:
        """Compile all phrases.

        Args:
            content: The files of content/signals/.
            rewrite: The normaliser, to refuse words that can never occur.

        Raises:
            ContentError: When phrases do not compile, with file and line of each.
        """
        self._vocab = spacy.blank("en").vocab
        self._matchers: dict[str, Matcher] = {}
        self._anchored: dict[str, set[str]] = defaultdict(set)
        self._unanchored: set[str] = set()
        self._known: set[str] = {".", "!", "?"}
        self._stems: set[str] = set()
        rewrite = cache(rewrite)  # the same words stand in many phrases
        problems = _list_problems(content, rewrite)
        frequency = word_frequencies()
        for group in groups(content):
            for i, phrase in enumerate(group.phrases):
                try:
                    patterns = compile_phrase(phrase, group.lists, rewrite)
                except PhraseError as problem:
                    error = group.loaded.error("content.phrase", (*group.loc, i), str(problem))
                    problems.append(str(error))
                else:
                    self._add(group.key, patterns, frequency)
        if problems:
            raise ContentError("content.phrase", "\n".join(problems[:_MOST_PROBLEMS]))

    def __call__(self, text: str) -> Found:
        """Match a normalised text (words separated by single spaces)."""
        words = tuple(text.split())
        keys = self._unanchored.union(*(self._anchored.get(word, ()) for word in set(words)))
        doc = Doc(self._vocab, words=[self._stored(word) for word in words])
        spans = {key: [(start, end) for _, start, end in self._matchers[key](doc)] for key in keys}
        return Found(words, spans)

    def _stored(self, word: str) -> str:
        """What spaCy is shown of a word. Its vocabulary never forgets, so it sees only ours."""
        if word in self._known:
            return word
        if word.isdecimal():
            return "0"
        return next((stem for stem in self._stems if word.startswith(stem)), "_")

    def _add(self, key: str, patterns: list[Pattern], frequency: Mapping[str, int]) -> None:
        if key not in self._matchers:
            self._matchers[key] = Matcher(self._vocab, validate=False)
        # Under one key, `add` extends what is there.
        self._matchers[key].add(key, patterns)
        for pattern in patterns:
            self._known.update(*map(words_in, pattern))
            self._stems.update(stem for token in pattern if (stem := stem_of(token)))
            words = anchor(pattern, frequency)
            for word in words:
                self._anchored[word].add(key)
            if not words:
                self._unanchored.add(key)


def groups(content: SignalContent) -> Iterator[Group]:
    """Every group of phrases of content/signals/."""
    shared = content.words.data.words
    for rules in content.rules:
        lists = {**shared, **rules.data.words}
        for i, rule in enumerate(rules.data.rules):
            yield Group(f"rule:{rule.id}", rule.phrases, lists, rules, ("rules", i, "phrases"))
            yield Group(f"unless:{rule.id}", rule.unless, lists, rules, ("rules", i, "unless"))
    for kind in ("idioms", "frames"):
        for i, idiom in enumerate(getattr(content.idioms.data, kind)):
            loc = (kind, i, "phrases")
            yield Group(f"{kind}:{i}", idiom.phrases, shared, content.idioms, loc)
    for name in _SCOPES:
        cues = getattr(content.scope.data, name)
        for field in ("before", "anywhere", "unless"):
            phrases = getattr(cues, field)
            yield Group(f"{name}:{field}", phrases, shared, content.scope, (name, field))
    for name in CUES:
        yield Group(f"cue:{name}", getattr(content.cues.data, name), shared, content.cues, (name,))


def _list_problems(content: SignalContent, rewrite: Callable[[str], str]) -> list[str]:
    problems = []
    for loaded in _with_lists(content):
        for name, entries in loaded.data.words.items():
            for i, entry in enumerate(entries):
                try:
                    check_entry(entry, rewrite)
                except PhraseError as problem:
                    error = loaded.error("content.phrase", ("words", name, i), str(problem))
                    problems.append(str(error))
    return problems


def _with_lists(content: SignalContent) -> Iterator[Loaded[WordFile] | Loaded[RuleFile]]:
    yield content.words
    yield from content.rules


def vocabulary(content: SignalContent) -> frozenset[str]:
    """Every word that a phrase of content/signals/ can match."""
    words: set[str] = set()
    for group in groups(content):
        words |= words_of(group.phrases)
    for loaded in _with_lists(content):
        for entries in loaded.data.words.values():
            words |= words_of(entries)
    return frozenset(words)
