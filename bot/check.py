"""`python -m bot check`: validates all of content/ and tries every rule on its own examples."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

from bot.content.files import Loaded, read
from bot.content.library import Content
from bot.content.signals import (
    CueFile,
    IdiomFile,
    NormaliseFile,
    RuleFile,
    ScopeFile,
    SignalContent,
    WordFile,
)
from bot.spotting.spotter import Spotter

_SOON = timedelta(days=60)


def rule_problems(signals: SignalContent, spotter: Spotter) -> Iterator[str]:
    """Every example that its rule misses, every not_example that it hits, with file and rule."""
    for loaded in signals.rules:
        for rule in loaded.data.rules:
            earlier = tuple(rule.after)
            for text in rule.examples:
                if rule.id not in _signals(spotter, text, earlier):
                    yield f"{loaded.path}: {rule.id} misses its example: {text}"
            for text in rule.not_examples:
                if rule.id in _signals(spotter, text, earlier):
                    yield f"{loaded.path}: {rule.id} hits its not_example: {text}"


def idiom_problems(signals: SignalContent, spotter: Spotter) -> Iterator[str]:
    """Every harmless saying that gives a signal all the same."""
    idioms = signals.idioms
    for idiom in (*idioms.data.idioms, *idioms.data.frames):
        for text in idiom.examples:
            hits = _signals(spotter, text, ())
            if hits:
                yield f"{idioms.path}: a harmless example gives {', '.join(hits)}: {text}"


def due(content: Content, today: date) -> Iterator[str]:
    """Routes and cards that have expired, expire soon, or were never confirmed by the school."""
    for route in content.routes.values():
        if route.review_by < today:
            yield f"school.yml: {route.id} expired on {route.review_by} and is hidden; confirm it"
        elif route.review_by < today + _SOON:
            yield f"school.yml: {route.id} must be reviewed by {route.review_by}"
        if not route.confirmed:
            yield f"school.yml: {route.id} has not been confirmed by the school"
    expired = [card.id for card in content.cards.values() if card.review_by < today]
    if expired:
        yield f"answers/: review is over for {', '.join(expired)}"


def one_rule_file(path: Path) -> Iterator[str]:
    """Problems of one rule file, with the tables beside it, whatever state the others are in."""
    folder = path.parent
    words = read(folder / "words.yml", WordFile)
    empty = Loaded(words.path, words.text, IdiomFile.construct(idioms=[], frames=[]))
    idioms = folder / "idioms.yml"
    signals = SignalContent(
        rules=(read(path, RuleFile),),
        words=words,
        normalise=read(folder / "normalise.yml", NormaliseFile),
        scope=read(folder / "scope.yml", ScopeFile),
        idioms=read(idioms, IdiomFile) if idioms.exists() else empty,
        cues=read(folder / "cues.yml", CueFile),
    )
    yield from rule_problems(signals, Spotter(signals))


def _signals(spotter: Spotter, text: str, earlier: tuple[object, ...]) -> list[str]:
    look = spotter.spot(text, earlier)  # type: ignore[arg-type]  # categories of the rule's own
    return [signal.rule for signal in look.signals]


