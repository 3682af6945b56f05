"""The memory of a chat: bounded, it forgets itself, and nothing in it ever gets lower."""

from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.chat import Chat, Chats
from bot.model import About, Category, Look, Scope, Signal, Standing, Urgency

HIT = st.builds(
    Signal,
    st.sampled_from(Category),
    st.sampled_from([Urgency.CONCERN, Urgency.URGENT, Urgency.EMERGENCY]),
    st.sampled_from(About),
    rule=st.just("suicide.wish"),
    scopes=st.sampled_from([(), ((Scope.NEGATED, "not"),)]),
)
CUE = st.sampled_from(["yes", "no", "unsure", "question", "staff", "staff_named"])
LOOK = st.builds(
    Look,
    signals=st.lists(HIT, max_size=3).map(tuple),
    complete=st.booleans(),
    cues=st.frozensets(CUE, max_size=3),
    year=st.sampled_from([None, None, 7, 10]),
)


class Clock:
    """Seconds that a test sets."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def look_at(urgency: Urgency, category: Category = Category.BULLYING) -> Look:
    return Look((Signal(category, urgency, About.SELF, "bullying.bag"),))


def test_chat_remembers_the_strongest_signal_so_far() -> None:
    chat = Chat()

    chat.note(look_at(Urgency.EMERGENCY, Category.SUICIDE))
    chat.note(look_at(Urgency.CONCERN, Category.BULLYING))

    assert chat.standing == Standing(Urgency.EMERGENCY, Category.SUICIDE, About.SELF)
    assert chat.earlier == (Category.SUICIDE, Category.BULLYING)
    assert chat.told == 2


def test_chat_keeps_a_worry_told_twice_when_a_small_message_sounds_like_another() -> None:
    chat = Chat()

    for category in (Category.SEXUAL_ABUSE, Category.SEXUAL_ABUSE, Category.BULLYING):
        chat.note(look_at(Urgency.URGENT, category))

    assert chat.standing.category is Category.SEXUAL_ABUSE


def test_chat_keeps_a_named_worry_over_one_of_no_kind() -> None:
    chat = Chat()

    chat.note(look_at(Urgency.URGENT, Category.IMAGE_SHARING))
    chat.note(look_at(Urgency.URGENT, Category.WELLBEING))

    assert chat.standing.category is Category.IMAGE_SHARING


def test_chat_remembers_the_latest_category_when_two_are_equally_urgent() -> None:
    chat = Chat()

    chat.note(look_at(Urgency.URGENT, Category.BULLYING))
    chat.note(look_at(Urgency.URGENT, Category.GROOMING))

    assert chat.standing.category is Category.GROOMING


def test_chat_remembers_the_latest_twenty_categories_and_counts_all() -> None:
    chat = Chat()

    chat.note(look_at(Urgency.CONCERN, Category.SUICIDE))
    for _ in range(20):
        chat.note(look_at(Urgency.CONCERN, Category.BULLYING))

    assert chat.earlier == (Category.BULLYING,) * 20
    assert chat.told == 21


@pytest.mark.parametrize("cue", ["staff", "staff_named"])
def test_chat_keeps_in_mind_that_a_worry_is_about_staff(cue: str) -> None:
    chat = Chat()

    chat.note(Look(cues=frozenset({cue})))
    chat.note(Look())

    assert chat.standing.staff


def test_chat_takes_the_latest_year_that_a_student_gave() -> None:
    chat = Chat()

    chat.note(Look(year=8))
    chat.note(Look())
    assert chat.standing.year == 8
    chat.note(Look(year=9))
    assert chat.standing.year == 9


@given(st.lists(LOOK, max_size=30))
def test_chat_never_lowers_anything_whatever_it_is_told(looks: list[Look]) -> None:
    chat = Chat()
    for look in looks:
        before, told = chat.standing, chat.told

        chat.note(look)

        after = chat.standing
        strongest = look.signals[0].urgency if look.signals else Urgency.NONE
        assert after.urgency.rank == max(before.urgency.rank, strongest.rank)
        assert after.category is not None or before.category is None
        assert after.year is not None or before.year is None
        assert after.staff >= before.staff
        assert chat.told == told + bool(look.signals)
        assert len(chat.earlier) == min(chat.told, 20)


@given(st.lists(LOOK, max_size=8))
def test_chat_holds_no_text(looks: list[Look]) -> None:
    chat = Chat()
    for look in looks:
        chat.note(look)

    texts = [getattr(chat, field.name) for field in fields(chat)]

    assert not any(type(value) is str for value in texts)
    assert all(type(category) is Category for category in chat.earlier)


def test_chats_give_the_same_chat_again() -> None:
    chats = Chats(10, 60, Clock())

    chat = chats.open("a")

    assert chats.open("a") is chat
    assert chats.open("b") is not chat


@pytest.mark.parametrize("most", [1, 2, 10])
def test_chats_are_never_more_than_their_number(most: int) -> None:
    chats = Chats(most, 60, Clock())

    for i in range(30):
        chats.open(f"chat-{i}")

        assert len(chats) <= most


def test_chats_forget_the_one_idle_longest_when_there_are_too_many() -> None:
    chats = Chats(2, 60, Clock())
    old, kept = chats.open("old"), chats.open("kept")
    chats.open("old")

    chats.open("new")

    assert chats.open("old") is old
    assert chats.open("kept") is not kept


def test_chats_do_not_forget_the_chat_that_is_just_opened_when_all_places_are_taken() -> None:
    chats = Chats(2, 60, Clock())
    first = chats.open("first")
    chats.open("second")

    assert chats.open("first") is first


@pytest.mark.parametrize(
    ("idle", "same"), [(59.0, True), (60.0, True), (60.5, False), (9_999.0, False)]
)
def test_chats_forget_a_chat_when_it_was_idle_too_long(idle: float, same: bool) -> None:
    clock = Clock()
    chats = Chats(10, 60, clock)
    chat = chats.open("a")

    clock.now += idle

    assert (chats.open("a") is chat) is same


def test_chats_forget_idle_ones_when_another_is_opened() -> None:
    clock = Clock()
    chats = Chats(10, 60, clock)
    for name in "abc":
        chats.open(name)
    clock.now = 61

    chats.open("d")

    assert len(chats) == 1


def test_chats_keep_a_chat_that_is_used_while_others_idle() -> None:
    clock = Clock()
    chats = Chats(10, 60, clock)
    used, idle = chats.open("used"), chats.open("idle")

    for clock.now in (40.0, 80.0, 120.0):
        assert chats.open("used") is used

    assert chats.open("idle") is not idle


def test_chats_forget_one_when_told_to() -> None:
    chats = Chats(10, 60, Clock())
    chat = chats.open("a")

    chats.forget("a")
    chats.forget("never opened")

    assert len(chats) == 0
    assert chats.open("a") is not chat


@given(
    st.lists(st.tuples(st.sampled_from("abcdef"), st.floats(0, 50)), max_size=40), st.integers(1, 4)
)
def test_chats_are_bounded_and_keep_who_talks_whatever_the_order(
    opened: list[tuple[str, float]], most: int
) -> None:
    clock = Clock()
    chats = Chats(most, 60, clock)
    for name, later in opened:
        clock.now += later

        chat = chats.open(name)

        assert len(chats) <= most
        assert chats.open(name) is chat
