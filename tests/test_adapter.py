"""What the adapter adds to the published encoder, and what is done with a damaged one."""

from pathlib import Path

import numpy as np
import pytest
from safetensors import numpy as safetensors

from bot.errors import ModelError
from bot.nlu.adapter import ADAPTER, adapted, shipped_adapter
from bot.nlu.build_minilm import published_files
from bot.nlu.minilm import load_encoder


def test_adapted_adds_up_times_down_and_leaves_the_rest() -> None:
    weights = {"a": np.eye(2, dtype=np.float32), "b": np.ones(2, dtype=np.float32)}
    up, down = np.array([[1.0], [2.0]]), np.array([[3.0, 4.0]])

    changed = adapted(weights, {"a.up": up.astype(np.float16), "a.down": down.astype(np.float16)})

    assert changed["a"].tolist() == [[4.0, 4.0], [6.0, 9.0]]
    assert changed["b"] is weights["b"]
    assert weights["a"].tolist() == [[1.0, 0.0], [0.0, 1.0]]


def test_shipped_adapter_fits_the_published_weights() -> None:
    weights = safetensors.load(published_files()[0])

    changed = adapted(weights, shipped_adapter())

    moved = [name for name in weights if changed[name] is not weights[name]]
    assert len(moved) == 36
    assert all(changed[name].shape == weights[name].shape for name in weights)
    assert all(np.isfinite(changed[name]).all() for name in moved)


@pytest.mark.parametrize(
    ("first", "second", "other"),
    [
        ("is it free to ring childline", "do u pay for childlne", "who started childline"),
        ("can it happen to lads", "is it only girls it happens to", "what is it called"),
    ],
)
def test_the_encoder_finds_what_asks_the_same_nearer_than_what_shares_its_words(
    first: str, second: str, other: str
) -> None:
    same, near, far = load_encoder().encode([first, second, other])

    assert same @ near > same @ far


@pytest.mark.parametrize(
    ("damage", "code"),
    [
        (lambda path: path.unlink(), "model.adapter_missing"),
        (lambda path: path.write_bytes(path.read_bytes()[:-1] + b"x"), "model.adapter_changed"),
        (lambda path: path.with_suffix(".sha256").unlink(), "model.adapter_missing"),
        (lambda path: path.with_suffix(".sha256").write_text(""), "model.adapter_missing"),
    ],
)
def test_a_missing_or_damaged_adapter_is_named(tmp_path: Path, damage: object, code: str) -> None:
    copy = tmp_path / ADAPTER.name
    copy.write_bytes(ADAPTER.read_bytes())
    copy.with_suffix(".sha256").write_bytes(ADAPTER.with_suffix(".sha256").read_bytes())
    damage(copy)  # type: ignore[operator]

    with pytest.raises(ModelError) as caught:
        shipped_adapter(copy)

    assert caught.value.code == code
