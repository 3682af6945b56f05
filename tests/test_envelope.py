"""The outermost wrapper: whatever happens inside, a reply comes out that hands over to people."""

import asyncio
import logging
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from bot import envelope as envelope_module
from bot.content.library import Content
from bot.envelope import Envelope, Step
from bot.errors import ContentError, ModelError, ReplyError
from bot.model import About, Category, Draft, Look, SealedReply, Signal, Standing, Urgency
from bot.turn import Progress
from tests.conftest import MONDAY_EVENING

MARKER = "my secret words"
WORRY = Signal(Category.SUICIDE, Urgency.URGENT, About.SELF, "suicide.wish")


def envelope_of(
    content: Content, clock: Callable[[], datetime] = lambda: MONDAY_EVENING, limit: float = 5.0
) -> Envelope:
    return Envelope(content, clock, limit)


def ending_with(result: Any, look: Look | None = None, standing: Standing = Standing()) -> Step:  # noqa: B008 (frozen)
    """A turn that got as far as `look` and then returns or raises `result`."""

    async def step(progress: Progress) -> Draft:
        progress.look, progress.standing = look, standing
        if isinstance(result, BaseException):
            raise result
        draft: Draft = result
        return draft

    return step


def hanging_after(look: Look | None) -> Step:
    async def step(progress: Progress) -> Draft:
        progress.look = look
        await asyncio.Event().wait()
        return Draft()

    return step


def hands_over(reply: SealedReply) -> bool:
    routes = {route.route for route in reply.routes if route.open_now}
    return {"childline", "emergency_999"} <= routes


@pytest.mark.parametrize(
    "error",
    [
        RuntimeError(MARKER),
        ValueError(),
        KeyError("no_such_card"),
        TypeError("nonsense"),
        AttributeError("nonsense"),
        AssertionError(),
        RecursionError(),
        MemoryError(),
        OSError("disk full"),
        UnicodeError("bytes"),
        TimeoutError(),
        StopIteration(),
        ModelError("model.missing", "No model."),
        ContentError("content.missing", "No file."),
        ReplyError("reply.no_route", "No route."),
        ExceptionGroup("several", [ValueError("one"), KeyError("two")]),
        asyncio.CancelledError(),
        asyncio.InvalidStateError(),
    ],
    ids=lambda error: type(error).__name__,
)
@pytest.mark.parametrize(
    ("look", "urgency"),
    [
        pytest.param(None, Urgency.EMERGENCY, id="before the spotter looked"),
        pytest.param(Look(complete=False), Urgency.EMERGENCY, id="spotter could not read all"),
        pytest.param(Look(), Urgency.NONE, id="spotter saw nothing"),
        pytest.param(Look((WORRY,)), Urgency.URGENT, id="spotter saw a worry"),
    ],
)
async def test_envelope_hands_over_when_a_turn_raises(
    content: Content, error: BaseException, look: Look | None, urgency: Urgency
) -> None:
    reply = await envelope_of(content).reply_to(ending_with(error, look))

    assert hands_over(reply)
    assert reply.draft.urgency is urgency
    assert content.notices.went_wrong in reply.lines


@pytest.mark.parametrize("look", [None, Look(complete=False)], ids=["not looked", "not all read"])
async def test_envelope_puts_the_emergency_first_when_the_spotter_could_not_look(
    content: Content, look: Look | None
) -> None:
    reply = await envelope_of(content).reply_to(ending_with(RuntimeError(), look))

    assert reply.routes[0].route == "emergency_999"
    assert reply.draft.standing.urgency is Urgency.EMERGENCY


@pytest.mark.parametrize("about", About)
@pytest.mark.parametrize("category", Category)
async def test_envelope_still_speaks_of_the_worry_when_a_turn_breaks_after_it_was_seen(
    content: Content, category: Category, about: About
) -> None:
    signal = Signal(category, Urgency.URGENT, about, f"{category}.rule")

    reply = await envelope_of(content).reply_to(ending_with(RuntimeError(), Look((signal,))))

    heard = content.heard[category, about]
    assert reply.lines[:3] == (heard.heard, heard.emergency, heard.not_your_fault[0])
    assert reply.draft.category is category


@pytest.mark.parametrize(
    ("look", "urgency"),
    [
        pytest.param(Look(), Urgency.URGENT, id="nothing seen"),
        pytest.param(Look((WORRY,)), Urgency.URGENT, id="worry seen"),
        pytest.param(None, Urgency.EMERGENCY, id="not looked"),
    ],
)
async def test_envelope_keeps_what_stood_before_when_a_turn_breaks(
    content: Content, look: Look | None, urgency: Urgency
) -> None:
    stood = Standing(Urgency.URGENT, Category.GROOMING, About.SELF, year=8, staff=True)

    reply = await envelope_of(content).reply_to(ending_with(RuntimeError(), look, stood))

    assert reply.draft.standing == replace(stood, urgency=urgency)
    assert "ms_wilshire" in {route.route for route in reply.routes}


