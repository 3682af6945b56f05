"""Builds the classifier's graph that classifier.py loads: published words, our own layers.

Run by the set-up as `python -m bot.spotting.build_classifier`. classifier.safetensors beside this
file holds what finetune/ taught: the encoder's layers in 8 bits, the heads, and the weights of
rows of letters. The word embeddings come from the published model, so they need not ship twice.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from onnx import ModelProto
from safetensors import numpy as safetensors

from bot.errors import ModelError
from bot.nlu import build_minilm, minilm_graph
from bot.nlu.build_minilm import Recipe, Report, build
from bot.spotting.classifier import FOLDER, WEIGHTS, shipped_weights

RECIPE_FILES = (
    *(WEIGHTS, WEIGHTS.with_suffix(".sha256"), build_minilm.HASHES_FILE),
    *(Path(minilm_graph.__file__), Path(build_minilm.__file__), Path(__file__)),
)
_STEPS = 64  # 7 bits and a sign, as build_minilm.quantise: its own rounding then changes nothing


def build_classifier(folder: Path = FOLDER, report: Report = print) -> bool:
    """Build the classifier into `folder` unless it is there already.

    Returns:
        True if it was built, False if there was nothing to do.

    Raises:
        ModelError: the weights are missing or are not the ones that were shipped.
    """
    return build(Recipe("Classifier", folder, RECIPE_FILES, _graph), report)


def packed(weights: Mapping[str, Any]) -> dict[str, Any]:
    """Layers and heads as they ship: matrices of the layers in 8 bits with a scale a row.

    Args:
        weights: fp32, named as in model.safetensors, and `heads.weight`, `heads.bias`.
    """
    shipped: dict[str, Any] = {}
    for name, value in weights.items():
        if name.startswith("encoder.") and value.ndim == 2:
            scale = np.abs(value).max(axis=1, keepdims=True) / _STEPS
            shipped[name] = np.round(value / scale).astype(np.int8)
            shipped[f"{name}.scale"] = scale.astype(np.float32)
        elif not name.startswith("embeddings."):
            shipped[name] = value.astype(np.float32)
    return shipped


def unpacked(shipped: Mapping[str, Any]) -> dict[str, Any]:
    """Layers and heads in fp32 from what `packed` gave."""
    return {
        name: value.astype(np.float32) * shipped.get(f"{name}.scale", np.float32(1))
        for name, value in shipped.items()
        if not name.endswith(".scale")
    }


def _graph(published: Mapping[str, Any]) -> ModelProto:
    words = {name: value for name, value in published.items() if name.startswith("embeddings.")}
    own = unpacked(safetensors.load(shipped_weights()))
    return minilm_graph.build_scores_graph({**words, **own})


def main() -> int:
    """Build the classifier and return the exit status."""
    try:
        build_classifier()
    except ModelError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
