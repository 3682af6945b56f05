"""One message, top to bottom: look for signals, choose an answer, put a draft together.

Who to hand over to is decided after this, in handover.py; what happens when a step here fails,
in envelope.py. Knows neither channels nor Rasa.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Protocol

from bot import wording
from bot.background import in_daemon_thread
from bot.chat import Chat
from bot.content.library import Content
from bot.content.words import Card
from bot.errors import SpotterError
from bot.follow_up import in_context
from bot.model import (
    About,
    Brain,
    Category,
    Choice,
    Draft,
    Look,
    Message,
    Signal,
    Standing,
    Urgency,
)

# "yes" counts as an answer to the danger question for so many messages after it.
_ANSWERS_LATER = 3


class Spots(Protocol):
    """Looks for signals in a message."""

    def spot(self, text: str, earlier: tuple[Category, ...] = ()) -> Look:
        """What the message holds, strongest signal first."""
        ...


@dataclass
class Progress:
    """How far a turn came, for the envelope in case it does not end.

    Attributes:
        look: What the spotter saw, once it has looked.
        standing: Of the chat.
        draft: A whole reply to a worry, while an answer is still looked for.
    """

    look: Look | None = None
    standing: Standing = field(default_factory=Standing)
    draft: Draft | None = None


async def take_turn(
    message: Message,
    chat: Chat,
    progress: Progress,
    *,
    spotter: Spots,
    brain: Brain,
    content: Content,
) -> Draft:
    """Decide what to say to one message.

    Args:
        message: What was typed.
        chat: Its memory; changed by this turn.
        progress: Told as soon as the spotter has looked.
        spotter: Looks for signals, in a thread of its own.
        brain: Chooses an answer card.
        content: All words.

    Raises:
        Exception: Whatever a step raises; the envelope catches it.
    """
    chat.turns += 1
    progress.standing = chat.standing
    if not message.text.strip():
        progress.look = Look()
        return wording.plain(chat, content, (content.notices.empty,))
    was_asked, chat.asked_danger = chat.asked_danger, max(chat.asked_danger - 1, 0)

    limits = content.signals.classifier.data
    look = in_context(await _looked(message, chat, spotter), chat, was_asked > 0, limits)
    progress.look = look
    chat.note(look)
    progress.standing = chat.standing
    if look.signals:
        progress.draft = draft = _worry(look, message, chat, content)
        if draft.urgency is Urgency.EMERGENCY or "question" not in look.cues:
            return draft
        return await _add_answer(draft, message, brain, content)
    if not look.complete:
        return wording.unread(chat, content, _why_unread(message, content))
    answer = wording.danger_answer(look, chat, content) if was_asked else None
    if answer is not None:
        chat.asked_danger = 0
        return answer
    draft = await _answer(message, chat, look, brain, content)
    if "rules_only" in look.cues:
        draft = replace(draft, lead=(content.notices.half_working, *draft.lead))
    if was_asked == _ANSWERS_LATER and draft.answer_id is None:
        return wording.asked_again(draft, content)
    return draft


def _worry(look: Look, message: Message, chat: Chat, content: Content) -> Draft:
    """The reply to a signal, without an answer to what was asked beside it."""
    staff = chat.standing.staff and not chat.told_of_staff
    chat.told_of_staff = chat.told_of_staff or staff
    draft = wording.worry(look.signals[0], chat, content, staff)
    if not look.complete:
        draft = replace(draft, lead=(*draft.lead, _why_unread(message, content)))
    _remember_question(draft, chat)
    return draft


async def _answer(
    message: Message, chat: Chat, look: Look, brain: Brain, content: Content
) -> Draft:
    """The reply to a message without a signal."""
    if "staff_named" in look.cues:
        return wording.about_staff(chat, content)
    choice = await brain.choose(message.text, message.chat)
    lead = (content.notices.year_noted,) if look.year is not None else ()
    card = _fitting(choice, look, chat, content)
    if card is None:
        return wording.no_answer(look, chat, content, choice)
    if card.denies and chat.told:
        return wording.denied(chat, content, choice)
    if _raises(card, look):
        signal = Signal(Category.WELLBEING, card.raises, About.SELF, f"card.{card.id}")
        signal = signal.raised() if chat.told else signal
        chat.note_signal(signal)
        draft = wording.worry(signal, chat, content)
        _remember_question(draft, chat)
        return wording.with_answer(draft, card, choice, content)
    return wording.with_answer(wording.plain(chat, content, lead), card, choice, content)


def _fitting(choice: Choice, look: Look, chat: Chat, content: Content) -> Card | None:
    """The card to give: no small talk beside other words, no guesses at what asks nothing.

    To a model that knows no better word, what a frightened student types may sound like either.
    """
    cues = content.signals.cues.data
    for name in cues.talk:
        # "it is nothing" takes back what was said; where nothing was, it may be a first try.
        takes_back = content.cards[name].denies and not chat.told
        if f"talk:{name}" in look.cues and (choice.answer == name or not takes_back):
            return content.cards[name]
    # The model may know a card that has been taken out of content/ since it was trained.
    card = content.cards.get(choice.answer or "")
    if card is None or card.id in cues.talk:
        return None
    unsure = choice.confidence < cues.sure_of_a_statement
    if unsure and "question" not in look.cues and not _raises(card, look):
        return None
    return card


def _raises(card: Card, look: Look) -> bool:
    """Whether a card is a sign of a worry; where the words themselves are calm, it is a guess."""
    return card.raises is not Urgency.NONE and "calm" not in look.cues


async def _add_answer(draft: Draft, message: Message, brain: Brain, content: Content) -> Draft:
    """A worry with a question in it gets both; when this breaks, the envelope says the first."""
    choice = await brain.choose(message.text, message.chat)
    sure = choice.confidence >= content.signals.cues.data.sure_beside_worry
    card = content.cards.get(choice.answer or "")
    if card is None or not sure or card.kind == "talk":
        return draft
    return wording.with_answer(draft, card, choice, content)


async def _looked(message: Message, chat: Chat, spotter: Spots) -> Look:
    look = await in_daemon_thread(lambda: spotter.spot(message.text, chat.earlier), "spotter")
    if not isinstance(look, Look):
        raise SpotterError("spotter.nonsense", "The spotter gave no Look.")
    return look


def _remember_question(draft: Draft, chat: Chat) -> None:
    if draft.question:
        chat.asked_danger = _ANSWERS_LATER
        chat.asked_at = draft.urgency


def _why_unread(message: Message, content: Content) -> str:
    letters = sum(char.isascii() and char.isalpha() for char in message.text)
    readable = letters * 2 > len(message.text.replace(" ", ""))
    return content.notices.too_long if readable else content.notices.not_readable