@pytest.mark.parametrize(
    ("look", "urgency"),
    [
        pytest.param(None, Urgency.EMERGENCY, id="spotter hangs"),
        pytest.param(Look(), Urgency.NONE, id="brain hangs"),
        pytest.param(Look((WORRY,)), Urgency.URGENT, id="brain hangs after a worry"),
    ],
)
async def test_envelope_hands_over_at_the_time_limit(
    content: Content, look: Look | None, urgency: Urgency
) -> None:
    started = asyncio.get_running_loop().time()

    reply = await envelope_of(content, limit=0.05).reply_to(hanging_after(look))

    assert asyncio.get_running_loop().time() - started < 1
    assert hands_over(reply)
    assert reply.draft.urgency is urgency


async def test_envelope_hands_over_at_the_time_limit_when_a_thread_hangs(content: Content) -> None:
    release = threading.Event()

    async def step(_: Progress) -> Draft:
        await asyncio.to_thread(release.wait, 10)
        return Draft()

    reply = await envelope_of(content, limit=0.05).reply_to(step)

    release.set()
    assert hands_over(reply)
    assert reply.draft.urgency is Urgency.EMERGENCY


@pytest.mark.parametrize("nonsense", [None, "a text", {}, [], 0], ids=repr)
async def test_envelope_hands_over_when_a_turn_returns_nonsense(
    content: Content, nonsense: object
) -> None:
    reply = await envelope_of(content).reply_to(ending_with(nonsense))

    assert hands_over(reply)
    assert content.notices.went_wrong in reply.lines


@pytest.mark.parametrize(
    "look",
    [
        "a text",
        {},
        (),
        Look((None,)),  # type: ignore[arg-type]  # on purpose
        Look(("suicide",)),  # type: ignore[arg-type]  # on purpose
        Look(None),  # type: ignore[arg-type]  # on purpose
    ],
    ids=repr,
)
async def test_envelope_hands_over_when_the_look_is_nonsense(content: Content, look: Any) -> None:
    reply = await envelope_of(content).reply_to(ending_with(AttributeError(), look))

    assert hands_over(reply)


async def test_envelope_hands_over_when_the_words_for_a_worry_are_missing(content: Content) -> None:
    holed = replace(content, heard={})

    reply = await envelope_of(holed).reply_to(ending_with(KeyError(), Look((WORRY,))))

    assert hands_over(reply)


@pytest.mark.parametrize("look", [None, Look(), Look((WORRY,))], ids=["unseen", "none", "worry"])
async def test_envelope_gives_the_static_card_when_the_hand_over_breaks(
    content: Content, monkeypatch: pytest.MonkeyPatch, look: Look | None
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError(MARKER)

    monkeypatch.setattr(envelope_module, "hand_over", broken)

    reply = await envelope_of(content).reply_to(ending_with(Draft(), look))

    assert hands_over(reply)
    assert reply.routes[0].route == "emergency_999"
    assert content.notices.went_wrong in reply.lines


async def test_envelope_gives_the_static_card_when_the_clock_breaks(content: Content) -> None:
    def broken() -> datetime:
        raise OSError(MARKER)

    reply = await envelope_of(content, broken).reply_to(ending_with(Draft()))

    assert hands_over(reply)
    assert reply.draft.urgency is Urgency.EMERGENCY


async def test_envelope_gives_the_static_card_when_routes_are_missing_later(
    content: Content,
) -> None:
    later = replace(content, routes=dict(content.routes))
    envelope = envelope_of(later)
    later.routes.clear()

    reply = await envelope.reply_to(ending_with(Draft()))

    assert hands_over(reply)


def test_envelope_is_not_made_when_there_is_no_static_card(content: Content) -> None:
    with pytest.raises(KeyError):
        envelope_of(replace(content, routes={}))


async def test_envelope_seals_a_turn_that_went_well(content: Content) -> None:
    draft = Draft(lead=("Hello.",), heading=content.notices.who_row, answer_ids=("greet",))

    reply = await envelope_of(content).reply_to(ending_with(draft, Look()))

    assert reply.draft is draft
    assert hands_over(reply)


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (RuntimeError(MARKER), "envelope.caught code=unexpected error=RuntimeError"),
        (ModelError("model.time_out", MARKER), "envelope.caught code=model.time_out"),
        (KeyError(MARKER), "envelope.caught code=unexpected error=KeyError"),
    ],
    ids=["error", "error of ours", "key"],
)
async def test_envelope_logs_a_code_and_a_class_and_no_text(
    content: Content, caplog: pytest.LogCaptureFixture, error: Exception, line: str
) -> None:
    with caplog.at_level(logging.DEBUG):
        await envelope_of(content).reply_to(ending_with(error))

    assert line in caplog.text
    assert MARKER not in caplog.text
    assert all(
        record.exc_info is None for record in caplog.records if record.name == "bot.envelope"
    )


async def test_envelope_lets_itself_be_cancelled_from_outside(content: Content) -> None:
    task = asyncio.create_task(envelope_of(content).reply_to(hanging_after(Look())))
    await asyncio.sleep(0)

    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task
