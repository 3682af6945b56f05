"""`python -m bot check`: what it finds wrong, and what it says is due."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot import check
from bot.content.library import Content
from bot.content.signals import SignalContent
from bot.errors import ContentError
from bot.model import Category
from bot.spotting.spotter import Spotter
from tests.fakes import FakeClassifier, edit, make_rule, make_signals

HITS = ["i want to die", "they want to die"]
MISSES = ["where is my locker", "what is for lunch"]
TODAY = date(2026, 11, 22)


def rule(*, examples: list[str] = HITS, not_examples: list[str] = MISSES, **keys: Any) -> Any:
    return make_rule(
        "suicide.wish", "want to die", examples=examples, not_examples=not_examples, **keys
    )


def test_check_names_an_example_in_which_the_classifier_hears_no_harm() -> None:
    signals = make_signals(rule())

    def unheard(risk: float | None) -> list[str]:
        return list(check.unheard(signals, Spotter(signals, classifier=FakeClassifier(risk))))

    assert [line.rpartition(": ")[2] for line in unheard(-9.0)] == HITS
    assert unheard(0.0) == []
    assert unheard(None) == []


def problems_of(signals: SignalContent) -> list[str]:
    return list(check.rule_problems(signals, Spotter(signals)))


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        pytest.param(rule(), [], id="none"),
        pytest.param(
            rule(examples=["i am fine", HITS[0]]),
            ["suicide.yml: suicide.wish misses its example: i am fine"],
            id="example missed",
        ),
        pytest.param(
            rule(not_examples=[*MISSES, HITS[1]]),
            ["suicide.yml: suicide.wish hits its not_example: they want to die"],
            id="not_example hit",
        ),
        pytest.param(
            rule(examples=["a", "b"]),
            [
                "suicide.yml: suicide.wish misses its example: a",
                "suicide.yml: suicide.wish misses its example: b",
            ],
            id="every one is named",
        ),
        pytest.param(
            rule(examples=["want to die of laughter", HITS[0]]),
            ["suicide.yml: suicide.wish misses its example: want to die of laughter"],
            id="example muted by a saying",
        ),
        pytest.param(
            rule(unless=["they want"]),
            ["suicide.yml: suicide.wish misses its example: they want to die"],
            id="example muted by its own unless",
        ),
        pytest.param(rule(after=["bullying"]), [], id="a rule that needs an earlier worry"),
    ],
)
def test_rule_problems_names_every_example_that_does_not_hold(
    made: dict[str, Any], expected: list[str]
) -> None:
    assert problems_of(make_signals(made)) == expected


def test_rule_problems_asks_that_the_rule_itself_hits() -> None:
    other = make_rule("suicide.other", "i am sad", examples=HITS, not_examples=MISSES)

    problems = problems_of(make_signals(rule(), other))

    assert problems == [f"suicide.yml: suicide.other misses its example: {text}" for text in HITS]


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        pytest.param({}, [], id="none"),
        pytest.param(
            {"idioms": [{"phrases": ["to die for"], "mutes": "all", "examples": HITS[:1]}]},
            ["idioms.yml: a harmless example gives suicide.wish: i want to die"],
            id="saying that is not muted",
        ),
        pytest.param(
            {
                "frames": [
                    {"name": "x", "phrases": ["want"], "mutes": ["bullying"], "examples": HITS[1:]}
                ]
            },
            ["idioms.yml: a harmless example gives suicide.wish: they want to die"],
            id="frame that mutes another category",
        ),
    ],
)
def test_idiom_problems_names_every_harmless_example_with_a_signal(
    table: dict[str, Any], expected: list[str]
) -> None:
    signals = make_signals(rule(), idioms=table)

    assert list(check.idiom_problems(signals, Spotter(signals))) == expected


# One rule file, whatever state the others are in.


@pytest.mark.parametrize("broken", ["bullying.yml", "wellbeing.yml", "stray.yml"])
def test_one_rule_file_is_tried_when_others_are_broken(own_content: Path, broken: str) -> None:
    folder = own_content / "signals"
    (folder / broken).write_text("this: [is broken", encoding="utf-8")

    assert list(check.one_rule_file(folder / "suicide.yml")) == []


def test_one_rule_file_is_tried_without_sayings(own_content: Path) -> None:
    folder = own_content / "signals"
    (folder / "idioms.yml").unlink()
    edit(folder / "suicide.yml", "[where is my locker", "[i want to die of laughter")

    assert list(check.one_rule_file(folder / "suicide.yml")) == [
        f"{folder / 'suicide.yml'}: suicide.wish hits its not_example: i want to die of laughter"
    ]


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("[want to die]", "['want to {nobody}']", "line 6: no word list is called 'nobody'"),
        ("[want to die]", "[wanna die]", "line 6: 'wanna' never occurs in normalised text"),
        ("[want to die]", "[Want to die]", "line 6: 'Want' is no plain lower-case word"),
        ("urgency: urgent", "urgency: none", "line 5: 'rules.0.urgency'"),
        ("urgency: urgent", "urgent: yes", "line 4: the key 'urgency' is missing"),
    ],
)
def test_one_rule_file_is_refused_with_file_and_line(
    own_content: Path, old: str, new: str, words: str
) -> None:
    path = own_content / "signals" / "suicide.yml"
    edit(path, old, new)

    with pytest.raises(ContentError) as caught:
        list(check.one_rule_file(path))

    assert f"{path}, {words}" in str(caught.value)


# What is due.


def dated(content: Content, review_by: date, *, confirmed: bool = True) -> Content:
    """Content with one route, to be reviewed by a day, and no card that is due."""
    known = {"review_by": review_by, "confirmed": confirmed}
    return replace(content, routes={"otr": content.routes["otr"].copy(update=known)}, cards={})


@pytest.mark.parametrize(
    ("review_by", "expected"),
    [
        (date(2026, 11, 21), ["school.yml: otr expired on 2026-11-21 and is hidden; confirm it"]),
        (date(2026, 11, 22), ["school.yml: otr must be reviewed by 2026-11-22"]),
        (date(2027, 1, 20), ["school.yml: otr must be reviewed by 2027-01-20"]),
        (date(2027, 1, 21), []),
    ],
)
def test_due_names_a_route_before_and_after_its_review_day(
    content: Content, review_by: date, expected: list[str]
) -> None:
    assert list(check.due(dated(content, review_by), TODAY)) == expected


def test_due_names_a_route_that_the_school_has_not_confirmed(content: Content) -> None:
    unconfirmed = dated(content, date(2030, 1, 1), confirmed=False)

    assert list(check.due(unconfirmed, TODAY)) == [
        "school.yml: otr has not been confirmed by the school"
    ]


def test_due_names_every_card_whose_review_is_over(content: Content) -> None:
    names = list(content.cards)[:3]
    days = (date(2026, 11, 21), date(2026, 11, 22), date(2025, 1, 1))
    cards = {
        name: content.cards[name].copy(update={"review_by": day})
        for name, day in zip(names, days, strict=True)
    }

    due = list(check.due(replace(content, routes={}, cards=cards), TODAY))

    assert due == [f"answers/: review is over for {names[0]}, {names[2]}"]


# Each intent has a card, a line in domain.yml, a rule and enough phrases.


def rasa_project(
    root: Path, domain: Iterable[str], ruled: Iterable[str], phrases: dict[str, int]
) -> Path:
    steps = [{"or": [{"intent": intent} for intent in ruled]}]
    files = {
        "domain.yml": {"intents": list(domain)},
        "data/rules.yml": {"rules": [{"steps": steps}]},
    }
    for intent, count in phrases.items():
        examples = "".join(f"- phrase {number}\n" for number in range(count))
        files[f"data/nlu/{intent}.yml"] = {"nlu": [{"intent": intent, "examples": examples}]}
    for name, data in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(yaml.safe_dump(data), encoding="utf-8")
    return root


@pytest.mark.parametrize(
    ("domain", "ruled", "phrases", "expected"),
    [
        pytest.param(["kooth"], ["kooth"], {"kooth": 25}, [], id="whole"),
        pytest.param(
            ["kooth", "nlu_fallback"],
            ["kooth", "nlu_fallback"],
            {"kooth": 25},
            [],
            id="Rasa's own fallback",
        ),
        pytest.param(
            [], ["kooth"], {"kooth": 25}, ["kooth: add it to domain.yml"], id="not in the domain"
        ),
        pytest.param(
            ["kooth"], [], {"kooth": 25}, ["kooth: add it to data/rules.yml"], id="no rule"
        ),
        pytest.param(
            ["kooth"],
            ["kooth"],
            {"kooth": 24},
            ["kooth: add it to data/nlu/ (25 phrases)"],
            id="too few phrases",
        ),
        pytest.param(
            ["kooth", "new"],
            ["kooth", "new"],
            {"kooth": 25, "new": 30},
            ["new: add it to content/answers/"],
            id="no card",
        ),
        pytest.param(
            [],
            [],
            {"other": 3},
            [
                "kooth: add it to domain.yml, data/rules.yml, data/nlu/ (25 phrases)",
                "other: add it to content/answers/, domain.yml, data/rules.yml, "
                "data/nlu/ (25 phrases)",
            ],
            id="several",
        ),
    ],
)
def test_intent_problems_names_each_place_where_an_intent_is_missing(
    content: Content,
    tmp_path: Path,
    domain: list[str],
    ruled: list[str],
    phrases: dict[str, int],
    expected: list[str],
) -> None:
    (tmp_path / "data" / "nlu").mkdir(parents=True)
    root = rasa_project(tmp_path, domain, ruled, phrases)
    one_card = replace(content, cards={"kooth": content.cards["kooth"]})

    problems = list(check.intent_problems(one_card, root))

    assert problems == [f"intent {problem}" for problem in expected]


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        pytest.param("domain.yml", "intents:\n  - kooth\n - x: [", ", line 3: ", id="domain"),
        pytest.param("data/rules.yml", "rules: [", ", line 1: ", id="rules"),
        pytest.param("data/nlu/kooth.yml", "nlu:\n  - a: b: c", ", line 2: ", id="phrases"),
        pytest.param("domain.yml", "intent: [kooth]", "KeyError('intents')", id="missing key"),
        pytest.param("data/rules.yml", "rules: []", "IndexError", id="no rule"),
        pytest.param("data/nlu/kooth.yml", "", "TypeError", id="empty file"),
        pytest.param("data/nlu/kooth.yml", "nlu: [{intent: kooth}]", "'examples'", id="no phrases"),
        pytest.param("domain.yml", "intents: [\x07]", " cannot be read: ", id="control character"),
        pytest.param("domain.yml", None, " cannot be read: ", id="missing file"),
    ],
)
def test_intent_problems_names_the_file_that_cannot_be_read(
    content: Content, tmp_path: Path, name: str, text: str | None, words: str
) -> None:
    root = rasa_project(tmp_path, ["kooth"], ["kooth"], {"kooth": 25})
    if text is None:
        (root / name).unlink()
    else:
        (root / name).write_text(text, encoding="utf-8")

    with pytest.raises(ContentError) as caught:
        list(check.intent_problems(content, root))

    assert caught.value.code.startswith("project.")
    assert str(caught.value).startswith(str(root / name))
    assert words in str(caught.value)


# The school's real content.


def test_real_content_has_a_card_a_line_a_rule_and_phrases_for_each_intent(
    content: Content,
) -> None:
    assert len(content.cards) >= 80
    assert list(check.intent_problems(content)) == []


def test_real_routes_and_cards_are_not_overdue_on_the_day_they_were_checked(
    content: Content,
) -> None:
    checked_on = max(route.checked_on for route in content.routes.values())

    notes = list(check.due(content, checked_on))

    assert [note for note in notes if "expired" in note or "is over" in note] == []


def test_real_rules_hit_their_first_example(
    school_content: Content, school_spotter: Spotter
) -> None:
    """`make check` tries all of them; this keeps the fast tests honest in a few seconds."""
    rules = [rule for loaded in school_content.signals.rules for rule in loaded.data.rules]
    counts = Counter(rule.id.partition(".")[0] for rule in rules)

    missed = []
    for rule in rules:
        look = school_spotter.spot(rule.examples[0], tuple(rule.after))
        if rule.id not in [signal.rule for signal in look.signals]:
            missed.append(rule.id)

    assert set(counts) == set(Category)
    assert min(counts.values()) >= 5
    assert missed == []
