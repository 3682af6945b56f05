"""Records of documents/, answers/, heard.yml and notices.yml: what a student reads."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Literal

from pydantic import Field, validator
from pydantic.fields import ModelField

from bot.content.files import File, Record, calendar_date
from bot.errors import ContentError
from bot.model import About, Category, Urgency

_NOT_LETTERS = re.compile(r"[^a-z0-9]+")


class Fact(Record):
    """One fact of a document, in our own words."""

    id: str = Field(regex=r"^[a-z]+\.[a-z0-9_]+$")
    section: str = Field(min_length=1)
    fact: str = Field(min_length=1)
    figures: list[str] = Field(default=(), min_items=1)
    other_school: bool = False
    source: str = ""
    page: str = ""
    url: str = ""


class DocumentFile(File):
    """All facts of one document; `guidance` where it is general and each fact has its source."""

    document: str
    title: str
    date_note: str
    guidance: bool = False
    facts: list[Fact] = Field(min_items=1)

    @validator("facts")
    def _with_source(cls, facts: list[Fact], values: dict[str, object]) -> list[Fact]:  # noqa: N805
        for fact in facts:
            if values.get("guidance") != bool(fact.source and fact.page and fact.url):
                raise ValueError(
                    f"'{fact.id}': give source, page and url for general guidance only"
                )
        return facts


class Card(Record):
    """One approved answer.

    `kind` says where it comes from: a document (needs facts), guidance (needs facts of general
    guidance), contact (school.yml; needs routes), about (AskSafe itself), talk (greetings and the
    like: nothing was asked), unknown (says that AskSafe does not know, and who does).
    `point`: the first line where the student says what they think; it holds whether they are right
    or wrong.
    `raises`: being asked for, this card is itself a sign of a worry of that urgency.
    `denies`: the student takes back what they said; the help stays.
    """

    id: str = Field(regex=r"^[a-z][a-z0-9_]*$")
    kind: Literal["document", "guidance", "contact", "about", "talk", "unknown"]
    question: str = Field(min_length=1)
    text: str = Field(min_length=1)
    point: str = ""
    yes: str = ""
    no: str = ""
    facts: list[str] = Field(default_factory=list)
    routes: list[str] = Field(default_factory=list)
    raises: Urgency = Urgency.NONE
    denies: bool = False
    reviewed_by: str = Field(min_length=1)
    review_by: date

    @validator("review_by", pre=True)
    def _as_date(cls, value: object) -> object:  # noqa: N805 (pydantic 1 passes the class)
        return calendar_date(value)

    @property
    def answers(self) -> bool:
        """Whether it answers a question, so that it may be offered as one."""
        return self.kind not in ("talk", "unknown")


class AnswerFile(File):
    """Answer cards of one topic."""

    topic: str
    title: str
    answers: list[Card] = Field(min_items=1)


class Heard(Record):
    """First words of a reply to a signal."""

    category: Category
    about: About
    heard: str = Field(min_length=1)
    not_your_fault: list[str] = Field(min_items=1)
    emergency: str = Field(min_length=1)
    next: str = Field(min_length=1)


class HeardFile(File):
    """content/heard.yml: one entry for each category and whom it is about."""

    lines: list[Heard] = Field(min_items=1)


_PLACEHOLDERS = {
    "checked_on": ["{date}"],
    "open_until": ["{time}"],
    "opens_today": ["{time}"],
    "opens_later": ["{day}", "{time}"],
    "reach_call": ["{number}"],
    "reach_text": ["{number}"],
    "reach_say": ["{number}", "{word}"],
    "reach_email": ["{address}"],
    "reach_web": ["{address}"],
}


class Notices(Record):
    """Fixed sentences; the comments in notices.yml say where each stands."""

    hello: str
    leave: str
    getting_ready: str
    ready: str
    bye: str
    danger_question: str
    danger_answers: str
    danger_yes: str
    danger_unsure: str
    danger_no: str
    half_working: str
    who_now: str
    who_row: str
    privacy: str
    privacy_again: str
    telling: str
    dont_know: str
    not_understood: str
    dont_know_topics: str
    did_you_mean: str
    confirm_yes: str
    confirm_no: str
    partly_general: str
    not_readable: str
    too_long: str
    empty: str
    went_wrong: str
    still_here: list[str] = Field(min_items=2)
    more_than_once: list[str] = Field(min_items=2)
    denied: list[str] = Field(min_items=2)
    year_noted: str
    staff_worry: str
    from_: str = Field(alias="from")
    from_public: str
    checked_on: str
    general_guidance: str
    open_until: str
    opens_today: str
    opens_later: str
    always: str
    unknown: str
    school_days: str
    reach_call: str
    reach_text: str
    reach_say: str
    reach_email: str
    reach_web: str

    @validator(*_PLACEHOLDERS)
    def _placeholders(cls, words: str, field: ModelField) -> str:  # noqa: N805
        needed = _PLACEHOLDERS[field.name]
        if sorted(re.findall(r"\{\w+\}|[{}]", words)) != sorted(needed):
            raise ValueError(f"write {' and '.join(needed)} once each and no other braces")
        return words


class NoticeFile(File):
    """content/notices.yml."""

    notices: Notices


def plain(text: str) -> str:
    """A text in lower case with nothing but letters and digits, to compare what was typed."""
    return _NOT_LETTERS.sub(" ", text.lower()).strip()


def paths_of(folder: Path) -> list[Path]:
    """Every .yml file of a folder, by name; at least one.

    Raises:
        ContentError: When the folder holds none.
    """
    paths = sorted(folder.glob("*.yml"))
    if not paths:
        message = f"{folder}: no .yml file is there; AskSafe cannot start without one."
        raise ContentError("content.missing", message)
    return paths
