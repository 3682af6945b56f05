"""Teaching leaves whole files or none, and packs only what belongs together."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from finetune import export, files


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in which the encoder and the letters were taught the same messages."""
    monkeypatch.setattr(files, "MESSAGES", tmp_path / "train.jsonl")
    monkeypatch.setattr(export, "LEARNT", tmp_path / "weights.safetensors")
    monkeypatch.setattr(export, "MESSAGES", files.MESSAGES)
    monkeypatch.setattr(export, "LETTERS", tmp_path / "letters.safetensors")
    monkeypatch.setattr(export, "WEIGHTS", tmp_path / "classifier.safetensors")
    files.MESSAGES.write_text("{}\n", encoding="utf-8")
    marks = {files.TAUGHT: files.taught()}
    learnt = {"bert.encoder.a.bias": np.ones(4, dtype=np.float32)}
    save_file(learnt, tmp_path / "weights.safetensors", marks)
    letters = {"letters.bias": np.ones(2, dtype=np.float32)}
    save_file(letters, tmp_path / "letters.safetensors", marks)
    return tmp_path


def test_what_ships_is_the_encoder_with_the_letters_and_its_digest(folder: Path) -> None:
    assert export.main() == 0

    weights = folder / "classifier.safetensors"
    shipped = load_file(weights)
    assert set(shipped) == {"encoder.a.bias", "letters.bias"}
    assert shipped["encoder.a.bias"].tolist() == [1.0] * 4
    digest = hashlib.sha256(weights.read_bytes()).hexdigest()
    assert weights.with_suffix(".sha256").read_text("utf-8") == f"{digest}  {weights.name}\n"
    assert not list(folder.glob("*.new"))


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        pytest.param("no messages", "train.jsonl is missing", id="nothing prepared"),
        pytest.param("other messages", "taught other messages", id="messages changed since"),
        pytest.param("no encoder", "weights.safetensors is missing", id="not taught"),
        pytest.param("old encoder", "weights.safetensors was taught other", id="taught long ago"),
    ],
)
def test_what_does_not_belong_together_is_not_packed(
    folder: Path, capsys: pytest.CaptureFixture[str], damage: str, says: str
) -> None:
    if damage == "no messages":
        files.MESSAGES.unlink()
    elif damage == "other messages":
        files.MESSAGES.write_text("{} \n", encoding="utf-8")
    else:
        (folder / "weights.safetensors").unlink()
    if damage == "old encoder":
        save_file(
            {"bert.encoder.a.bias": np.ones(4, dtype=np.float32)}, folder / "weights.safetensors"
        )

    assert export.main() == 1

    assert says in capsys.readouterr().err
    assert not (folder / "classifier.safetensors").exists()


def write_half(path: Path) -> None:
    with files.replacing(path) as new:
        new.write_text("ha", encoding="utf-8")
        raise RuntimeError


def test_a_file_that_is_not_written_whole_leaves_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("old", encoding="utf-8")

    with pytest.raises(RuntimeError):
        write_half(path)

    assert path.read_text(encoding="utf-8") == "old"
    assert list(tmp_path.iterdir()) == [path]
