"""Which signal of a message is answered first, and how urgent the reply is."""

from functools import cache

import pytest

from bot.model import Category
from bot.spotting.spotter import Spotter
from tests.fakes import make_rule, make_signals

CUES = {
    "doers": {
        "home_abuse": ["dad|brother"],
        "relationship_abuse": ["my boyfriend"],
        "bullying": ["a boy"],
    },
    "unspecific": ["unsafe_now", "wellbeing"],
}


@cache
def spotter() -> Spotter:
    return Spotter(
        make_signals(
            make_rule("suicide.die", "want to die"),
            make_rule("suicide.tonight", "die tonight", urgency="emergency"),
            make_rule("self_harm.eating", "stopped eating"),
            make_rule("self_harm.friend_eating", "friend stopped eating"),
            make_rule("relationship_abuse.hits", "hits me"),
            make_rule("home_abuse.hits", "hits me"),
            make_rule("home_abuse.row", "row at home", urgency="concern"),
            make_rule("bullying.hits", "hits me"),
            make_rule("bullying.weapon", "has a knife", urgency="emergency"),
            make_rule("unsafe_now.now", "right now", urgency="emergency"),
            make_rule("unsafe_now.outside", "outside"),
            make_rule("bullying.outside", "outside"),
            make_rule("relationship_abuse.checks", "checks my phone"),
            make_rule("wellbeing.sad", "so sad", urgency="concern"),
            cues=CUES,
        )
    )


def first(text: str, *earlier: Category) -> tuple[str, str]:
    signal = spotter().spot(text, earlier).signals[0]
    return signal.category, signal.urgency


@pytest.mark.parametrize(
    ("text", "category", "urgency"),
    [
        pytest.param("my brother hits me", "home_abuse", "urgent", id="who does it"),
        pytest.param("my boyfriend hits me", "relationship_abuse", "urgent", id="someone else"),
        pytest.param("my dad hits me right now", "home_abuse", "emergency", id="danger now too"),
        pytest.param("he has a knife. my dad hits me", "home_abuse", "emergency", id="knife too"),
        pytest.param("so sad about the row at home", "home_abuse", "concern", id="as urgent"),
        pytest.param("dad and the row at home so sad", "home_abuse", "concern", id="concerns"),
        pytest.param("right now i am so sad", "unsafe_now", "emergency", id="unspecific only"),
        pytest.param("a row at home right now", "unsafe_now", "emergency", id="too weak to lead"),
        pytest.param("i want to die. my dad hits me", "suicide", "urgent", id="not about a doer"),
        pytest.param("die tonight. my dad hits me", "suicide", "emergency", id="strongest leads"),
    ],
)
def test_reply_speaks_of_what_says_most_and_is_as_urgent_as_the_strongest(
    text: str, category: str, urgency: str
) -> None:
    assert first(text) == (category, urgency)


def test_reply_speaks_of_danger_and_not_of_other_students_where_none_is_named() -> None:
    assert first("he is outside")[0] == Category.UNSAFE_NOW
    assert first("a boy is outside")[0] == Category.BULLYING
    assert first("he checks my phone outside")[0] == Category.RELATIONSHIP_ABUSE


def test_reply_goes_on_with_what_was_told_before_where_nobody_is_named() -> None:
    assert first("he hits me")[0] == Category.RELATIONSHIP_ABUSE
    assert first("he hits me", Category.BULLYING)[0] == Category.BULLYING
    assert first("my dad hits me", Category.BULLYING)[0] == Category.HOME_ABUSE


def test_reply_takes_the_longer_of_two_matches_of_one_category() -> None:
    rules = [signal.rule for signal in spotter().spot("my friend stopped eating").signals]

    assert rules == ["self_harm.friend_eating", "self_harm.eating"]


@pytest.mark.parametrize("text", ["my dad hits me right now", "so sad. he has a knife"])
def test_no_signal_is_lost_when_another_leads(text: str) -> None:
    seen = spotter().examine(text)

    assert {signal.rule for signal in seen.signals} == {hit.rule for hit in seen.hits}
