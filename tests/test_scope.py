"""Words around a hit: they lower it to a concern at most, and say who it is about."""

from functools import cache

import pytest

from bot.model import About, Scope, Signal, Urgency
from bot.spotting.spotter import Spotter
from tests.fakes import make_rule, make_signals

SCOPE = {
    "negated": {"before": ["not|never", "no longer"], "unless": ["not only", "not .. because"]},
    "past": {
        "before": ["stopped"],
        "anywhere": ["last year", "used to", "years ago"],
        "unless": ["get used to", "since last year"],
        "reach": 3,
    },
    "past_stays_urgent": ["sexual_abuse"],
    "hypothetical": {"before": ["what if", "if someone"], "unless": ["what if i"], "reach": 6},
    "friend": {
        "anywhere": ["my friend|mate|bff"],
        "unless": ["me and my friend", "told my friend"],
    },
    "other": {"anywhere": ["my sister|brother", "a girl in my class"]},
    "hurt_person": {"anywhere": ["herself", "touched her"], "unless": ["i touched her"]},
    "self_words": ["i", "me", "my", "myself", "us"],
}


@cache
def spotter() -> Spotter:
    return Spotter(
        make_signals(
            make_rule("suicide.die", "want|wants to die", urgency="emergency"),
            make_rule("self_harm.hurt", "hurt|hurts|hurting myself|herself"),
            make_rule("self_harm.not_eating", "not eating", urgency="concern"),
            make_rule("sexual_abuse.touched", "touched me|her", urgency="emergency"),
            make_rule("self_harm.used_to_cut", "used to cut"),
            make_rule("home_abuse.hits", "dad|stepdad hits"),
            make_rule("bullying.low", "calls me fat", urgency="concern"),
            make_rule("grooming.friend", "meets a stranger", about="friend"),
            make_rule("unsafe_now.denied", "not safe", urgency="emergency", even_negated=True),
            scope=SCOPE,
        )
    )


def only_signal(text: str) -> Signal:
    signals = spotter().spot(text).signals
    assert len(signals) == 1
    return signals[0]


@pytest.mark.parametrize(
    ("text", "scope", "cue", "urgency"),
    [
        pytest.param("im not going to hurt myself", Scope.NEGATED, "not", "concern", id="denied"),
        pytest.param("i never hurt myself", Scope.NEGATED, "never", "concern", id="never"),
        pytest.param("i dont want to die", Scope.NEGATED, "not", "concern", id="not an emergency"),
        pytest.param(
            "i no longer hurt myself", Scope.NEGATED, "no longer", "concern", id="no longer"
        ),
        pytest.param("i hurt myself last year", Scope.PAST, "last year", "concern", id="last year"),
        pytest.param("last year i hurt myself", Scope.PAST, "last year", "concern", id="in front"),
        pytest.param("i used to hurt myself", Scope.PAST, "used to", "concern", id="used to"),
        pytest.param("he touched me years ago", Scope.PAST, "years ago", "urgent", id="past abuse"),
        pytest.param(
            "what if i want to die", None, "", "emergency", id="asked about oneself: what if i"
        ),
        pytest.param(
            "what if she wants to die", Scope.HYPOTHETICAL, "what if", "concern", id="what if"
        ),
        pytest.param(
            "what happens if someone touched me", Scope.HYPOTHETICAL, "if someone", "concern"
        ),
    ],
)
def test_scope_lowers_a_signal_to_a_concern_and_never_to_nothing(
    text: str, scope: Scope | None, cue: str, urgency: str
) -> None:
    signal = only_signal(text)

    assert signal.urgency == urgency
    assert signal.scopes == (((scope, cue),) if scope else ())


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("this is not a joke at all. i hurt myself", id="other sentence"),
        pytest.param("im not ok! i hurt myself", id="exclamation mark"),
        pytest.param("im not ok\ni hurt myself", id="new line"),
        pytest.param("im not joking but i hurt myself", id="but"),
        pytest.param("i am not ok however i hurt myself", id="however"),
        pytest.param("not now because of what he said i hurt myself", id="too far in front"),
        pytest.param("i hurt myself and do not care", id="behind"),
        pytest.param("not only does he shout i hurt myself", id="unless: not only"),
        pytest.param("i can get used to it i hurt myself", id="unless: get used to"),
        pytest.param("since last year i hurt myself", id="unless: since last year"),
        pytest.param("i hurt myself. that was last year", id="past in another sentence"),
        pytest.param("i stopped going out at night and hurt myself", id="past cue too far"),
    ],
)
def test_scope_word_does_not_lower_a_signal_when_it_does_not_belong_to_it(text: str) -> None:
    signal = only_signal(text)

    assert signal.urgency is Urgency.URGENT
    assert signal.scopes == ()


