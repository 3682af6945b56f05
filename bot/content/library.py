"""Loads all of content/ and answers questions about it. The one door to what a student reads."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from bot.content.cards import Source, check_cues, load_cards
from bot.content.files import read
from bot.content.school import (
    Calendar,
    HandoverFile,
    Route,
    SchoolFile,
    load_handover,
    load_school,
)
from bot.content.signals import SignalContent, load_signals
from bot.content.telling import (
    FirstSentenceFile,
    TellingFile,
    load_first_sentence,
    load_telling,
)
from bot.content.words import (
    AnswerFile,
    Card,
    DocumentFile,
    Heard,
    HeardFile,
    NoticeFile,
    Notices,
    paths_of,
    plain,
)
from bot.model import About, Category


@dataclass(frozen=True)
class Content:
    """Everything of content/, checked against itself.

    Attributes:
        cards: Answer cards by id, placeholders filled.
        sources: "document § section" of each card, in the order of its facts.
        trails: The same as a line that a student reads, with the date of each document.
        facts: Every fact with its document, by fact id.
        asked: The card of each card's own question, which a button sends; see `plain`.
        route_sources: Where what is known of each route comes from.
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
    asked: dict[str, str]
    route_sources: dict[str, Source]
    telling: TellingFile
    first_sentence: FirstSentenceFile
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
    cards = load_cards(answers, facts, school.data, notices)
    signals = load_signals(folder / "signals")
    check_cues(signals, cards, school.data)
    if not school.data.school.guidance:
        cards = {name: card for name, card in cards.items() if card.kind != "guidance"}
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
        asked={plain(card.question): card.id for card in cards.values()},
        route_sources={route.id: _route_source(route, notices) for route in school.data.routes},
        telling=load_telling(folder).data,
        first_sentence=load_first_sentence(folder).data,
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
            facts[fact.id] = Source(
                title=document.title,
                section=fact.section,
                date_note=document.date_note,
                fact=fact.fact,
                public=fact.source,
                other_school=fact.other_school,
            )
    return facts


def _sources(
    card: Card, facts: dict[str, Source], school: SchoolFile, notices: Notices
) -> list[Source]:
    """Where a card's facts come from; for contacts without one, where their routes do."""
    named = [facts[fact] for fact in card.facts]
    if card.kind == "contact" and not named:
        routes = {route.id: route for route in school.routes}
        named = [_route_source(routes[name], notices) for name in card.routes]
    return named


def _route_source(route: Route, notices: Notices) -> Source:
    day = route.checked_on
    checked = notices.checked_on.format(date=f"{day.day} {day:%B} {day.year}")
    return Source(route.source, route.name, checked if route.confirmed else notices.from_public)


def _trail(sources: list[Source], notices: Notices) -> tuple[str, ...]:
    """One line a document: its title, its sections, its date; one for all general guidance."""
    by_title: dict[str, list[str]] = {}
    for source in sources:
        if not source.public:
            by_title.setdefault(source.title, []).append(source.section)
    notes = {source.title: source.date_note for source in sources}
    trail = [
        f"{notices.from_} {title}, {'; '.join(dict.fromkeys(sections))}. {notes[title]}"
        for title, sections in by_title.items()
    ]
    public = dict.fromkeys(source.public for source in sources if source.public)
    if public:
        trail.append(f"{notices.general_guidance} {notices.from_} {'; '.join(public)}.")
    return tuple(trail)


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
