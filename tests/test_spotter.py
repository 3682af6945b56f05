"""The spotter: which hits count, in which order, and what was said before."""

import json
from concurrent.futures import ThreadPoolExecutor
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import ContentError
from bot.model import Category, Look, Urgency
from bot.spotting.spotter import Examination, Spotter
from tests.fakes import FakeClassifier, make_rule, make_signals

IDIOMS = {
    "idioms": [
        {"phrases": ["die of laughter"], "mutes": "all", "examples": ["a"]},
        {"phrases": ["kill the lights"], "mutes": ["suicide"], "examples": ["a"]},
    ],
    "frames": [
        {"name": "game", "phrases": ["in minecraft"], "mutes": ["suicide"], "examples": ["a"]}
    ],
}
CUES = {
    "yes": ["yes|yeah"],
    "no": ["no"],
    "unsure": ["not sure"],
    "question": ["?", "who is"],
    "year": ["in year #", "year # here"],
    "years": [7, 8, 9, 10, 11],
    "third_person": ["she|her"],
    "longest_follow_up": 4,
    "staff": ["my teacher"],
    "staff_named": ["about a teacher"],
}


@cache
def spotter() -> Spotter:
    return Spotter(
        make_signals(
            make_rule("wellbeing.sad", "so sad", urgency="concern"),
            make_rule("wellbeing.sad_again", "so sad", urgency="concern"),
            make_rule("bullying.hits", "hits me"),
            make_rule("home_abuse.dad_hits", "dad hits me"),
            make_rule("suicide.die", "want to die", "will die"),
            make_rule("suicide.tonight", "die|it .. tonight", urgency="emergency"),
            make_rule("suicide.now", "it is tonight", urgency="emergency", after=["suicide"]),
            make_rule("suicide.how", "how to die", even_in_fiction=True),
            make_rule("suicide.kill", "kill"),
            make_rule("harassment.kill", "kill"),
            make_rule("unsafe_now.not_safe", "safe", urgency="emergency", even_negated=True),
            make_rule("grooming.bus", "knows my timetable", unless=["bus .. knows my timetable"]),
            scope={"negated": {"before": ["not"], "unless": []}},
            idioms=IDIOMS,
            cues=CUES,
        ),
        limit=200,
    )


def rules_of(text: str, *earlier: Category) -> list[str]:
    return [signal.rule for signal in spotter().spot(text, earlier).signals]


def reasons_of(seen: Examination) -> dict[str, str]:
    return {hit.rule: hit.dropped for hit in seen.hits if hit.dropped}


def test_spotter_keeps_hits_that_overlap() -> None:
    assert rules_of("my dad hits me") == ["home_abuse.dad_hits", "bullying.hits"]


def test_spotter_gives_signals_strongest_first_then_by_category_then_as_in_the_file() -> None:
    rules = rules_of("so sad that he hits me. my dad hits me. i want to die. die tonight")

    assert rules == [
        "suicide.tonight",
        "suicide.die",
        "home_abuse.dad_hits",
        "bullying.hits",
        "wellbeing.sad",
        "wellbeing.sad_again",
    ]


def test_spotter_gives_each_rule_once_when_it_matches_twice() -> None:
    assert rules_of("he hits me and hits me") == ["bullying.hits"]


def test_spotter_says_where_a_hit_stands() -> None:
    (signal,) = spotter().spot("oh, I wanna... i WANT to die!").signals

    assert signal.category is Category.SUICIDE
    assert spotter().examine("oh, I wanna... i WANT to die!").words[signal.start : signal.end] == (
        *("want", "to", "die"),
    )


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        pytest.param("hello there", [], id="harmless"),
        pytest.param("", [], id="nothing"),
        pytest.param("i could die of laughter", [], id="saying for all"),
        pytest.param("i will die of laughter", [], id="saying overlaps the hit"),
        pytest.param(
            "die of laughter? no i want to die", ["suicide.die"], id="saying beside the hit"
        ),
        pytest.param("kill the lights", ["harassment.kill"], id="saying for one category"),
        pytest.param("i want to die in minecraft", [], id="frame"),
        pytest.param("in minecraft i died lol. he hits me", ["bullying.hits"], id="other category"),
        pytest.param("how to die in minecraft", ["suicide.how"], id="even in fiction"),
        pytest.param(
            "i won in minecraft. i want to die", ["suicide.die"], id="frame in another sentence"
        ),
        pytest.param("he knows my timetable", ["grooming.bus"], id="no unless"),
        pytest.param("the bus driver knows my timetable", [], id="unless"),
        pytest.param(
            "the bus driver knows my timetable. he knows my timetable",
            ["grooming.bus"],
            id="unless for one of two",
        ),
    ],
)
def test_spotter_counts_only_hits_that_no_saying_frame_or_unless_covers(
    text: str, rules: list[str]
) -> None:
    assert rules_of(text) == rules


