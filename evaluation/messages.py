"""Reads the labelled messages of testpack/, or says which line to mend.

One JSON object a line: `id`, `text`, `style`, `labels` (two or three, each by somebody who did
not write the message and saw no other label). What the labels settle to is worked out here, so
that it can be followed: per part the majority, and where all three differ, the third.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from bot.errors import ContentError
from bot.model import About, Category, Urgency

TESTPACK = Path(__file__).resolve().parent.parent / "testpack"
KINDS = (
    "idiom", "gaming", "homework", "music_film", "news", "sport", "smalltalk", "admin", "happy",
    "question", "testing", "denial", "quotation",
)  # fmt: skip
STYLES = (
    "plain", "slang", "misspelt", "new_to_english", "indirect", "coded", "obfuscated", "hedged",
    "long", "question", "past",
)  # fmt: skip
_T = TypeVar("_T")
_KEYS = {"id", "text", "style", "labels"}


@dataclass(frozen=True)
class Label:
    """What one reader made of a message.

    Attributes:
        urgency: `none` for a message without risk.
        category: None where there is no risk.
        about: None where there is no risk.
        kind: Kind of a message without risk, else None.
    """

    urgency: Urgency
    category: Category | None = None
    about: About | None = None
    kind: str | None = None

    @property
    def risk(self) -> bool:
        """Whether there is any."""
        return self.urgency is not Urgency.NONE

    def __str__(self) -> str:
        """As it stands in a file: "urgent grooming self" or "none gaming"."""
        if self.risk:
            return f"{self.urgency} {self.category} {self.about}"
        return f"none {self.kind}"


@dataclass(frozen=True)
class LabelledMessage:
    """One message with its labels.

    Attributes:
        id: `<hand>-<number>`; the hand is who wrote it (testpack/README.md).
        style: How it is said, by its writer.
        labels: Two where both agree, else three.
        label: What they settle to.
    """

    id: str
    text: str
    style: str
    labels: tuple[Label, ...]
    label: Label

    @property
    def hand(self) -> str:
        """Who wrote it."""
        return self.id.partition("-")[0]


def load(folder: Path) -> list[LabelledMessage]:
    """All messages of the `*.jsonl` files in a folder, in the order of names and lines.

    Raises:
        ContentError: A line cannot be used, an id is given twice, or there is no file.
    """
    paths = sorted(folder.glob("*.jsonl"))
    if not paths:
        raise ContentError("testpack.empty", f"{folder} holds no .jsonl file: check the path.")
    messages = [message for path in paths for message in _read(path)]
    seen: set[str] = set()
    for message in messages:
        if message.id in seen:
            raise ContentError("testpack.twice", f"{folder}: the id {message.id} is given twice.")
        seen.add(message.id)
    return messages


def parse_label(written: str) -> Label:
    """Turn "urgent grooming self" or "none gaming" into a label.

    Raises:
        ValueError: It is neither; says what would be.
    """
    parts = written.split()
    if len(parts) == 2 and parts[0] == "none":
        if parts[1] not in KINDS:
            raise ValueError(f"the kind {parts[1]!r} is none of: {', '.join(KINDS)}")
        return Label(Urgency.NONE, kind=parts[1])
    if len(parts) != 3 or parts[0] == "none":
        raise ValueError(f'{written!r} is neither "urgency category about" nor "none kind"')
    return Label(Urgency(parts[0]), Category(parts[1]), About(parts[2]))


def settle(labels: Sequence[Label]) -> Label:
    """What two labels that agree, or three, come to.

    Risk or none is settled first; the other parts among those labels that agree with that.

    Raises:
        ValueError: There are not two or three, or two that differ without a third.
    """
    if len(labels) not in (2, 3) or (len(labels) == 2 and labels[0] != labels[1]):
        raise ValueError("give two labels that are the same, or three")
    risk = sum(label.risk for label in labels) * 2 > len(labels)
    agreed = [label for label in labels if label.risk is risk]
    if not risk:
        return Label(Urgency.NONE, kind=_majority([label.kind for label in agreed]))
    return Label(
        _majority([label.urgency for label in agreed]),
        _majority([label.category for label in agreed]),
        _majority([label.about for label in agreed]),
    )


def _majority(values: list[_T]) -> _T:
    value, count = Counter(values).most_common(1)[0]
    return value if count > 1 else values[-1]


def _read(path: Path) -> Iterator[LabelledMessage]:
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            yield _message(json.loads(line))
        except (ValueError, TypeError) as error:
            raise ContentError("testpack.line", f"{path}:{number}: {error}") from error


def _message(row: dict[str, object]) -> LabelledMessage:
    if not isinstance(row, dict) or set(row) != _KEYS:
        raise ValueError(f"a line holds exactly these keys: {', '.join(sorted(_KEYS))}")
    name, text, style, written = row["id"], row["text"], row["style"], row["labels"]
    if not isinstance(name, str) or not isinstance(text, str) or not text.strip():
        raise ValueError("`id` and `text` are text, and not empty")
    if style not in STYLES:
        raise ValueError(f"`style` is one of: {', '.join(STYLES)}")
    if not isinstance(written, list):
        raise ValueError("`labels` is a list")
    labels = tuple(parse_label(str(label)) for label in written)
    return LabelledMessage(name, text, str(style), labels, settle(labels))


def shares(messages: Iterable[LabelledMessage]) -> Counter[str]:
    """How many messages there are of each urgency, category, about, kind and style."""
    counts: Counter[str] = Counter()
    for message in messages:
        label = message.label
        parts = (label.urgency, label.category, label.about, label.kind, message.style)
        counts.update(str(part) for part in parts if part is not None)
    return counts
