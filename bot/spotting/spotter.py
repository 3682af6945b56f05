"""Looks at one message and says which signals it holds, with the reason for each."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Protocol

from bot.content.signals import Idiom, Rule, SignalContent
from bot.model import Category, Look, Scope, Scores, Signal, Urgency
from bot.spotting.cues import asked_of, cues_of, is_saying, staff_meant, year_of
from bot.spotting.matcher import Found, PhraseMatcher, Span, vocabulary
from bot.spotting.normalise import Normalised, Normaliser
from bot.spotting.ranking import ranked
from bot.spotting.scope import about, lowered, overlap, scopes_of, sentence_of
from bot.spotting.weighing import total, weighed

# "my...dad...hits me", "my.dad.hits.me", lines: breaks that need not end a sentence.
_BREAKS = re.compile(r"[\r\n]+|\.{2,}|\u2026|(?<=[^\W\d])\.(?=[^\W\d])")


@dataclass(frozen=True)
class Hit:
    """A rule that matched. `dropped` says what made it not count, or is empty."""

    rule: str
    span: Span
    dropped: str = ""
    signal: Signal | None = None


@dataclass(frozen=True)
class Examination:
    """Everything the spotter saw: for `explain` and tests; never stored."""

    text: str = field(repr=False)
    emoji: str = field(repr=False)
    complete: bool
    hits: tuple[Hit, ...]
    signals: tuple[Signal, ...]
    cues: frozenset[str]
    year: int | None
    found: Found = field(repr=False, compare=False)
    scores: Scores | None = None
    total: float | None = None

    @property
    def words(self) -> tuple[str, ...]:
        """The tokens that spans count."""
        return self.found.words


class Scorer(Protocol):
    """Scores a message; the only thing that stands behind it is the classifier."""

    def scores(self, normalised: str, typed: str) -> Scores | None:
        """How much risk a message holds; None where that cannot be said."""
        ...


class Spotter:
    """Phrase rules with scope, idioms and memory, weighed with a classifier's scores.

    Thread safe; keeps nothing of a message.
    """

    def __init__(
        self, content: SignalContent, limit: int = 10_000, classifier: Scorer | None = None
    ) -> None:
        """Compile the rules.

        Args:
            content: The files of content/signals/.
            limit: Characters of a message that are read at most.
            classifier: What scores a text; without it the rules stand alone.

        Raises:
            ContentError: When a phrase does not compile.
        """
        self.content = content
        self.normalise = Normaliser(content.normalise.data, vocabulary(content), limit)
        self._match = PhraseMatcher(content, lambda text: self.normalise(text).text)
        self._rules = [rule for loaded in content.rules for rule in loaded.data.rules]
        self._self_words = frozenset(content.scope.data.self_words)
        self._classifier = classifier
        self._limit = limit

    def spot(self, text: str, earlier: tuple[Category, ...] = ()) -> Look:
        """Signals in a message, strongest first.

        Args:
            text: The message as typed, any length and content.
            earlier: Categories noticed before in the same chat, one for each message that had one.
        """
        seen = self.examine(text, earlier)
        return Look(seen.signals, seen.complete, seen.cues, seen.year, seen.scores, seen.text)

    def examine(self, text: str, earlier: tuple[Category, ...] = ()) -> Examination:
        """Like `spot`, with the hits that did not count and why.

        A line break or a row of dots may end a sentence or stand anywhere in one: such a text is
        read both ways, and the reading with the stronger signals counts.
        """
        seen = self._examined(text, earlier)
        if _BREAKS.search(text.strip()):
            joined = self._examined(_BREAKS.sub(" ", text), earlier)
            seen = max(seen, joined, key=_weight)
        if self._classifier is None:
            return seen
        scores = self._classifier.scores(heard(seen), text[: self._limit])
        if scores is None:
            return replace(seen, cues=seen.cues | {"rules_only"})
        limits = self.content.classifier.data
        signals = weighed(seen.signals, scores, limits, told=bool(earlier))
        if not seen.signals and signals and self._is_saying(seen.found):
            signals = ()
        signals = tuple(signal.raised() for signal in signals) if earlier else signals
        reached = total(seen.signals, scores, limits)
        cues = staff_meant(seen.cues, signals, self.content.cues.data)
        cues = cues | {"calm"} if reached < limits.calm else cues
        return replace(seen, signals=signals, cues=cues, scores=scores, total=reached)

    def _is_saying(self, found: Found) -> bool:
        return is_saying(found, len(self.content.idioms.data.idioms), self.content.cues.data)

    def _examined(self, text: str, earlier: tuple[Category, ...]) -> Examination:
        normalised = self.normalise(text)
        found = self._match(normalised.text)
        hits = [
            self._judge(rule, found, earlier) for rule in self._rules if found.of(f"rule:{rule.id}")
        ]
        signals = [hit.signal for hit in hits if hit.signal]
        spans = [hit.span for hit in hits if hit.signal]
        cues = cues_of(found, spans, self.content.cues.data, self._self_words)
        cues |= asked_of(found, self.content.asking.data)
        if not normalised.english and not signals:
            cues |= {"not_english"}
        return Examination(
            text=normalised.text,
            emoji=normalised.emoji,
            complete=normalised.complete,
            hits=tuple(hits),
            signals=ranked(signals, found, earlier, self.content.cues.data),
            cues=cues,
            year=year_of(found, self.content.cues.data),
            found=found,
        )

    def _judge(self, rule: Rule, found: Found, earlier: tuple[Category, ...]) -> Hit:
        """The strongest match of a rule that counts, the tightest of those; or why none does."""
        spans = sorted(found.of(f"rule:{rule.id}"), key=lambda span: (span[1] - span[0], span))
        if rule.after and not set(rule.after).intersection(earlier):
            return Hit(rule.id, spans[0], f"only after {', '.join(rule.after)}")
        longest = self.content.cues.data.longest_follow_up
        if rule.after and len(found.words) > longest:
            return Hit(rule.id, spans[0], f"only in a message of at most {longest} words")
        category = Category(rule.id.partition(".")[0])
        muted = {span: self._muted(rule, category, span, found) for span in spans}
        counted = [
            Hit(rule.id, span, signal=self._signal(rule, category, span, found, earlier))
            for span in spans
            if not muted[span]
        ]
        if not counted:
            return Hit(rule.id, spans[0], muted[spans[0]])
        return max(counted, key=lambda hit: hit.signal.urgency.rank if hit.signal else 0)

    def _muted(self, rule: Rule, category: Category, span: Span, found: Found) -> str:
        if _overlaps(span, found.of(f"unless:{rule.id}")):
            return "its own 'unless'"
        idioms = self.content.idioms.data
        for i, idiom in enumerate(idioms.idioms):
            if _mutes(idiom, category) and _overlaps(span, found.of(f"idioms:{i}")):
                return f"saying: {idiom.phrases[0]}"
        if not rule.even_in_fiction:
            sentence = sentence_of(span, found.words)
            for i, frame in enumerate(idioms.frames):
                if _mutes(frame, category) and _overlaps(sentence, found.of(f"frames:{i}")):
                    return f"talk of a {frame.name}"
        return ""

    def _signal(
        self,
        rule: Rule,
        category: Category,
        span: Span,
        found: Found,
        earlier: tuple[Category, ...],
    ) -> Signal:
        cues = self.content.scope.data
        scopes = scopes_of(span, found, cues)
        if rule.even_negated:
            scopes = tuple(item for item in scopes if item[0] is not Scope.NEGATED)
        urgency = lowered(Urgency(rule.urgency), category, scopes, cues)
        who = about(span, rule, found, cues)
        alone = urgency is Urgency.EMERGENCY if rule.alone is None else rule.alone
        signal = Signal(category, urgency, who, rule.id, *span, scopes, alone)
        return signal.raised() if earlier else signal


def heard(seen: Normalised | Examination) -> str:
    """What the classifier reads and is taught: the words, then the names of emoji."""
    return f"{seen.text} {seen.emoji}".strip()


def _overlaps(span: Span, others: list[Span]) -> bool:
    return any(overlap(span, other) for other in others)


def _weight(seen: Examination) -> tuple[int, int]:
    """How strong the signals of a reading are, and how many there are."""
    strongest = seen.signals[0].urgency.rank if seen.signals else 0
    return strongest, len(seen.signals)


def _mutes(idiom: Idiom, category: Category) -> bool:
    return idiom.mutes == "all" or category in idiom.mutes
