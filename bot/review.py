"""What a safeguarding lead should look at again: said in their words, for `check`.

Looks at every text of content/ that a student can read: forbidden words, how hard it is, numbers
and names that stand in no fact, facts that no answer uses.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from pydantic import Field, validator

from bot.content.files import File, Loaded, Record, read
from bot.content.library import Content
from bot.content.words import AnswerFile, Card, paths_of

_PLACEHOLDER = re.compile(r"\{[a-z_:0-9]+\}")
_NUMBER = re.compile(r"(?<![A-Za-z\d])\d+(?:[.,:]\d+)*%?")
_NAME = re.compile(r"(?<=[a-z,;] )[A-Z][A-Za-z0-9]+(?: [A-Z][A-Za-z0-9]+)*")
_FEWEST_WORDS = 12  # the grade of fewer means nothing
# Files of content/ whose texts a student reads, and those that only steer.
_NOT_READ = ("wording.yml", "handover.yml")
_READ_KEYS = ("name", "role", "note", "in_person")


class WordingRule(Record):
    """Words that no text may hold, and what to write instead."""

    instead: str = Field(min_length=1)
    never: list[str] = Field(min_items=1)

    @validator("never", each_item=True)
    def _compiles(cls, pattern: str) -> str:  # noqa: N805 (pydantic 1 passes the class)
        try:
            re.compile(pattern)
        except re.error as error:
            raise ValueError(f"'{pattern}' is no regular expression: {error}") from error
        return pattern


class WordingFile(File):
    """content/wording.yml."""

    hardest_grade: float
    longest_sentence: int = Field(ge=5)
    names: list[str]
    rules: list[WordingRule] = Field(min_items=1)


def load_wording(folder: Path) -> Loaded[WordingFile]:
    """Read content/wording.yml.

    Raises:
        ContentError: When it breaks its schema.
    """
    return read(folder / "wording.yml", WordingFile)


def wording_problems(folder: Path, wording: WordingFile) -> Iterator[str]:
    """Every text that holds forbidden words, a sentence that is too long, or words too hard.

    Args:
        folder: The content folder.
        wording: content/wording.yml.
    """
    rules = [(re.compile(each, re.I), rule) for rule in wording.rules for each in rule.never]
    for place, text in texts(folder):
        for pattern, rule in rules:
            match = pattern.search(text)
            if match:
                yield f'{place}: "{match.group()}" is not said; {rule.instead}'
        for words in sentences(text):
            if len(words) > wording.longest_sentence:
                said = " ".join(words)
                yield f"{place}: {len(words)} words in one sentence, make two of it: {said}"
        grade = hardness(text)
        if grade > wording.hardest_grade:
            yield f"{place}: hard to read (grade {grade:.1f}); use shorter words and sentences"


def texts(folder: Path) -> Iterator[tuple[str, str]]:
    """Every text a student can read, with its place: file and key."""
    for path in sorted(folder.glob("*.yml")):
        if path.name not in _NOT_READ:
            loaded = yaml.safe_load(path.read_text(encoding="utf-8"))
            keys = _READ_KEYS if path.name == "school.yml" else ()
            yield from _strings(loaded, path.name, keys)
    for path in paths_of(folder / "answers"):
        for card in read(path, AnswerFile).data.answers:
            yield f"{path.name}, {card.id}", card.text
            if card.point:
                yield f"{path.name}, {card.id}", card.point


def _strings(value: Any, place: str, keys: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Strings in a YAML value; only those under `keys`, if any are given."""
    if isinstance(value, str):
        yield place, value
    elif isinstance(value, dict):
        for key, item in value.items():
            if not isinstance(item, str) or not keys or key in keys:
                yield from _strings(item, f"{place}, {key}", keys)
    elif isinstance(value, list):
        for item in value:
            named = isinstance(item, dict) and item.get("id")
            yield from _strings(item, f"{place}, {named}" if named else place, keys)


def sentences(text: str) -> list[list[str]]:
    """Words of each sentence; an item of a list and a line of its own are sentences too."""
    parts = re.split(r"(?<=[.!?:])\s+|\n+", _PLACEHOLDER.sub("Name", text))
    return [words for part in parts if (words := re.findall(r"[A-Za-z0-9'%]+", part))]


def hardness(text: str) -> float:
    """Flesch-Kincaid school grade of a text; 0 for one too short to tell."""
    parts = [" ".join(words) for words in sentences(text)]
    if sum(part.count(" ") + 1 for part in parts) < _FEWEST_WORDS:
        return 0.0
    import textstat  # noqa: PLC0415 (slow, and only `check` measures reading age)

    return float(textstat.flesch_kincaid_grade(". ".join(parts) + "."))


def unused_facts(content: Content) -> Iterator[str]:
    """Facts that no answer rests on; another school's are not for answers."""
    used = {fact for card in content.cards.values() for fact in card.facts}
    for name, fact in content.facts.items():
        if name not in used and not fact.other_school:
            yield f"documents/: no answer uses {name}: {fact.fact}"


def unfounded(content: Content, folder: Path, wording: WordingFile) -> Iterator[str]:
    """Numbers and names in an answer that neither its facts nor school.yml hold."""
    school = (folder / "school.yml").read_text(encoding="utf-8")
    for path in paths_of(folder / "answers"):
        for card in read(path, AnswerFile).data.answers:
            if card.id in content.cards:
                yield from _unfounded(
                    card, path.name, content, f"{school} {' '.join(wording.names)}"
                )


def _unfounded(card: Card, file: str, content: Content, known: str) -> Iterator[str]:
    held = " ".join([known, card.question, *(content.facts[name].fact for name in card.facts)])
    for line in (card.text, card.point):
        plain = _PLACEHOLDER.sub("", line)
        for said in [*_NUMBER.findall(plain), *_NAME.findall(plain)]:
            if not re.search(rf"(?<!\w){re.escape(said)}(?!\w)", held):
                yield f"{file}, {card.id}: no fact of it, nor school.yml, holds '{said}'"
