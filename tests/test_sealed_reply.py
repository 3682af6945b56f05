"""The sealed reply: it cannot exist without a route to people that can be reached now."""

from dataclasses import FrozenInstanceError, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import ReplyError
from bot.model import Draft, Message, RouteLine, SealedReply, Urgency

CHILDLINE = RouteLine("childline", "Childline: call 0800 1111.", open_now=True)
CLOSED = RouteLine("text_line", "The school's text line: opens at 3 pm.", open_now=False)
DRAFT = Draft(
    lead=("Thank you for saying this.", "It is not your fault."),
    answer="First line.\n\nSecond line.",
    paper_trail=("From: a document.",),
    heading="Who can help, and when:",
    after=("Nobody saves this chat.",),
    question="Are you in danger right now?",
)


@pytest.mark.parametrize(
    "routes",
    [(), (CLOSED,), (CLOSED, CLOSED)],
    ids=["no route", "one closed", "two closed"],
)
def test_sealed_reply_cannot_exist_without_a_route_that_is_open_now(
    routes: tuple[RouteLine, ...],
) -> None:
    with pytest.raises(ReplyError, match="needs a route") as error:
        SealedReply(Draft(), routes)

    assert error.value.code == "reply.no_route"


@pytest.mark.parametrize(
    "routes",
    [(CHILDLINE,), (CLOSED, CHILDLINE), (CHILDLINE, CLOSED)],
    ids=["open", "closed and open", "open and closed"],
)
def test_sealed_reply_exists_with_a_route_that_is_open_now(routes: tuple[RouteLine, ...]) -> None:
    assert SealedReply(Draft(), routes).routes == routes


def test_sealed_reply_cannot_lose_its_routes_later() -> None:
    reply = SealedReply(Draft(), (CHILDLINE,))

    with pytest.raises(FrozenInstanceError):
        reply.routes = ()  # type: ignore[misc]  # on purpose
    with pytest.raises(ReplyError):
        replace(reply, routes=())


def test_sealed_reply_gives_the_answer_first_when_there_is_no_worry() -> None:
    assert SealedReply(DRAFT, (CHILDLINE, CLOSED)).lines == (
        "Thank you for saying this.",
        "It is not your fault.",
        "",
        "First line.",
        "",
        "Second line.",
        "From: a document.",
        "",
        "Who can help, and when:",
        "- Childline: call 0800 1111.",
        "- The school's text line: opens at 3 pm.",
        "",
        "Nobody saves this chat.",
        "",
        "Are you in danger right now?",
    )


@pytest.mark.parametrize("urgency", [Urgency.CONCERN, Urgency.URGENT, Urgency.EMERGENCY])
def test_sealed_reply_gives_the_people_before_the_answer_when_there_is_a_worry(
    urgency: Urgency,
) -> None:
    assert SealedReply(replace(DRAFT, urgency=urgency), (CHILDLINE,)).lines == (
        "Thank you for saying this.",
        "It is not your fault.",
        "",
        "Who can help, and when:",
        "- Childline: call 0800 1111.",
        "",
        "Nobody saves this chat.",
        "",
        "First line.",
        "",
        "Second line.",
        "From: a document.",
        "",
        "Are you in danger right now?",
    )


LINE = st.text("abcdefghijklmnopqrstuvwxyz .", min_size=1, max_size=20)
LINES = st.lists(LINE, max_size=3).map(tuple)
ROUTES = st.lists(st.builds(RouteLine, LINE, LINE, st.booleans()), max_size=6).map(tuple)
DRAFTS = st.builds(
    Draft,
    lead=LINES,
    answer=st.lists(LINE, max_size=3).map("\n".join),
    paper_trail=LINES,
    heading=LINE,
    after=LINES,
    question=st.one_of(st.just(""), LINE),
    urgency=st.sampled_from(Urgency),
)


@given(DRAFTS, ROUTES)
def test_sealed_reply_shows_every_route_and_every_word_of_its_draft_or_does_not_exist(
    draft: Draft, routes: tuple[RouteLine, ...]
) -> None:
    if not any(route.open_now for route in routes):
        with pytest.raises(ReplyError):
            SealedReply(draft, routes)
        return

    lines = list(SealedReply(draft, routes).lines)

    said = [*draft.lead, *draft.answer.splitlines(), *draft.paper_trail, draft.heading]
    said += [*draft.after, *filter(None, [draft.question])]
    shown = [*said, *(f"- {route.text}" for route in routes)]
    assert sorted(filter(None, lines)) == sorted(filter(None, shown))
    assert lines[-1] == draft.question or not draft.question
    assert lines[: len(draft.lead)] == list(draft.lead)


@given(st.text("0123456789", min_size=6, max_size=40))
def test_message_hides_its_text_when_it_is_printed(text: str) -> None:
    message = Message(text, "chat")

    assert text not in repr(message)
    assert text not in str(message)
    assert text not in f"{message}"


def test_sealed_reply_hides_what_it_says_when_it_is_printed() -> None:
    reply = SealedReply(replace(DRAFT, urgency=Urgency.URGENT), (CHILDLINE,))

    printed = f"{reply!r} {reply}"

    assert "Thank you for saying this" not in printed
    assert "First line" not in printed
    assert "urgent" not in printed
