"""Records of content/signals/: rules by category, word lists, normaliser, scope, idioms."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import Field, validator

from bot.content.files import File, Loaded, Record, read
from bot.model import About, Category, Urgency

TABLES = ("words", "normalise", "scope", "idioms", "cues", "asking", "classifier")


class Rule(Record):
    """One phrase rule with its own test cases.

    `alone`: whether it stands against a classifier that is sure of no risk. Left out, emergencies
    do and others do not. False where an emergency's words were seen in harmless messages too; true
    where nothing else can be meant ("am i being groomed").
    """

    id: str = Field(regex=r"^[a-z_]+\.[a-z0-9_]+$")
    urgency: Literal[Urgency.CONCERN, Urgency.URGENT, Urgency.EMERGENCY]
    phrases: list[str] = Field(min_items=1)
    about: About | None = None
    unless: list[str] = Field(default=(), min_items=1)
    after: list[Category] = Field(default=(), min_items=1)
    even_in_fiction: bool = False
    even_negated: bool = False
    alone: bool | None = None
    examples: list[str] = Field(min_items=2)
    not_examples: list[str] = Field(min_items=2)


class RuleFile(File):
    """All rules of one category."""

    category: Category
    words: dict[str, list[str]] = Field(default_factory=dict)
    rules: list[Rule] = Field(min_items=1)


class WordFile(File):
    """Word lists that every phrase may use."""

    words: dict[str, list[str]]


class NormaliseFile(File):
    """Tables of the normaliser."""

    text_speak: dict[str, str]
    joined: dict[str, str]
    emoji: dict[str, str]
    look_alikes: dict[str, str]
    hidden_words: list[str] = Field(min_items=1)


class Cues(Record):
    """Words that put a hit in a scope: before it (within reach), or anywhere in its clause."""

    before: list[str] = Field(default_factory=list)
    anywhere: list[str] = Field(default_factory=list)
    reach: int = Field(default=4, ge=1, le=12)
    unless: list[str] = Field(default_factory=list)


class ScopeFile(File):
    """Cues for each scope and for whom a message is about."""

    negated: Cues
    past: Cues
    past_stays_urgent: list[Category] = Field(default_factory=list)
    hypothetical: Cues
    friend: Cues
    other: Cues
    hurt_person: Cues
    self_words: list[str] = Field(min_items=1)


class Idiom(Record):
    """Harmless sayings: a signal that overlaps one is not counted."""

    phrases: list[str] = Field(min_items=1)
    mutes: Literal["all"] | list[Category]
    examples: list[str] = Field(min_items=1)


class Frame(Idiom):
    """Talk of a game, film, song or lesson: mutes its categories in the whole sentence."""

    name: str


class IdiomFile(File):
    """Sayings and frames that are not signals."""

    idioms: list[Idiom] = Field(min_items=1)
    frames: list[Frame] = Field(min_items=1)


class CueFile(File):
    """Words that steer a turn but are no signal: answers to the danger question, year, staff."""

    yes: list[str] = Field(min_items=1)
    no: list[str] = Field(min_items=1)
    unsure: list[str] = Field(min_items=1)
    question: list[str] = Field(min_items=1)
    third_person: list[str] = Field(min_items=1)
    means_it: list[str] = Field(min_items=1)
    it_is_me: list[str] = Field(min_items=1)
    saying: list[str] = Field(min_items=1)
    filler: list[str] = Field(min_items=1)
    talk: dict[str, list[str]]
    year: list[str] = Field(min_items=1)
    years: list[int] = Field(min_items=1)
    staff: list[str] = Field(min_items=1)
    staff_named: list[str] = Field(min_items=1)
    staff_reach: int = Field(ge=0, le=12)
    staff_harms: list[Category] = Field(min_items=1)
    doers: dict[Category, list[str]]
    unspecific: list[Category]
    peers: list[Category]
    longest_follow_up: int = Field(ge=1, le=20)


class AskingFile(File):
    """How a question is understood: how sure AskSafe must be, and words that steer the answer."""

    sure: float = Field(ge=0, le=1)
    likely: float = Field(ge=0, le=1)
    sure_beside_worry: float = Field(ge=0, le=1)
    sure_beside_a_statement: float = Field(ge=0, le=1)
    sure_of_a_statement: float = Field(ge=0, le=1)
    sure_of_a_part: float = Field(ge=0, le=1)
    sure_of_half: float = Field(ge=0, le=1)
    sure_of_yes: float = Field(ge=0, le=1)
    sure_of_no: float = Field(ge=0, le=1)
    most_offered: int = Field(ge=1, le=5)
    picks: list[list[str]] = Field(min_items=1)
    joins: list[str] = Field(min_items=1)
    follow_up: list[str] = Field(min_items=1)
    longest_follow_up: int = Field(ge=1, le=20)
    routes: dict[str, list[str]]
    aspects: dict[str, list[str]]
    paths: dict[str, list[str]]


class ClassifierFile(File):
    """From which score on the classifier's word counts."""

    rule: dict[Urgency, float]
    concern: float
    calm: float
    together: float = Field(gt=0)
    answer: float
    sure: float
    urgent: float = Field(ge=0, le=1)
    emergency: float = Field(ge=0, le=1)
    category_of_rule: float = Field(ge=0, le=10)
    about_of_rule: float = Field(ge=0, le=10)

    @validator("rule")
    def _each(cls, value: dict[Urgency, float]) -> dict[Urgency, float]:  # noqa: N805 (pydantic 1)
        if set(value) != set(Urgency) - {Urgency.NONE}:
            raise ValueError("give a number for each of concern, urgent and emergency")
        return value


