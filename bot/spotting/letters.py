"""Rows of letters and words of a text as numbers, for the classifier beside the encoder.

Hashed, so that there is no vocabulary to ship and no word of a message to keep: each row of 2 to
5 letters within a word, and each row of 1 to 3 words, counts at a place given by its hash.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import HashingVectorizer
from sklearn.preprocessing import normalize

PLACES = 2**17  # for letters, and as many again for words
WIDTH = 2 * PLACES


def _rows_of_words(text: str) -> list[str]:
    words = text.split()
    return [" ".join(words[i : i + n]) for n in (1, 2, 3) for i in range(len(words) - n + 1)]


_COMMON = {"n_features": PLACES, "alternate_sign": False, "norm": None, "lowercase": False}
_LETTERS = HashingVectorizer(analyzer="char_wb", ngram_range=(2, 5), **_COMMON)
_WORDS = HashingVectorizer(analyzer=_rows_of_words, **_COMMON)


def counts(texts: Sequence[str]) -> csr_matrix:
    """How often each row stands in each text, dampened: 1 + ln(count). Shape (texts, WIDTH)."""
    rows = hstack([_LETTERS.transform(texts), _WORDS.transform(texts)], format="csr")
    rows.data = 1 + np.log(rows.data)
    return rows


def weighted(rows: csr_matrix, rarity: NDArray[np.float32]) -> csr_matrix:
    """Counts by how rare each row is; letters and words of a text are of length 1 each.

    Args:
        rows: What `counts` gave.
        rarity: Inverse document frequencies, shape (WIDTH,).
    """
    rows = rows.copy()
    rows.data = rows.data * rarity[rows.indices]
    return hstack([normalize(rows[:, :PLACES]), normalize(rows[:, PLACES:])], format="csr")


def scores_of(
    text: str, rarity: NDArray[np.float32], weight: NDArray[np.int8]
) -> NDArray[np.float32]:
    """What linear models make of one text's `weighted` rows, without building them.

    Args:
        text: A normalised text.
        rarity: As for `weighted`.
        weight: Of each model in a row, shape (models, WIDTH).

    Returns:
        One sum a model, shape (models,), in the scale of `weight`.
    """
    sums = np.zeros(len(weight), dtype=np.float32)
    for vectorizer, start in ((_LETTERS, 0), (_WORDS, PLACES)):
        row = vectorizer.transform([text])
        places = row.indices + start
        values = (1 + np.log(row.data)) * rarity[places]
        length = float(np.sqrt(values @ values))
        if length:
            sums += weight[:, places] @ (values / length)
    return sums
