"""`python -m bot batch`: JSON lines in, JSON lines out, whatever a line holds.

These tests are its contract; the last ones run the command itself, without a model.
"""

from __future__ import annotations

import asyncio
import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import IO, Any

import pytest

from bot.channels import batch
from bot.content.library import Content
from bot.content.words import Card
from bot.conversation import Conversations
from bot.model import About, Category, Look, Message, Signal, Urgency
from bot.settings import ROOT
from tests.fakes import FakeBrain, FakeSpotter

Make = Callable[..., Conversations]
KEYS = {
    "id",
    "text",
    "answer",
    "intent",
    "answered",
    "urgency",
    "category",
    "about",
    "sources",
    "routes",
}
WORRY = Signal(Category.BULLYING, Urgency.URGENT, About.FRIEND, "bullying.test")


def sees_worries(text: str) -> Look:
    return Look((WORRY,)) if "worry" in text else Look()


def run(conversations: Conversations, lines: Iterable[tuple[int, bytes]], out: IO[str]) -> int:
    with asyncio.Runner() as runner:
        return batch.run(conversations, lines, out, runner)


def answers_to(conversations: Conversations, *lines: object) -> tuple[list[Any], int]:
    """The records that come out for lines (raw bytes, or anything JSON can hold), and the count."""
    raw = [line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines]
    out = io.StringIO()
    bad = run(conversations, enumerate(raw, 1), out)
    assert out.getvalue().count("\n") == len(lines)
    return [json.loads(line) for line in out.getvalue().splitlines()], bad


def first_card(content: Content, kind: str) -> Card:
    return next(card for card in content.cards.values() if card.kind == kind)


def test_batch_answers_every_line_in_order(make_conversations: Make) -> None:
    lines = [{"id": str(number), "text": f"text {number}"} for number in range(30, 0, -1)]

    records, bad = answers_to(make_conversations(), *lines)

    assert [record["id"] for record in records] == [line["id"] for line in lines]
    assert bad == 0


def test_batch_writes_each_answer_before_it_reads_the_next_line(
    make_conversations: Make,
) -> None:
    out = io.StringIO()

    def lines() -> Iterator[tuple[int, bytes]]:
        for number in range(1, 4):
            assert out.getvalue().count("\n") == number - 1
            yield number, b'{"id": "a", "text": "b"}'

    assert run(make_conversations(), lines(), out) == 0
    assert out.getvalue().count("\n") == 3


def test_batch_gives_the_card_that_was_asked_for(
    make_conversations: Make, content: Content
) -> None:
    card = first_card(content, "document")
    brain = FakeBrain({"what?": card.id})

    [record], _ = answers_to(make_conversations(brain=brain), {"id": "7", "text": "what?"})

    assert set(record) == KEYS
    assert record["id"] == "7"
    assert record["answer"] == card.text
    assert record["answered"] is True
    assert record["intent"] == card.id
    assert record["sources"] == list(content.sources[card.id])
    assert record["sources"]
    assert (record["urgency"], record["category"], record["about"]) == ("none", None, None)
    assert card.text in record["text"]


@pytest.mark.parametrize("text", ["unknown", "hello", "worry", "", " \n "])
def test_batch_claims_an_answer_only_where_a_card_answers(
    make_conversations: Make, content: Content, text: str
) -> None:
    conversations = make_conversations(
        spotter=FakeSpotter(sees_worries),
        brain=FakeBrain({"hello": first_card(content, "talk").id}),
    )

    [record], _ = answers_to(conversations, {"id": "1", "text": text})

    assert set(record) == KEYS
    assert record["answered"] is False
    assert record["sources"] == []


def test_batch_gives_a_worry_in_plain_words(make_conversations: Make) -> None:
    conversations = make_conversations(spotter=FakeSpotter(sees_worries))

    [record], _ = answers_to(conversations, {"id": "1", "text": "a worry"})

    assert record["urgency"] == "urgent"
    assert record["category"] == "bullying"
    assert record["about"] == "friend"
    assert record["answer"] == ""


@pytest.mark.parametrize("text", ["what?", "a worry", "unknown"])
def test_batch_gives_all_that_a_student_reads_and_the_routes_in_that_order(
    make_conversations: Make, content: Content, text: str
) -> None:
    def conversations() -> Conversations:
        brain = FakeBrain({"what?": first_card(content, "document").id})
        return make_conversations(spotter=FakeSpotter(sees_worries), brain=brain)

    [record], _ = answers_to(conversations(), {"id": "1", "text": text})
    reply = asyncio.run(conversations().reply_to(Message(text, "same")))

    assert record["text"] == "\n".join(reply.lines)
    shown = [record["text"].index(f"- {content.routes[name].name}") for name in record["routes"]]
    assert shown == sorted(shown)
    assert len(shown) >= 3


GOOD = {"id": "good", "text": "text"}


