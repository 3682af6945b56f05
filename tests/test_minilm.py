"""The sentence encoder: the vectors it gives, and what it does with damaged files."""

import json
import shutil
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from onnx import ModelProto
from safetensors import numpy as safetensors

from bot.errors import ModelError
from bot.nlu import build_minilm
from bot.nlu.adapter import adapted, shipped_adapter
from bot.nlu.minilm import (
    ENCODER_FOLDER,
    GRAPH_NAME,
    RECORD_NAME,
    TOKENIZER_NAME,
    SentenceEncoder,
    load_encoder,
)
from bot.nlu.minilm_graph import build_graph

REFERENCE = ("i want to kill myself", "I feel like ending my life")
REFERENCE_COSINE = 0.534
SENTENCES = (
    *REFERENCE,
    "my dad keeps shouting at me",
    "who is the safeguarding lead?",
    "some boys keep taking my bag",
    "what is county lines",
    "thanks",
    "",
)


@cache
def built_encoder() -> SentenceEncoder:
    return load_encoder()


@cache
def exact_encoder() -> SentenceEncoder:
    weights, tokenizer = build_minilm.published_files()
    graph = build_graph(adapted(safetensors.load(weights), shipped_adapter()))
    return SentenceEncoder(graph.SerializeToString(), tokenizer)


def published_encoder() -> SentenceEncoder:
    weights, tokenizer = build_minilm.published_files()
    return SentenceEncoder(build_graph(safetensors.load(weights)).SerializeToString(), tokenizer)


def reference_cosine(encoder: SentenceEncoder) -> float:
    first, second = encoder.encode(REFERENCE)
    return float(first @ second)


def copy_of_built(folder: Path) -> Path:
    return Path(shutil.copytree(ENCODER_FOLDER, folder / "encoder"))


def copy_graph(target: Path) -> None:
    shutil.copyfile(ENCODER_FOLDER / GRAPH_NAME, target)


def test_exact_graph_gives_the_published_similarity() -> None:
    assert reference_cosine(published_encoder()) == pytest.approx(REFERENCE_COSINE, abs=0.001)


def test_built_graph_stays_close_to_the_exact_one() -> None:
    cosines = (built_encoder().encode(SENTENCES) * exact_encoder().encode(SENTENCES)).sum(axis=1)

    assert cosines.mean() > 0.98
    assert cosines.min() > 0.94


@pytest.mark.parametrize("count", [0, 1, 3])
def test_encode_gives_one_vector_per_text(count: int) -> None:
    vectors = built_encoder().encode(SENTENCES[:count])

    assert vectors.shape == (count, 384)
    assert vectors.dtype == np.float32


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param(" \n\t", id="blank"),
        pytest.param("😭😭", id="emoji"),
        pytest.param("\ud83d", id="half a surrogate pair"),
        pytest.param("a\x00b", id="null character"),
        pytest.param("help " * 5000, id="far too long"),
        pytest.param("Допоможіть мені", id="other script"),
        pytest.param("[SEP] [PAD] [MASK]", id="special tokens typed out"),
    ],
)
def test_encode_gives_a_unit_vector_for_any_text(text: str) -> None:
    (vector,) = built_encoder().encode([text])

    assert np.linalg.norm(vector) == pytest.approx(1.0, abs=1e-4)


def test_encode_reads_no_more_than_128_tokens() -> None:
    long, longer = built_encoder().encode(["help " * 126, "help " * 126 + "never read"])

    assert np.array_equal(long, longer)


def test_vector_does_not_depend_on_its_neighbours() -> None:
    together = built_encoder().encode(SENTENCES)
    alone = np.vstack([built_encoder().encode([text]) for text in SENTENCES])

    assert np.array_equal(together, alone)


def test_vectors_are_the_same_in_every_load_and_thread() -> None:
    expected = load_encoder().encode(SENTENCES)

    with ThreadPoolExecutor(max_workers=4) as pool:
        results = list(pool.map(built_encoder().encode, [SENTENCES] * 12))

    assert len(results) == 12
    assert all(np.array_equal(result, expected) for result in results)


