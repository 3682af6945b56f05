"""The words of the project as types: message, signal, answer, route, draft, reply.

Holds data only and imports nothing else of ours, so that every other file can speak it.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Protocol

from bot.errors import ReplyError


class Category(StrEnum):
    """What kind of harm a signal points to."""

    SUICIDE = "suicide"
    SELF_HARM = "self_harm"
    SEXUAL_ABUSE = "sexual_abuse"
    EXPLOITATION = "exploitation"
    GROOMING = "grooming"
    IMAGE_SHARING = "image_sharing"
    RELATIONSHIP_ABUSE = "relationship_abuse"
    HOME_ABUSE = "home_abuse"
    BULLYING = "bullying"
    HARASSMENT = "harassment"
    CRIMINAL_EXPLOITATION = "criminal_exploitation"
    UNSAFE_NOW = "unsafe_now"
    WELLBEING = "wellbeing"


class Urgency(StrEnum):
    """How soon a person should know. It orders help and chooses words, nothing else."""

    NONE = "none"
    CONCERN = "concern"
    URGENT = "urgent"
    EMERGENCY = "emergency"

    @property
    def rank(self) -> int:
        """0 for none up to 3 for emergency."""
        return list(Urgency).index(self)


class About(StrEnum):
    """Who may be at risk."""

    SELF = "self"
    FRIEND = "friend"
    OTHER = "other"


class Scope(StrEnum):
    """How the words around a signal change its meaning."""

    NEGATED = "negated"
    PAST = "past"
    HYPOTHETICAL = "hypothetical"


@dataclass(frozen=True)
class Message:
    """One utterance of a student. `chat` is a random token or a keyed hash, never an identity."""

    text: str
    chat: str

    def __repr__(self) -> str:
        """Hide the text: a repr may end in a log or a traceback."""
        return f"Message({len(self.text)} characters)"


CLASSIFIER = "classifier"  # what stands for the rule where no rule led to a signal


@dataclass(frozen=True)
class Signal:
    """What in a message points to risk, and why AskSafe thinks so.

    Attributes:
        rule: Id of the rule that matched, or of the step that raised the signal.
        start: First token of the match in the normalised text.
        end: Token after the last.
        scopes: Scope words found around it, each with the words of the message that are its cue.
        alone: True where the rule stands even if the classifier is sure of no risk.
    """

    category: Category
    urgency: Urgency
    about: About
    rule: str
    start: int = 0
    end: int = 0
    scopes: tuple[tuple[Scope, str], ...] = field(default=(), repr=False)
    alone: bool = False

    def raised(self) -> Signal:
        """As it counts after another worry in the same chat: a concern becomes urgent."""
        return replace(self, urgency=Urgency.URGENT) if self.urgency is Urgency.CONCERN else self


@dataclass(frozen=True)
class Scores:
    """What the classifier makes of a text.

    Attributes:
        risk: Log odds that a person should know; the higher, the surer.
        urgency: Share of each urgency.
        category: Share of each category, if there is a risk.
        about: Share of each about, if there is a risk.
    """

    risk: float
    urgency: dict[Urgency, float]
    category: dict[Category, float]
    about: dict[About, float]


@dataclass(frozen=True)
class Look:
    """What the spotter saw in one message.

    Attributes:
        signals: Strongest first.
        complete: False where a part of the text could not be read; that is never "safe".
        cues: Words that steer the turn: an answer to the danger question, a question, staff.
        year: School year that the student gave for themselves.
        scores: Of the classifier; None where it could not be asked.
        text: The message with slang, spelling and signs put right, as the brain is asked.
    """

    signals: tuple[Signal, ...] = ()
    complete: bool = True
    cues: frozenset[str] = frozenset()
    year: int | None = None
    scores: Scores | None = field(default=None, repr=False)
    text: str = field(default="", repr=False)


@dataclass(frozen=True)
class Choice:
    """What the brain chose for a message.

    Attributes:
        answer: Answer card id, or None when nothing was likely enough.
        intent: The intent Rasa predicted.
        confidence: 0 to 1, of the card.
        ranking: Cards and confidences, best first.
        says: "yes" or "no" to a message that states what the card is about.
        says_share: How much of the confidence comes from that, 0 to 1.
    """

    answer: str | None
    intent: str
    confidence: float
    ranking: tuple[tuple[str, float], ...] = ()
    says: str = ""
    says_share: float = 0.0


class Brain(Protocol):
    """Chooses an answer card. The only thing that stands behind it is Rasa."""

    async def ready(self) -> None:
        """Wait until it can be asked; ModelError where it never will."""
        ...

    async def choose(self, text: str, chat: str) -> Choice:
        """The choice for a text, in a chat; ModelError where there is none in time."""
        ...


@dataclass(frozen=True)
class Standing:
    """What a chat has shown so far and the student has said about themselves.

    Attributes:
        urgency: The strongest so far.
        category: Of that signal.
        year: School year 7 to 13 if the student said it.
        staff: True if a worry is about somebody who works at the school.
        avoids: Cards of those who hold back ("not the police"); what each moves down.
    """

    urgency: Urgency = Urgency.NONE
    category: Category | None = None
    about: About | None = None
    year: int | None = None
    staff: bool = False
    avoids: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Offer:
    """Something to choose, with the id of an answer card or topic: sent back as its text."""

    id: str
    text: str


@dataclass(frozen=True)
class Draft:
    """What AskSafe means to say, before people are added.

    Attributes:
        lead: First lines: heard, not your fault, notices.
        answer: The text of the answer card, or of the two, or empty.
        answer_ids: Their ids.
        answered: True only where a card was given to what was asked.
        offers: What the student can choose from next; channels show numbers or buttons.
        sources: "document § section" of each fact used.
        paper_trail: The same as lines for a student.
        card_routes: Routes that fit the card specially.
        heading: Stands above the hand-over.
        after: Lines that stand below the hand-over: privacy, telling.
        question: The one question AskSafe asks back, or empty.
        urgency: Of this message, after scope and what was said before.
        standing: The strongest of the chat so far: it orders the hand-over.
    """

    lead: tuple[str, ...] = ()
    answer: str = ""
    answer_ids: tuple[str, ...] = ()
    answered: bool = False
    offers: tuple[Offer, ...] = ()
    intent: str | None = None
    sources: tuple[str, ...] = ()
    paper_trail: tuple[str, ...] = ()
    card_routes: tuple[str, ...] = ()
    heading: str = ""
    after: tuple[str, ...] = ()
    question: str = ""
    urgency: Urgency = Urgency.NONE
    category: Category | None = None
    about: About | None = None
    standing: Standing = field(default_factory=Standing)

    def __repr__(self) -> str:
        """Hide what is said: with a signal it would tell what the student wrote of."""
        return "Draft()"

    @property
    def answer_id(self) -> str | None:
        """Id of the first answer card, or None."""
        return next(iter(self.answer_ids), None)


@dataclass(frozen=True)
class RouteLine:
    """One route as a student reads it in a hand-over.

    Attributes:
        telling: What happens if the student goes there, for channels that can unfold it.
    """

    route: str
    text: str
    open_now: bool
    telling: tuple[str, ...] = ()


@dataclass(frozen=True)
class SealedReply:
    """A whole reply. It cannot exist without a route that can be reached now.

    Raises:
        ReplyError: On construction without such a route.
    """

    draft: Draft
    routes: tuple[RouteLine, ...]

    def __post_init__(self) -> None:
        """Refuse a reply that hands over to nobody."""
        if not any(route.open_now for route in self.routes):
            raise ReplyError("reply.no_route", "A reply needs a route that can be reached now.")

    def __repr__(self) -> str:
        """Hide what is said, as `Draft` does."""
        return f"SealedReply({len(self.routes)} routes)"

    @property
    def lines(self) -> tuple[str, ...]:
        """Everything a student reads, top to bottom: the worry first, then what was asked.

        Blocks stand apart by an empty line.
        """
        draft = self.draft
        people = (draft.heading, *(f"- {route.text}" for route in self.routes))
        answer = (*draft.answer.splitlines(), *draft.paper_trail)
        offers = tuple(f"{number}. {offer.text}" for number, offer in enumerate(draft.offers, 1))
        question = (draft.question,) if draft.question else ()
        blocks = [draft.lead, people, draft.after, answer, offers, question]
        if draft.urgency is Urgency.NONE:
            blocks = [draft.lead, (*answer, *offers), people, draft.after, question]
        apart = [line for block in blocks if block for line in ("", *block)]
        return tuple(apart[1:])
