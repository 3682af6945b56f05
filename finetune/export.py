"""Packs what was learnt into the one file that ships: bot/spotting/classifier.safetensors.

Run last, in AskSafe's own environment: `python -m finetune.export`.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from safetensors import safe_open
from safetensors.numpy import load_file, save_file

from bot.nlu.minilm import sha256
from bot.spotting.build_classifier import packed
from bot.spotting.classifier import WEIGHTS
from finetune.files import LEARNT, LETTERS, MESSAGES, TAUGHT, replacing, taught


def main() -> int:
    """Write the file and its digest; say how big it is."""
    reasons = unfit([LEARNT, LETTERS])
    if reasons:
        sys.stderr.write("\n".join([*reasons, "Run `make finetune`, which teaches all.\n"]))
        return 1
    weights = {name.removeprefix("bert."): each for name, each in load_file(LEARNT).items()}
    with replacing(WEIGHTS) as new:
        save_file({**packed(weights), **load_file(LETTERS)}, new)
    with replacing(WEIGHTS.with_suffix(".sha256")) as new:
        digest = sha256(WEIGHTS.read_bytes())
        new.write_text(f"{digest}  {WEIGHTS.name}\n", encoding="utf-8")
    print(f"{WEIGHTS.name}: {WEIGHTS.stat().st_size / 1e6:.1f} MB; now run `make setup`.")
    return 0


def unfit(paths: list[Path]) -> list[str]:
    """Why files that were learnt cannot be packed together; nothing where they can."""
    if not MESSAGES.exists():
        return [f"{MESSAGES} is missing."]
    now, reasons = taught(), []
    for path in paths:
        if not path.exists():
            reasons.append(f"{path} is missing.")
        elif _taught(path) != now:
            reasons.append(f"{path} was taught other messages than {MESSAGES.name} holds now.")
    return reasons


def _taught(path: Path) -> str | None:
    opened: Any = safe_open  # its stub says nothing of `with`
    with opened(path, framework="numpy") as file:
        said: str | None = (file.metadata() or {}).get(TAUGHT)
    return said


if __name__ == "__main__":
    sys.exit(main())
