"""Columns that give each text a score: taught the same messages, or a part of the classifier.

All are set the same way, on testpack/dev, so that what differs is what they hear.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors import numpy as safetensors
from sklearn.linear_model import LogisticRegression
from tqdm import tqdm

from bot.model import Category, Urgency
from bot.nlu.minilm import GRAPH_NAME, TOKENIZER_NAME, load_encoder, read_checked
from bot.spotting.classifier import Classifier, shipped_weights
from bot.spotting.spotter import Spotter
from evaluation.columns import Column, Finding
from evaluation.messages import LabelledMessage

# Share of the harmless messages of testpack/dev that a column may take for a risk.
ALARMS = 0.03
# Letters this loud drown the encoder: what is left is what they say by themselves.
_LOUD = 10_000.0
_LETTERS = {"letters only": _LOUD, "encoder only": 0.0, "classifier only": 1.0}

# Of each text how risky it is, and which harm it would be.
Score = Callable[[Sequence[str]], list[tuple[float, Category]]]


def limited(score: Score, tuned: Sequence[LabelledMessage], share: float = ALARMS) -> Column:
    """A column that notices what scores above a limit.

    Args:
        score: What gives the scores.
        tuned: Messages on which the limit is set.
        share: Of the harmless among those, how many may lie above it.
    """
    calm = score([message.text for message in tuned if not message.label.risk])
    limit = float(np.quantile([risk for risk, _ in calm], 1 - share))

    def column(texts: Sequence[str]) -> list[Finding]:
        return [
            Finding(risk, Urgency.URGENT, category) if risk > limit else Finding(risk, Urgency.NONE)
            for risk, category in score(texts)
        ]

    return column


def parts(folder: Path, spotter_with: Callable[[Classifier], Spotter]) -> dict[str, Score]:
    """The classifier without its encoder, without its letters, and whole; by its scores alone.

    Args:
        folder: The built classifier.
        spotter_with: Makes a spotter that asks a classifier, so that it reads what it always does.

    Raises:
        ModelError: The classifier is missing, or is not the one that was built.
    """
    files, weights = read_checked(folder), safetensors.load(shipped_weights())
    scores = {}
    for name, letters in _LETTERS.items():
        changed = {key: weights[key] * letters for key in ("letters.scale", "letters.bias")}
        packed = safetensors.save({**weights, **changed})
        part = Classifier(files[GRAPH_NAME], files[TOKENIZER_NAME], packed)
        scores[name] = _of_part(name, spotter_with(part))
    return scores


def _of_part(name: str, spotter: Spotter) -> Score:
    def score(texts: Sequence[str]) -> list[tuple[float, Category]]:
        seen = [spotter.examine(text).scores for text in tqdm(texts, desc=name, leave=False)]
        said = [scores for scores in seen if scores is not None]  # it always is with a classifier
        return [(one.risk, max(one.category, key=lambda c: one.category[c])) for one in said]

    return score


def frozen_vectors(taught: Sequence[LabelledMessage]) -> Score:
    """Logistic regression on the published encoder's vectors of the messages it is taught."""
    encoder = load_encoder()
    risk = LogisticRegression(max_iter=2000, C=10.0)
    vectors = _vectors(encoder.encode, [message.text for message in taught])
    risk.fit(vectors, [message.label.risk for message in taught])
    kinds = LogisticRegression(max_iter=2000, C=10.0)
    kinds.fit(
        vectors[[message.label.risk for message in taught]],
        [str(message.label.category) for message in taught if message.label.risk],
    )

    def score(texts: Sequence[str]) -> list[tuple[float, Category]]:
        rows = _vectors(encoder.encode, texts)
        pairs = zip(risk.decision_function(rows), kinds.predict(rows), strict=True)
        return [(float(score), Category(name)) for score, name in pairs]

    return score


def _vectors(
    encode: Callable[[Sequence[str]], NDArray[np.float32]], texts: Sequence[str]
) -> NDArray[np.float32]:
    return np.vstack([encode([text]) for text in tqdm(texts, desc="vectors", leave=False)])
