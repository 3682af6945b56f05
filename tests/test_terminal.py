"""The terminal chat: what is typed or piped in, and how it ends.

Most tests give the chat a file as its input, in this process. The last ones start the command
itself, without a model, once through a pipe and once at a terminal of its own.
"""

from __future__ import annotations

import asyncio
import os
import pty
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bot.channels import terminal
from bot.content.library import Content
from bot.conversation import Conversations
from bot.model import About, Category, Look, Signal, Urgency
from bot.settings import ROOT
from tests.fakes import FakeBrain, FakeSpotter

Make = Callable[..., Conversations]


async def at_once() -> None:
    """The model is ready."""


async def chat_through(typed: bytes, conversations: Conversations, tmp_path: Path) -> None:
    """Run a chat to its end with a file as standard input."""
    path = tmp_path / "typed"
    path.write_bytes(typed)
    before = set(threading.enumerate())
    with path.open(encoding="utf-8") as stdin, pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "stdin", stdin)
        async with asyncio.timeout(20):
            await terminal.run(conversations, at_once())
        # The reader goes on to the end of its file, while standard input is still that file.
        for thread in set(threading.enumerate()) - before:
            if thread.name == "input":
                thread.join(5)


def flat(text: str) -> str:
    """A text with all its spaces and line ends as single spaces."""
    return " ".join(text.split())


