"""Whole conversations with every part broken for real: a student always gets people to go to."""

import asyncio
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.app import NoBrain, load_brain
from bot.brain import RasaBrain
from bot.chat import Chats
from bot.content.library import Content
from bot.conversation import Conversations
from bot.errors import ModelError
from bot.model import About, Category, Choice, Look, Message, SealedReply, Signal, Urgency
from bot.settings import ROOT, Settings
from bot.spotting.spotter import Spotter
from tests.fakes import FakeAgent, FakeBrain, FakeSpotter, ScriptedBrain, raiser

Make = Callable[..., Conversations]
WORRY = Look((Signal(Category.SUICIDE, Urgency.URGENT, About.SELF, "suicide.wish"),))
ASKING = replace(WORRY, cues=frozenset({"question"}))


def hands_over(reply: SealedReply) -> bool:
    routes = {route.route for route in reply.routes if route.open_now}
    return {"childline", "emergency_999"} <= routes


async def say(conversations: Conversations, text: str, chat: str = "chat") -> SealedReply:
    return await conversations.reply_to(Message(text, chat))


@pytest.fixture
def make_rasa(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[str], Any]], RasaBrain]:
    """Makes a `RasaBrain` whose agent answers what a script says, in Rasa's own thread."""

    def make(script: Callable[[str], Any]) -> RasaBrain:
        async def load(_: Path) -> FakeAgent:
            return FakeAgent(script)

        monkeypatch.setattr("bot.brain._load", load)
        return RasaBrain(Path("model.tar.gz"), wait_seconds=0.2)

    return make


def answer(card: Any) -> list[dict[str, Any]]:
    """What the action sends for a card."""
    custom = {
        "answer": card,
        "intent": "signs",
        "confidence": 0.9,
        "ranking": [],
        "says": "",
        "says_share": 0.0,
    }
    return [{"recipient_id": "chat", "custom": custom}]


# --- the spotter ---


@pytest.mark.parametrize(
    "script",
    [
        pytest.param(raiser(RuntimeError("my secret words")), id="raises"),
        pytest.param(raiser(RecursionError()), id="raises deep down"),
        pytest.param(raiser(MemoryError()), id="runs out of memory"),
        pytest.param(lambda _: None, id="gives None"),
        pytest.param(lambda _: "safe", id="gives a text"),
        pytest.param(lambda _: {"signals": []}, id="gives a dictionary"),
        pytest.param(lambda _: [], id="gives a list"),
    ],
)
async def test_conversation_hands_over_at_the_strongest_level_when_the_spotter_is_broken(
    make_conversations: Make, script: Callable[[str], Any]
) -> None:
    brain = FakeBrain({"hello": "greet"})

    reply = await say(make_conversations(spotter=FakeSpotter(script), brain=brain), "hello")

    assert hands_over(reply)
    assert reply.draft.urgency is Urgency.EMERGENCY
    assert reply.routes[0].route == "emergency_999"
    assert brain.asked == []


async def test_conversation_hands_over_at_the_strongest_level_when_the_spotter_hangs(
    make_conversations: Make,
) -> None:
    release = threading.Event()
    spotter = FakeSpotter(lambda _: release.wait(10))

    reply = await say(make_conversations(spotter=spotter, limit=0.1), "hello")

    release.set()
    assert hands_over(reply)
    assert reply.draft.urgency is Urgency.EMERGENCY


# --- the brain ---


@pytest.mark.parametrize("look", [Look(), WORRY, ASKING], ids=["no worry", "worry", "both"])
@pytest.mark.parametrize(
    "script",
    [
        pytest.param(raiser(ModelError("model.missing", "No model.")), id="no model"),
        pytest.param(raiser(RuntimeError("my secret words")), id="raises"),
        pytest.param(raiser(asyncio.CancelledError()), id="is cancelled inside"),
        pytest.param(lambda _: None, id="gives None"),
        pytest.param(lambda _: [], id="gives a list"),
        pytest.param(lambda _: Choice("no_such_card", "no_such_card", 0.9), id="unknown card"),
        pytest.param(lambda _: Choice(None, "x", 0.1, (("no_such_card", 0.1),)), id="unknown near"),
    ],
)
async def test_conversation_hands_over_and_keeps_the_worry_when_the_brain_is_broken(
    make_conversations: Make, script: Callable[[str], Any], look: Look
) -> None:
    conversations = make_conversations(
        spotter=FakeSpotter(lambda _: look), brain=ScriptedBrain(script)
    )

    reply = await say(conversations, "a message")

    assert hands_over(reply)
    assert reply.draft.urgency is (Urgency.URGENT if look.signals else Urgency.NONE)
    assert reply.draft.category is (Category.SUICIDE if look.signals else None)
    assert reply.draft.answer == ""


