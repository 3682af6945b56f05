"""Whole chats: is a risk noticed that several messages show together, and is it kept?

testpack/chats/*.jsonl holds one chat a line: `id`, `kind`, `messages`, and `labels` of two readers
who saw the whole chat: "urgent grooming self from 3" (a volunteer would ask after the third
message), or "none".
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.conversation import Conversations
from bot.errors import ContentError
from bot.model import About, Category, Draft, Message, Urgency
from evaluation.figures import share

KINDS = {
    "slow": "a risk that shows over several messages",
    "growing": "hints that become plain",
    "retracted": "told, then taken back",
    "calm": "nothing wrong, though single messages look so",
}
_LABEL = re.compile(r"none|(\w+) (\w+) (\w+) from (\d)")


@dataclass(frozen=True)
class LabelledChat:
    """One chat with what its readers made of it.

    Attributes:
        first: Number of the message, from 1, after which one reader would have asked; 0 where
            nothing is wrong.
        start: Number of the message after which both would have.
        urgency: The lower of the two; `none` where nothing is wrong.
        categories: Of the readers, one or two; none where nothing is wrong.
    """

    id: str
    kind: str
    messages: tuple[str, ...]
    first: int
    start: int
    urgency: Urgency
    categories: frozenset[Category]


def load_chats(path: Path) -> list[LabelledChat]:
    """The chats of one file.

    Raises:
        ContentError: A line cannot be used; says which and why.
    """
    chats = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            chats.append(_chat(json.loads(line)))
        except (ValueError, TypeError, KeyError) as error:
            raise ContentError("testpack.chat", f"{path}:{number}: {error!r}") from error
    return chats


def _chat(row: dict[str, object]) -> LabelledChat:
    kind, messages, labels = row["kind"], row["messages"], row["labels"]
    if kind not in KINDS or not isinstance(messages, list) or not isinstance(labels, list):
        raise ValueError(f"`kind` is one of {', '.join(KINDS)}; `messages`, `labels` are lists")
    urgencies, starts, categories = [], [], set()
    for label in labels:
        match = _LABEL.fullmatch(str(label))
        if match is None:
            raise ValueError(f'{label!r} is neither "none" nor "urgency category about from 2"')
        urgency, category, about, start = match.groups()
        urgencies.append(Urgency(urgency) if urgency else Urgency.NONE)
        if urgency:
            starts.append(int(start))
            categories.add(Category(category))
            About(about)
    return LabelledChat(
        str(row["id"]),
        str(kind),
        tuple(str(text) for text in messages),
        min(starts, default=0),
        max(starts, default=0),
        min(urgencies, key=lambda urgency: urgency.rank),
        frozenset(categories),
    )


async def answered(conversations: Conversations, chat: LabelledChat) -> list[Draft]:
    """The replies to the messages of one chat."""
    return [
        (await conversations.reply_to(Message(text, f"chat-{chat.id}"))).draft
        for text in chat.messages
    ]


def table(chats: Sequence[LabelledChat], heard: Sequence[Sequence[Draft]]) -> list[str]:
    """What was noticed, by kind, as lines of Markdown that say what each column means.

    Args:
        chats: What was typed.
        heard: For each chat the replies to its messages.
    """
    lines = [f"- **{name}**: {meaning}" for name, (meaning, _) in COLUMNS.items()]
    lines += ["", f"| | chats | {' | '.join(COLUMNS)} |", f"|---|---|{'---|' * len(COLUMNS)}"]
    for kind, meaning in KINDS.items():
        members = [pair for pair in zip(chats, heard, strict=True) if pair[0].kind == kind]
        cells = [_cell(name, kind, members) for name in COLUMNS]
        if members:
            lines.append(f"| {kind}: {meaning} | {len(members)} | {' | '.join(cells)} |")
    return lines


def _cell(name: str, kind: str, members: Sequence[tuple[LabelledChat, Sequence[Draft]]]) -> str:
    if kind == "calm" and name not in ("noticed", "in the last message"):
        return ""
    hits = [COLUMNS[name][1](chat, replies) for chat, replies in members]
    return share(sum(hits), len(hits))


def _noticed(chat: LabelledChat, replies: Sequence[Draft]) -> bool:
    return any(reply.category for reply in replies[max(chat.first - 1, 0) :])


def _in_time(chat: LabelledChat, replies: Sequence[Draft]) -> bool:
    return any(reply.category for reply in replies[: chat.start])


def _rightly(chat: LabelledChat, replies: Sequence[Draft]) -> bool:
    return any(reply.category in chat.categories for reply in replies[: chat.start])


def _too_soon(chat: LabelledChat, replies: Sequence[Draft]) -> bool:
    return any(reply.category for reply in replies[: max(chat.first - 1, 0)])


def _as_urgent(chat: LabelledChat, replies: Sequence[Draft]) -> bool:
    ranks = [reply.urgency.rank for reply in replies if reply.category]
    return max(ranks, default=0) >= chat.urgency.rank


def _at_the_end(_: LabelledChat, replies: Sequence[Draft]) -> bool:
    return replies[-1].category is not None


# A reply notices where it says which harm it heard of; one over something unread does not.
COLUMNS: dict[str, tuple[str, Callable[[LabelledChat, Sequence[Draft]], bool]]] = {
    "noticed": (
        "after the message at which one reader would have asked, or later; of calm chats, "
        "after any message, and there each is a false alarm",
        _noticed,
    ),
    "in time": ("no later than the message at which both readers would have asked", _in_time),
    "in time, rightly": ("the same, and as a harm that a reader saw", _rightly),
    "too soon": ("before any reader would have asked", _too_soon),
    "as urgent": ("at some time as urgent as the calmer reader found it", _as_urgent),
    "in the last message": ("the reply to the last message names a harm", _at_the_end),
}
