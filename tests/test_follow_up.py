"""What a message means after what was said before: help is only ever added or moved up."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.chat import Chat
from bot.follow_up import in_context
from bot.model import About, Category, Look, Signal, Standing, Urgency


def chat_after(urgency: Urgency = Urgency.URGENT, about: About | None = About.FRIEND) -> Chat:
    category = Category.SELF_HARM if about else None
    return Chat(standing=Standing(urgency, category, about), told=1 if about else 0)


def look_with(*cues: str, signal: Signal | None = None) -> Look:
    return Look((signal,) if signal else (), cues=frozenset(cues))


SIGNAL = Signal(Category.BULLYING, Urgency.CONCERN, About.OTHER, "bullying.bag")


@pytest.mark.parametrize("urgency", [Urgency.CONCERN, Urgency.URGENT, Urgency.EMERGENCY])
def test_it_was_not_a_joke_tells_of_the_same_worry_again(urgency: Urgency) -> None:
    (signal,) = in_context(look_with("means_it"), chat_after(urgency), False).signals

    assert (signal.category, signal.about) == (Category.SELF_HARM, About.FRIEND)
    assert signal.urgency.rank >= max(urgency.rank, Urgency.URGENT.rank)


def test_she_is_me_makes_a_worry_about_a_friend_the_students_own() -> None:
    (signal,) = in_context(look_with("it_is_me", "third_person"), chat_after(), False).signals

    assert (signal.category, signal.about) == (Category.SELF_HARM, About.SELF)
    assert signal.urgency is Urgency.URGENT


def test_she_is_me_beside_another_worry_makes_that_one_the_students_own() -> None:
    look = look_with("it_is_me", "third_person", signal=SIGNAL)

    (signal,) = in_context(look, chat_after(), False).signals

    assert (signal.category, signal.about) == (Category.BULLYING, About.SELF)


@pytest.mark.parametrize("cue", ["means_it", "it_is_me"])
def test_nothing_is_repeated_where_nothing_was_told(cue: str) -> None:
    assert in_context(look_with(cue), chat_after(about=None), False).signals == ()


def test_it_is_me_is_no_worry_where_the_worry_was_the_students_own() -> None:
    assert in_context(look_with("it_is_me"), chat_after(about=About.SELF), False).signals == ()


CUES = st.sets(st.sampled_from(["means_it", "it_is_me", "third_person", "yes", "no", "question"]))
SIGNALS = st.none() | st.builds(
    Signal,
    st.sampled_from(Category),
    st.sampled_from([Urgency.CONCERN, Urgency.URGENT, Urgency.EMERGENCY]),
    st.sampled_from(About),
    st.just("a.rule"),
)


@given(CUES, SIGNALS, st.sampled_from(Urgency), st.sampled_from([*About, None]), st.booleans())
def test_what_was_said_before_never_lowers_or_removes_a_signal(
    cues: set[str], signal: Signal | None, before: Urgency, about: About | None, asked: bool
) -> None:
    look = look_with(*cues, signal=signal)

    seen = in_context(look, chat_after(before, about), asked)

    assert len(seen.signals) >= len(look.signals)
    if signal:
        assert seen.signals[0].category is signal.category
        assert seen.signals[0].urgency.rank >= signal.urgency.rank