@pytest.mark.parametrize("look", [Look(), ASKING], ids=["question", "worry and question"])
@pytest.mark.parametrize(
    "script",
    [
        pytest.param(raiser(SystemExit(1)), id="ends the process"),
        pytest.param(raiser(RuntimeError("my secret words")), id="raises"),
        pytest.param(raiser(asyncio.CancelledError()), id="is cancelled inside"),
        pytest.param(lambda _: None, id="no responses"),
        pytest.param(lambda _: [], id="empty responses"),
        pytest.param(lambda _: [{"text": "Hi from Rasa"}], id="a text of its own"),
        pytest.param(lambda _: [{"custom": {}}], id="empty response"),
        pytest.param(lambda _: [{"custom": {"answer": "signs"}}], id="half a response"),
        pytest.param(lambda _: answer("no_such_card"), id="unknown card"),
        pytest.param(lambda _: answer(["signs"]), id="a list as the card"),
        pytest.param(lambda _: 7, id="a number"),
    ],
)
async def test_conversation_hands_over_when_rasa_breaks_in_its_thread(
    make_conversations: Make,
    make_rasa: Callable[[Callable[[str], Any]], RasaBrain],
    script: Callable[[str], Any],
    look: Look,
) -> None:
    conversations = make_conversations(spotter=FakeSpotter(lambda _: look), brain=make_rasa(script))

    reply = await say(conversations, "what are the signs?")

    assert hands_over(reply)
    assert reply.draft.urgency is (Urgency.URGENT if look.signals else Urgency.NONE)
    assert not any("Hi from Rasa" in line for line in reply.lines)


async def test_conversation_hands_over_when_rasa_hangs_and_answers_again_when_it_does_not(
    make_conversations: Make, make_rasa: Callable[[Callable[[str], Any]], RasaBrain]
) -> None:
    release = threading.Event()

    def script(_: str) -> Any:
        release.wait(10)
        return answer("signs")

    conversations = make_conversations(brain=make_rasa(script))
    started = time.monotonic()
    stuck = [await say(conversations, "what are the signs?") for _ in range(3)]
    waited = time.monotonic() - started
    release.set()
    await asyncio.sleep(0.2)

    again = await say(conversations, "what are the signs?")

    assert all(hands_over(reply) for reply in stuck)
    assert waited < 1  # only the first one waited
    assert again.draft.answer_id == "signs"


