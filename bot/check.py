"""`python -m bot check`: validates all of content/ and tries every rule on its own examples."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any, TypeVar

import yaml

from actions.answers import SAYS
from bot.content.files import Loaded, read
from bot.content.library import Content
from bot.content.school import Route
from bot.content.signals import (
    AskingFile,
    ClassifierFile,
    CueFile,
    IdiomFile,
    NormaliseFile,
    RuleFile,
    ScopeFile,
    SignalContent,
    WordFile,
)
from bot.content.words import Card
from bot.errors import ContentError
from bot.hours import spoken_hours
from bot.model import Category
from bot.settings import ROOT
from bot.spotting.spotter import Spotter

_SOON = timedelta(days=60)
_FEWEST_PHRASES, _FEWEST_STATEMENTS = 25, 10
_FALLBACK = "nlu_fallback"  # Rasa's own intent: no card, no phrases

T = TypeVar("T")


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


def unheard(signals: SignalContent, spotter: Spotter) -> Iterator[str]:
    """Every example of a rule in which the whole spotter, with the classifier, sees nothing."""
    for loaded in signals.rules:
        for rule in (rule for rule in loaded.data.rules if not rule.after):
            for text in rule.examples:
                seen = spotter.examine(text)
                if not seen.signals and seen.total is not None:
                    where, score = f"{loaded.path}: {rule.id}", f"{seen.total:+.1f}"
                    yield f"{where} hits, the classifier mutes ({score}): {text}"


def intent_problems(content: Content, root: Path = ROOT) -> Iterator[str]:
    """Every intent that lacks its answer card, its line in domain.yml, its rule or its phrases.

    Raises:
        ContentError: When a file of the Rasa project cannot be read.
    """
    domain = _project(root / "domain.yml", _intents)
    ruled = _project(root / "data" / "rules.yml", _ruled)
    counts: Counter[str] = Counter()
    for path in sorted((root / "data" / "nlu").glob("*.yml")):
        counts.update(_project(path, _phrases))
    for intent in sorted({*content.cards, *domain, *ruled, *counts} - {_FALLBACK}):
        card, _, says = intent.partition(SAYS)
        fewest = _FEWEST_STATEMENTS if says else _FEWEST_PHRASES
        there = card in content.cards
        places = {
            "content/answers/": there and (not says or bool(content.cards[card].point)),
            "domain.yml": intent in domain,
            "data/rules.yml": intent in ruled,
            f"data/nlu/ ({fewest} phrases)": counts[intent] >= fewest,
        }
        missing = [place for place, there in places.items() if not there]
        if missing:
            yield f"intent {intent}: add it to {', '.join(missing)}"


def due(content: Content, today: date) -> Iterator[str]:
    """Routes and cards that have expired, expire soon, or were never confirmed by the school."""
    for route in content.routes.values():
        if route.review_by < today:
            hidden = "" if route.id in content.handover.always else " and is hidden"
            yield f"school.yml: {route.id} expired on {route.review_by}{hidden}; confirm it"
            still = [card.id for card in content.cards.values() if _gives(card, route)]
            if still:
                yield f"answers/: {', '.join(still)} still give {route.id}, which has expired"
        elif route.review_by < today + _SOON:
            yield f"school.yml: {route.id} must be reviewed by {route.review_by}"
        if not route.confirmed:
            yield f"school.yml: {route.id} has not been confirmed by the school"
    expired = [card.id for card in content.cards.values() if card.review_by < today]
    if expired:
        yield f"answers/: review is over for {', '.join(expired)}"


def _gives(card: Card, route: Route) -> bool:
    """Whether an answer names a route among its own, or holds what a placeholder makes of it."""
    reach = route.reach
    values = [route.name, reach.call, reach.text, reach.email, reach.web]
    if isinstance(route.hours, list):
        values.append(spoken_hours(route))
    words = [re.escape(value) for value in values if value]
    said = re.search(rf"(?<!\w)({'|'.join(words)})(?!\w)", card.text)
    return route.id in card.routes or said is not None


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
        asking=read(folder / "asking.yml", AskingFile),
        classifier=read(folder / "classifier.yml", ClassifierFile),
    )
    yield from rule_problems(signals, Spotter(signals))


def _project(path: Path, pick: Callable[[Any], T]) -> T:
    """What `pick` takes from a file of the Rasa project; Rasa's own validator checks the rest.

    Raises:
        ContentError: When it is no YAML, or what is looked for does not stand where it should.
    """
    try:
        return pick(yaml.safe_load(path.read_text(encoding="utf-8")))
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ContentError("project.yaml", f"{path}, line {line}: {error.problem}.") from error
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise ContentError("project.file", f"{path} cannot be read: {error}.") from error
    except (LookupError, TypeError, AttributeError) as error:
        message = f"{path} has another form than in the last commit ({error!r})."
        raise ContentError("project.form", message) from error


def _intents(domain: Any) -> set[str]:
    return set(domain["intents"])


def _ruled(rules: Any) -> set[str]:
    return {step["intent"] for step in rules["rules"][0]["steps"][0]["or"]}


def _phrases(nlu: Any) -> Counter[str]:
    counts: Counter[str] = Counter()
    for block in nlu["nlu"]:
        counts[block["intent"]] += len(block["examples"].strip().splitlines())
    return counts


def _signals(spotter: Spotter, text: str, earlier: tuple[Category, ...]) -> list[str]:
    return [signal.rule for signal in spotter.spot(text, earlier).signals]
