"""What a message means after what was said before: help is only ever added or moved up."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.chat import Chat
from bot.follow_up import in_context
from bot.model import CLASSIFIER, About, Category, Look, Scores, Signal, Standing, Urgency
from tests.fakes import make_rule, make_signals

LIMITS = make_signals(make_rule("bullying.x", "x")).classifier.data


def chat_after(urgency: Urgency = Urgency.URGENT, about: About | None = About.FRIEND) -> Chat:
    category = Category.SELF_HARM if about else None
    return Chat(standing=Standing(urgency, category, about), told=1 if about else 0)


def hint(risk: float, category: Category) -> Look:
    """A look that is no concern by itself: the classifier gives it `risk`."""
    shares = {name: 0.8 if name is category else 0.2 / 12 for name in Category}
    abouts = {About.SELF: 0.1, About.FRIEND: 0.8, About.OTHER: 0.1}
    urgencies = dict.fromkeys(Urgency, 0.25)
    return Look(scores=Scores(risk, urgencies, shares, abouts))


def look_with(*cues: str, signal: Signal | None = None, risk: float = 0.0) -> Look:
    scores = hint(risk, signal.category).scores if signal else None
    return Look((signal,) if signal else (), cues=frozenset(cues), scores=scores)


SOUND = Signal(Category.UNSAFE_NOW, Urgency.CONCERN, About.SELF, CLASSIFIER)
SIGNAL = Signal(Category.BULLYING, Urgency.CONCERN, About.OTHER, "bullying.bag")


@pytest.mark.parametrize("urgency", [Urgency.CONCERN, Urgency.URGENT, Urgency.EMERGENCY])
def test_it_was_not_a_joke_tells_of_the_same_worry_again(urgency: Urgency) -> None:
    (signal,) = in_context(look_with("means_it"), chat_after(urgency), False, LIMITS).signals

    assert (signal.category, signal.about) == (Category.SELF_HARM, About.FRIEND)
    assert signal.urgency.rank >= max(urgency.rank, Urgency.URGENT.rank)


def test_she_is_me_makes_a_worry_about_a_friend_the_students_own() -> None:
    (signal,) = in_context(
        look_with("it_is_me", "third_person"), chat_after(), False, LIMITS
    ).signals

    assert (signal.category, signal.about) == (Category.SELF_HARM, About.SELF)
    assert signal.urgency is Urgency.URGENT


def test_she_is_me_beside_another_worry_makes_that_one_the_students_own() -> None:
    look = look_with("it_is_me", "third_person", signal=SIGNAL)

    (signal,) = in_context(look, chat_after(), False, LIMITS).signals

    assert (signal.category, signal.about) == (Category.BULLYING, About.SELF)


@pytest.mark.parametrize("cue", ["means_it", "it_is_me"])
def test_nothing_is_repeated_where_nothing_was_told(cue: str) -> None:
    assert in_context(look_with(cue), chat_after(about=None), False, LIMITS).signals == ()


def test_it_is_me_is_no_worry_where_the_worry_was_the_students_own() -> None:
    assert (
        in_context(look_with("it_is_me"), chat_after(about=About.SELF), False, LIMITS).signals == ()
    )


@pytest.mark.parametrize("urgency", [Urgency.URGENT, Urgency.EMERGENCY])
def test_it_was_not_a_joke_is_never_less_urgent_than_what_was_told(urgency: Urgency) -> None:
    look = look_with("means_it", signal=SOUND)

    first, second = in_context(look, chat_after(urgency), False, LIMITS).signals

    assert (first.category, first.urgency) == (Category.SELF_HARM, urgency)
    assert second == SOUND


def test_she_is_me_beside_a_rule_is_never_less_urgent_than_what_was_told() -> None:
    look = look_with("it_is_me", signal=SIGNAL)

    (signal,) = in_context(look, chat_after(Urgency.EMERGENCY), False, LIMITS).signals

    assert (signal.urgency, signal.about) == (Urgency.EMERGENCY, About.SELF)


CUES = st.sets(st.sampled_from(["means_it", "it_is_me", "third_person", "yes", "no", "question"]))
SIGNALS = st.none() | st.builds(
    Signal,
    st.sampled_from(Category),
    st.sampled_from([Urgency.CONCERN, Urgency.URGENT, Urgency.EMERGENCY]),
    st.sampled_from(About),
    st.sampled_from(["a.rule", CLASSIFIER]),
)


@given(
    CUES,
    SIGNALS,
    st.floats(LIMITS.answer, 10),
    st.sampled_from(Urgency),
    st.sampled_from([*About, None]),
    st.booleans(),
)
def test_what_was_said_before_never_lowers_or_removes_a_signal(
    cues: set[str],
    signal: Signal | None,
    risk: float,
    before: Urgency,
    about: About | None,
    asked: bool,
) -> None:
    look = look_with(*cues, signal=signal, risk=risk)
    asked = asked and not (
        signal and signal.category is Category.UNSAFE_NOW
    )  # its "no" is an answer

    seen = in_context(look, chat_after(before, about), asked, LIMITS)

    assert len(seen.signals) >= len(look.signals)
    if signal:
        assert signal.category in {each.category for each in seen.signals}
        assert seen.signals[0].urgency.rank >= signal.urgency.rank


def heard_in(looks: list[Look], chat: Chat) -> list[tuple[Signal, ...]]:
    """The signals of messages one after another."""
    heard = []
    for look in looks:
        seen = in_context(look, chat, False, LIMITS)
        chat.note(seen)
        heard.append(seen.signals)
    return heard


def test_hints_at_one_harm_add_up_to_a_concern_that_none_of_them_is() -> None:
    looks = [hint(LIMITS.concern - 1, Category.GROOMING)] * 2

    *before, last = heard_in(looks, Chat())

    assert before[0] == ()
    assert [(s.category, s.urgency, s.about) for s in last] == [
        (Category.GROOMING, Urgency.CONCERN, About.FRIEND)
    ]


def test_hints_at_different_harms_do_not_add_up() -> None:
    looks = [hint(LIMITS.concern - 1, name) for name in list(Category)[:6]]

    assert not any(heard_in(looks, Chat()))


def test_harmless_messages_never_add_up() -> None:
    assert not any(heard_in([hint(LIMITS.concern - 5, Category.GROOMING)] * 50, Chat()))


def test_hints_are_counted_anew_after_a_signal() -> None:
    chat = Chat()
    heard_in([hint(LIMITS.concern - 1, Category.GROOMING)] * 2, chat)

    assert chat.told == 1
    assert chat.hints == ()


def test_one_message_alone_never_adds_up() -> None:
    assert heard_in([hint(LIMITS.concern - 0.01, Category.GROOMING)], Chat()) == [()]


def test_what_adds_up_after_a_worry_is_urgent() -> None:
    chat = Chat(told=1)

    *_, last = heard_in([hint(LIMITS.concern - 1, Category.GROOMING)] * 2, chat)

    assert last[0].urgency is Urgency.URGENT


def test_hints_show_in_no_repr() -> None:
    chat = Chat()
    heard_in([hint(LIMITS.concern - 1, Category.GROOMING)], chat)

    assert chat.hints
    assert "grooming" not in repr(chat)


@pytest.mark.parametrize("cue", ["no", "unsure"])
def test_an_answer_to_the_danger_question_is_not_taken_for_a_worry_by_its_sound(cue: str) -> None:
    other = replace(SOUND, category=Category.IMAGE_SHARING)
    faint = look_with(cue, signal=other, risk=LIMITS.answer - 0.1)
    sure = look_with(cue, signal=other, risk=LIMITS.answer + 0.1)
    danger = look_with(cue, signal=SOUND, risk=LIMITS.answer + 0.1)

    assert in_context(faint, chat_after(), True, LIMITS).signals == ()
    assert in_context(danger, chat_after(), True, LIMITS).signals == ()
    assert in_context(faint, chat_after(), False, LIMITS).signals
    assert in_context(sure, chat_after(), True, LIMITS).signals
    assert in_context(look_with(cue, signal=SIGNAL), chat_after(), True, LIMITS).signals
