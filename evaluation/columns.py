"""What is compared: each column takes texts and says of each how risky it finds it, and why.

Here AskSafe as it answers, its rules by themselves, and a list of words; columns that are taught
or set are in scored.py, the stock Rasa pipeline in stock.py.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.model import About, Category, Draft, Look, Urgency

KEYWORDS = Path(__file__).with_name("keywords.txt")


@dataclass(frozen=True)
class Finding:
    """What a column says of one message.

    Attributes:
        score: The higher, the surer of a risk; 0 or 1 where a column knows no more.
        urgency: `none` where it does not notice a risk.
        unread: True where it could not read the message or broke; that is not noticing.
    """

    score: float
    urgency: Urgency
    category: Category | None = None
    about: About | None = None
    unread: bool = False

    @property
    def noticed(self) -> bool:
        """Whether it says that there is a risk."""
        return self.urgency is not Urgency.NONE


Column = Callable[[Sequence[str]], list[Finding]]


def has_scores(found: Sequence[Finding]) -> bool:
    """Whether a column knows more than yes and no."""
    return len({finding.score for finding in found}) > 2


def of_look(look: Look) -> Finding:
    """A look of the spotter as a finding."""
    first = look.signals[0] if look.signals else None
    if first is None:
        return Finding(0.0, Urgency.NONE, unread=not look.complete)
    return Finding(1.0, first.urgency, first.category, first.about)


def of_draft(draft: Draft, score: float) -> Finding:
    """A reply as a finding: noticed only where it says what harm it heard of."""
    if draft.category is None:
        return Finding(score, Urgency.NONE, unread=unread(draft))
    return Finding(score, draft.urgency, draft.category, draft.about)


def unread(draft: Draft) -> bool:
    """Whether a reply stands for a message that AskSafe could not read, or broke over.

    It then answers as in an emergency, whatever was typed: good for a student, no merit here.
    """
    return draft.category is None and draft.urgency is not Urgency.NONE


def keywords(texts: Sequence[str]) -> list[Finding]:
    """A plain list of words."""
    lines = KEYWORDS.read_text(encoding="utf-8").splitlines()
    entries = [re.escape(line) for line in lines if line and not line.startswith("#")]
    any_of = re.compile(rf"\b(?:{'|'.join(entries)})\b", re.IGNORECASE)
    hits = [any_of.search(text) is not None for text in texts]
    return [Finding(float(hit), Urgency.URGENT if hit else Urgency.NONE) for hit in hits]