@pytest.mark.parametrize("name", [GRAPH_NAME, TOKENIZER_NAME])
def test_load_refuses_a_changed_file(tmp_path: Path, name: str) -> None:
    folder = copy_of_built(tmp_path)
    content = bytearray((folder / name).read_bytes())
    content[len(content) // 2] ^= 1
    (folder / name).write_bytes(content)

    with pytest.raises(ModelError, match=f"{name}.*make train") as caught:
        load_encoder(folder)
    assert caught.value.code == "model.encoder_changed"


@pytest.mark.parametrize("name", [GRAPH_NAME, TOKENIZER_NAME, RECORD_NAME])
def test_load_refuses_a_missing_file(tmp_path: Path, name: str) -> None:
    folder = copy_of_built(tmp_path)
    (folder / name).unlink()

    with pytest.raises(ModelError, match="make train") as caught:
        load_encoder(folder)
    assert caught.value.code == "model.encoder_missing"


@pytest.mark.parametrize("record", [b"", b"[]", b"{}", b'{"files": 1}', b'{"files": {}}', b"\xff"])
def test_load_refuses_a_broken_record(tmp_path: Path, record: bytes) -> None:
    folder = copy_of_built(tmp_path)
    (folder / RECORD_NAME).write_bytes(record)

    with pytest.raises(ModelError):
        load_encoder(folder)


def test_build_leaves_a_current_encoder_alone(tmp_path: Path) -> None:
    folder = copy_of_built(tmp_path)
    before = (folder / GRAPH_NAME).stat().st_mtime_ns

    assert build_minilm.build_encoder(folder, report=lambda line: None) is False
    assert (folder / GRAPH_NAME).stat().st_mtime_ns == before


@pytest.mark.parametrize("damage", ["other recipe", "half a graph"])
def test_build_replaces_what_is_stale(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, damage: str
) -> None:
    folder = copy_of_built(tmp_path)
    good = (folder / RECORD_NAME).read_bytes()
    if damage == "other recipe":
        record = json.loads(good)
        record["made_from"]["recipe"] = {}
        (folder / RECORD_NAME).write_text(json.dumps(record), encoding="utf-8")
    else:
        (folder / GRAPH_NAME).write_bytes(b"half")
    (tmp_path / "encoder.new").mkdir()  # left behind by a build that was killed
    # Quantising takes seconds; the whole build is the next test's business.
    monkeypatch.setattr(build_minilm, "quantise", lambda _, target: copy_graph(target))

    assert build_minilm.build_encoder(folder, report=lambda line: None) is True
    assert (folder / RECORD_NAME).read_bytes() == good
    assert sorted(path.name for path in tmp_path.iterdir()) == ["encoder", "encoder.lock"]


@pytest.mark.trained
def test_build_gives_the_very_same_files_every_time(tmp_path: Path) -> None:
    assert build_minilm.build_encoder(tmp_path / "encoder", report=lambda line: None) is True

    record = (tmp_path / "encoder" / RECORD_NAME).read_bytes()
    assert record == (ENCODER_FOLDER / RECORD_NAME).read_bytes()


def test_build_that_breaks_off_leaves_no_encoder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_off(graph: ModelProto, target: Path) -> None:
        target.write_bytes(graph.SerializeToString()[:1000])
        raise KeyboardInterrupt

    monkeypatch.setattr(build_minilm, "quantise", break_off)

    with pytest.raises(KeyboardInterrupt):
        build_minilm.build_encoder(tmp_path / "encoder", report=lambda line: None)
    assert not (tmp_path / "encoder").exists()


def test_build_refuses_weights_that_are_not_the_published_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashes = tmp_path / "minilm.sha256"
    hashes.write_text(f"{'0' * 64}  model.safetensors\n{'0' * 64}  tokenizer.json\n", "utf-8")
    monkeypatch.setattr(build_minilm, "HASHES_FILE", hashes)

    with pytest.raises(ModelError, match="not the published file") as caught:
        build_minilm.build_encoder(tmp_path / "encoder", report=lambda line: None)
    assert caught.value.code == "model.weights_changed"
    assert not (tmp_path / "encoder").exists()


def test_build_says_when_the_weights_are_not_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(build_minilm, "FOLDER_IN_WHEEL", "gone")

    with pytest.raises(ModelError, match="make clean") as caught:
        build_minilm.build_encoder(tmp_path / "encoder", report=lambda line: None)
    assert caught.value.code == "model.weights_missing"
