"""Loads the answer cards and checks them against facts, routes and the cues that name them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.content.files import Loaded
from bot.content.school import Route, SchoolFile
from bot.content.signals import SignalContent
from bot.content.telling import ASPECTS
from bot.content.words import AnswerFile, Card, Notices
from bot.hours import spoken_hours

_PLACEHOLDER = re.compile(r"\{(?:(\w+):)?(\w+)\}|[{}]")
_FIELDS = ("name", "number", "hours", "email", "web")


@dataclass(frozen=True)
class Source:
    """One fact and where it comes from; a contact comes from a route of school.yml.

    Attributes:
        public: Publisher, for a fact of general guidance.
        other_school: True for a fact about the school that the newsletter comes from.
    """

    title: str
    section: str
    date_note: str
    fact: str = ""
    public: str = ""
    other_school: bool = False


def load_cards(
    answers: list[Loaded[AnswerFile]],
    facts: dict[str, Source],
    school: SchoolFile,
    notices: Notices,
) -> dict[str, Card]:
    """All cards by id, placeholders filled.

    Raises:
        ContentError: On a card that is there twice, lacks what its kind needs, or names what is
            not there.
    """
    routes = {route.id: route for route in school.routes}
    cards: dict[str, Card] = {}
    for loaded in answers:
        for i, card in enumerate(loaded.data.answers):
            problem = _card_problem(card, cards, facts, routes)
            if problem:
                raise loaded.error("content.card", ("answers", i, problem[0]), problem[1])
            text = _filled(loaded, i, card.text, routes, notices)
            cards[card.id] = card.copy(update={"text": text})
    return cards


def check_cues(signals: SignalContent, cards: dict[str, Card], school: SchoolFile) -> None:
    """Every card and route that cues.yml and asking.yml name is there.

    Raises:
        ContentError: Where one is not.
    """
    _check_talk(signals, cards)
    routes = {route.id for route in school.routes}
    asking = signals.asking
    names = [("paths", name, set(cards)) for name in asking.data.paths]
    names += [("routes", name, routes) for name in asking.data.routes]
    names += [("aspects", name, {*ASPECTS, "all"}) for name in asking.data.aspects]
    for key, name, allowed in names:
        if name not in allowed:
            message = f"'{name}' is not known; there are {', '.join(sorted(allowed))}"
            raise asking.error("content.asking", (key, name), message)


def _check_talk(signals: SignalContent, cards: dict[str, Card]) -> None:
    for name in signals.cues.data.talk:
        if name not in cards or cards[name].kind != "talk":
            allowed = ", ".join(card.id for card in cards.values() if card.kind == "talk")
            message = f"'{name}' is no answer card of kind talk; there are {allowed}"
            raise signals.cues.error("content.talk", ("talk", name), message)


def _card_problem(
    card: Card,
    cards: dict[str, Card],
    facts: dict[str, Source],
    routes: dict[str, Route],
) -> tuple[str, str] | None:
    """The key that is wrong with a card and what to do, or None."""
    if card.id in cards:
        return "id", f"the card '{card.id}' is there twice; give one another id"
    for fact in card.facts:
        if fact not in facts:
            return "facts", f"no fact is called '{fact}'; facts stand in content/documents/"
    for route in card.routes:
        if route not in routes:
            return "routes", f"no route is called '{route}'; there are {', '.join(routes)}"
    return _kind_problem(card, any(facts[fact].public for fact in card.facts))


def _kind_problem(card: Card, guided: bool) -> tuple[str, str] | None:
    if card.kind == "guidance" and not guided:
        return "kind", "a guidance card needs at least one fact of general guidance"
    if card.kind == "document" and (guided or not card.facts):
        return "kind", "a document card needs facts, and of the school's documents only"
    if card.kind == "contact" and not card.routes:
        return "kind", "a contact card needs at least one route"
    return None


def _filled(
    loaded: Loaded[AnswerFile], i: int, text: str, routes: dict[str, Route], notices: Notices
) -> str:
    """The card's text with its placeholders filled from school.yml and notices.yml."""

    def fill(match: re.Match[str]) -> str:
        kind, name = match.groups()
        if kind is None and name == "privacy":
            return notices.privacy
        value = _value(kind, routes.get(name or ""))
        if value is None:
            allowed = ", ".join(f"{{{known}:route}}" for known in _FIELDS)
            message = f"'{match.group()}' cannot be filled; allowed: {allowed}, {{privacy}}"
            raise loaded.error("content.placeholder", ("answers", i, "text"), message)
        return value

    return _PLACEHOLDER.sub(fill, text)


def _value(kind: str | None, route: Route | None) -> str | None:
    if route is None or kind not in _FIELDS:
        return None
    if kind == "name":
        return route.name
    if kind == "hours":
        return spoken_hours(route)
    if kind == "number":
        return route.reach.call or route.reach.text
    return route.reach.email if kind == "email" else route.reach.web
