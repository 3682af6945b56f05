"""Training: only when something has changed, and never a damaged or half-written model.

Rasa is not run: `_rasa_train` is replaced by a function that writes a small file.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bot import training
from bot.errors import ModelError
from bot.settings import ROOT
from bot.training import fingerprint, model_path, train

PROJECT = {
    "config.yml": "pipeline",
    "domain.yml": "intents",
    "data/rules.yml": "rules",
    "data/nlu/about.yml": "phrases",
    "data/nlu/more/signs.yml": "phrases",
    "bot/nlu/featurizer.py": "code",
    "bot/nlu/minilm.sha256": "hash",
    "requirements.txt": "pins",
}


def write(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    return root


def set_inputs(monkeypatch: pytest.MonkeyPatch, inputs: str) -> None:
    monkeypatch.setattr(training, "fingerprint", lambda: inputs)


def rasa_writes(
    monkeypatch: pytest.MonkeyPatch, model: str, then: Callable[[], object] = lambda: None
) -> list[Path]:
    """Make training write this model, then do something else; returns where it was asked to."""
    folders: list[Path] = []

    def fake_train(folder: Path) -> Path:
        folders.append(folder)
        path = folder / "asksafe.tar.gz"
        path.write_text(model, encoding="utf-8")
        then()
        return path

    monkeypatch.setattr(training, "_rasa_train", fake_train)
    return folders


def used(models: Path) -> str:
    """What stands in the model that would be used, or why none would."""
    try:
        return model_path(models).read_text(encoding="utf-8")
    except ModelError as error:
        return error.code


def interrupt() -> None:
    raise KeyboardInterrupt


# What a model depends on.


@pytest.mark.parametrize("name", PROJECT)
@pytest.mark.parametrize("change", ["edited", "removed", "renamed"])
def test_fingerprint_changes_with_each_input(tmp_path: Path, name: str, change: str) -> None:
    root = write(tmp_path, PROJECT)
    before = fingerprint(root)

    path = root / name
    if change == "edited":
        path.write_text("other", encoding="utf-8")
    elif change == "removed":
        path.unlink()
    else:
        path.rename(path.with_name(f"other_{path.name}"))

    assert fingerprint(root) != before


@pytest.mark.parametrize("name", ["data/nlu/new.yml", "data/nlu/new.yaml", "bot/nlu/new.py"])
def test_fingerprint_changes_when_an_input_is_added(tmp_path: Path, name: str) -> None:
    root = write(tmp_path, PROJECT)
    before = fingerprint(root)

    write(root, {name: ""})

    assert fingerprint(root) != before


@pytest.mark.parametrize(
    "name",
    [
        "content/notices.yml",
        "bot/turn.py",
        "bot/nlu/__pycache__/featurizer.pyc",
        "bot/nlu/encoder.lock",
        "models/encoder/build.json",
        "README.md",
        "tests/data/nlu.yml",
    ],
)
def test_fingerprint_stays_when_something_else_changes(tmp_path: Path, name: str) -> None:
    root = write(tmp_path, PROJECT)
    before = fingerprint(root)

    write(root, {name: "new"})

    assert fingerprint(root) == before


def test_fingerprint_is_the_same_wherever_the_checkout_lies(tmp_path: Path) -> None:
    one = fingerprint(write(tmp_path / "one", PROJECT))
    two = fingerprint(write(tmp_path / "another name", PROJECT))

    assert one == two


def test_fingerprint_reads_the_real_project() -> None:
    looked_at = [path for pattern in training._INPUTS for path in ROOT.glob(pattern)]

    assert len(looked_at) >= 10
    assert fingerprint() == fingerprint(ROOT)


# Training.


def test_train_writes_a_model_that_can_be_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    models = tmp_path / "new" / "models"
    set_inputs(monkeypatch, "1")
    rasa_writes(monkeypatch, "model")

    trained = train(models)

    assert trained is True
    assert model_path(models).read_text(encoding="utf-8") == "model"
    assert sorted(path.name for path in models.iterdir()) == [
        "asksafe.tar.gz",
        "asksafe.tar.gz.lock",
        "trained.json",
    ]
    assert capsys.readouterr().out == ""


def test_train_does_nothing_when_the_model_is_current(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_inputs(monkeypatch, "1")
    asked = rasa_writes(monkeypatch, "model")
    train(tmp_path)
    stamps = {path.name: path.stat().st_mtime_ns for path in tmp_path.iterdir()}

    trained = train(tmp_path)

    assert trained is False
    assert len(asked) == 1
    assert {path.name: path.stat().st_mtime_ns for path in tmp_path.iterdir()} == stamps


def damage(models: Path) -> None:
    (models / "asksafe.tar.gz").write_text("damaged", encoding="utf-8")


def remove_model(models: Path) -> None:
    (models / "asksafe.tar.gz").unlink()


def remove_stamp(models: Path) -> None:
    (models / "trained.json").unlink()


@pytest.mark.parametrize("spoil", [damage, remove_model, remove_stamp])
def test_train_trains_again_when_the_model_is_spoilt(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, spoil: Callable[[Path], None]
) -> None:
    set_inputs(monkeypatch, "1")
    asked = rasa_writes(monkeypatch, "model")
    train(tmp_path)
    spoil(tmp_path)

    trained = train(tmp_path)

    assert trained is True
    assert len(asked) == 2
    assert model_path(tmp_path).read_text(encoding="utf-8") == "model"


def test_train_trains_again_when_an_input_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_inputs(monkeypatch, "1")
    rasa_writes(monkeypatch, "old")
    train(tmp_path)
    set_inputs(monkeypatch, "2")
    rasa_writes(monkeypatch, "new")

    assert train(tmp_path) is True
    assert model_path(tmp_path).read_text(encoding="utf-8") == "new"


def test_train_trains_again_when_an_input_changed_while_it_trained(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_inputs(monkeypatch, "1")
    rasa_writes(monkeypatch, "old", then=lambda: set_inputs(monkeypatch, "2"))
    train(tmp_path)
    rasa_writes(monkeypatch, "new")

    assert train(tmp_path) is True
    assert model_path(tmp_path).read_text(encoding="utf-8") == "new"


def fail() -> None:
    raise ModelError("model.training", "Rasa trained no model.")


@pytest.mark.parametrize(("outcome", "error"), [(interrupt, KeyboardInterrupt), (fail, ModelError)])
def test_train_leaves_the_old_model_when_it_is_cut_off(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    outcome: Callable[[], None],
    error: type[BaseException],
) -> None:
    set_inputs(monkeypatch, "1")
    rasa_writes(monkeypatch, "old")
    train(tmp_path)
    set_inputs(monkeypatch, "2")
    rasa_writes(monkeypatch, "half", then=outcome)

    with pytest.raises(error):
        train(tmp_path)

    assert model_path(tmp_path).read_text(encoding="utf-8") == "old"


@pytest.mark.parametrize("step", range(1, 5))
def test_train_never_leaves_a_model_that_passes_for_another_when_it_is_cut_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    set_inputs(monkeypatch, "1")
    rasa_writes(monkeypatch, "old")
    train(tmp_path)
    set_inputs(monkeypatch, "2")
    rasa_writes(monkeypatch, "new")
    done: list[str] = []  # of four: copy, rename, the stamp's text, rename

    def cut_off(real: Callable[..., object]) -> Callable[..., object]:
        def wrapped(*args: object, **kwargs: object) -> object:
            done.append(real.__name__)
            if len(done) == step:
                raise KeyboardInterrupt
            return real(*args, **kwargs)

        return wrapped

    with monkeypatch.context() as patch:
        patch.setattr(shutil, "copyfile", cut_off(shutil.copyfile))
        patch.setattr(Path, "replace", cut_off(Path.replace))
        patch.setattr(json, "dumps", cut_off(json.dumps))
        with pytest.raises(KeyboardInterrupt):
            train(tmp_path)

    assert len(done) == step
    assert used(tmp_path) in ("old", "model.damaged")
    assert train(tmp_path) is True
    assert model_path(tmp_path).read_text(encoding="utf-8") == "new"


def test_train_leaves_no_temporary_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    set_inputs(monkeypatch, "1")
    asked = rasa_writes(monkeypatch, "model", then=interrupt)

    with pytest.raises(KeyboardInterrupt):
        train(tmp_path)

    assert len(asked) == 1
    assert not asked[0].exists()


def test_train_waits_for_another_training_and_then_has_nothing_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    training_now, go_on = threading.Event(), threading.Event()

    def pause() -> None:
        training_now.set()
        assert go_on.wait(20)

    set_inputs(monkeypatch, "1")
    asked = rasa_writes(monkeypatch, "model", then=pause)

    with ThreadPoolExecutor() as pool:
        first = pool.submit(train, tmp_path)
        assert training_now.wait(20)
        second = pool.submit(train, tmp_path)
        said = ""
        while "Waiting for another training" not in said and len(asked) == 1:
            said += capsys.readouterr().err
        go_on.set()
        trained = (first.result(20), second.result(20))

    assert trained == (True, False)
    assert len(asked) == 1
    assert used(tmp_path) == "model"


# In a process of its own: importing rasa changes the process that does it.
BROKEN = """
import sys, rasa
from rasa.shared.exceptions import YamlSyntaxException
from bot.__main__ import main

