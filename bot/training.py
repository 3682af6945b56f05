"""Trains the Rasa model when something it depends on has changed, and finds the trained one."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import io
import json
import logging
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from bot.errors import ModelError
from bot.privacy import silence_structlog
from bot.settings import ROOT

_INPUTS = ("config.yml", "domain.yml", "data/**/*.y*ml", "bot/nlu/*", "requirements.txt")
_MODEL = "asksafe.tar.gz"
_STAMP = "trained.json"


def train(models: Path) -> bool:
    """Train if needed; prints its steps on standard error.

    Args:
        models: Folder for the model; the sentence encoder lies beside it.

    Returns:
        True if it trained, False if the model there already fits.

    Raises:
        ModelError: When training gave no model.
    """
    models.mkdir(parents=True, exist_ok=True)
    with _alone(models):
        inputs = fingerprint()
        if _is_current(models, inputs):
            print("The model is up to date.", file=sys.stderr)
            return False
        print("Training the model, one to three minutes ...", file=sys.stderr, flush=True)
        started = time.monotonic()
        _train(models, inputs)
        print(f"Trained in {time.monotonic() - started:.0f} s.", file=sys.stderr)
    return True


def _train(models: Path, inputs: str) -> None:
    with tempfile.TemporaryDirectory(prefix="asksafe-") as folder:
        trained = _rasa_train(Path(folder))
        # Copied beside its place, then renamed: an interruption leaves the old model or the new.
        fresh = models / f"{_MODEL}.new"
        shutil.copyfile(trained, fresh)
        digest = _sha256(fresh)
        fresh.replace(models / _MODEL)
    stamp = models / f"{_STAMP}.new"
    stamp.write_text(json.dumps({"inputs": inputs, "sha256": digest}), encoding="utf-8")
    stamp.replace(models / _STAMP)


def model_path(models: Path) -> Path:
    """The trained model, after checking that it is the one that training wrote.

    Raises:
        ModelError: When it is missing or damaged.
    """
    path = models / _MODEL
    try:
        expected = json.loads((models / _STAMP).read_text(encoding="utf-8"))["sha256"]
        actual = _sha256(path)
    except (OSError, ValueError, KeyError, TypeError) as error:
        message = f"No trained model is in {models}; run 'make train'."
        raise ModelError("model.missing", message) from error
    if actual != expected:
        message = f"{path} is damaged; delete it and run 'make train'."
        raise ModelError("model.damaged", message)
    return path


def fingerprint(root: Path = ROOT) -> str:
    """SHA-256 over every file that the model depends on."""
    digest = hashlib.sha256()
    for pattern in _INPUTS:
        for path in sorted(root.glob(pattern)):
            if path.is_file() and path.suffix not in (".pyc", ".lock"):
                digest.update(f"{path.relative_to(root)}\0".encode())
                digest.update(path.read_bytes())
    return digest.hexdigest()


@contextlib.contextmanager
def _alone(models: Path) -> Iterator[None]:
    """Wait until no other process trains into this folder; it may leave nothing to do."""
    with (models / f"{_MODEL}.lock").open("a") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("Waiting for another training ...", file=sys.stderr, flush=True)
            fcntl.flock(handle, fcntl.LOCK_EX)  # let go when the file closes, also by a crash
        yield


def _is_current(models: Path, inputs: str) -> bool:
    try:
        known = json.loads((models / _STAMP).read_text(encoding="utf-8"))["inputs"]
        model_path(models)
    except (OSError, ValueError, KeyError, TypeError, ModelError):
        return False
    return bool(known == inputs)


def _rasa_train(folder: Path) -> Path:
    # Ten seconds; not for a model that is up to date.
    import rasa  # noqa: PLC0415
    from rasa.shared.exceptions import RasaException  # noqa: PLC0415

    silence_structlog()
    logging.getLogger("rasa").setLevel(logging.ERROR)
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            result = rasa.train(
                domain=str(ROOT / "domain.yml"),
                config=str(ROOT / "config.yml"),
                training_files=str(ROOT / "data"),
                output=str(folder),
                fixed_model_name=_MODEL.removesuffix(".tar.gz"),
            )
    except RasaException as error:
        # Its text is for developers: it names a file of the project, and no student is here yet.
        raise ModelError("model.training", f"Rasa cannot train: {error}") from error
    if result.code != 0 or result.model is None:
        raise ModelError("model.training", "Rasa trained no model; run 'rasa data validate'.")
    return Path(result.model)


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
