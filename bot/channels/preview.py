"""Shows answer cards as a student sees them, people and sources included."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import datetime
from functools import partial

from bot import wording
from bot.answering import FIRST_SENTENCE, Found, sure_of
from bot.chat import Chat
from bot.content.library import Content
from bot.content.words import Card
from bot.envelope import Envelope
from bot.errors import SettingsError
from bot.model import Draft
from bot.turn import Progress

_SECONDS = 5.0


def preview(content: Content, names: list[str], now: datetime) -> Iterator[str]:
    """Lines of each card: its id, its question, and the whole reply.

    Args:
        content: All cards.
        names: Ids of the cards to show; all of them where none is named.
        now: The moment for opening hours.

    Raises:
        SettingsError: When no card has such an id.
    """
    envelope = Envelope(content, lambda: now, _SECONDS)
    for name in names or content.cards:
        card = content.cards.get(name)
        if card is None:
            message = f"No answer card is called '{name}'; `python -m bot preview` shows all."
            raise SettingsError("preview.unknown", message)
        yield from (f"=== {card.id} ({card.kind}), review by {card.review_by}", card.question, "")
        yield from asyncio.run(envelope.reply_to(partial(_given, card, content))).lines
        if card.point:
            yield f"(said first to a student who says what they think: {card.point})"
        yield ""


async def _given(card: Card, content: Content, progress: Progress) -> Draft:
    """What gives a card in a chat without anything before it."""
    if card.id == FIRST_SENTENCE:
        return wording.first_sentence(Chat(), content)
    found = Found((card,), choice=sure_of(card))
    return wording.with_answer(wording.plain(Chat(), content), found, content)
