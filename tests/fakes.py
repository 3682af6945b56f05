"""Stand-ins for tests: they implement our own Protocols, so mypy proves that they fit.

Also the small content/signals/ that the fast tests use instead of the real, large one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from bot.content.files import Loaded
from bot.content.signals import (
    AskingFile,
    ClassifierFile,
    CueFile,
    IdiomFile,
    NormaliseFile,
    RuleFile,
    ScopeFile,
    SignalContent,
    WordFile,
)
from bot.model import About, Category, Choice, Look, Scores, Urgency

# One rule or two a category: id, urgency, the phrase that gives it.
SMALL_RULES = (
    ("suicide.wish", "urgent", "want to die"),
    ("suicide.tonight", "emergency", "going to die tonight"),
    ("self_harm.cuts", "urgent", "cutting myself"),
    ("sexual_abuse.forced", "emergency", "forced me to have sex"),
    ("exploitation.presents", "urgent", "presents for sex"),
    ("grooming.secret", "urgent", "older man online wants to meet"),
    ("image_sharing.nude", "urgent", "shared my nude"),
    ("relationship_abuse.checks", "concern", "boyfriend checks my phone"),
    ("home_abuse.hits", "urgent", "hits me"),
    ("bullying.bag", "concern", "keep taking my bag"),
    ("harassment.names", "concern", "calls me names"),
    ("criminal_exploitation.drop", "urgent", "drop off a package"),
    ("unsafe_now.outside", "emergency", "outside with a knife"),
    ("wellbeing.low", "concern", "feel so low"),
)
_TABLES = {
    "words": "words: {they: [he, she, they, somebody]}",
    "normalise": """
text_speak: {im: i am, dont: do not, wanna: want to}
joined: {no one: nobody}
emoji: {"\N{LOUDLY CRYING FACE}": crying}
look_alikes: {"@": a, "0": o}
hidden_words: [die, sex]
""",
    "scope": """
negated: {before: [not, never]}
past: {anywhere: [last year]}
hypothetical: {anywhere: [in a dream]}
friend: {anywhere: [my friend]}
other: {anywhere: [a girl in my class]}
hurt_person: {anywhere: [herself]}
self_words: [i, me, my, myself]
""",
    "idioms": """
idioms:
  - {phrases: [die of laughter], mutes: all, examples: [i want to die of laughter]}
frames:
  - {name: game, phrases: [in minecraft], mutes: [suicide], examples: [i want to die in minecraft]}
""",
    "classifier": """
rule: {concern: 0.5, urgent: 1, emergency: 2}
concern: 0
calm: -1
together: 0.4
answer: 2
sure: 0.5
urgent: 0.5
emergency: 0.3
category_of_rule: 1.5
about_of_rule: 1.5
""",
    "cues": """
"yes": [yes]
"no": ["no"]
unsure: [not sure]
question: ["?", what|who|how]
year: ["year #"]
years: [7, 8, 9, 10, 11, 12, 13]
staff: [my|a teacher]
staff_named: [it is a teacher]
third_person: [he|she]
means_it: [i mean it]
it_is_me: [it is me]
saying: [i am dead]
filler: [ok]
talk: {thanks: [thanks], joking: [only joking]}
staff_reach: 4
staff_harms: [harassment]
doers: {home_abuse: [my dad]}
unspecific: [unsafe_now, wellbeing]
peers: [bullying]
longest_follow_up: 7
""",
    "asking": """
