"""Reads a look together with what was said before in the chat. Only ever adds or raises."""

from __future__ import annotations

import math
from dataclasses import replace

from bot.chat import Chat
from bot.content.signals import ClassifierFile
from bot.model import CLASSIFIER, About, Category, Look, Signal, Urgency

_MOST_OF_ONE = 0.75  # of what several messages must add up to; one alone is never enough


def in_context(look: Look, chat: Chat, asked_danger: bool, limits: ClassifierFile) -> Look:
    """A look as it is meant after what was said before.

    Args:
        look: What the spotter saw in the message alone.
        chat: Its memory, before this message.
        asked_danger: True where "yes" answers "Are you in danger right now?".
        limits: content/signals/classifier.yml.
    """
    look = _answering(look, limits) if asked_danger else _taking_back(look, chat)
    look = _added_up(_repeated(look, chat), chat, limits)
    return _about_whom(_raised(look, asked_danger), chat)


def _answering(look: Look, limits: ClassifierFile) -> Look:
    """Without what the classifier thinks to hear in "no, he has gone", or is not sure of."""
    if look.scores is None or not _unnamed(look) or look.cues.isdisjoint({"no", "unsure"}):
        return look
    of_danger = all(signal.category is Category.UNSAFE_NOW for signal in look.signals)
    if not of_danger and look.scores.risk >= limits.answer:
        return look
    return replace(look, signals=(), scores=None)


def _taking_back(look: Look, chat: Chat) -> Look:
    """Without what the classifier thinks to hear in "i was joking": what was told stays told."""
    if chat.told and "talk:joking" in look.cues and look.signals and _unnamed(look):
        return replace(look, signals=(), scores=None)
    return look


def _unnamed(look: Look) -> bool:
    """Whether no rule names what is going on; at most the classifier hears something."""
    return all(signal.rule == CLASSIFIER for signal in look.signals)


def _added_up(look: Look, chat: Chat, limits: ClassifierFile) -> Look:
    """A concern from several messages none of which is one: his age, then a secret, then a lift."""
    scores = look.scores
    if look.signals or scores is None:
        return look
    likely = 1 / (1 + math.exp(limits.concern - scores.risk))
    most = limits.together * _MOST_OF_ONE
    sums = chat.hinted({name: min(likely * share, most) for name, share in scores.category.items()})
    category = max(sums, key=lambda name: sums[name])
    if sums[category] < limits.together or "calm" in look.cues:
        return look
    about = max(scores.about, key=lambda name: scores.about[name])
    signal = Signal(category, Urgency.CONCERN, about, "chat.together")
    return replace(look, signals=(signal.raised() if chat.told else signal,))


def _repeated(look: Look, chat: Chat) -> Look:
    """The same worry again after "it was not a joke", and the student's own after "she is me"."""
    standing = chat.standing
    if standing.category is None or standing.about is None:
        return look
    is_me = "it_is_me" in look.cues and standing.about is not About.SELF
    if not is_me and not ("means_it" in look.cues and _unnamed(look)):
        return look
    said = (signal.urgency for signal in look.signals)
    urgency = max(Urgency.URGENT, standing.urgency, *said, key=lambda each: each.rank)
    if not _unnamed(look):
        return _with_first(look, replace(look.signals[0], about=About.SELF, urgency=urgency))
    about = About.SELF if is_me else standing.about
    rule = "chat.it_is_me" if is_me else "chat.means_it"
    signal = Signal(standing.category, urgency, about, rule)
    return replace(look, signals=(signal, *look.signals))


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