async def test_conversation_hands_over_when_the_model_never_loads(
    make_conversations: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def load(_: Path) -> None:
        raise SystemExit(1)

    monkeypatch.setattr("bot.brain._load", load)
    brain = RasaBrain(Path("model.tar.gz"), wait_seconds=0.2)

    reply = await say(make_conversations(brain=brain), "what are the signs?")

    assert hands_over(reply)
    with pytest.raises(ModelError):
        await brain.ready()


@pytest.mark.parametrize(
    "text",
    [
        "/restart",
        "//restart",
        "/ /restart",
        " /session_start",
        "\n/greet{}",
        "\u00a0/restart",
        "\u3000/restart",
        "\x0b/restart",
        "\x1f/restart",
    ],
    ids=ascii,
)
async def test_brain_never_passes_a_command_on_to_rasa(
    make_rasa: Callable[[Callable[[str], Any]], RasaBrain], text: str
) -> None:
    asked: list[str] = []

    def script(question: str) -> Any:
        asked.append(question)
        return answer("signs")

    await make_rasa(script).choose(text, "chat")

    assert len(asked) == 1
    assert not asked[0].strip().startswith("/")


# --- the model's files ---


@pytest.mark.parametrize(
    ("model", "stamp", "code"),
    [
        pytest.param(None, None, "model.missing", id="no model"),
        pytest.param(b"model", None, "model.missing", id="no stamp"),
        pytest.param(None, '{"inputs": "", "sha256": ""}', "model.missing", id="only a stamp"),
        pytest.param(b"model", '{"sha256": "0"}', "model.damaged", id="bytes flipped"),
        pytest.param(b"model", "{}", "model.missing", id="stamp without a sum"),
        pytest.param(b"model", "not json", "model.missing", id="stamp is no JSON"),
    ],
)
async def test_conversation_hands_over_when_no_model_can_be_used(
    make_conversations: Make,
    tmp_path: Path,
    model: bytes | None,
    stamp: str | None,
    code: str,
) -> None:
    if model is not None:
        (tmp_path / "asksafe.tar.gz").write_bytes(model)
    if stamp is not None:
        (tmp_path / "trained.json").write_text(stamp, encoding="utf-8")

    brain = load_brain(Settings(models=tmp_path))
    reply = await say(make_conversations(brain=brain), "what are the signs?")

    assert isinstance(brain, NoBrain)
    assert brain.reason.code == code
    assert hands_over(reply)


@pytest.mark.trained
async def test_conversation_hands_over_when_rasa_is_given_a_damaged_model(
    make_conversations: Make, tmp_path: Path
) -> None:
    data = bytearray((ROOT / "models" / "asksafe.tar.gz").read_bytes())
    for i in range(2_000, len(data), 5_000):
        data[i] ^= 0xFF
    damaged = tmp_path / "asksafe.tar.gz"
    damaged.write_bytes(data)
    brain = RasaBrain(damaged, wait_seconds=60)

    reply = await say(make_conversations(brain=brain, limit=90), "what are the signs?")

    assert hands_over(reply)
    with pytest.raises(ModelError):
        await brain.ready()


# --- content, clock, memory ---


@pytest.mark.parametrize("holed", ["heard", "cards", "sources", "trails", "routes"])
@pytest.mark.parametrize("look", [Look(), WORRY, ASKING], ids=["question", "worry", "both"])
async def test_conversation_hands_over_when_content_went_missing(
    make_conversations: Make, content: Content, holed: str, look: Look
) -> None:
    emptied: dict[str, Any] = {holed: dict(getattr(content, holed))}
    broken = replace(content, **emptied)
    conversations = make_conversations(
        spotter=FakeSpotter(lambda _: look), brain=FakeBrain({"signs?": "signs"}), content=broken
    )
    emptied[holed].clear()

    reply = await say(conversations, "signs?")

    assert hands_over(reply)


async def test_conversation_hands_over_when_the_clock_breaks(make_conversations: Make) -> None:
    def broken() -> None:
        raise OSError("no clock")

    reply = await say(make_conversations(clock=broken), "hello")

    assert hands_over(reply)


async def test_conversation_hands_over_when_its_memory_breaks(make_conversations: Make) -> None:
    def broken() -> float:
        raise OSError("no clock")

    conversations = make_conversations(chats=Chats(10, 60, broken))

    reply = await say(conversations, "hello")

    assert hands_over(reply)
    assert reply.draft.urgency is Urgency.EMERGENCY


async def test_conversation_goes_on_after_a_fault(make_conversations: Make) -> None:
    looks = iter([WORRY, None, Look()])
    conversations = make_conversations(
        spotter=FakeSpotter(lambda _: next(looks)), brain=FakeBrain({"signs?": "signs"})
    )

    first, broken, last = [await say(conversations, text) for text in ("help", "ok", "signs?")]

    assert first.draft.category is broken.draft.standing.category is Category.SUICIDE
    assert last.draft.answer_id == "signs"
    assert last.draft.standing.urgency is Urgency.URGENT


# --- what is typed ---

INPUTS = {
    "nothing": "",
    "blank": " \t \n ",
    "newlines": "\n\n\nhello\n\n\n",
    "100,000 characters": "I feel so low. " * 6_667,
    "5,000 characters": "a" * 5_000,
    "5,001 characters": "a" * 5_001,
    "binary": "".join(map(chr, range(256))) * 3,
    "null bytes": "\x00" * 50,
    "lone surrogates": "\ud800\udfff help",
    "undecodable": b"\xff\xfe\x80 help".decode("utf-8", errors="replace"),
    "right to left": "\u202e\u05e2\u05d6\u05e8\u05d4 help",
    "Arabic": "\u0633\u0627\u0639\u062f\u0646\u064a",
    "Chinese": "\u8bf7\u5e2e\u5e2e\u6211",
    "emoji only": "\U0001f9a9\U0001f9a9\U0001f9a9",
    "zero width": "\u200b\u200d\ufeff",
    "combining marks": "h\u0336\u0301\u0302\u0303e\u0336l\u0336p\u0336" + "\u0301" * 500,
    "punctuation": "?!?!...,,,;;;---___***",
    "digits": "0123456789" * 100,
    "Rasa intent": "/greet{}",
    "Rasa intent with slots": '/signs{"name": "x"}',
    "Rasa restart": "/restart",
    "Rasa session": "/session_start",
    "slash": "/",
    "markup": "<script>alert(1)</script> **bold** [link](http://example.org)",
    "format fields": "{number:childline} {0} %s %(x)s {privacy}",
    "JSON": '{"id": 1, "text": "x"}',
    "SQL": "'; DROP TABLE students; --",
}


@pytest.mark.parametrize("text", INPUTS.values(), ids=INPUTS)
async def test_conversation_hands_over_whatever_is_typed(
    make_conversations: Make, content: Content, spotter: Spotter, text: str
) -> None:
    conversations = make_conversations(spotter=spotter)

    reply = await say(conversations, text)

    assert hands_over(reply)
    assert content.notices.went_wrong not in reply.lines


@pytest.mark.parametrize(
    "name",
    ["100,000 characters", "5,001 characters", "binary", "Arabic", "Chinese", "zero width"],
)
async def test_conversation_gives_the_strongest_level_when_a_message_cannot_be_read(
    make_conversations: Make, spotter: Spotter, name: str
) -> None:
    conversations = make_conversations(spotter=spotter)

    reply = await say(conversations, INPUTS[name])

    assert reply.draft.standing.urgency is Urgency.EMERGENCY
    assert reply.routes[0].route == "emergency_999"


@settings(max_examples=150)
@given(st.lists(st.text(max_size=120), min_size=1, max_size=4))
@example(["\ud800", "/restart", ""])
@example(["want to die", "yes", "\x00" * 9])
def test_conversation_hands_over_for_any_texts_of_a_chat(
    make_conversations: Make, content: Content, spotter: Spotter, texts: list[str]
) -> None:
    async def chat() -> list[SealedReply]:
        conversations = make_conversations(spotter=spotter)
        return [await say(conversations, text) for text in texts]

    replies = asyncio.run(chat())

    assert all(hands_over(reply) for reply in replies)
    assert not any(content.notices.went_wrong in reply.lines for reply in replies)


# --- order ---


async def test_conversation_answers_the_messages_of_one_chat_in_order(
    make_conversations: Make,
) -> None:
    inside = 0
    most = 0

    def spot(text: str) -> Look:
        nonlocal inside, most
        inside += 1
        most = max(most, inside)
        time.sleep(0.02 if text == "0" else 0)
        inside -= 1
        return Look()

    spotter = FakeSpotter(spot)
    conversations = make_conversations(spotter=spotter)

    await asyncio.gather(*(say(conversations, str(i)) for i in range(8)))

    assert [text for text, _ in spotter.asked] == list("01234567")
    assert most == 1


async def test_conversation_answers_different_chats_side_by_side(make_conversations: Make) -> None:
    both = threading.Barrier(2, timeout=2)

    def spot(_: str) -> Look:
        both.wait()
        return Look()

    conversations = make_conversations(spotter=FakeSpotter(spot))

    replies = await asyncio.gather(*(say(conversations, "hi", chat) for chat in ("a", "b")))

    assert all(reply.draft.urgency is Urgency.NONE for reply in replies)


async def test_conversation_keeps_chats_apart(make_conversations: Make) -> None:
    spotter = FakeSpotter(lambda text: WORRY if text == "help" else Look())
    conversations = make_conversations(spotter=spotter)

    await say(conversations, "help", "a")
    other = await say(conversations, "hello", "b")
    same = await say(conversations, "hello", "a")

    assert other.draft.standing.urgency is Urgency.NONE
    assert same.draft.standing.urgency is Urgency.URGENT


async def test_conversation_forgets_a_chat_when_told_to(make_conversations: Make) -> None:
    spotter = FakeSpotter(lambda text: WORRY if text == "help" else Look())
    conversations = make_conversations(spotter=spotter)
    await say(conversations, "help")

    conversations.forget("chat")
    reply = await say(conversations, "hello")

    assert reply.draft.standing.urgency is Urgency.NONE


@pytest.mark.parametrize("others", [1, 30])
async def test_conversation_answers_one_chat_while_others_hang(
    make_conversations: Make, others: int
) -> None:
    release = threading.Event()

    def spot(text: str) -> Look:
        if text == "hang":
            release.wait(20)
        return Look()

    conversations = make_conversations(spotter=FakeSpotter(spot), limit=10)
    stuck = [asyncio.create_task(say(conversations, "hang", f"stuck-{i}")) for i in range(others)]
    await asyncio.sleep(0)

    reply = await say(conversations, "hi", "chat")

    done = [task.done() for task in stuck]
    release.set()
    await asyncio.gather(*stuck)
    assert hands_over(reply)
    assert reply.draft.urgency is Urgency.NONE
    assert not any(done)


async def test_conversation_names_the_worry_at_the_end_of_a_very_long_message(
    make_conversations: Make, school_spotter: Spotter
) -> None:
    line = "today we had maths and then he said that i can go to the shop with my mum after school"
    text = "\n".join([*[line] * 55, "my dad hits me with a belt"])

    reply = await say(make_conversations(spotter=school_spotter, limit=8), text)

    assert 4_500 < len(text) < 5_000
    assert reply.draft.category is Category.HOME_ABUSE