@pytest.mark.parametrize(
    "line",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"\n", id="blank line"),
        pytest.param(b"SECRET", id="plain text"),
        pytest.param(b'{"id": "1", "text": "SECRET"', id="cut off"),
        pytest.param(b'{"id": "1", "text": "SECRET"} {"id": "2", "text": "b"}', id="two objects"),
        pytest.param(["1", "SECRET"], id="list"),
        pytest.param("SECRET", id="text alone"),
        pytest.param(7, id="number"),
        pytest.param(None, id="null"),
        pytest.param({"text": "SECRET"}, id="no id"),
        pytest.param({"id": "1"}, id="no text"),
        pytest.param({"id": 1, "text": "SECRET"}, id="id is a number"),
        pytest.param({"id": None, "text": "SECRET"}, id="id is null"),
        pytest.param({"id": "1", "text": ["SECRET"]}, id="text is a list"),
        pytest.param({"id": "1", "text": None}, id="text is null"),
        pytest.param({"id": "1", "text": "SECRET", "conversation": 3}, id="conversation a number"),
        pytest.param({"id": "1", "text": "SECRET", "conversation": None}, id="conversation null"),
        pytest.param({"id": "1", "text": "SECRET", "user": "u"}, id="unknown key"),
        pytest.param({"id": "1", "text": "a", "SECRET": "u"}, id="words as a key"),
        pytest.param('{"id": "1", "text": "SECRET café"}'.encode("latin-1"), id="Latin-1"),
        pytest.param(b'{"id": "1", "text": "SECRET \xff\x00"}', id="binary"),
        pytest.param(b"[" * 200_000, id="nested without end"),
        pytest.param(b"9" * 10_000, id="number without end"),
    ],
)
def test_batch_names_a_bad_line_without_its_words_and_goes_on(
    make_conversations: Make, line: object
) -> None:
    records, bad = answers_to(make_conversations(), GOOD, line, GOOD, GOOD)

    assert records[1].keys() == {"id", "error"}
    assert records[1]["id"] is None
    assert records[1]["error"].startswith("line 2: ")
    assert "SECRET" not in records[1]["error"]
    assert [record["id"] for record in records] == ["good", None, "good", "good"]
    assert bad == 1


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (
            {"id": "1", "text": "a", "user": "u"},
            "an unknown key; allowed are id, text, conversation",
        ),
        ({"text": "a"}, "'id' is missing or no text"),
        ({"id": "1"}, "'text' is missing or no text"),
        ([], 'write {"id": "1", "text": "..."}'),
        (b"?", "write one object a line"),
    ],
)
def test_batch_says_what_to_write_instead(
    make_conversations: Make, line: object, words: str
) -> None:
    [record], _ = answers_to(make_conversations(), line)

    assert words in record["error"]


def test_batch_counts_every_bad_line(make_conversations: Make) -> None:
    _, bad = answers_to(make_conversations(), b"x", GOOD, b"", [], GOOD)

    assert bad == 3


@pytest.mark.parametrize(
    ("conversations", "remembered"),
    [
        pytest.param(["a", "a", "a"], [0, 1, 2], id="one chat"),
        pytest.param(["a", "b", "a", "b"], [0, 0, 1, 1], id="two chats side by side"),
        pytest.param([None, None, None], [0, 0, 0], id="no chat"),
        pytest.param(["a", None, "a"], [0, 0, 1], id="a line of its own between"),
        pytest.param(["", None, ""], [0, 0, 1], id="an empty name is a name"),
        pytest.param(["line-2", None, "line-2"], [0, 0, 1], id="a name like our own"),
        pytest.param([None, "line-1"], [0, 0], id="a name like our own, after"),
    ],
)
def test_batch_remembers_a_conversation_and_nothing_else(
    make_conversations: Make, conversations: list[str | None], remembered: list[int]
) -> None:
    spotter = FakeSpotter(sees_worries)
    lines = [
        {"id": "1", "text": "worry", **({} if name is None else {"conversation": name})}
        for name in conversations
    ]

    answers_to(make_conversations(spotter=spotter), *lines)

    assert [len(earlier) for _, earlier in spotter.asked] == remembered


def test_batch_forgets_a_line_without_a_conversation_at_once(
    make_conversations: Make,
) -> None:
    conversations = make_conversations()

    answers_to(conversations, GOOD, GOOD, {**GOOD, "conversation": "kept"})

    assert len(conversations.chats) == 1


def test_batch_shares_no_conversation_between_two_runs(make_conversations: Make) -> None:
    spotter = FakeSpotter(sees_worries)
    conversations = make_conversations(spotter=spotter)
    line = {"id": "1", "text": "worry", "conversation": "a"}

    answers_to(conversations, line)
    answers_to(conversations, line)

    assert [len(earlier) for _, earlier in spotter.asked] == [0, 0]


