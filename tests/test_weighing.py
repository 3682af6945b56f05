"""Weighing rules and classifier: what the one missed the other adds, and emergencies stand."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model import CLASSIFIER, About, Category, Scores, Signal, Urgency
from bot.spotting.weighing import weighed
from tests.fakes import make_rule, make_signals

LIMITS = make_signals(make_rule("bullying.x", "x")).classifier.data
RISKS = (Urgency.CONCERN, Urgency.URGENT, Urgency.EMERGENCY)


def scores(
    risk: float,
    *,
    category: Category = Category.GROOMING,
    about: About = About.SELF,
    urgent: float = 0.0,
    emergency: float = 0.0,
    sure: float = 0.9,
) -> Scores:
    """Scores that are `sure` of a category; of the urgencies what is left is a concern."""
    rest = (1 - sure) / (len(Category) - 1)
    return Scores(
        risk=risk,
        urgency={
            Urgency.NONE: 0.0,
            Urgency.CONCERN: 1 - urgent - emergency,
            Urgency.URGENT: urgent,
            Urgency.EMERGENCY: emergency,
        },
        category={name: sure if name is category else rest for name in Category},
        about={name: 1.0 if name is about else 0.0 for name in About},
    )


def rule(category: Category, urgency: Urgency, about: About = About.SELF) -> Signal:
    alone = urgency is Urgency.EMERGENCY
    return Signal(category, urgency, about, f"{category}.rule", 1, 3, alone=alone)


def test_what_no_rule_heard_is_a_signal_when_the_classifier_is_sure() -> None:
    (signal,) = weighed((), scores(2.0, about=About.FRIEND), LIMITS)

    assert (signal.category, signal.urgency) == (Category.GROOMING, Urgency.CONCERN)
    assert (signal.about, signal.rule) == (About.FRIEND, CLASSIFIER)


def test_what_nothing_heard_is_no_signal() -> None:
    assert weighed((), scores(-2.0), LIMITS) == ()


@pytest.mark.parametrize(
    ("urgent", "emergency", "expected"),
    [
        (0.2, 0.0, Urgency.CONCERN),
        (0.6, 0.0, Urgency.URGENT),
        (0.3, 0.25, Urgency.URGENT),
        (0.3, 0.4, Urgency.EMERGENCY),
    ],
)
def test_stronger_urgencies_need_a_larger_share(
    urgent: float, emergency: float, expected: Urgency
) -> None:
    (signal,) = weighed((), scores(2.0, urgent=urgent, emergency=emergency), LIMITS)

    assert signal.urgency is expected


@pytest.mark.parametrize("urgency", [Urgency.CONCERN, Urgency.URGENT])
def test_a_rule_in_words_that_mean_no_harm_does_not_count(urgency: Urgency) -> None:
    assert weighed((rule(Category.BULLYING, urgency),), scores(-5.0), LIMITS) == ()


def test_a_rule_counts_where_the_classifier_is_in_doubt() -> None:
    signals = weighed((rule(Category.BULLYING, Urgency.URGENT),), scores(-0.8), LIMITS)

    assert signals[0].urgency is Urgency.URGENT


def test_an_emergency_of_a_rule_stands_whatever_the_classifier_says() -> None:
    found = (rule(Category.SUICIDE, Urgency.EMERGENCY), rule(Category.BULLYING, Urgency.CONCERN))

    assert weighed(found, scores(-50.0), LIMITS) == found


def test_an_emergency_of_a_rule_that_hits_harmless_words_too_needs_the_classifier() -> None:
    doubtful = replace(rule(Category.SUICIDE, Urgency.EMERGENCY), alone=False)

    assert weighed((doubtful,), scores(-50.0), LIMITS) == ()
    assert weighed((doubtful,), scores(-1.5), LIMITS)[0].urgency is Urgency.URGENT
    assert weighed((doubtful,), scores(0.5), LIMITS)[0].urgency is Urgency.EMERGENCY
    assert weighed((doubtful,), scores(-50.0), LIMITS, told=True) == (doubtful,)


@pytest.mark.parametrize("urgency", [Urgency.CONCERN, Urgency.URGENT])
def test_a_rule_that_says_so_stands_alone(urgency: Urgency) -> None:
    found = (replace(rule(Category.GROOMING, urgency), alone=True),)

    assert weighed(found, scores(-50.0), LIMITS) == found


def test_after_a_worry_every_rule_stands() -> None:
    found = (rule(Category.BULLYING, Urgency.CONCERN),)

    assert weighed(found, scores(-50.0), LIMITS, told=True) == found


def test_a_category_that_a_rule_names_wins_a_close_race_and_no_other() -> None:
    found = (rule(Category.BULLYING, Urgency.URGENT),)

    close = weighed(found, scores(2.0, sure=0.2), LIMITS)
    clear = weighed(found, scores(2.0, sure=0.9), LIMITS)

    assert [signal.category for signal in close] == [Category.BULLYING]
    assert [signal.category for signal in clear] == [Category.GROOMING, Category.BULLYING]
    assert clear[0].urgency is Urgency.URGENT


@given(
    st.lists(st.tuples(st.sampled_from(Category), st.sampled_from(RISKS)), max_size=4),
    st.floats(-30, 30),
    st.floats(0, 0.5),
    st.floats(0, 0.5),
    st.sampled_from(Category),
)
def test_an_emergency_is_never_lowered_and_the_first_signal_is_as_urgent_as_any(
    found: list[tuple[Category, Urgency]],
    risk: float,
    urgent: float,
    emergency: float,
    category: Category,
) -> None:
    order = sorted(found, key=lambda item: -item[1].rank)
    before = tuple(rule(*item) for item in order)

    after = weighed(
        before, scores(risk, category=category, urgent=urgent, emergency=emergency), LIMITS
    )

    if any(signal.urgency is Urgency.EMERGENCY for signal in before):
        assert after[0].urgency is Urgency.EMERGENCY
    if after:
        assert {signal.category for signal in before} <= {signal.category for signal in after}
        assert after[0].urgency.rank == max(signal.urgency.rank for signal in after)