def test_greeting_says_what_asksafe_is_and_who_can_help_before_anything_is_loaded(
    content: Content, content_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    terminal.greet(content_folder)

    shown = flat(capsys.readouterr().out)
    assert shown.startswith(flat(content.notices.hello))
    place = len(flat(content.notices.hello))
    for words in (content.notices.leave, content.notices.who_row, "call 999", "call 0800 1111"):
        place = shown.index(flat(words), place)


@pytest.mark.parametrize(
    ("typed", "answered"),
    [
        pytest.param(b"", [], id="nothing"),
        pytest.param(b"hello\n", ["hello"], id="one line"),
        pytest.param(b"hello", ["hello"], id="no line end"),
        pytest.param(b"hello\r\nyou\r\n", ["hello", "you"], id="Windows line ends"),
        pytest.param(b"a\n\n \nb\n", ["a", "b"], id="empty lines between"),
        pytest.param(b"leave\nnever\n", [], id="leave"),
        pytest.param(b"a\n LEAVE \nnever\n", ["a"], id="leave with capitals and spaces"),
        pytest.param(b"exit\nnever\n", [], id="exit"),
        pytest.param(b"quit\nnever\n", [], id="quit"),
        pytest.param(
            b"i want to leave\nleave home\n", ["i want to leave", "leave home"], id="more"
        ),
        pytest.param(
            "i feel \N{PENSIVE FACE} caf\u00e9\n".encode(),
            ["i feel \N{PENSIVE FACE} caf\u00e9"],
            id="UTF-8",
        ),
        pytest.param(b"\xff\xfe\x00\nb\n", ["\ufffd\ufffd\x00", "b"], id="binary"),
        pytest.param(b"caf\xe9 help", ["caf\ufffd help"], id="Latin-1"),
        pytest.param(b"x" * 100_000 + b"\nb\n", ["x" * 100_000, "b"], id="very long line"),
    ],
)
async def test_terminal_answers_each_line_until_the_end(
    make_conversations: Make,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    typed: bytes,
    answered: list[str],
) -> None:
    spotter = FakeSpotter()
    conversations = make_conversations(spotter=spotter)

    await chat_through(typed, conversations, tmp_path)

    assert [text for text, _ in spotter.asked] == answered
    shown = flat(capsys.readouterr().out)
    assert shown.startswith(flat(conversations.content.notices.ready))
    assert shown.endswith(flat(conversations.content.notices.bye))


async def test_terminal_answers_an_empty_line_with_people(
    make_conversations: Make, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    conversations = make_conversations()

    await chat_through(b"\n", conversations, tmp_path)

    shown = flat(capsys.readouterr().out)
    assert flat(conversations.content.notices.empty) in shown
    assert "call 999" in shown


async def test_terminal_is_one_chat_and_forgets_it_at_the_end(
    make_conversations: Make, tmp_path: Path
) -> None:
    worry = Signal(Category.BULLYING, Urgency.URGENT, About.SELF, "bullying.test")
    spotter = FakeSpotter(lambda _: Look((worry,)))
    conversations = make_conversations(spotter=spotter)

    await chat_through(b"a\nb\n", conversations, tmp_path)

    assert [len(earlier) for _, earlier in spotter.asked] == [0, 1]
    assert len(conversations.chats) == 0


async def test_terminal_ends_when_it_has_no_input_at_all(
    make_conversations: Make, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    conversations = make_conversations()
    monkeypatch.setattr(sys, "stdin", None)  # as Python sets it when it is started with <&-

    async with asyncio.timeout(5):
        await terminal.run(conversations, at_once())

    assert flat(capsys.readouterr().out).endswith(flat(conversations.content.notices.bye))


@contextmanager
def standard_input(handle: int) -> Iterator[None]:
    """Have this open file, pipe or terminal as standard input."""
    with (
        os.fdopen(handle, closefd=False) as stdin,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setattr(sys, "stdin", stdin)
        yield


async def test_terminal_reads_only_a_little_ahead(tmp_path: Path) -> None:
    path = tmp_path / "typed"
    path.write_bytes((b"x" * 99 + b"\n") * 60_000)
    handle = os.open(path, os.O_RDONLY)
    try:
        with standard_input(handle):
            typed = terminal._Input()
            await asyncio.sleep(0.5)
            ahead = os.lseek(handle, 0, os.SEEK_CUR)
            lines = 0
            while await typed.line() is not None:
                lines += 1
    finally:
        os.close(handle)

    assert 0 < ahead <= 2_000_000
    assert lines == 60_000


async def test_terminal_reads_a_huge_line_in_a_time_that_grows_with_its_length(
    tmp_path: Path,
) -> None:
    path = tmp_path / "typed"
    path.write_bytes(b"x" * 64_000_000)
    handle = os.open(path, os.O_RDONLY)
    try:
        with standard_input(handle):
            typed = terminal._Input()
            began = time.perf_counter()
            line = await typed.line()
            took = time.perf_counter() - began
    finally:
        os.close(handle)

    assert line is not None
    assert len(line) == 64_000_000
    assert took < 5  # a fifth of a second; half a minute where each part read copies all before it


async def test_terminal_ends_when_its_input_cannot_be_read(
    make_conversations: Make, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    conversations = make_conversations()
    # A file that is open for writing only: reading fails, as it does when a terminal has gone.
    handle = os.open(tmp_path / "typed", os.O_WRONLY | os.O_CREAT)
    try:
        with standard_input(handle):
            async with asyncio.timeout(5):
                await terminal.run(conversations, at_once())
    finally:
        os.close(handle)

    assert flat(capsys.readouterr().out).endswith(flat(conversations.content.notices.bye))


def test_terminal_reader_ends_quietly_when_something_comes_after_the_chat(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    faults: list[type[BaseException]] = []
    monkeypatch.setattr(threading, "excepthook", lambda args: faults.append(args.exc_type))
    reader, writer = os.pipe()

    async def start() -> None:
        terminal._Input()

    try:
        with standard_input(reader):
            asyncio.run(start())
            [thread] = [one for one in threading.enumerate() if one.name == "input"]
            os.write(writer, b"too late\n")
            thread.join(5)
            assert not thread.is_alive()
    finally:
        os.close(reader)
        os.close(writer)

    assert faults == []


async def test_terminal_never_breaks_a_phone_number_across_lines(
    make_conversations: Make,
    content: Content,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    brain = FakeBrain({card: card for card in content.cards})
    typed = "\n".join(content.cards).encode()
    reaches = [route.reach for route in content.routes.values()]
    numbers = {number for reach in reaches for number in (reach.call, reach.text) if number}

    await chat_through(typed, make_conversations(brain=brain), tmp_path)

    shown = capsys.readouterr().out
    counts = {number: (shown.count(number), flat(shown).count(number)) for number in numbers}
    assert len(numbers) >= 9
    assert all(whole >= 1 for _, whole in counts.values())
    assert {number for number, (whole, any_) in counts.items() if whole != any_} == set()


# The command itself.


@contextmanager
def command(
    folder: Path, models: Path, stdin: int, stdout: int = subprocess.PIPE
) -> Iterator[subprocess.Popen[bytes]]:
    """`python -m bot chat`, ended by force should a test fail while it runs."""
    process = subprocess.Popen(
        [sys.executable, "-m", "bot", "chat", "--now", "2026-11-23T15:30"],
        cwd=ROOT,
        env={**os.environ, "ASKSAFE_CONTENT": str(folder), "ASKSAFE_MODELS": str(models)},
        stdin=stdin,
        stdout=stdout,
        stderr=subprocess.PIPE,
        start_new_session=True,
        # Whoever runs these tests in the background has told them to ignore it.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def is_clean(output: bytes) -> bool:
    """True where nothing in it tells of a fault: no traceback, and not our own word for one."""
    return b"Traceback" not in output and b"uncaught" not in output


def read_until(handle: int, words: bytes, seconds: float = 30) -> bytes:
    """What comes out, up to and with these words."""
    seen, end = b"", time.monotonic() + seconds
    while words not in b" ".join(seen.split()):
        ready, _, _ = select.select([handle], [], [], max(0.0, end - time.monotonic()))
        chunk = os.read(handle, 4096) if ready else b""
        assert chunk, f"{words!r} did not come; this did: {seen!r}"
        seen += chunk
    return seen


def test_chat_command_answers_what_is_piped_in_and_ends_with_0(
    content: Content, content_folder: Path, tmp_path: Path
) -> None:
    typed = b"i want to die MARKER\n\xff\xfe\x00\xe9\nis it open?\nleave\nnever\n"

    with command(content_folder, tmp_path, subprocess.PIPE) as process:
        out, err = process.communicate(typed, timeout=60)

    shown, notices = flat(out.decode()), content.notices
    assert process.returncode == 0
    assert shown.startswith(flat(notices.hello))
    assert shown.endswith(flat(notices.bye))
    replies = shown.partition(flat(notices.ready))[2]
    assert replies.count("call 999. Open now") == 3
    assert notices.danger_question in replies
    assert "It is open until 5 pm." in replies
    assert b"MARKER" not in out + err
    assert is_clean(err)


def test_chat_command_ends_with_1_when_nobody_reads_on(
    content: Content, content_folder: Path, tmp_path: Path
) -> None:
    reader, writer = os.pipe()
    with command(content_folder, tmp_path, subprocess.PIPE, writer) as process:
        os.close(writer)
        read_until(reader, flat(content.notices.ready).encode())
        os.close(reader)
        _, err = process.communicate(b"hello\n", timeout=20)

    assert process.returncode == 1
    assert is_clean(err)


@pytest.mark.parametrize("without", ["no model", "damaged model"])
def test_chat_command_says_once_that_there_is_no_model_and_no_classifier(
    content_folder: Path, tmp_path: Path, without: str
) -> None:
    if without == "damaged model":
        (tmp_path / "asksafe.tar.gz").write_text("damaged", encoding="utf-8")
        (tmp_path / "trained.json").write_text('{"sha256": "0"}', encoding="utf-8")

    with command(content_folder, tmp_path, subprocess.PIPE) as process:
        _, err = process.communicate(b"is it open?\nwho is it?\n", timeout=60)

    assert err.count(b"\n") == 2
    assert err.count(b"rules_only") == 1
    assert b"make train" in err


@pytest.mark.parametrize("moment", ["getting ready", "waiting"])
def test_chat_command_ends_with_0_on_ctrl_c(
    content: Content, content_folder: Path, tmp_path: Path, moment: str
) -> None:
    notices = content.notices
    words = flat(notices.getting_ready if moment == "getting ready" else notices.ready)

    with command(content_folder, tmp_path, subprocess.PIPE) as process:
        assert process.stdout is not None
        read_until(process.stdout.fileno(), words.encode())
        process.send_signal(signal.SIGINT)
        process.wait(timeout=20)  # its input stays open: nothing but the signal ends it
        out, err = process.communicate()

    assert process.returncode == 0
    assert is_clean(err)
    if moment == "waiting":
        assert flat(out.decode()).endswith(flat(notices.bye))


@pytest.mark.parametrize(
    "leave", [pytest.param(b"leave\n", id="leave"), pytest.param(b"\x04", id="Ctrl-D")]
)
def test_chat_command_prompts_at_a_terminal_and_leaves_when_told(
    content: Content, content_folder: Path, tmp_path: Path, leave: bytes
) -> None:
    keyboard, screen = pty.openpty()
    try:
        with command(content_folder, tmp_path, screen, screen) as process:
            hello = read_until(keyboard, f"{flat(content.notices.ready)} >".encode())
            os.write(keyboard, b"i want to die\n")
            reply = read_until(keyboard, b"no. >")
            os.write(keyboard, leave)
            end = read_until(keyboard, flat(content.notices.bye).encode())
            status = process.wait(timeout=20)
    finally:
        os.close(keyboard)
        os.close(screen)

    assert status == 0
    assert flat(hello.decode()).startswith(flat(content.notices.hello))
    assert "call 999" in flat(reply.decode())
    assert is_clean(hello + reply + end)