@pytest.mark.parametrize("line_id", ["", "ünï ☃ 💚", "\ud83d", 'a"b\\c\u2028d', "x" * 10_000])
def test_batch_gives_an_id_back_as_it_came(make_conversations: Make, line_id: str) -> None:
    raw = io.BytesIO()
    out = io.TextIOWrapper(raw, encoding="utf-8", write_through=True)
    line = json.dumps({"id": line_id, "text": "a"}).encode()

    run(make_conversations(), [(1, line), (2, line)], out)

    lines = raw.getvalue().decode("utf-8").split("\n")
    assert [json.loads(text)["id"] for text in lines if text] == [line_id, line_id]


# The command itself, in a process of its own, without a model.


def run_batch(
    folder: Path, models: Path, *options: str, lines: bytes
) -> subprocess.CompletedProcess[bytes]:
    environment = {**os.environ, "ASKSAFE_CONTENT": str(folder), "ASKSAFE_MODELS": str(models)}
    return subprocess.run(  # noqa: S603 (our own command)
        [sys.executable, "-m", "bot", "batch", *options],
        cwd=ROOT,
        env=environment,
        input=lines,
        capture_output=True,
        timeout=120,
        check=False,
    )


def test_batch_command_follows_now_and_ends_with_0(content_folder: Path, tmp_path: Path) -> None:
    lines = b'{"id": "a", "text": "i want to die"}\n{"id": "b", "text": "hello"}\n'

    done = run_batch(content_folder, tmp_path, "--now", "2026-11-28T15:30", lines=lines)

    records = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0
    assert [record["id"] for record in records] == ["a", "b"]
    assert [record["urgency"] for record in records] == ["urgent", "none"]
    assert "It is next read on Monday at 3 pm." in records[0]["text"]


def test_batch_command_ends_with_1_after_a_bad_line_and_writes_only_records(
    content_folder: Path, tmp_path: Path
) -> None:
    lines = b'{"id": "a", "text": "SECRET"}\nSECRET \xff\n{"id": "b", "text": "i want to die"}'

    done = run_batch(content_folder, tmp_path, "--now", "2026-11-23T15:30", lines=lines)

    records = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 1
    assert [record["id"] for record in records] == ["a", None, "b"]
    assert records[1]["error"].startswith("line 2: ")
    assert "It is open until 5 pm." in records[2]["text"]
    assert records[0]["answered"] is False
    assert "emergency_999" in records[0]["routes"]
    assert b"SECRET" not in done.stderr
    assert b"model.missing" in done.stderr


def test_batch_command_keeps_every_conversation_until_its_input_ends(
    content_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ASKSAFE_MOST_CHATS", "1")
    monkeypatch.setenv("ASKSAFE_IDLE_MINUTES", "0.000001")
    typed = [("a", "i want to die"), ("b", "hello"), ("a", "no"), ("b", "no")]
    lines = [{"id": chat, "text": text, "conversation": chat} for chat, text in typed]

    done = run_batch(
        content_folder, tmp_path, lines="\n".join(json.dumps(line) for line in lines).encode()
    )

    records = [json.loads(line) for line in done.stdout.splitlines()]
    thanks = [record["text"].startswith("Thank you for answering.") for record in records]
    assert thanks == [False, False, True, False]


def test_batch_command_says_so_when_it_has_no_input_at_all(
    content_folder: Path, tmp_path: Path
) -> None:
    environment = {"ASKSAFE_CONTENT": str(content_folder), "ASKSAFE_MODELS": str(tmp_path)}

    done = subprocess.run(  # noqa: S602 (our own command; a shell can close its input)
        f"exec '{sys.executable}' -m bot batch <&-",
        shell=True,
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == 2
    assert done.stderr.endswith(b"pipe JSON lines into this command. [batch.no_input]\n")
    assert b"uncaught" not in done.stderr
    assert done.stdout == b""


def test_batch_command_ends_with_130_on_ctrl_c_while_it_waits_for_a_line(
    content_folder: Path, tmp_path: Path
) -> None:
    environment = {"ASKSAFE_CONTENT": str(content_folder), "ASKSAFE_MODELS": str(tmp_path)}
    process = subprocess.Popen(
        [sys.executable, "-m", "bot", "batch"],
        cwd=ROOT,
        env={**os.environ, **environment},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        # Whoever runs these tests in the background has told them to ignore it.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    try:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(b'{"id": "a", "text": "b"}\n')
        process.stdin.flush()
        answer = process.stdout.readline()
        process.send_signal(signal.SIGINT)
        process.wait(timeout=20)  # its input stays open: nothing but the signal ends it
        out, err = process.communicate()
    finally:
        process.kill()
        process.communicate()

    assert process.returncode == 130
    assert json.loads(answer)["id"] == "a"
    assert out == b""
    assert b"Traceback" not in err
    assert b"uncaught" not in err
    assert b"withheld" not in err
