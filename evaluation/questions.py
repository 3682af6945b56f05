"""Which card is given to a question: the right one, a wrong one, or an honest "I do not know".

testpack/questions.jsonl holds one question a line: `text` and `intent`, the card that answers it,
or `out_of_scope` where the documents do not.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

from bot.conversation import Conversations
from bot.model import Draft, Message
from evaluation.columns import unread
from evaluation.figures import share

NO_CARD = (None, "out_of_scope", "not_in_documents")
Question = dict[str, str]


def load_questions(path: Path) -> list[Question]:
    """The questions of a file."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


async def drafts(conversations: Conversations, questions: Iterable[Question]) -> list[Draft]:
    """What is answered to each, each in a chat of its own."""
    return [
        (await conversations.reply_to(Message(row["text"], f"question-{number}"))).draft
        for number, row in enumerate(questions)
    ]


def table(questions: Sequence[Question], answered: Sequence[Draft]) -> list[str]:
    """How often which, as lines of Markdown."""
    outcome: dict[str, list[bool]] = defaultdict(list)
    for row, draft in zip(questions, answered, strict=True):
        known, none = row["intent"] not in NO_CARD, draft.answer_id in NO_CARD
        right = draft.answer_id == row["intent"]
        kind = "answerable" if known else "not answerable"
        outcome[f"{kind}: right"].append(right if known else none)
        outcome[f"{kind}: says that it does not know"].append(none)
        outcome[f"{kind}: wrong card"].append(not none and not right)
        outcome[f"{kind}: taken for a worry"].append(draft.category is not None)
        outcome[f"{kind}: could not be read"].append(unread(draft))
    lines = ["| | n | |", "|---|---|---|"]
    for name, hits in sorted(outcome.items()):
        lines.append(f"| {name} | {len(hits)} | {share(sum(hits), len(hits))} |")
    return lines
