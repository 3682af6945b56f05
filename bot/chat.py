"""What is remembered of a chat: no message, only what later turns need. In memory, bounded."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from bot.model import Category, Draft, Look, Signal, Standing, Urgency

_MOST_EARLIER = 20
_MOST_HINTS = 6


@dataclass
class Chat:
    """The memory of one chat.

    Attributes:
        standing: What orders the hand-over from now on.
        earlier: Category of each message that held a signal, oldest first, at most 20.
        told: How many messages held a signal.
        hints: Of each message since the last signal, at most 6, how likely it hints at what.
        asked_danger: For how many more messages "yes" answers "Are you in danger right now?".
        asked_at: Strongest urgency at which that was asked.
        offered: What the last reply let the student choose from: ids of cards or topics.
        last_card: The card that was answered with last; a follow-up goes on from it.
        told_of_staff: True once AskSafe has said whom to tell of a worry about staff.
        turns: Replies so far; chooses between wordings.
        last_seen: Seconds of the clock that the owner of the chats uses.
    """

    standing: Standing = field(default_factory=Standing)
    earlier: tuple[Category, ...] = ()
    told: int = 0
    hints: tuple[dict[Category, float], ...] = field(default=(), repr=False)
    asked_danger: int = 0
    asked_at: Urgency = Urgency.NONE
    offered: tuple[str, ...] = ()
    last_card: str | None = None
    told_of_staff: bool = False
    turns: int = 0
    last_seen: float = 0.0

    def note(self, look: Look) -> None:
        """Remember what one message said about risk, year and staff. Never lowers anything."""
        if look.year is not None:
            self.standing = replace(self.standing, year=look.year)
        if "staff" in look.cues or "staff_named" in look.cues:
            self.standing = replace(self.standing, staff=True)
        held = {cue.removeprefix("path:") for cue in look.cues if cue.startswith("path:")}
        if held and (look.signals or self.told):
            self.avoid(held)
        if look.signals:
            self.note_signal(look.signals[0])

    def note_reply(self, draft: Draft) -> None:
        """Remember what a reply offered and answered with, for what comes next."""
        self.offered = tuple(offer.id for offer in draft.offers)
        if draft.answered:
            self.last_card = draft.answer_ids[-1].removeprefix("telling.")

    def avoid(self, cards: Iterable[str]) -> None:
        """Remember whom the student would rather not go to; it moves down, it never goes."""
        self.standing = replace(self.standing, avoids=self.standing.avoids.union(cards))

    def hinted(self, hint: dict[Category, float]) -> dict[Category, float]:
        """Remember what one message without a signal may hint at; return what all add up to."""
        self.hints = (*self.hints, hint)[-_MOST_HINTS:]
        return {name: sum(each[name] for each in self.hints) for name in hint}

    def note_signal(self, signal: Signal) -> None:
        """Remember the strongest signal of one message."""
        self.told += 1
        self.hints = ()
        self.earlier = (*self.earlier, signal.category)[-_MOST_EARLIER:]
        stands, rise = self.standing, signal.urgency.rank - self.standing.urgency.rank
        if rise > 0 or (rise == 0 and self._weighs_as_much(signal.category)):
            self.standing = replace(
                stands, urgency=signal.urgency, category=signal.category, about=signal.about
            )

    def _weighs_as_much(self, category: Category) -> bool:
        """Whether the newest worry, as pressing as what stands, may order the hand-over instead.

        A small message is easily taken for another worry: it must not sweep away the people for
        one that was told more often, nor "wellbeing", where nothing else fits, those for any other.
        """
        stands = self.standing.category
        if stands is None or category is stands:
            return True
        often = self.earlier.count(category) >= self.earlier.count(stands)
        return often and category is not Category.WELLBEING


class Chats:
    """All chats of this process, at most `most` and none idle for longer than `idle_seconds`."""

    def __init__(self, most: int, idle_seconds: float, clock: Callable[[], float]) -> None:
        """Start with none.

        Args:
            most: Chats kept; beyond that the one idle longest is forgotten.
            idle_seconds: After this a chat is forgotten.
            clock: Seconds that only ever grow.
        """
        self._most = most
        self._idle = idle_seconds
        self._clock = clock
        self._chats: OrderedDict[str, Chat] = OrderedDict()

    def open(self, chat_id: str) -> Chat:
        """The chat with this id, a new one if it is not known or has been forgotten."""
        now = self._clock()
        while self._chats:
            oldest = next(iter(self._chats.values()))
            if now - oldest.last_seen <= self._idle:
                break
            self._chats.popitem(last=False)
        chat = self._chats.pop(chat_id, None) or Chat()
        chat.last_seen = now
        self._chats[chat_id] = chat
        if len(self._chats) > self._most:
            self._chats.popitem(last=False)
        return chat

    def forget(self, chat_id: str) -> None:
        """End one chat; nothing of it is left."""
        self._chats.pop(chat_id, None)

    def __len__(self) -> int:
        """How many chats are remembered."""
        return len(self._chats)