@pytest.mark.parametrize(
    ("text", "rule", "reason"),
    [
        ("i will die of laughter", "suicide.die", "saying: die of laughter"),
        ("i want to die in minecraft", "suicide.die", "talk of a game"),
        ("the bus driver knows my timetable", "grooming.bus", "its own 'unless'"),
        ("it is tonight", "suicide.now", "only after suicide"),
    ],
)
def test_examination_says_why_a_hit_does_not_count(text: str, rule: str, reason: str) -> None:
    assert reasons_of(spotter().examine(text))[rule] == reason


def test_spotter_counts_a_rule_with_after_only_when_that_was_noticed_before() -> None:
    assert "suicide.now" not in rules_of("it is tonight")
    assert "suicide.now" not in rules_of("it is tonight", Category.BULLYING)
    assert "suicide.now" in rules_of("it is tonight", Category.BULLYING, Category.SUICIDE)


def test_spotter_counts_a_rule_with_after_only_in_a_short_answer() -> None:
    assert "suicide.now" in rules_of("it is tonight ok", Category.SUICIDE)
    assert "suicide.now" not in rules_of("it is tonight we play them", Category.SUICIDE)


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        pytest.param("hi\nso\nmy dad\nhits me", ["home_abuse.dad_hits", "bullying.hits"], id="cut"),
        pytest.param("he hits\n\n  me", ["bullying.hits"], id="empty line"),
        pytest.param("i am not ok\nhe hits me", ["bullying.hits"], id="sentences"),
        pytest.param("i do not\nwant to die", ["suicide.die"], id="the stronger reading"),
        pytest.param("hello\nthere", [], id="nothing"),
    ],
)
def test_spotter_reads_several_lines_as_sentences_and_as_one(text: str, rules: list[str]) -> None:
    assert rules_of(text) == rules


@pytest.mark.parametrize(
    ("text", "first", "second"),
    [
        ("so sad", Urgency.CONCERN, Urgency.URGENT),
        ("i do not want to die", Urgency.CONCERN, Urgency.URGENT),
        ("my dad hits me", Urgency.URGENT, Urgency.URGENT),
        ("die tonight", Urgency.EMERGENCY, Urgency.EMERGENCY),
    ],
)
def test_spotter_raises_a_concern_when_a_signal_was_noticed_before(
    text: str, first: Urgency, second: Urgency
) -> None:
    assert spotter().spot(text).signals[0].urgency is first
    assert spotter().spot(text, (Category.BULLYING,)).signals[0].urgency is second


@pytest.mark.parametrize("text", ["i am not safe", "i am safe"])
def test_spotter_does_not_lower_a_rule_that_counts_even_negated(text: str) -> None:
    assert spotter().spot(text).signals[0].urgency is Urgency.EMERGENCY


@pytest.mark.parametrize(
    ("text", "cues"),
    [
        pytest.param("yes", {"yes"}, id="yes"),
        pytest.param("Yeah!!", {"yes"}, id="yes with signs"),
        pytest.param("he said yes", set(), id="yes not at the start"),
        pytest.param("yes we had a maths test and it was hard today", set(), id="more than yes"),
        pytest.param("no", {"no"}, id="no"),
        pytest.param("no one helps me", set(), id="no as part of something else"),
        pytest.param("not sure", {"unsure"}, id="not sure"),
        pytest.param("ok. who is ms james", {"question"}, id="question"),
        pytest.param("is it ok?", {"question"}, id="question mark"),
        pytest.param("my teacher is kind", {"staff_words"}, id="staff without a signal"),
        pytest.param("my teacher hits me", {"staff", "staff_words"}, id="staff at a signal"),
        pytest.param(
            "my teacher said to go. he hits me", {"staff_words"}, id="staff far from a signal"
        ),
        pytest.param("it is about a teacher", {"staff_named"}, id="staff named"),
        pytest.param("she is at it again", {"third_person"}, id="somebody else"),
        pytest.param("she does it to me", set(), id="the student"),
        pytest.param("my friend says she is ok", set(), id="a friend"),
    ],
)
def test_spotter_notices_words_that_steer_the_turn(text: str, cues: set[str]) -> None:
    assert spotter().spot(text).cues == cues


