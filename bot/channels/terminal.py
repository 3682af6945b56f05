"""The terminal chat, also for piped input. Keeps no history of what was typed."""

from __future__ import annotations

import asyncio
import os
import re
import secrets
import sys
import textwrap
import threading
from collections.abc import Awaitable, Iterable
from pathlib import Path

from bot.content.files import read
from bot.content.school import load_handover, load_school
from bot.content.words import NoticeFile
from bot.conversation import Conversations
from bot.handover import static_card
from bot.model import Message

_LEAVE = ("leave", "exit", "quit")
_WIDTH = 88
_MOST_CHUNKS = 16
_IN_NUMBER = re.compile(r"(?<=\d) (?=\d)")


def greet(folder: Path) -> None:
    """Say what this is, how to leave and who can be reached, before anything slow is loaded.

    Raises:
        ContentError: When notices.yml, school.yml or handover.yml cannot be used.
    """
    notices = read(folder / "notices.yml", NoticeFile).data.notices
    school = load_school(folder).data
    always = load_handover(folder, school).data.always
    people = static_card({route.id: route for route in school.routes}, always, notices)
    _show([*notices.hello.splitlines(), notices.leave])
    _show([notices.who_row, *(f"- {route.text}" for route in people), notices.getting_ready])


async def run(conversations: Conversations, ready: Awaitable[None]) -> None:
    """Chat until the student leaves, input ends or Ctrl-C. One chat, forgotten at the end.

    Args:
        conversations: What answers.
        ready: Ends when the model is loaded or cannot be.
    """
    notices = conversations.content.notices
    chat = secrets.token_urlsafe(16)
    try:
        await ready
        _show([notices.ready])
        typed = _Input()
        while True:
            line = await typed.line()
            if line is None or line.strip().lower() in _LEAVE:
                break
            _show((await conversations.reply_to(Message(line, chat))).lines)
    finally:
        conversations.forget(chat)
        _show([notices.bye])


class _Input:
    """Lines of standard input, read by a thread that cannot hold up the end of the program.

    A blocked `readline` would: asyncio and the interpreter both wait for it after Ctrl-C.
    It reads no more than a few chunks ahead: memory does not grow with what is piped in.
    """

    def __init__(self) -> None:
        self._chunks: asyncio.Queue[bytes] = asyncio.Queue()
        self._room = threading.Semaphore(_MOST_CHUNKS)
        self._rest = b""
        self._typed = sys.stdin is not None and sys.stdin.isatty()
        if sys.stdin is None:
            self._chunks.put_nowait(b"")
            return
        parts = (sys.stdin.fileno(), asyncio.get_running_loop())
        threading.Thread(target=self._read, args=parts, name="input", daemon=True).start()

    def _read(self, handle: int, loop: asyncio.AbstractEventLoop) -> None:
        chunk = b"start"
        while chunk:
            self._room.acquire()
            try:
                chunk = os.read(handle, 65_536)
            except OSError:  # the terminal has gone
                chunk = b""
            try:
                loop.call_soon_threadsafe(self._chunks.put_nowait, chunk)
            except RuntimeError:  # the chat has ended and closed its loop
                return

    async def line(self) -> str | None:
        """One line as typed, whatever bytes it holds; None at the end of input."""
        if self._typed:
            sys.stdout.write("> ")
            sys.stdout.flush()
        parts = [self._rest]
        while b"\n" not in parts[-1]:
            chunk = await self._chunks.get()
            self._room.release()
            if not chunk:
                last, self._rest = b"".join(parts), b""
                self._chunks.put_nowait(b"")
                return last.decode("utf-8", errors="replace") if last else None
            parts.append(chunk)
        line, _, self._rest = b"".join(parts).partition(b"\n")
        return line.decode("utf-8", errors="replace").rstrip("\r")


def _show(lines: Iterable[str]) -> None:
    sys.stdout.write("\n")
    for line in lines:
        indent = "  " if line.startswith("- ") else ""
        # A telephone number stays on one line: the space between its digits does not break.
        joined = _IN_NUMBER.sub("\u00a0", line)
        filled = textwrap.fill(joined, _WIDTH, subsequent_indent=indent, break_on_hyphens=False)
        sys.stdout.write(filled.replace("\u00a0", " ") + "\n")
    sys.stdout.write("\n")
    sys.stdout.flush()
