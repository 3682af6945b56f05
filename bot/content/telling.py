"""Records of telling.yml and first_sentence.yml: what telling a route means, and how to begin."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, validator

from bot.content.files import File, Loaded, Record, read
from bot.content.school import Route
from bot.hours import spoken_hours

# Keys of a route in school.yml, each told in a sentence of its own.
ASPECTS = (
    *("hours", "cost", "on_bill", "number_seen"),
    *("name_needed", "who_is_told", "wait", "can_stop"),
)


class Aspect(Record):
    """Sentences about one aspect, by what school.yml says: yes, no, unknown or words of its own."""

    yes: str = ""
    no: str = ""
    unknown: str = ""
    other: str

    @validator("other")
    def _holds_value(cls, words: str) -> str:  # noqa: N805 (pydantic 1 passes the class)
        if words.count("{value}") != 1:
            raise ValueError("write {value} once, where the words of school.yml stand")
        return words


class TellingFile(File):
    """content/telling.yml."""

    heading: str
    rest: str
    emergency: str
    aspects: dict[str, Aspect]

    @validator("aspects")
    def _all(cls, aspects: dict[str, Aspect]) -> dict[str, Aspect]:  # noqa: N805
        if set(aspects) != set(ASPECTS):
            raise ValueError(f"give each of {', '.join(ASPECTS)} once")
        return aspects


class Topic(Record):
    """What a student may want to talk about: how it is offered, and how it ends a sentence."""

    id: str = Field(regex=r"^[a-z_]+$")
    choice: str = Field(min_length=1)
    about: str = Field(min_length=1)


class FirstSentenceFile(File):
    """content/first_sentence.yml."""

    ready: str
    after: str
    sentences: list[str] = Field(min_items=1)
    topics: list[Topic] = Field(min_items=2, max_items=8)

    @validator("sentences", each_item=True)
    def _holds_about(cls, words: str) -> str:  # noqa: N805
        if words.count("{about}") != 1:
            raise ValueError("write {about} once, where the topic stands")
        return words


def load_telling(folder: Path) -> Loaded[TellingFile]:
    """Read content/telling.yml.

    Raises:
        ContentError: When it breaks its schema.
    """
    return read(folder / "telling.yml", TellingFile)


def load_first_sentence(folder: Path) -> Loaded[FirstSentenceFile]:
    """Read content/first_sentence.yml.

    Raises:
        ContentError: When it breaks its schema.
    """
    return read(folder / "first_sentence.yml", FirstSentenceFile)


def what_happens(
    route: Route, words: TellingFile, first: frozenset[str] = frozenset()
) -> tuple[str, ...]:
    """What telling a route means, one line an aspect, those that were asked for first.

    What is not known is left out unless it was asked for; a last line says that there is more.

    Args:
        route: A person or service, of any kind but `emergency`.
        words: content/telling.yml.
        first: Names of the aspects that were asked for.
    """
    order = sorted(words.aspects, key=lambda name: name not in first)
    values = {name: _value(route, name) for name in order if _applies(route, name)}
    known = {name for name, value in values.items() if value != "unknown" or name in first}
    lines = [_line(words.aspects[name], values[name]) for name in values if name in known]
    return (*lines, words.rest) if len(known) < len(values) else tuple(lines)


def _applies(route: Route, name: str) -> bool:
    """Whether an aspect means anything for a route: only what is called or texted has a bill."""
    by_phone = bool(route.reach.call or route.reach.text)
    return by_phone or name not in ("on_bill", "number_seen")


def _value(route: Route, name: str) -> str:
    said = str(getattr(route, name))
    return spoken_hours(route) if name == "hours" and said != "unknown" else said


def _line(aspect: Aspect, value: str) -> str:
    fixed = {"yes": aspect.yes, "no": aspect.no, "unknown": aspect.unknown}.get(value, "")
    return fixed or aspect.other.format(value=value)