sure: 0.4
likely: 0.12
most_offered: 3
sure_beside_worry: 0.6
sure_beside_a_statement: 0.8
sure_of_a_statement: 0.6
sure_of_a_part: 0.6
sure_of_half: 0.85
sure_of_yes: 0.9
sure_of_no: 0.9
picks: [["1", first], ["2", second], ["3", third]]
joins: [and]
longest_follow_up: 8
follow_up: [and|why]
routes: {childline: [childline]}
aspects: {cost: [cost]}
paths: {}
""",
}


def write_small_signals(folder: Path) -> None:
    """Write a whole content/signals/: every category, every table, each as short as can be."""
    folder.mkdir(parents=True)
    for name, text in _TABLES.items():
        (folder / f"{name}.yml").write_text(f"schema: 1\n{text}\n", encoding="utf-8")
    for category in dict.fromkeys(rule.partition(".")[0] for rule, _, _ in SMALL_RULES):
        lines = ["schema: 1", f"category: {category}", "rules:"]
        for rule, urgency, phrase in SMALL_RULES:
            if rule.startswith(f"{category}."):
                lines += [
                    f"  - id: {rule}",
                    f"    urgency: {urgency}",
                    f"    phrases: [{phrase}]",
                    f"    examples: [it is {phrase}, they said {phrase}]",
                    "    not_examples: [where is my locker, what is for lunch]",
                ]
        (folder / f"{category}.yml").write_text("\n".join(lines) + "\n", encoding="utf-8")


def edit(path: Path, old: str, new: str) -> None:
    """Replace a text that stands in a file; a test whose text is no longer there must fail."""
    text = path.read_text(encoding="utf-8")
    assert old in text, f"{path.name} no longer holds {old!r}"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


@dataclass
class FakeBrain:
    """Chooses the card that `answers` names for a text, else none; notes what it was asked."""

    answers: Mapping[str, str] = field(default_factory=dict)
    ranking: tuple[tuple[str, float], ...] = ()
    asked: list[tuple[str, str]] = field(default_factory=list)

    async def ready(self) -> None:
        """Be ready at once."""

    async def choose(self, text: str, chat: str) -> Choice:
        """Choose as told."""
        self.asked.append((text, chat))
        answer = self.answers.get(text)
        return Choice(answer, answer or "nlu_fallback", 0.9 if answer else 0.1, self.ranking)


def make_rule(rule_id: str, *phrases: str, urgency: str = "urgent", **keys: Any) -> dict[str, Any]:
    """One rule as in a file of content/signals/."""
    rule = {"id": rule_id, "urgency": urgency, "phrases": list(phrases), **keys}
    return {"examples": ["a", "b"], "not_examples": ["a", "b"], **rule}


def make_signals(*rules: dict[str, Any], **tables: dict[str, Any]) -> SignalContent:
    """Signal content of a few rules, in memory; a table's keys replace those of the small one."""

    def table(name: str, kind: Any) -> Any:
        data = {
            "schema": 1,
            **yaml.load(_TABLES[name], Loader=yaml.BaseLoader),  # noqa: S506 (builds only text)
            **tables.get(name, {}),
        }
        return Loaded(Path(f"{name}.yml"), "", kind.parse_obj(data))

    files: dict[str, dict[str, Any]] = {}
    for rule in rules:
        category = rule["id"].partition(".")[0]
        file = files.setdefault(category, {"schema": 1, "category": category, "rules": []})
        file["rules"].append(rule)
    return SignalContent(
        rules=tuple(
            Loaded(Path(f"{name}.yml"), "", RuleFile.parse_obj(file))
            for name, file in files.items()
        ),
        words=table("words", WordFile),
        normalise=table("normalise", NormaliseFile),
        scope=table("scope", ScopeFile),
        idioms=table("idioms", IdiomFile),
        cues=table("cues", CueFile),
        asking=table("asking", AskingFile),
        classifier=table("classifier", ClassifierFile),
    )


@dataclass
class FakeSpotter:
    """Sees what `script` makes of a text, nonsense too; notes what it was asked."""

    script: Callable[[str], Any] = lambda _: Look()
    asked: list[tuple[str, tuple[Category, ...]]] = field(default_factory=list)

    def spot(self, text: str, earlier: tuple[Category, ...] = ()) -> Look:
        """See what the script says."""
        self.asked.append((text, earlier))
        look: Look = self.script(text)
        return look


@dataclass
class FakeClassifier:
    """Finds every message as risky as `risk`, or can say nothing; notes what it was asked."""

    risk: float | None
    asked: list[tuple[str, str]] = field(default_factory=list)

    def scores(self, normalised: str, typed: str) -> Scores | None:
        """Score as told; of urgency, category and about all are as likely."""
        self.asked.append((normalised, typed))
        if self.risk is None:
            return None
        parts: list[Any] = [
            dict.fromkeys(name, 1 / len(name)) for name in (Urgency, Category, About)
        ]
        return Scores(self.risk, *parts)


@dataclass
class ScriptedBrain:
    """Chooses what `script` makes of a text, nonsense too; notes what it was asked."""

    script: Callable[[str], Any]
    asked: list[str] = field(default_factory=list)

    async def ready(self) -> None:
        """Be ready at once."""

    async def choose(self, text: str, chat: str) -> Choice:
        """Choose what the script says."""
        self.asked.append(text)
        choice: Choice = self.script(text)
        return choice


@dataclass
class FakeAgent:
    """Plays the Rasa agent behind `RasaBrain`: answers what `script` makes of a text."""

    script: Callable[[str], Any]

    async def handle_text(self, text: str, sender_id: str) -> Any:
        """Answer what the script says."""
        return self.script(text)


def raiser(error: BaseException) -> Callable[[str], Any]:
    """A script that raises this error."""

    def script(_: str) -> Any:
        raise error

    return script
