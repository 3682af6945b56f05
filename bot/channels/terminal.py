"""The terminal chat, also for piped input. Keeps no history of what was typed."""

from __future__ import annotations

import asyncio
import secrets
import sys
import textwrap
from collections.abc import Iterator

from bot.conversation import Conversations
from bot.model import Message, SealedReply

_LEAVE = ("leave", "exit", "quit")
_WIDTH = 88


async def run(conversations: Conversations) -> None:
    """Chat until the student leaves, input ends or Ctrl-C. One chat, forgotten at the end."""
    notices = conversations.content.notices
    chat = secrets.token_urlsafe(16)
    _show([*notices.hello.splitlines(), notices.leave])
    try:
        while True:
            line = await asyncio.to_thread(_read_line)
            if line is None or line.strip().lower() in _LEAVE:
                break
            if not sys.stdin.isatty():
                sys.stdout.write("\n")
            reply = await conversations.reply_to(Message(line, chat))
            _show(_lines(reply))
    finally:
        conversations.forget(chat)
        _show([notices.bye])


def _read_line() -> str | None:
    """One line as typed, whatever bytes it holds; None at the end of input."""
    if sys.stdin.isatty():
        sys.stdout.write("> ")
        sys.stdout.flush()
    raw = sys.stdin.buffer.readline()
    return raw.decode("utf-8", errors="replace").rstrip("\r\n") if raw else None


def _lines(reply: SealedReply) -> Iterator[str]:
    yield from reply.lines


def _show(lines: list[str] | Iterator[str]) -> None:
    sys.stdout.write("\n")
    for line in lines:
        indent = "  " if line.startswith("- ") else ""
        sys.stdout.write((textwrap.fill(line, _WIDTH, subsequent_indent=indent) or "") + "\n")
    sys.stdout.write("\n")
    sys.stdout.flush()
