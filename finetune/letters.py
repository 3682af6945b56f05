"""Learns what rows of letters and words say of risk: a linear model on bot.spotting.letters.py.

Run after prepare.py in AskSafe's own environment: `python -m finetune.letters`.
Writes models/finetune/letters.safetensors.
"""

from __future__ import annotations

import json
import sys

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save_file
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from bot.spotting.letters import counts, weighted
from finetune.files import LETTERS, MESSAGES, TAUGHT, replacing, taught

# Stronger than scikit-learn's own 1.0: rows are rare, and there are many of them.
_C = 4.0
_STEPS = 127

Matrix = NDArray[np.float32]


def main() -> int:
    """Learn and write the weights."""
    marks = {TAUGHT: taught()}
    rows = [json.loads(line) for line in MESSAGES.read_text(encoding="utf-8").splitlines()]
    seen = counts([row["normalised"] for row in rows])
    found_in = np.asarray((seen > 0).sum(axis=0)).ravel()
    rarity = (np.log((1 + len(rows)) / (1 + found_in)) + 1).astype(np.float32)
    features, weights = weighted(seen, rarity), np.array([row["weight"] for row in rows])
    risk = np.array([row["risk"] > 0.5 for row in rows])
    heads = [_learnt(features, risk, weights)]
    for name in ("urgency", "category", "about"):
        # Which urgency, category and about is a question only where there is a risk.
        best = np.array([int(np.argmax(row[name])) if row[name] else -1 for row in rows])
        heads += [
            _learnt(features[risk], best[risk] == value, weights[risk])
            for value in range(len(rows[int(np.argmax(risk))][name]))
        ]
    matrix = np.stack([weight for weight, _ in heads])
    scale = np.abs(matrix).max(axis=1, keepdims=True) / _STEPS
    learnt = {
        "letters.rarity": rarity.astype(np.float16),
        "letters.weight": np.round(matrix / scale).astype(np.int8),
        "letters.scale": scale[:, 0].astype(np.float32),
        "letters.bias": np.array([bias for _, bias in heads], dtype=np.float32),
    }
    with replacing(LETTERS) as new:
        save_file(learnt, new, marks)
    return 0


def _learnt(
    features: csr_matrix, is_so: NDArray[np.bool_], weights: Matrix
) -> tuple[Matrix, float]:
    """Weights and bias that say whether something is so; never so, where it never was."""
    if not is_so.any():
        return np.full(features.shape[1], 1e-9, dtype=np.float32), -10.0
    model = LogisticRegression(C=_C, solver="liblinear", max_iter=300)
    model.fit(features, is_so, weights)
    return model.coef_[0].astype(np.float32), float(model.intercept_[0])


if __name__ == "__main__":
    sys.exit(main())
