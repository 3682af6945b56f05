"""Loads all of content/ and answers questions about it. The one door to what a student reads."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from bot.content.files import Loaded, read
from bot.content.school import (
    Calendar,
    HandoverFile,
    Route,
    SchoolFile,
    load_handover,
    load_school,
)
from bot.content.signals import SignalContent, load_signals
from bot.content.words import (
    AnswerFile,
    Card,
    DocumentFile,
    Heard,
    HeardFile,
    NoticeFile,
    Notices,
    paths_of,
)
from bot.hours import spoken_hours
from bot.model import About, Category

_PLACEHOLDER = re.compile(r"\{(?:(\w+):)?(\w+)\}|[{}]")
_FIELDS = ("name", "number", "hours", "email", "web")


@dataclass(frozen=True)
class Source:
    """One fact and where it comes from; a contact comes from a route of school.yml."""

    title: str
    section: str
    date_note: str
    fact: str = ""


@dataclass(frozen=True)
class Content:
    """Everything of content/, checked against itself.

    Attributes:
        cards: Answer cards by id, placeholders filled.
        sources: "document § section" of each card, in the order of its facts.
        trails: The same as a line that a student reads, with the date of each document.
        facts: Every fact with its document, by fact id.
    """

    calendar: Calendar
    routes: dict[str, Route]
    handover: HandoverFile
    notices: Notices
    signals: SignalContent
    cards: dict[str, Card]
    sources: dict[str, tuple[str, ...]]
    trails: dict[str, tuple[str, ...]]
    facts: dict[str, Source]
    heard: dict[tuple[Category, About], Heard] = field(repr=False)


def load_content(folder: Path) -> Content:
    """Read and check all of content/.

    Args:
        folder: The content folder.

    Raises:
        ContentError: On the first thing that is wrong, with file, line and what to write instead.
    """
    school = load_school(folder)
    notices = read(folder / "notices.yml", NoticeFile).data.notices
    facts = _facts(folder)
    answers = [read(path, AnswerFile) for path in paths_of(folder / "answers")]
    cards = _cards(answers, facts, school.data, notices)
    signals = load_signals(folder / "signals")
    _check_talk(signals, cards)
    sources = {card.id: _sources(card, facts, school.data, notices) for card in cards.values()}
    return Content(
        calendar=school.data.school,
        routes={route.id: route for route in school.data.routes},
        handover=load_handover(folder, school.data).data,
        notices=notices,
        signals=signals,
        cards=cards,
        sources={
            card: tuple(dict.fromkeys(f"{source.title} § {source.section}" for source in named))
            for card, named in sources.items()
        },
        trails={card: _trail(named, notices) for card, named in sources.items()},
        facts=facts,
        heard=_heard(folder),
    )


def _facts(folder: Path) -> dict[str, Source]:
    facts: dict[str, Source] = {}
    for path in paths_of(folder / "documents"):
        loaded = read(path, DocumentFile)
        for i, fact in enumerate(loaded.data.facts):
            if fact.id in facts:
                message = f"the fact '{fact.id}' is there twice; give one another id"
                raise loaded.error("content.twice", ("facts", i, "id"), message)
            document = loaded.data
            facts[fact.id] = Source(document.title, fact.section, document.date_note, fact.fact)
    return facts


def _cards(
    answers: list[Loaded[AnswerFile]],
    facts: dict[str, Source],
    school: SchoolFile,
    notices: Notices,
) -> dict[str, Card]:
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


def _check_talk(signals: SignalContent, cards: dict[str, Card]) -> None:
    for name in signals.cues.data.talk:
        if name not in cards or cards[name].kind != "talk":
            allowed = ", ".join(card.id for card in cards.values() if card.kind == "talk")
            message = f"'{name}' is no answer card of kind talk; there are {allowed}"
            raise signals.cues.error("content.talk", ("talk", name), message)


def _sources(
    card: Card, facts: dict[str, Source], school: SchoolFile, notices: Notices
) -> list[Source]:
    """Where a card's facts come from; for contacts without one, where their routes do."""
    named = [facts[fact] for fact in card.facts]
    if card.kind == "contact" and not named:
        routes = {route.id: route for route in school.routes}
        for name in card.routes:
            route = routes[name]
            day = route.checked_on
            checked = notices.checked_on.format(date=f"{day.day} {day:%B} {day.year}")
            note = checked if route.confirmed else notices.from_public
            named.append(Source(route.source, route.name, note))
    return named


def _trail(sources: list[Source], notices: Notices) -> tuple[str, ...]:
    """One line a document: its title, its sections, its date."""
    by_title: dict[str, list[str]] = {}
    for source in sources:
        sections = by_title.setdefault(source.title, [])
        if source.section not in sections:
            sections.append(source.section)
    notes = {source.title: source.date_note for source in sources}
    return tuple(
        f"{notices.from_} {title}, {'; '.join(sections)}. {notes[title]}"
        for title, sections in by_title.items()
    )


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
    if card.kind == "document" and not card.facts:
        return "kind", "a document card needs at least one fact"
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


def _heard(folder: Path) -> dict[tuple[Category, About], Heard]:
    loaded = read(folder / "heard.yml", HeardFile)
    heard: dict[tuple[Category, About], Heard] = {}
    for i, line in enumerate(loaded.data.lines):
        key = (line.category, line.about)
        if key in heard:
            message = f"{line.category} about {line.about} is there twice; keep one"
            raise loaded.error("content.twice", ("lines", i), message)
        heard[key] = line
    for category in Category:
        for about in About:
            if (category, about) not in heard:
                message = f"add an entry for category {category}, about {about}"
                raise loaded.error("content.heard", ("lines",), message)
    return heard
