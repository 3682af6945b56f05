"""The labelled messages: enough of them, of every kind, nothing twice, and honestly split."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from itertools import combinations
from pathlib import Path

import pytest
import yaml

from bot.content.signals import load_signals
from bot.errors import ContentError
from bot.model import About, Category, Urgency
from bot.settings import ROOT
from evaluation.chats import load_chats
from evaluation.figures import agreement
from evaluation.likeness import near_duplicates
from evaluation.messages import (
    KINDS,
    STYLES,
    TESTPACK,
    LabelledMessage,
    load,
    parse_label,
    settle,
    shares,
)

PARTS = ("train", "dev", "test", "fresh")
GOOD = {
    "id": "w01-0001",
    "text": "hello",
    "style": "plain",
    "labels": ["none smalltalk", "none smalltalk"],
}


@dataclass(frozen=True)
class Text:
    """A text by its name: a test that fails must not show what nobody may read."""

    name: str
    text: str = field(repr=False)

    @property
    def long(self) -> bool:
        """Whether it has so many words that two people would not both write it by chance."""
        return len(self.text.split()) >= 5


@cache
def part(name: str) -> tuple[LabelledMessage, ...]:
    return tuple(load(TESTPACK / name))


def everything() -> list[LabelledMessage]:
    return [message for name in (*PARTS, "sets") for message in part(name)]


@cache
def messages() -> tuple[Text, ...]:
    return tuple(Text(message.id, message.text) for message in everything())


@cache
def said_in_chats() -> tuple[Text, ...]:
    return tuple(
        Text(f"{chat.id} message {number}", text)
        for path in sorted((TESTPACK / "chats").glob("*.jsonl"))
        for chat in load_chats(path)
        for number, text in enumerate(chat.messages, start=1)
    )


@cache
def beside_the_rules() -> tuple[Text, ...]:
    """Examples of rules and sayings: the classifier learns from them (finetune/prepare.py)."""
    content = load_signals(ROOT / "content" / "signals")
    texts: list[Text] = []
    for rule in (rule for loaded in content.rules for rule in loaded.data.rules):
        texts += numbered(f"{rule.id} example", rule.examples)
        texts += numbered(f"{rule.id} not_example", rule.not_examples)
    for saying in (*content.idioms.data.idioms, *content.idioms.data.frames):
        texts += numbered(f"saying {saying.phrases[0]!r} example", saying.examples)
    return tuple(texts)


@cache
def phrases() -> tuple[Text, ...]:
    """Training phrases of the intents."""
    texts: list[Text] = []
    for path in sorted((ROOT / "data" / "nlu").glob("*.yml")):
        for item in yaml.safe_load(path.read_text(encoding="utf-8"))["nlu"]:
            lines = [line.removeprefix("- ") for line in item["examples"].splitlines()]
            texts += numbered(f"{item['intent']} phrase", lines)
    return tuple(texts)


def numbered(name: str, texts: list[str]) -> Iterator[Text]:
    return (Text(f"{name} {number}", text) for number, text in enumerate(texts, start=1))


@cache
def alike() -> list[tuple[Text, Text, float]]:
    """All texts of the project that are nearly the same, found once for all tests."""
    texts = [*beside_the_rules(), *phrases(), *messages(), *said_in_chats()]
    return [(texts[a], texts[b], same) for a, b, same in near_duplicates([t.text for t in texts])]


def test_there_are_enough_messages_to_learn_from_and_half_hold_a_risk() -> None:
    risky = sum(message.label.risk for message in part("train"))

    assert len(part("train")) >= 12_000
    assert 0.4 < risky / len(part("train")) < 0.6


def test_there_are_enough_messages_to_measure_with() -> None:
    assert len(part("test")) >= 1_500
    assert len(part("dev")) >= 1_000


@pytest.mark.parametrize("name", PARTS)
def test_every_category_urgency_about_and_style_is_there(name: str) -> None:
    counts = shares(part(name))
    least = 300 if name == "train" else 10

    missing = [str(what) for what in (*Category, *Urgency, *About) if counts[str(what)] < least]
    missing += [style for style in STYLES if not counts[style]]

    assert not missing


@pytest.mark.parametrize("name", ["train", "test"])
def test_every_kind_of_harmless_message_is_there(name: str) -> None:
    counts = shares(part(name))

    assert not [kind for kind in KINDS if counts[kind] < (100 if name == "train" else 10)]


def test_no_two_messages_are_nearly_the_same() -> None:
    of_the_pack = set(messages())
    pairs = [(a, b) for a, b, _ in alike() if {a, b} <= of_the_pack]

    assert len(of_the_pack) > 35_000
    assert not pairs


def test_no_message_to_measure_with_is_nearly_the_same_as_one_to_learn_from() -> None:
    taught = {Text(message.id, message.text) for message in part("train")}
    measured = {text for text in {*messages(), *said_in_chats()} - taught if text.long}
    taught |= {*beside_the_rules(), *phrases()}
    pairs = [
        (a.name, b.name, round(same, 2))  # what is taught stands first
        for a, b, same in alike()
        if a in taught and b in measured
    ]

    assert len(measured) > 4_000
    assert len(taught) > 40_000
    assert not pairs, "\n".join(str(pair) for pair in pairs)


@pytest.mark.parametrize("name", [*PARTS, "sets"])
def test_the_data_card_says_how_often_the_readers_agreed(name: str) -> None:
    pairs = [message.labels[:2] for message in part(name)]
    same, kappa = agreement([(a.risk, b.risk) for a, b in pairs])
    card = (TESTPACK / "README.md").read_text(encoding="utf-8")
    (row,) = [line for line in card.splitlines() if line.startswith(f"| {name} |")]

    assert f"| {len(pairs):,} |" in row
    assert f"{same:.1%} (".replace("%", " %") in row
    assert f"{kappa:.3f})" in row


def test_no_message_is_made_from_a_template() -> None:
    starts = Counter(
        " ".join(re.findall(r"[a-z]+", message.text.lower())[:5]) for message in part("train")
    )
    starts = Counter({start: n for start, n in starts.items() if start.count(" ") == 4})

    assert starts.most_common(1)[0][1] <= len(part("train")) / 2_000


def test_whoever_wrote_a_message_to_measure_with_wrote_none_to_learn_from() -> None:
    hands = {name: {message.hand for message in part(name)} for name in (*PARTS, "sets")}

    assert all(hands.values())
    for one, other in combinations(hands, 2):
        assert not hands[one] & hands[other]


def test_no_message_to_measure_with_stands_anywhere_else_in_the_project() -> None:
    root = TESTPACK.parent
    sources = [*root.glob("content/**/*.yml"), *root.glob("data/**/*.yml")]
    written = "\n".join(path.read_text(encoding="utf-8").lower() for path in sources)
    long = [message for message in part("test") if len(message.text.split()) >= 5]

    assert len(long) > 1_000
    assert not [message.id for message in long if message.text.lower() in written]


def test_no_message_holds_a_phone_number_an_address_or_a_link() -> None:
    private = re.compile(r"(?<!\d)0\d{9,10}(?!\d)|@\w+\.\w|https?://")
    postcode = re.compile(r"\b[a-z]{1,2}\d{1,2} \d[a-z]{2}\b")
    invented = re.compile(r"07700 ?900\d{3}")

    found = []
    for message in everything():
        text = invented.sub("", message.text.lower())
        # "te4 4nd" is no postcode but tea and, with letters hidden.
        hidden = message.style == "obfuscated"
        if private.search(text) or (not hidden and postcode.search(text)):
            found.append(message.id)

    assert not found


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        pytest.param(["none gaming"] * 2, "none gaming", id="both agree"),
        pytest.param(
            ["urgent grooming self", "concern grooming self", "urgent grooming self"],
            "urgent grooming self",
            id="most say urgent",
        ),
        pytest.param(
            ["none question", "concern grooming self", "urgent grooming friend"],
            "urgent grooming friend",
            id="most see a risk, and the later of them says which",
        ),
        pytest.param(
            ["none question", "concern grooming self", "none homework"],
            "none homework",
            id="most see none",
        ),
        pytest.param(
            ["emergency suicide self", "urgent self_harm self", "concern wellbeing other"],
            "concern wellbeing self",
            id="where all differ the third counts, part by part",
        ),
    ],
)
def test_labels_settle_to_what_most_say(given: list[str], expected: str) -> None:
    assert str(settle([parse_label(label) for label in given])) == expected


@pytest.mark.parametrize(
    "given",
    [
        pytest.param(["none gaming"], id="one alone"),
        pytest.param(["none gaming", "none sport"], id="two that differ"),
        pytest.param(["none gaming"] * 4, id="four"),
    ],
)
def test_labels_that_cannot_settle_are_refused(given: list[str]) -> None:
    with pytest.raises(ValueError, match="three"):
        settle([parse_label(label) for label in given])


@pytest.mark.parametrize(
    ("change", "says"),
    [
        pytest.param({"style": "odd"}, "`style` is one of: plain", id="style"),
        pytest.param({"text": " "}, "not empty", id="empty text"),
        pytest.param({"labels": ["none"]}, "neither", id="half a label"),
        pytest.param({"labels": ["none fun", "none fun"]}, "none of: idiom", id="kind"),
        pytest.param({"labels": ["soon bullying self"] * 2}, "soon", id="urgency"),
        pytest.param({"labels": "none gaming"}, "is a list", id="no list"),
        pytest.param({"mood": "x"}, "exactly these keys", id="a key too many"),
    ],
)
def test_a_line_that_cannot_be_used_is_named(
    tmp_path: Path, change: dict[str, object], says: str
) -> None:
    lines = [json.dumps(GOOD), json.dumps({**GOOD, "id": "w01-0002", **change})]
    (tmp_path / "a.jsonl").write_text("\n".join(lines), encoding="utf-8")

    with pytest.raises(ContentError, match=r"a\.jsonl:2: ") as caught:
        load(tmp_path)
    assert says in str(caught.value)


def test_an_id_given_twice_and_a_folder_without_messages_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ContentError, match=r"no \.jsonl file"):
        load(tmp_path)
    (tmp_path / "a.jsonl").write_text(f"{json.dumps(GOOD)}\n" * 2, encoding="utf-8")
    with pytest.raises(ContentError, match="w01-0001 is given twice"):
        load(tmp_path)


def test_nearly_the_same_is_found_and_other_words_are_not() -> None:
    texts = [
        "he waits for me at the bus stop",
        "my hamster is called biscuit",
        "He waits for me at the bus stop!!",
        "he waits for me at the tram stop",
        "he never waits for anybody",
    ]

    assert [(a, b) for a, b, _ in near_duplicates(texts)] == [(0, 2), (0, 3), (2, 3)]
