"""Shows answer cards as a student sees them, people and sources included."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from bot import wording
from bot.answering import FIRST_SENTENCE, Found, sure_of
from bot.chat import Chat
from bot.content.library import Content
from bot.content.words import Card
from bot.errors import SettingsError
from bot.handover import hand_over
from bot.model import SealedReply


def preview(content: Content, names: list[str], now: datetime) -> Iterator[str]:
    """Lines of each card: its id, its question, and the whole reply.

    Args:
        content: All cards.
        names: Ids of the cards to show; all of them where none is named.
        now: The moment for opening hours.

    Raises:
        SettingsError: When no card has such an id.
    """
    for name in names or content.cards:
        card = content.cards.get(name)
        if card is None:
            message = f"No answer card is called '{name}'; `python -m bot preview` shows all."
            raise SettingsError("preview.unknown", message)
        yield from (f"=== {card.id} ({card.kind}), review by {card.review_by}", card.question, "")
        yield from reply(card, content, now).lines
        for said, line in (("right", card.yes), ("wrong", card.no)):
            if line:
                yield f"(said first to a statement that is {said}: {line})"
        yield ""


def reply(card: Card, content: Content, now: datetime) -> SealedReply:
    """The reply that gives a card, in a chat without anything before it."""
    if card.id == FIRST_SENTENCE:
        draft = wording.first_sentence(Chat(), content)
    else:
        found = Found((card,), choice=sure_of(card))
        draft = wording.with_answer(wording.plain(Chat(), content), found, content)
    return SealedReply(draft, hand_over(draft, content, now))