@dataclass(frozen=True)
class SignalContent:
    """All of content/signals/, each file with its place for errors."""

    rules: tuple[Loaded[RuleFile], ...]
    words: Loaded[WordFile]
    normalise: Loaded[NormaliseFile]
    scope: Loaded[ScopeFile]
    idioms: Loaded[IdiomFile]
    cues: Loaded[CueFile]
    asking: Loaded[AskingFile]
    classifier: Loaded[ClassifierFile]


def load_signals(folder: Path) -> SignalContent:
    """Read content/signals/.

    Raises:
        ContentError: On a missing category, a stray file, a rule id that belongs to another
            category or stands twice, or a file that breaks its schema.
    """
    files = tuple(read(folder / f"{category}.yml", RuleFile) for category in Category)
    _check_ids(files)
    known = {*Category, *TABLES}
    for path in sorted(folder.iterdir()):
        if path.stem not in known or path.suffix != ".yml":
            message = f"{path.name} lies beside this file but is none of {', '.join(sorted(known))}"
            raise files[0].error("content.stray_file", (), message)
    return SignalContent(
        rules=files,
        words=read(folder / "words.yml", WordFile),
        normalise=read(folder / "normalise.yml", NormaliseFile),
        scope=read(folder / "scope.yml", ScopeFile),
        idioms=read(folder / "idioms.yml", IdiomFile),
        cues=read(folder / "cues.yml", CueFile),
        asking=read(folder / "asking.yml", AskingFile),
        classifier=read(folder / "classifier.yml", ClassifierFile),
    )


def _check_ids(files: tuple[Loaded[RuleFile], ...]) -> None:
    seen: set[str] = set()
    for loaded in files:
        name = loaded.path.stem
        if loaded.data.category != name:
            message = f"write 'category: {name}', as the file is named"
            raise loaded.error("content.category", ("category",), message)
        for i, rule in enumerate(loaded.data.rules):
            if not rule.id.startswith(f"{name}.") or rule.id in seen:
                message = f"'{rule.id}': an id starts with '{name}.' and stands once only"
                raise loaded.error("content.rule_id", ("rules", i, "id"), message)
            seen.add(rule.id)