@pytest.mark.parametrize("text", ["i am not eating", "i used to cut"])
def test_scope_ignores_a_cue_that_is_part_of_the_phrase(text: str) -> None:
    assert only_signal(text).scopes == ()


@pytest.mark.parametrize("text", ["i am not safe", "i never feel not safe"])
def test_scope_does_not_lower_a_rule_that_counts_even_negated(text: str) -> None:
    assert only_signal(text).urgency is Urgency.EMERGENCY


def test_scope_never_raises_a_concern() -> None:
    assert only_signal("he calls me fat since last year").urgency is Urgency.CONCERN
    assert only_signal("he calls me fat").urgency is Urgency.CONCERN
    assert only_signal("he used to say it and calls me fat").urgency is Urgency.CONCERN


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("i dont want to die. i want to die", id="denied first"),
        pytest.param("i want to die. i dont want to die", id="denied last"),
        pytest.param("she says i do not want to die but i want to die", id="after but"),
        pytest.param("last year i would want to die. now i want to die", id="past first"),
    ],
)
def test_scope_lowers_nothing_when_the_same_worry_is_also_said_outright(text: str) -> None:
    assert spotter().spot(text).signals[0].urgency is Urgency.EMERGENCY


@pytest.mark.parametrize(
    ("text", "who"),
    [
        pytest.param("i hurt myself", About.SELF, id="i"),
        pytest.param("want to die", About.SELF, id="nobody named"),
        pytest.param("my friend wants to die", About.FRIEND, id="friend"),
        pytest.param("my mate said she wants to die", About.FRIEND, id="mate"),
        pytest.param("its my bff. she wants to die", About.FRIEND, id="friend a sentence before"),
        pytest.param("my sister hurts herself", About.OTHER, id="sister"),
        pytest.param("a girl in my class wants to die", About.OTHER, id="girl in class"),
        pytest.param("my friend says he touched me", About.SELF, id="me inside the hit"),
        pytest.param("my friend is ok. i want to die", About.SELF, id="i in a sentence after"),
        pytest.param("me and my friend want to die", About.SELF, id="unless: me and my friend"),
        pytest.param("i told my friend that dad hits", About.SELF, id="unless: told my friend"),
        pytest.param("i meets a stranger", About.FRIEND, id="the rule says it"),
        pytest.param("my sister meets a stranger", About.OTHER, id="the rule, and who is named"),
        pytest.param("i told my friend she hurts herself", About.FRIEND, id="hurts herself"),
        pytest.param("she keeps hurting herself", About.OTHER, id="nobody named, not the student"),
        pytest.param("i touched her", About.SELF, id="unless: i touched her"),
    ],
)
def test_about_is_read_from_the_words_around_a_hit(text: str, who: About) -> None:
    assert only_signal(text).about is who


@pytest.mark.parametrize(
    "text",
    [
        "my uncle touched me when i was 6",
        "he raped me last year",
        "i was abused when i was little",
        "i was groomed online two years ago",
        "my cousin made me do sexual things when we were younger",
        "my stepdad used to touch me",
    ],
)
def test_school_rules_keep_abuse_in_the_past_urgent(school_spotter: Spotter, text: str) -> None:
    signals = school_spotter.spot(text).signals

    assert signals
    assert signals[0].urgency.rank >= Urgency.URGENT.rank


@pytest.mark.parametrize(
    ("text", "who"),
    [
        ("a girl in my class was raped", About.OTHER),
        ("my friend wants to kill herself", About.FRIEND),
        ("my sister cuts herself", About.OTHER),
        ("my best friend is being groomed by an older man", About.FRIEND),
        ("my friend told me to tell someone that my uncle touched me", About.SELF),
        ("he touched me", About.SELF),
    ],
)
def test_school_rules_know_whom_a_worry_is_about(
    school_spotter: Spotter, text: str, who: About
) -> None:
    assert school_spotter.spot(text).signals[0].about is who