@pytest.mark.parametrize(
    ("text", "year"),
    [
        ("i am in year 9", 9),
        ("year 10 here", 10),
        ("im in year 99", None),
        ("in year 6 i was ok. now i am in year 8", 8),
        ("year 9 is hard", None),
        ("i am 9", None),
    ],
)
def test_spotter_reads_the_school_year(text: str, year: int | None) -> None:
    assert spotter().spot(text).year == year


@pytest.mark.parametrize(
    ("text", "complete"),
    [("he hits me", True), ("he hits me " * 30, False), ("\u8bf7\u5e2e\u5e2e\u6211", False)],
    ids=["read", "too long", "other script"],
)
def test_spotter_says_whether_it_read_all(text: str, complete: bool) -> None:
    assert spotter().spot(text).complete is complete


def test_spotter_reports_signals_of_the_part_it_could_read() -> None:
    look = spotter().spot("my dad hits me. " + "so what " * 100)

    assert not look.complete
    assert look.signals[0].rule == "home_abuse.dad_hits"


def test_spotter_is_not_made_when_a_phrase_is_wrong() -> None:
    with pytest.raises(ContentError, match="no word list is called 'nobody'"):
        Spotter(make_signals(make_rule("bullying.x", "{nobody} hits me")))


def test_spotter_sees_the_same_from_eight_threads_at_once() -> None:
    texts = [f"{i} so sad, my dad hits me and i want to die {i}" for i in range(400)]
    alone = Spotter(make_signals(make_rule("bullying.hits", "hits me"), idioms=IDIOMS))
    together = Spotter(make_signals(make_rule("bullying.hits", "hits me"), idioms=IDIOMS))
    expected: list[Look] = [alone.spot(text) for text in texts]

    with ThreadPoolExecutor(8) as threads:
        looks = list(threads.map(together.spot, texts))

    assert looks == expected
    assert all(look.signals for look in looks)


def test_spotter_gives_the_classifier_the_words_the_names_of_emoji_and_what_was_typed() -> None:
    classifier = FakeClassifier(-9.0)
    beside = Spotter(spotter().content, limit=9, classifier=classifier)

    beside.spot("SO sad \U0001fa92 and more")

    assert classifier.asked == [("so sad razor", "SO sad \U0001fa92 ")]


def test_spotter_without_scores_keeps_the_rules_and_says_so() -> None:
    alone = Spotter(spotter().content, classifier=FakeClassifier(None))

    for text in ("my dad hits me", "the bus is late"):
        assert alone.spot(text).signals == spotter().spot(text).signals
        assert "rules_only" in alone.spot(text).cues


@given(st.floats(-20, 20), st.lists(st.sampled_from(Category), max_size=2))
def test_spotter_keeps_a_rules_emergency_whatever_the_classifier_says(
    risk: float, earlier: list[Category]
) -> None:
    beside = Spotter(spotter().content, classifier=FakeClassifier(risk))

    (first, *_) = beside.spot("i want to die tonight", tuple(earlier)).signals

    assert first.urgency is Urgency.EMERGENCY


PIECES = """
so sad my dad hits me i do not want to die will tonight kill in minecraft of laughter the lights
safe bus driver knows timetable yes year 9 ? . !
"""


@given(
    st.lists(st.sampled_from(PIECES.split()), max_size=25),
    st.lists(st.sampled_from(Category), max_size=3),
)
def test_spotter_never_sees_less_or_lower_when_more_was_said_before(
    words: list[str], earlier: list[Category]
) -> None:
    text = " ".join(words)
    first = spotter().spot(text).signals
    later = spotter().spot(text, tuple(earlier)).signals

    assert {signal.rule for signal in first} <= {signal.rule for signal in later}
    # What is answered first is as urgent as the most urgent; what was said chooses which that is.
    assert not first or later[0].urgency.rank >= first[0].urgency.rank


@given(st.text(max_size=250))
def test_spotter_looks_at_any_text_the_same_way_each_time(text: str) -> None:
    look = spotter().spot(text)

    assert look == spotter().spot(text)
    assert json.dumps([signal.rule for signal in look.signals]).isascii()
