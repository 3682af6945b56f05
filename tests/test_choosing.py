"""The answer is chosen from all its phrases; whether a statement is right, among its own alone."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from bot.nlu.choosing import learn, probabilities

CONFIG = {"C": 100.0, "C_says": 100.0, "max_iter": 200, "tol": 1e-4}
# Which answer is meant shows in the first two numbers, what a statement says in the third.
PHRASES: dict[str, list[tuple[float, float, float]]] = {
    "kooth": [(0, 1, 0), (0, 0.9, 0.1)],
    "jealousy": [(1, 0, 0), (0.9, 0, 0)],
    "jealousy+yes": [(1, 0, 1), (0.9, 0, 1)],
    "jealousy+no": [(1, 0, -1), (0.9, 0, -1)],
}


def taught() -> dict[str, NDArray[np.float32]]:
    rows = [(row, intent) for intent, rows in PHRASES.items() for row in rows]
    vectors = np.array([row for row, _ in rows], np.float32)
    return learn(vectors, np.array([intent for _, intent in rows]), CONFIG)


@pytest.mark.parametrize(
    ("vector", "expected"),
    [
        ((0, 1, 0), "kooth"),
        ((1, 0, 0), "jealousy"),
        ((1, 0, 1), "jealousy+yes"),
        ((1, 0, -1), "jealousy+no"),
    ],
)
def test_phrase_gets_its_own_intent(vector: tuple[float, ...], expected: str) -> None:
    learnt = taught()

    shares = probabilities(np.array(vector, np.float32), learnt)

    assert learnt["intents"][shares.argmax()] == expected
    assert shares.sum() == pytest.approx(1.0)


def test_statements_that_go_both_ways_take_nothing_from_their_answer() -> None:
    learnt = taught()

    shares = probabilities(np.array((1, 0, 0.5), np.float32), learnt)

    of_jealousy = [name.startswith("jealousy") for name in learnt["intents"]]
    assert shares[of_jealousy].sum() > 0.9
    assert shares.max() < 0.9
