"""Reads a look together with what was said before in the chat. Only ever adds or raises."""

from __future__ import annotations

from dataclasses import replace

from bot.chat import Chat
from bot.model import About, Look, Signal, Urgency


def in_context(look: Look, chat: Chat, asked_danger: bool) -> Look:
    """A look as it is meant after what was said before.

    Args:
        look: What the spotter saw in the message alone.
        chat: Its memory, before this message.
        asked_danger: True where "yes" answers "Are you in danger right now?".
    """
    return _about_whom(_raised(_repeated(look, chat), asked_danger), chat)


def _repeated(look: Look, chat: Chat) -> Look:
    """The same worry again after "it was not a joke", and the student's own after "she is me"."""
    standing = chat.standing
    if standing.category is None or standing.about is None:
        return look
    is_me = "it_is_me" in look.cues and standing.about is not About.SELF
    if not is_me and (look.signals or "means_it" not in look.cues):
        return look
    if look.signals:
        return _with_first(look, replace(look.signals[0], about=About.SELF))
    urgency = max(standing.urgency, Urgency.URGENT, key=lambda item: item.rank)
    about = About.SELF if is_me else standing.about
    rule = "chat.it_is_me" if is_me else "chat.means_it"
    return replace(look, signals=(Signal(standing.category, urgency, about, rule),))


def _raised(look: Look, asked_danger: bool) -> Look:
    """An emergency where a part could not be read, or danger was asked about and is there."""
    if not look.signals or (look.complete and not (asked_danger and "yes" in look.cues)):
        return look
    return _with_first(look, replace(look.signals[0], urgency=Urgency.EMERGENCY))


def _about_whom(look: Look, chat: Chat) -> Look:
    """After a worry about a friend, "he is going there again" is about that friend."""
    before = chat.standing.about
    if not look.signals or before in (None, About.SELF):
        return look
    if "third_person" not in look.cues or "it_is_me" in look.cues:
        return look
    return _with_first(look, replace(look.signals[0], about=before))


def _with_first(look: Look, first: Signal) -> Look:
    return replace(look, signals=(first, *look.signals[1:]))
