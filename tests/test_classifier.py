"""The classifier: bot.spotting.letters, bot.spotting.classifier and bot.spotting.build_classifier.

What it scores, that what ships is what is used, and what happens where it cannot be.
"""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.app import load_spotter
from bot.content.library import Content
from bot.errors import ModelError
from bot.model import Scores, Urgency
from bot.nlu.minilm import GRAPH_NAME
from bot.settings import Settings
from bot.spotting import build_classifier, classifier
from bot.spotting.classifier import FOLDER, Classifier, load_classifier
from bot.spotting.letters import WIDTH, counts, scores_of, weighted

TEXTS = (
    "he said not to tell my mum we talk at night",
    "he knows my timetable and i never told him",
    "what time does the canteen open",
    "x",
    "",
)


# A day as somebody may tell it, with nothing wrong in it.
CHATTER = (
    "so today was ok we had double maths and then drama which was fun because he let us do improv "
    "and me and josie did the bit about the shop . lunch was pizza . then we had football and it "
    "rained so we did dodgeball and i got out straight away . after school i went to town with "
    "ellie and we got bubble tea and looked at trainers . "
)


@cache
def loaded() -> Classifier:
    return load_classifier()


def scores(text: str) -> Scores:
    """Of a text that the normaliser would leave as it is."""
    return loaded().scores(text, text)


def test_a_worry_scores_higher_than_talk_with_its_words() -> None:
    worry = scores("i do not want to be alive any more")
    talk = scores("my phone is not alive any more it needs charging")

    assert worry.risk > 0 > talk.risk


def test_shares_of_each_part_sum_to_one() -> None:
    seen = scores(TEXTS[0])

    for shares in (seen.urgency, seen.category, seen.about):
        assert sum(shares.values()) == pytest.approx(1.0, abs=1e-5)


def test_a_worry_in_a_long_text_is_not_drowned() -> None:
    alone = scores(CHATTER * 2)
    within = scores(f"{CHATTER} my dad hits me with a belt and i am scared to go home . {CHATTER}")

    assert within.risk > 0 > alone.risk


def test_an_emergency_in_a_long_text_is_not_drowned_by_a_surer_worry() -> None:
    worry = "my dad hits me with a belt and i am scared to go home . "
    emergency = "i have taken a lot of tablets and i feel really ill . "

    seen = scores(f"{worry}{CHATTER * 2}{emergency}{CHATTER * 2}")

    assert seen.urgency[Urgency.EMERGENCY] > 0.5


def test_a_long_text_of_words_that_are_many_pieces_is_read_to_its_end() -> None:
    chatter = "xqzjvkw " * 60

    assert scores(chatter + "i want to kill myself tonight").risk > scores(chatter).risk + 2


@settings(max_examples=30, deadline=None)
@given(st.text(max_size=300))
def test_any_text_has_scores(text: str) -> None:
    assert np.isfinite(scores(text).risk)


def test_scores_are_the_same_in_every_thread() -> None:
    expected = [scores(text) for text in TEXTS]

    with ThreadPoolExecutor(max_workers=4) as pool:
        results = list(pool.map(lambda _: [scores(text) for text in TEXTS], range(8)))

    assert all(result == expected for result in results)


def test_sums_of_one_text_are_those_of_the_whole_table() -> None:
    chance = np.random.default_rng(1)
    rarity = chance.uniform(1, 5, WIDTH).astype(np.float32)
    weight = chance.integers(-100, 100, (3, WIDTH)).astype(np.int8)

    table = weighted(counts(TEXTS), rarity) @ weight.T.astype(np.float32)
    sums = np.stack([scores_of(text, rarity, weight) for text in TEXTS])

    assert np.allclose(table, sums, atol=1e-2)


def test_packing_loses_no_more_than_half_a_step() -> None:
    chance = np.random.default_rng(1)
    weights = {
        "encoder.a.weight": chance.normal(size=(8, 16)).astype(np.float32),
        "encoder.a.bias": chance.normal(size=8).astype(np.float32),
        "heads.weight": chance.normal(size=(21, 16)).astype(np.float32),
        "embeddings.word_embeddings.weight": np.ones((4, 4), dtype=np.float32),
    }

    packed = build_classifier.packed(weights)
    back = build_classifier.unpacked(packed)

    assert packed["encoder.a.weight"].dtype == np.int8
    assert set(back) == set(weights) - {"embeddings.word_embeddings.weight"}
    step = np.abs(weights["encoder.a.weight"]).max(axis=1, keepdims=True) / 64
    assert (np.abs(back["encoder.a.weight"] - weights["encoder.a.weight"]) <= step * 0.501).all()
    assert np.array_equal(back["heads.weight"], weights["heads.weight"])


def test_packing_twice_changes_nothing() -> None:
    weights = {"encoder.a.weight": np.random.default_rng(1).normal(size=(8, 16))}
    once = build_classifier.packed(weights)
    twice = build_classifier.packed(build_classifier.unpacked(once))

    assert np.array_equal(once["encoder.a.weight"], twice["encoder.a.weight"])


@pytest.mark.parametrize("damage", ["gone", "changed"])
def test_weights_that_are_not_the_shipped_ones_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, damage: str
) -> None:
    weights = tmp_path / classifier.WEIGHTS.name
    shutil.copyfile(classifier.WEIGHTS.with_suffix(".sha256"), weights.with_suffix(".sha256"))
    if damage == "changed":
        weights.write_bytes(classifier.WEIGHTS.read_bytes() + b" ")
    monkeypatch.setattr(classifier, "WEIGHTS", weights)

    with pytest.raises(ModelError, match="git"):
        load_classifier()


def test_weights_that_ship_are_small() -> None:
    assert classifier.WEIGHTS.stat().st_size < 25_000_000


@pytest.mark.parametrize("damage", ["gone", "half a graph"])
def test_without_the_classifier_rules_stand_alone_and_the_spotter_says_so(
    tmp_path: Path, school_content: Content, damage: str
) -> None:
    if damage == "half a graph":
        shutil.copytree(FOLDER, tmp_path / "classifier")
        graph = tmp_path / "classifier" / GRAPH_NAME
        graph.write_bytes(graph.read_bytes()[:1000])

    spotter = load_spotter(Settings(models=tmp_path), school_content)

    assert spotter.spot("hello").cues >= {"rules_only"}
    assert spotter.spot("i want to kill myself").signals[0].urgency.rank >= Urgency.URGENT.rank


@pytest.mark.trained
def test_build_gives_the_very_same_classifier_every_time(tmp_path: Path) -> None:
    folder = tmp_path / "classifier"

    assert build_classifier.build_classifier(folder, report=lambda line: None) is True
    assert (folder / "build.json").read_bytes() == (FOLDER / "build.json").read_bytes()
    assert build_classifier.build_classifier(folder, report=lambda line: None) is False
