"""Choosing an answer from its sentence vector: which one, and then whether a statement is right.

Two steps instead of one. All phrases of an answer (`CARD`, `CARD+yes`, `CARD+no`) count together
when the answer is chosen, so that what is likely is not split over three intents; which of the
three it is, is asked among those alone. Both are multinomial logistic regression (scikit-learn).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

SAYS = "+"

Numbers = NDArray[np.float32]


def learn(
    vectors: Numbers, intents: NDArray[np.str_], config: dict[str, Any]
) -> dict[str, NDArray[Any]]:
    """Weights of both steps.

    Args:
        vectors: Of the phrases, shape (phrases, size).
        intents: Of each phrase.
        config: As in get_default_config.

    Returns:
        `intents`, sorted; for each the place of its answer in `answers`; `weights` (answers, size)
        and `biases`; `says_weights` (intents, size) and `says_biases`, zeros where an answer has
        only one intent.
    """
    answers = np.array([intent.partition(SAYS)[0] for intent in intents])
    fitted = {"max_iter": config["max_iter"], "tol": config["tol"]}
    names = np.unique(intents)
    chooser = LogisticRegression(C=config["C"], **fitted).fit(vectors, answers)
    weights, biases = _rows(chooser)
    says_weights = np.zeros((len(names), vectors.shape[1]), np.float32)
    says_biases = np.zeros(len(names), np.float32)
    of_names = np.array([name.partition(SAYS)[0] for name in names])
    for answer in chooser.classes_:
        places = np.flatnonzero(of_names == answer)
        if len(places) > 1:
            own = answers == answer
            says = LogisticRegression(C=config["C_says"], **fitted).fit(vectors[own], intents[own])
            says_weights[places], says_biases[places] = _rows(says)
    return {
        "intents": names,
        "answers": chooser.classes_,
        "of_answer": np.searchsorted(chooser.classes_, of_names),
        "weights": weights,
        "biases": biases,
        "says_weights": says_weights,
        "says_biases": says_biases,
    }


def probabilities(vector: Numbers, learnt: dict[str, NDArray[Any]]) -> Numbers:
    """The probability of each intent: of its answer, times its share among those of that answer.

    Args:
        vector: Of one message, shape (size,).
        learnt: As `learn` gave it.

    Returns:
        Shape (intents,), in the order of `intents`; the sum is 1.
    """
    scores = learnt["weights"] @ vector + learnt["biases"]
    of_answers = np.exp(scores - scores.max())
    of_answers /= of_answers.sum()
    said = np.exp(learnt["says_weights"] @ vector + learnt["says_biases"])
    place = learnt["of_answer"]
    sums = np.bincount(place, weights=said, minlength=len(of_answers))
    shares: Numbers = (of_answers[place] * said / sums[place]).astype(np.float32)
    return shares


def _rows(fitted: LogisticRegression) -> tuple[Numbers, Numbers]:
    """A row of weights and a bias for each class; scikit-learn has one row for two classes."""
    weights, biases = fitted.coef_, fitted.intercept_
    if len(fitted.classes_) == 2:
        weights = np.vstack([-weights / 2, weights / 2])
        biases = np.concatenate([-biases / 2, biases / 2])
    return weights.astype(np.float32), biases.astype(np.float32)
