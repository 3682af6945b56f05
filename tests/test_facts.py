"""Nothing is missing and nothing is invented: the two school documents, clause by clause.

Each row was written from the documents themselves, in our words: a fact must hold these words
(any one of those parted by |), and an answer card must rest on it.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from functools import cache

import pytest

from bot.check import due
from bot.content.files import read
from bot.content.library import Content
from bot.content.words import AnswerFile, Card, DocumentFile, Fact, paths_of
from bot.settings import ROOT

DOCUMENTS = ROOT / "content" / "documents"
ANSWERS = ROOT / "content" / "answers"

PAGE_CLAUSES = [
    # what it is
    "kind|form of child sexual abuse",
    "one person group",
    "power imbalance",
    "coerc manipulat deceiv sexual activity",
    "under|younger 18",
    "return|exchange needs|wants",
    "money|financial status",
    "both reasons|apply",
    "agreed|consensual",
    "physical contact not",
    "technology",
    "child abuse important|emphasise|stress",
    "gaming social media risk",
    "school online grooming rising|increas",
    "school images|imagery rising|increas",
    # the seven figures
    "75% parents parental controls",
    "smartphone 8",
    "5% police",
    "60% reports",
    "76% 12 15 online",
    "7% under|younger 13 image|picture",
    "24% under|younger 13 never met",
    # the website for parents
    "knowaboutcse.co.uk/parents",
    "relationships unhealthy signs safe support",
    # how it happens
    "listen ask|asking curious",
    "tricked loving|normal relationship",
    "parties drugs alcohol",
    "groom internet|online",
    "traffick into inside|within",
    "gangs",
    # who to call
    "council 01454 866000",
    "police 101",
    "999 danger",
    # the team
    "safeguarding welfare harm",
    "ms james designated safeguarding lead",
    "ms wilshire deputy ks3 7 8 9",
    "mrs thurston deputy ks4 10 11",
    "text instead|prefer|rather",
    "07749723552|07749",
    "monday friday 3:00pm 5:00pm",
    "speak support advice",
    "zoe.james@clf.uk",
    "carly.wilshire@clf.uk",
    "jane.thurston@clf.uk",
    # outside the school
    "otr cyn youth clubs one-to-one|1-1",
    "otr cyn websites advice information",
    "kooth free anonymous online",
    "kooth any issue",
]
NEWSLETTER_CLAUSES = [
    # what changed
    "government change definition statutory|legal",
    "clear date earlier|previous|old",
    "department for education working together",
    "department for education new guide practitioners",
    # the definition
    "kind|form of child sexual abuse",
    "one person group",
    "imbalance power",
    "coerc manipulat deceiv sexual activity",
    "younger|under 18",
    "return|exchange wants|needs",
    "money|financial status",
    "both",
    "agreed|consensual exploited",
    "physical contact not",
    "technology",
    # like all child sexual abuse
    "any|anyone|every under|younger 18",
    "male|boy female|girl",
    "16 17 consent",
    "abuse agreed|consensual can be",
    "contact without",
    "penetrative not",
    "force entic",
    "violence threats",
    "not know straight|immediate",
    "copy|copied pictures|images videos social media",
    "one person|individual group",
    "males females",
    "children adults",
    "single|once several|series|over time",
    # the nine groups of signs
    "money clothes phones explanation",
    "gang",
    "cut off|isolat age|peers friends|networks",
    "excluded|exclusion school college work",
    "away|absen school college work explanation",
    "leaving home care explanation",
    "going missing late again|persistent|often",
    "texts calls too many|excessive",
    "places|areas sex work",
    "internet social media worry|concern",
    "secretive",
    "self-harm",
    "emotional change",
    # how signs are read
    "rare report",
    "aware|mind signs",
    "complex recognise|identify",
    "ordinary|normal teenage|adolescent",
    "knowledge skill curiosity",
    "assess circumstances risk",
    "support right|appropriate|fits",
    # whose fault, whose right
    "never victim blame|fault",
    "not exchange blame|fault",
    "right younger|under 18 safe",
    "protected|kept harm younger|under 18",
]
ABOUT_THE_OTHER_SCHOOL = [
    "training",
    "governors",
    "policy",
    "website alleynesacademy",
    "worry|concern contact|touch safeguarding team",
]


@cache
def facts(document: str) -> tuple[Fact, ...]:
    return tuple(read(DOCUMENTS / f"{document}.yml", DocumentFile).data.facts)


@cache
def cards() -> tuple[Card, ...]:
    return tuple(card for path in paths_of(ANSWERS) for card in read(path, AnswerFile).data.answers)


def holding(document: str, clause: str) -> list[Fact]:
    """The facts of a document that hold every word of a clause."""

    def holds(fact: Fact) -> bool:
        text = fact.fact.lower()
        return all(
            any(_says(text, word) for word in element.split("|")) for element in clause.split()
        )

    return [fact for fact in facts(document) if holds(fact)]


def _says(text: str, word: str) -> bool:
    return re.search(rf"(?<![a-z0-9]){re.escape(word)}", text) is not None


CLAUSES = [("safeguarding_page", clause) for clause in PAGE_CLAUSES]
CLAUSES += [("newsletter", clause) for clause in NEWSLETTER_CLAUSES]


@pytest.mark.parametrize(("document", "clause"), CLAUSES)
def test_every_clause_of_the_documents_is_a_fact_and_an_answer_rests_on_it(
    document: str, clause: str
) -> None:
    cited = {fact for card in cards() for fact in card.facts}
    usable = [fact.id for fact in holding(document, clause) if not fact.other_school]

    assert usable
    assert cited.intersection(usable)


@pytest.mark.parametrize("clause", ABOUT_THE_OTHER_SCHOOL)
def test_every_clause_about_the_other_school_is_a_fact_that_is_marked_so(clause: str) -> None:
    found = holding("newsletter", clause)

    assert found
    assert any(fact.other_school for fact in found)


def test_no_answer_rests_on_a_fact_about_the_other_school() -> None:
    other = {
        fact.id
        for name in ("newsletter", "safeguarding_page")
        for fact in facts(name)
        if fact.other_school
    }

    assert len(other) >= 4
    assert [card.id for card in cards() if other.intersection(card.facts)] == []


def test_every_fact_that_is_not_about_the_other_school_is_used() -> None:
    cited = {fact for card in cards() for fact in card.facts}
    usable = [
        fact.id
        for name in ("newsletter", "safeguarding_page")
        for fact in facts(name)
        if not fact.other_school
    ]

    assert len(usable) >= 90
    assert [fact for fact in usable if fact not in cited] == []


def numbers(text: str) -> set[str]:
    return set(re.findall(r"\d+(?:\.\d+)?%?", text))


def invented(card: Card, content: Content) -> Iterator[str]:
    """Numbers in a card's own words that none of its facts and routes holds."""
    known = {number for fact in card.facts for number in numbers(content.facts[fact].fact)}
    for name in card.routes:
        route = content.routes[name]
        known |= numbers(f"{route.name} {route.role} {route.who_for} {route.ages} {route.note}")
    written = re.sub(r"\{[a-z_:0-9]+\}", "", card.text)
    for number in sorted(numbers(written) - known):
        if not (number == "55" and card.id == "immediate_danger"):  # asked for in a silent 999 call
            yield f"{card.id}: {number}"


