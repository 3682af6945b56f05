"""spaCy Matchers for all phrases of content/signals/, run where in a message they can match."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

import spacy
from spacy.matcher import Matcher
from spacy.tokens import Doc

from bot.content.files import Loaded, Loc
from bot.content.signals import AskingFile, CueFile, RuleFile, SignalContent, WordFile
from bot.errors import ContentError
from bot.spotting.phrases import (
    Anchor,
    Pattern,
    PhraseError,
    anchor,
    check_entry,
    compiler,
    stem_of,
    words_in,
    words_of,
)
from bot.spotting.vocabulary import word_frequencies

Span = tuple[int, int]
CUES = (
    *("yes", "no", "unsure", "means_it", "it_is_me", "question", "third_person"),
    *("year", "staff", "staff_named"),
)
# Kinds of cue with a name of its own each, and the field of asking.yml that holds them.
ASKED = {"route": "routes", "aspect": "aspects", "path": "paths"}
_MOST_PROBLEMS = 30
_SCOPES = ("negated", "past", "hypothetical", "friend", "other", "hurt_person")


@dataclass(frozen=True)
class Group:
    """Phrases that mean one thing, and the place in a file they come from."""

    key: str
    phrases: list[str]
    lists: dict[str, list[str]]
    loaded: Loaded[Any]
    loc: Loc


class Found:
    """Where each group matched, by key ("rule:<id>", "unless:<id>", "idioms:3", "cue:yes", ...).

    Looked up when asked for: most groups are only of interest where a rule matched.
    """

    def __init__(
        self, words: tuple[str, ...], possible: Collection[str], find: Callable[[str], list[Span]]
    ) -> None:
        """Take the words of a text, the groups that may match, and what finds one's matches."""
        self.words = words
        self._possible = possible
        self._find = find
        self._spans: dict[str, list[Span]] = {}

    def of(self, key: str) -> list[Span]:
        """Spans (first token, token after the last) of one group; [] if it did not match."""
        if key not in self._possible:  # nearly all of them, in nearly every text
            return []
        if key not in self._spans:
            self._spans[key] = self._find(key)
        return self._spans[key]

    def of_unless(self, key: str, spared: str) -> list[Span]:
        """Spans of one group that share no token with a span of another."""
        both = f"{key} unless {spared}"
        if both not in self._spans:
            covered = {i for span in self.of(spared) for i in range(*span)}
            self._spans[both] = [span for span in self.of(key) if covered.isdisjoint(range(*span))]
        return self._spans[both]


class PhraseMatcher:
    """Finds every phrase of every table in a normalised text.

    One spaCy Matcher a group, because its set-up time grows with the square of the patterns in
    it. A group is only run around its anchors: the rarest word that a pattern cannot do without,
    in a text that also holds its other words.
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
        self._anchored: dict[str, list[tuple[str, Anchor]]] = defaultdict(list)
        self._unanchored: set[str] = set()
        self._known: set[str] = {".", "!", "?"}
        self._stems: set[str] = set()
        rewrite = cache(rewrite)  # the same words stand in many phrases
        problems = _list_problems(content, rewrite)
        frequency = word_frequencies()
        common = cache(lambda words: sum(frequency.get(word, 0) for word in words))
        compilers: dict[int, Callable[[str], list[Pattern]]] = {}
        for group in groups(content):
            if id(group.lists) not in compilers:
                compilers[id(group.lists)] = compiler(group.lists, rewrite)
            for i, phrase in enumerate(group.phrases):
                try:
                    patterns = compilers[id(group.lists)](phrase)
                except PhraseError as problem:
                    error = group.loaded.error("content.phrase", (*group.loc, i), str(problem))
                    problems.append(str(error))
                else:
                    self._add(group.key, patterns, common)
        if problems:
            raise ContentError("content.phrase", "\n".join(problems[:_MOST_PROBLEMS]))

    def __call__(self, text: str) -> Found:
        """Match a normalised text (words separated by single spaces)."""
        words = tuple(text.split())
        doc = Doc(self._vocab, words=[self._stored(word) for word in words])
        windows = self._windows(words)
        return Found(words, windows, partial(self._spans, doc, windows))

    def _windows(self, words: tuple[str, ...]) -> dict[str, list[Span]]:
        """The runs of words in which each group can match."""
        places: dict[str, list[int]] = defaultdict(list)
        for i, word in enumerate(words):
            places[word].append(i)
        present = set(places)
        windows: dict[str, list[Span]] = {key: [(0, len(words))] for key in self._unanchored}
        for word in present & self._anchored.keys():
            for key, held in self._anchored[word]:
                for other in held.others:  # a loop, because it runs a thousand times a message
                    if present.isdisjoint(other):
                        break
                else:
                    around = [(i - held.before, i + held.after + 1) for i in places[word]]
                    windows.setdefault(key, []).extend(around)
        return windows

    def _spans(self, doc: Doc, windows: dict[str, list[Span]], key: str) -> list[Span]:
        """Where one group matches; each span once."""
        spans: dict[Span, None] = {}
        for start, end in _merged(windows[key], len(doc)):
            for _, first, last in self._matchers[key](doc[start:end]):
                spans[start + first, start + last] = None
        return list(spans)

    def _stored(self, word: str) -> str:
        """What spaCy is shown of a word. Its vocabulary never forgets, so it sees only ours."""
        if word in self._known:
            return word
        if word.isdecimal():
            return "0"
        return next((stem for stem in self._stems if word.startswith(stem)), "_")

    def _add(
        self, key: str, patterns: list[Pattern], frequency: Callable[[frozenset[str]], int]
    ) -> None:
        if key not in self._matchers:
            self._matchers[key] = Matcher(self._vocab, validate=False)
        # Under one key, `add` extends what is there.
        self._matchers[key].add(key, patterns)
        for pattern in patterns:
            self._known.update(*map(words_in, pattern))
            self._stems.update(stem for token in pattern if (stem := stem_of(token)))
            held = anchor(pattern, frequency)
            if held is None:
                self._unanchored.add(key)
                continue
            for word in held.words:
                self._anchored[word].append((key, held))


def _merged(windows: list[Span], length: int) -> list[Span]:
    """Windows in order, cut to the text, those that touch joined."""
    merged: list[Span] = []
    for window in sorted(windows):
        start, end = max(window[0], 0), min(window[1], length)
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return merged


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
    yield from _cue_groups(content.cues, shared)
    yield from _asking_groups(content.asking, shared)


def _cue_groups(cues: Loaded[CueFile], shared: dict[str, list[str]]) -> Iterator[Group]:
    for name in CUES:
        yield Group(f"cue:{name}", getattr(cues.data, name), shared, cues, (name,))
    yield Group("cue:saying", cues.data.saying, shared, cues, ("saying",))
    for category, phrases in cues.data.doers.items():
        yield Group(f"doer:{category}", phrases, shared, cues, ("doers", category))
    for card, phrases in cues.data.talk.items():
        yield Group(f"talk:{card}", phrases, shared, cues, ("talk", card))


def _asking_groups(asking: Loaded[AskingFile], shared: dict[str, list[str]]) -> Iterator[Group]:
    yield Group("asking:follow_up", asking.data.follow_up, shared, asking, ("follow_up",))
    for kind, field in ASKED.items():
        for name, phrases in getattr(asking.data, field).items():
            yield Group(f"{kind}:{name}", phrases, shared, asking, (field, name))


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
