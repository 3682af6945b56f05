"""JSON lines in, JSON lines out, for evaluation: the contract of `python -m bot batch`."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Iterable
from typing import IO, Any

from bot.conversation import Conversations
from bot.model import Message, SealedReply


def run(
    conversations: Conversations,
    lines: Iterable[tuple[int, bytes]],
    out: IO[str],
    runner: asyncio.Runner,
) -> int:
    """Answer each line in order.

    No event loop runs while the next line is waited for: it would hold back Ctrl-C.

    Args:
        conversations: What answers.
        lines: Line numbers from 1 and raw lines.
        out: Gets one JSON object a line and nothing else.
        runner: Runs each answer.

    Returns:
        How many lines were bad.
    """
    bad = 0
    prefix = secrets.token_urlsafe(8)
    for number, raw in lines:
        record, problem = _parse(raw)
        if problem:
            bad += 1
            answer: dict[str, Any] = {"id": None, "error": f"line {number}: {problem}"}
        else:
            named = "conversation" in record
            chat = f"{prefix}:{named}:{record['conversation'] if named else number}"
            reply = runner.run(conversations.reply_to(Message(record["text"], chat)))
            answer = as_record(record["id"], reply)
            if not named:
                conversations.forget(chat)
        out.write(json.dumps(answer) + "\n")
        out.flush()
    return bad


def as_record(line_id: str, reply: SealedReply) -> dict[str, Any]:
    """One reply in the form of the contract."""
    draft = reply.draft
    return {
        "id": line_id,
        "text": "\n".join(reply.lines),
        "answer": draft.answer,
        "intent": draft.intent,
        "answered": draft.answered,
        "urgency": str(draft.urgency),
        "category": draft.category and str(draft.category),
        "about": draft.about and str(draft.about),
        "sources": list(draft.sources),
        "routes": [route.route for route in reply.routes],
    }


def _parse(raw: bytes) -> tuple[dict[str, str], str]:
    """The record and no problem, or an empty one and what to write instead."""
    try:
        record = json.loads(raw)
    except (ValueError, RecursionError):
        return {}, "not JSON; write one object a line"
    if not isinstance(record, dict):
        return {}, 'not an object; write {"id": "1", "text": "..."}'
    if record.keys() - {"id", "text", "conversation"}:
        return {}, "an unknown key; allowed are id, text, conversation"
    for key in ("id", "text"):
        if not isinstance(record.get(key), str):
            return {}, f"'{key}' is missing or no text"
    if not isinstance(record.get("conversation", ""), str):
        return {}, "'conversation' is no text"
    return record, ""
