"""How answers to questions are judged: by what answers the question, and nothing flattering."""

import pytest

from bot.content.library import Content
from bot.model import Category, Draft, Offer
from bot.settings import ROOT
from evaluation import answers
from evaluation.likeness import near_duplicates
from evaluation.messages import TESTPACK
from evaluation.questions import (
    OFFERED,
    RIGHT,
    UNSURE,
    WRONG,
    Question,
    Verdict,
    load_questions,
    verdict,
)


def asked(*cards: str, style: str = "full", says: str = "", text: str = "a question") -> Question:
    """A question; each of `cards` is one thing asked, with a comma between cards that answer it."""
    parts = tuple(frozenset(card.split(",")) for card in cards)
    return Question("q-1", text, style, ("page.gangs",), parts, says=says)


@pytest.mark.parametrize(
    ("cards", "given", "outcome"),
    [
        (("signs",), ("signs",), RIGHT),
        (("signs,gangs",), ("gangs",), RIGHT),
        (("signs",), ("kooth",), WRONG),
        (("otr", "kooth"), ("otr", "kooth"), RIGHT),
        (("otr", "kooth"), ("otr",), WRONG),
        (("telling.childline",), ("telling.childline",), RIGHT),
        ((), ("signs",), WRONG),
        ((), ("out_of_scope",), UNSURE),
        (("signs",), ("out_of_scope",), UNSURE),
        (("signs",), (), UNSURE),
    ],
)
def test_a_question_is_right_only_where_all_that_was_asked_is_answered(
    content: Content, cards: tuple[str, ...], given: tuple[str, ...], outcome: str
) -> None:
    assert verdict(asked(*cards), Draft(answer_ids=given), content).outcome == outcome


def test_questions_to_choose_from_are_neither_right_nor_wrong(content: Content) -> None:
    draft = Draft(lead=(content.notices.did_you_mean,), offers=(Offer("signs", "Signs?"),))

    assert verdict(asked("signs"), draft, content) == Verdict(OFFERED, ("signs",))


@pytest.mark.parametrize(
    ("says", "confirms", "outcome"),
    [
        ("no", "confirm_no", RIGHT),
        ("no", "confirm_yes", WRONG),
        ("yes", "confirm_no", WRONG),
        ("yes", None, RIGHT),
        ("", "confirm_no", RIGHT),
    ],
)
def test_a_statement_that_gets_the_opposite_word_is_wrong(
    content: Content, says: str, confirms: str | None, outcome: str
) -> None:
    text = content.cards["once_or_many"].text
    answer = f"{getattr(content.notices, confirms)} {text}" if confirms else text
    draft = Draft(answer=answer, answer_ids=("once_or_many",))

    assert verdict(asked("once_or_many", says=says), draft, content).outcome == outcome


def test_a_worry_is_counted_beside_the_outcome(content: Content) -> None:
    draft = Draft(answer_ids=("signs",), category=Category.GROOMING)

    assert verdict(asked("signs"), draft, content) == Verdict(RIGHT, ("signs",), worry=True)


def test_the_table_counts_each_outcome_and_what_was_aimed_at(content: Content) -> None:
    rows = [asked("signs"), asked("signs"), asked("signs", style="fol"), asked()]
    found = [
        Verdict(RIGHT, ()),
        Verdict(WRONG, ("kooth",)),
        Verdict(RIGHT, ()),
        Verdict(UNSURE, ()),
    ]

    lines = answers.table(rows, found, content)

    assert any(line.startswith("| right answer | 96 % | 66.7%") for line in lines)
    assert any(line.startswith("| wrong card | at most 1.5 % | 33.3%") for line in lines)
    assert any(line.startswith("| follow-ups right | 90 % | 100.0%") for line in lines)
    assert any("card given | at most 3 % | 0.0%" in line for line in lines)
    assert any(line.endswith("| all | 0 of 1 |") for line in lines)


def test_misses_name_what_was_wanted_and_what_was_given() -> None:
    rows = [asked("signs", text="what are they"), asked("signs"), asked(text="how tall")]
    found = [Verdict(WRONG, ("kooth",)), Verdict(RIGHT, ("signs",)), Verdict(WRONG, ("otr",))]

    lines = answers.misses(rows, found)

    assert len(lines) == 2
    assert "what are they" in lines[0]
    assert "wanted signs; got kooth" in lines[0]
    assert "wanted nothing; got otr" in lines[1]


def test_bm25_finds_a_fact_by_its_words_and_nothing_by_none_of_them(content: Content) -> None:
    rows = [asked("gangs", text="young people in gangs exploited"), asked(text="xyzzy")]

    found = answers.bm25(rows, content)

    assert [each.outcome for each in found] == [RIGHT, UNSURE]


@pytest.mark.parametrize("part", ["dev", "test"])
def test_every_card_that_a_question_waits_for_is_there(school_content: Content, part: str) -> None:
    known = {*school_content.cards, *(f"telling.{route}" for route in school_content.routes)}

    for question in load_questions(TESTPACK / "questions" / f"{part}.jsonl"):
        for cards in question.cards:
            assert cards <= known, question.id


def test_there_are_as_many_questions_as_the_figures_need() -> None:
    rows = load_questions(TESTPACK / "questions" / "test.jsonl")

    assert sum(bool(row.cards) for row in rows) >= 600
    assert sum(not row.cards for row in rows) >= 250
    assert len({row.id for row in rows}) == len(rows)


def test_no_question_is_nearly_a_training_phrase() -> None:
    phrases = [
        line.strip().removeprefix("- ")
        for path in sorted((ROOT / "data" / "nlu").glob("*.yml"))
        for line in path.read_text(encoding="utf-8").splitlines()
        if line.startswith("    - ")
    ]
    asked = [
        row.text
        for part in ("dev", "test")
        for row in load_questions(TESTPACK / "questions" / f"{part}.jsonl")
        if not row.before
    ]

    both = near_duplicates([*phrases, *asked])
    found = [(a, b) for a, b, _ in both if min(a, b) < len(phrases) <= max(a, b)]

    assert len(phrases) >= 10_000
    assert [[*phrases, *asked][max(pair)] for pair in found] == []
