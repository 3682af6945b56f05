"""Adds what an adapter learnt to the published weights: each matrix plus `up` times `down`.

finetune/ makes adapters; so little ships that way. Method: E. Hu et al., "LoRA", ICLR 2022.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import numpy as safetensors

from bot.errors import ModelError
from bot.nlu.minilm import sha256

ADAPTER = Path(__file__).with_name("adapter.safetensors")


def shipped_adapter(path: Path = ADAPTER) -> dict[str, Any]:
    """The adapter that ships, checked against the digest beside it.

    Raises:
        ModelError: It is missing, or is not the one that was shipped.
    """
    try:
        content = path.read_bytes()
        expected = path.with_suffix(".sha256").read_text(encoding="utf-8").split()[0]
    except (OSError, IndexError) as error:
        message = f"{path.name} is missing; get it again from where AskSafe came from."
        raise ModelError("model.adapter_missing", message) from error
    if sha256(content) != expected:
        message = f"{path.name} has been changed; get it again from where AskSafe came from."
        raise ModelError("model.adapter_changed", message)
    return dict(safetensors.load(content))


def adapted(weights: Mapping[str, Any], adapter: Mapping[str, Any]) -> dict[str, Any]:
    """Weights with what an adapter learnt added; those it does not name stay as they are.

    Args:
        weights: fp32 matrices by name.
        adapter: `NAME.down` (rank, in) and `NAME.up` (out, rank) for the weights NAME.
    """
    changed = dict(weights)
    for name in (key.removesuffix(".up") for key in adapter if key.endswith(".up")):
        up, down = (adapter[f"{name}.{part}"].astype(np.float32) for part in ("up", "down"))
        changed[name] = weights[name] + up @ down
    return changed
