"""What the steps of teaching leave for the next one, in models/finetune/.

Imports nothing that is not Python's own: train.py runs without AskSafe's packages.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "models" / "finetune"
MESSAGES = FOLDER / "train.jsonl"
LEARNT = FOLDER / "weights.safetensors"
LETTERS = FOLDER / "letters.safetensors"
# What a file of weights says of itself: the digest of the messages that it was taught.
TAUGHT = "taught"


def taught() -> str:
    """SHA-256 of the messages that are taught.

    Raises:
        FileNotFoundError: They are not prepared.
    """
    return hashlib.sha256(MESSAGES.read_bytes()).hexdigest()


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A path to write to; it takes the place of `path` once all is written, and not before."""
    new = path.with_name(f"{path.name}.new")
    try:
        yield new
        new.replace(path)
    finally:
        new.unlink(missing_ok=True)
