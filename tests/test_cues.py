"""The school's own cues: how students answer, take back, insist, and make small talk."""

import pytest

from bot.model import CLASSIFIER, About, Category, Signal, Urgency
from bot.spotting.cues import staff_meant
from bot.spotting.spotter import Spotter
from tests.fakes import make_rule, make_signals


@pytest.mark.parametrize(
    ("text", "cue"),
    [
        ("y", "yes"),
        ("ok yes", "yes"),
        ("at the moment yes", "yes"),
        ("a bit", "yes"),
        ("\U0001f44d", "yes"),
        ("not me my sister is", "yes"),
        ("hes outside now", "yes"),
        ("n", "no"),
        ("nah not rn", "no"),
        ("\U0001f44e", "no"),
        ("im at my nans", "no"),
        ("not rly sure", "unsure"),
        ("no but tonight", "unsure"),
        ("not rn but tonight yeah", "unsure"),
        ("only at night", "unsure"),
        ("what counts as danger", "unsure"),
        ("it wasnt a joke", "means_it"),
        ("actually i wasnt joking", "means_it"),
        ("i take it back its real", "means_it"),
        ("he still does it", "means_it"),
        ("actually its me", "it_is_me"),
        ("she is me", "it_is_me"),
        ("ok fine shes me", "it_is_me"),
        ("im the friend", "it_is_me"),
        ("its not a friend its me", "it_is_me"),
        ("i do it too", "it_is_me"),
        ("how do i report a teacher", "staff_named"),
        ("hes a teacher here", "staff_named"),
        ("what if its ms james", "staff_named"),
        ("i dont trust ms james", "staff_named"),
        ("he is in the safeguarding team i think", "staff_named"),
    ],
)
def test_school_cues_notice(school_spotter: Spotter, text: str, cue: str) -> None:
    assert cue in school_spotter.spot(text).cues


@pytest.mark.parametrize(
    ("text", "card"),
    [
        ("hi", "greet"),
        ("Hello there!", "greet"),
        ("hiya how are you today", "greet"),
        ("ok thanks", "thanks"),
        ("thank u so much that helped", "thanks"),
        ("ok cool", "thanks"),
        ("bye", "goodbye"),
        ("gotta go my mums calling", "goodbye"),
        ("ok bye see you later", "goodbye"),
        ("jk", "joking"),
        ("lol jk", "joking"),
        ("i was only joking", "joking"),
        ("nvm its fine", "joking"),
        ("forget i said anything", "joking"),
        ("im fine honestly", "joking"),
        ("youre stupid", "rude"),
        ("shut up", "rude"),
        ("be my girlfriend", "no_role_play"),
        ("lets roleplay", "no_role_play"),
        ("send me nudes", "no_role_play"),
        ("pretend to be my boyfriend", "no_role_play"),
    ],
)
def test_small_talk_is_known_by_its_whole_message(
    school_spotter: Spotter, text: str, card: str
) -> None:
    assert f"talk:{card}" in school_spotter.spot(text).cues


@pytest.mark.parametrize(
    "text",
    [
        "we had sex and i said no",
        "my dad kisses me like a girlfriend",
        "under my skirt",
        "at the moment yes",
        "end me",
        "not tomorrow now",
        "last night",
        "im cutting again",
        "ok its actually me",
        "it wasnt a joke",
        "i take it back its real",
        "suicide",
        "he leaked me",
        "sos",
        "sh",
        "su1c1de",
        "this time next week i wont be here",
        "tonight",
        "shes not answering",
        "my...dad...hits...me",
        "goodbye everyone",
        "im going now and you wont see me again",
        "thanks for nothing nobody helps me",
        "hi my dad hits me",
        "i was joking but it is true",
    ],
)
def test_a_disclosure_is_never_small_talk(school_spotter: Spotter, text: str) -> None:
    assert [cue for cue in school_spotter.spot(text).cues if cue.startswith("talk:")] == []


@pytest.mark.parametrize(
    ("text", "foreign"),
    [
        ("m\u00f3j tata mnie bije", True),
        ("ayuda mi padre me pega", True),
        ("je veux mourir", True),
        ("whats for lunch 2day m8", False),
        ("i luv skool lol", False),
        ("asdf", False),
    ],
)
def test_other_languages_in_latin_letters_are_not_taken_for_english(
    school_spotter: Spotter, text: str, foreign: bool
) -> None:
    assert ("not_english" in school_spotter.spot(text).cues) is foreign


@pytest.mark.parametrize(
    "text",
    [
        "my...dad...hits...me",
        "my dad...hits me",
        "my.dad.hits.me",
        "my dad\u2026 hits me",
        "mydadhitsme",
        "my dad htis me",
    ],
)
def test_a_disclosure_is_found_however_its_words_are_cut(
    school_spotter: Spotter, text: str
) -> None:
    assert school_spotter.spot(text).signals[0].category == "home_abuse"


@pytest.mark.parametrize(
    ("cues", "category", "rule", "expected"),
    [
        ({"staff_words"}, Category.HARASSMENT, CLASSIFIER, True),
        ({"staff_words"}, Category.HOME_ABUSE, CLASSIFIER, False),
        ({"staff_words"}, Category.HARASSMENT, "harassment.a", False),
        (set(), Category.HARASSMENT, CLASSIFIER, False),
    ],
    ids=["of their kind", "another harm", "a rule knows the words", "no staff named"],
)
def test_staff_is_meant_where_only_the_classifier_noticed_what_staff_may_do(
    cues: set[str], category: Category, rule: str, expected: bool
) -> None:
    signal = Signal(category, Urgency.URGENT, About.SELF, rule)
    file = make_signals(make_rule("bullying.x", "x")).cues.data

    assert ("staff" in staff_meant(frozenset(cues), (signal,), file)) is expected
    assert staff_meant(frozenset(cues), (), file) == cues