def train(**_):
    try:
        raise ValueError("line 7: a key without its value")
    except ValueError as error:
        raise YamlSyntaxException("domain.yml", error)

rasa.train = train
sys.exit(main(["train"]))
"""


def test_train_command_says_what_rasa_found_wrong(tmp_path: Path) -> None:
    done = subprocess.run(  # noqa: S603 (the lines above)
        [sys.executable, "-c", BROKEN],
        cwd=ROOT,
        env={**os.environ, "ASKSAFE_MODELS": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert done.returncode == 2
    assert "domain.yml" in done.stderr
    assert "line 7: a key without its value" in done.stderr
    assert done.stderr.endswith(" [model.training]\n")
    assert "uncaught" not in done.stderr


# Finding the model.


@pytest.mark.parametrize(
    "stamp",
    [
        pytest.param(None, id="no stamp"),
        pytest.param("", id="empty stamp"),
        pytest.param("{", id="half a stamp"),
        pytest.param("{}", id="stamp without hash"),
        pytest.param("[]", id="stamp of another form"),
        pytest.param("null", id="stamp of nothing"),
    ],
)
def test_model_path_refuses_a_model_without_its_stamp(tmp_path: Path, stamp: str | None) -> None:
    (tmp_path / "asksafe.tar.gz").write_text("model", encoding="utf-8")
    if stamp is not None:
        (tmp_path / "trained.json").write_text(stamp, encoding="utf-8")

    with pytest.raises(ModelError, match="run 'make train'") as caught:
        model_path(tmp_path)

    assert caught.value.code == "model.missing"
    assert str(tmp_path) in str(caught.value)


def test_model_path_refuses_a_stamp_without_its_model(tmp_path: Path) -> None:
    write(tmp_path, {"trained.json": json.dumps({"inputs": "1", "sha256": "2"})})

    with pytest.raises(ModelError) as caught:
        model_path(tmp_path)

    assert caught.value.code == "model.missing"


@pytest.mark.parametrize("folder", ["absent", "file"])
def test_model_path_refuses_a_folder_that_is_none(tmp_path: Path, folder: str) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(ModelError) as caught:
        model_path(tmp_path / folder)

    assert caught.value.code == "model.missing"


def test_model_path_refuses_a_damaged_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_inputs(monkeypatch, "1")
    rasa_writes(monkeypatch, "model")
    train(tmp_path)
    damage(tmp_path)

    with pytest.raises(ModelError, match="is damaged; delete it and run 'make train'") as caught:
        model_path(tmp_path)

    assert caught.value.code == "model.damaged"
