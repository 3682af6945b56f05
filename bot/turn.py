"""One message, top to bottom: look for signals, choose an answer, put a draft together.

Who to hand over to is decided after this, in handover.py; what happens when a step here fails,
in envelope.py. Knows neither channels nor Rasa.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Protocol

from bot import answering, wording
from bot.answering import Found, sure_of
from bot.background import in_daemon_thread
from bot.chat import Chat
from bot.content.library import Content
from bot.errors import SpotterError
from bot.follow_up import in_context
from bot.model import (
    About,
    Brain,
    Category,
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
    draft = await _turn(message, chat, progress, spotter, brain, content)
    chat.note_reply(draft)
    return draft


async def _turn(
    message: Message,
    chat: Chat,
    progress: Progress,
    spotter: Spots,
    brain: Brain,
    content: Content,
) -> Draft:
    """The steps of a turn, in their order; the first that has something to say, says it."""
    chat.turns += 1
    progress.standing = chat.standing
    if not message.text.strip():
        progress.look = Look()
        return wording.plain(chat, content, (content.notices.empty,))
    was_asked, chat.asked_danger = chat.asked_danger, max(chat.asked_danger - 1, 0)

    look = await _looked(message, chat, was_asked > 0, spotter, content)
    progress.look = look
    chat.note(look)
    progress.standing = chat.standing
    if look.signals:
        progress.draft = draft = _worry(look, message, chat, content)
        if draft.urgency is Urgency.EMERGENCY:
            return draft
        return await _add_answer(draft, message, look, chat, brain, content)
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
    topic = answering.topic(message.text, chat, content)
    if topic is not None:
        return wording.first_sentence(chat, content, topic)
    is_question = answering.picked(message.text, chat, content) is not None
    if "staff_named" in look.cues and not (is_question or answering.held_back(look)):
        return wording.about_staff(chat, content)
    found = await answering.find(message, look, chat, brain, content)
    if found.route is not None:
        draft = wording.plain(chat, content)
        return wording.about_route(draft, found.route, answering.aspects(look), content)
    if not found.cards:
        return wording.no_answer(look, chat, content, found)
    return _given(found, chat, look, content)


def _given(found: Found, chat: Chat, look: Look, content: Content) -> Draft:
    """The reply with the cards that were found."""
    card = found.cards[0]
    if card.denies and chat.told:
        return wording.denied(chat, content, found.choice)
    if card.id == answering.FIRST_SENTENCE:
        return wording.first_sentence(chat, content)
    if card.id in content.handover.avoid:
        chat.avoid([card.id])
    lead = (content.notices.year_noted,) if look.year is not None else ()
    draft = wording.plain(chat, content, lead)
    if answering.raises(card, look):
        signal = Signal(Category.WELLBEING, card.raises, About.SELF, f"card.{card.id}")
        signal = signal.raised() if chat.told else signal
        chat.note_signal(signal)
        draft = wording.worry(signal, chat, content)
        _remember_question(draft, chat)
    return wording.with_answer(draft, found, content)


async def _add_answer(
    draft: Draft, message: Message, look: Look, chat: Chat, brain: Brain, content: Content
) -> Draft:
    """A worry with a question in it gets both; when this breaks, the envelope says the first."""
    card = content.cards.get(answering.held_back(look))
    if card is not None:
        return wording.with_answer(draft, Found((card,), choice=sure_of(card)), content)
    found = await answering.find(message, look, chat, brain, content)
    asking, is_asked = content.signals.asking.data, answering.asks(look, found.choice)
    enough = asking.sure_beside_worry if is_asked else asking.sure_beside_a_statement
    sure = found.choice.confidence >= enough
    if found.route is not None:
        return wording.about_route(draft, found.route, answering.aspects(look), content)
    if not found.cards or not sure or not found.cards[0].answers:
        return draft
    if found.cards[0].id == answering.FIRST_SENTENCE:
        return wording.with_topics(draft, content)
    return wording.with_answer(draft, found, content)


async def _looked(
    message: Message, chat: Chat, asked_danger: bool, spotter: Spots, content: Content
) -> Look:
    """What is seen in a message after what was said before; nothing in words AskSafe offered."""
    if answering.was_offered(message.text, chat, content):
        return Look()
    look = await in_daemon_thread(lambda: spotter.spot(message.text, chat.earlier), "spotter")
    if not isinstance(look, Look):
        raise SpotterError("spotter.nonsense", "The spotter gave no Look.")
    return in_context(look, chat, asked_danger, content.signals.classifier.data)


def _remember_question(draft: Draft, chat: Chat) -> None:
    if draft.question:
        chat.asked_danger = _ANSWERS_LATER
        chat.asked_at = draft.urgency


def _why_unread(message: Message, content: Content) -> str:
    letters = sum(char.isascii() and char.isalpha() for char in message.text)
    readable = letters * 2 > len(message.text.replace(" ", ""))
    return content.notices.too_long if readable else content.notices.not_readable
