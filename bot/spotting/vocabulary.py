"""The English words that symspellpy ships, with their frequencies."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import symspellpy


@cache
def word_frequencies() -> dict[str, int]:
    """How often each of 82,765 English words occurs (symspellpy's own list, MIT licence)."""
    path = Path(symspellpy.__file__).parent / "frequency_dictionary_en_82_765.txt"
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    return {word: int(count) for word, count in (line.split(" ", 1) for line in lines)}