def test_every_number_in_an_answer_stands_in_a_fact_or_route_that_it_rests_on(
    content: Content,
) -> None:
    with_numbers = [card for card in cards() if numbers(card.text)]

    assert len(with_numbers) >= 20
    assert [number for card in cards() for number in invented(card, content)] == []


def test_every_figure_of_a_fact_stands_in_it() -> None:
    figures = [
        (fact, figure)
        for name in ("newsletter", "safeguarding_page")
        for fact in facts(name)
        for figure in fact.figures
    ]

    assert len(figures) >= 25
    assert [fact.id for fact, figure in figures if figure not in fact.fact] == []


def test_every_number_of_a_fact_is_named_as_a_figure() -> None:
    def missing(fact: Fact) -> set[str]:
        return numbers(fact.fact) - numbers(" ".join(fact.figures))

    every = [*facts("newsletter"), *facts("safeguarding_page")]
    assert [fact.id for fact in every if missing(fact)] == []


def test_every_undated_figure_is_given_as_undated(content: Content) -> None:
    undated = [
        card for card in cards() if any(fact.startswith("page.figure_") for fact in card.facts)
    ]

    assert len(undated) >= 8
    assert [card.id for card in undated if "gives no date" not in card.text] == []


def test_check_names_every_answer_that_still_gives_a_route_which_has_expired(
    content: Content,
) -> None:
    counts = []
    for name, route in content.routes.items():
        gone = {**content.routes, name: route.copy(update={"review_by": date(2026, 11, 21)})}
        notes = list(due(replace(content, routes=gone), date(2026, 11, 22)))
        said = [note for note in notes if note.endswith(f"still give {name}, which has expired")]
        giving = {card.id for card in cards() if name in card.routes or f":{name}}}" in card.text}
        named = set(re.findall(r"\w+", said[0])) if said else set()
        counts.append(len(giving))

        assert giving <= named
        assert "greet" not in named
    assert sum(count > 0 for count in counts) >= 10


def test_check_calls_an_expired_route_hidden_only_where_it_is(content: Content) -> None:
    day = {"review_by": date(2026, 11, 21)}
    gone = {name: route.copy(update=day) for name, route in content.routes.items()}
    notes = list(due(replace(content, routes=gone), date(2026, 11, 22)))
    called = {
        name
        for name in gone
        for note in notes
        if note.startswith(f"school.yml: {name} expired") and "hidden" in note
    }

    assert called == set(gone) - set(content.handover.always)


def test_check_names_no_answer_while_no_route_has_expired(content: Content) -> None:
    notes = list(due(content, max(route.checked_on for route in content.routes.values())))

    assert [note for note in notes if "which has expired" in note] == []


def test_every_source_that_is_named_exists(content: Content) -> None:
    known = {f"{source.title} § {source.section}" for source in content.facts.values()}
    known |= {f"{route.source} § {route.name}" for route in content.routes.values()}
    named = {source for sources in content.sources.values() for source in sources}

    assert len(named) >= 10
    assert named <= known
