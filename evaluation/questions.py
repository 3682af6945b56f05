"""What is answered to a question: the right card, a wrong one, or an honest "I do not know".

testpack/questions/ holds one question a line: `text`, `before` where it goes on from a first
message, `style`, the `facts` its writer had in mind, and `cards`: for each thing that was asked,
the cards that answer it by two judges who saw neither AskSafe's answer nor each other's verdict.
No cards: nothing in AskSafe answers it. `says`: whether a statement is right.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from bot.content.library import Content
from bot.conversation import Conversations
from bot.model import Draft, Message
from evaluation.columns import unread

RIGHT, WRONG, OFFERED, UNSURE = "right", "wrong card", "did you mean", "does not know"
FOLLOW_UP = "fol"


@dataclass(frozen=True)
class Question:
    """One question of the test pack.

    Attributes:
        cards: For each thing asked, the cards that answer it; empty where none does.
        says: "yes" or "no" where a statement is to be confirmed.
    """

    id: str
    text: str
    style: str
    facts: tuple[str, ...]
    cards: tuple[frozenset[str], ...]
    before: str = ""
    says: str = ""


@dataclass(frozen=True)
class Verdict:
    """What became of one question.

    Attributes:
        outcome: RIGHT, WRONG, OFFERED or UNSURE.
        given: The cards that were given or offered.
        worry: Whether it was taken for a worry.
        unread: Whether it could not be read.
    """

    outcome: str
    given: tuple[str, ...]
    worry: bool = False
    unread: bool = False


def load_questions(path: Path) -> list[Question]:
    """The questions of a file."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [
        Question(
            **{**row, "facts": tuple(row["facts"]), "cards": tuple(map(frozenset, row["cards"]))}
        )
        for row in rows
    ]


async def verdicts(conversations: Conversations, questions: Iterable[Question]) -> list[Verdict]:
    """What became of each, in a chat of its own."""
    found = []
    for question in questions:
        chat = f"question-{question.id}"
        if question.before:
            await conversations.reply_to(Message(question.before, chat))
        draft = (await conversations.reply_to(Message(question.text, chat))).draft
        found.append(verdict(question, draft, conversations.content))
        conversations.forget(chat)
    return found


def verdict(question: Question, draft: Draft, content: Content) -> Verdict:
    """What became of a question.

    Right: every thing that was asked is answered by a card that answers it, and a statement whose
    card has a line for it begins with the right one.
    """
    answering = tuple(name for name in draft.answer_ids if _answers(name, content))
    offered = tuple(offer.id for offer in draft.offers)
    told = {"worry": draft.category is not None, "unread": unread(draft)}
    if answering:
        all_asked = bool(question.cards) and all(part & set(answering) for part in question.cards)
        right = all_asked and _begins_right(question, draft, content)
        return Verdict(RIGHT if right else WRONG, answering, **told)
    if draft.lead[:1] == (content.notices.did_you_mean,):
        return Verdict(OFFERED, offered, **told)
    return Verdict(UNSURE, offered, **told)


def _answers(name: str, content: Content) -> bool:
    return name.startswith("telling.") or (name in content.cards and content.cards[name].answers)


def _begins_right(question: Question, draft: Draft, content: Content) -> bool:
    """Whether a reply to a statement does not say no to what is so, or yes to what is not."""
    notices = content.notices
    opposite = {"yes": notices.confirm_no, "no": notices.confirm_yes}.get(question.says)
    return opposite is None or not draft.answer.startswith(opposite)
