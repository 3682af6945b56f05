"""Scores how much risk a text holds: a fine-tuned encoder, and rows of letters beside it.

The encoder (all-MiniLM-L6-v2, taught by finetune/) hears what is meant; the letters hear plain
words, slang and odd spelling. Their scores are added: what one misses the other often has.
Reads only files that were checked, keeps nothing of a text, and is safe between threads.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import numpy as safetensors

from bot.errors import ModelError
from bot.model import About, Category, Scores, Urgency
from bot.nlu.minilm import (
    GRAPH_NAME,
    RECORD_NAME,
    TOKENIZER_NAME,
    SentenceEncoder,
    read_checked,
    sha256,
)
from bot.spotting.letters import scores_of
from bot.spotting.scope import ENDS

FOLDER = Path(__file__).resolve().parents[2] / "models" / "classifier"
WEIGHTS = Path(__file__).with_name("classifier.safetensors")
# How much the letters count beside the encoder; chosen on testpack/dev (finetune/README.md).
LETTERS_SHARE = 0.6
# A text of more than so many words is read in pieces of so many, each beginning so many words after
# the last: the encoder reads 128 word pieces at once. Many pieces are many chances to cry wolf, so
# that each must be surer by so much.
_PIECE, _STEP, _SURER = 90, 60, 0.5
# In a text of more than so many words sentences of so many are read by themselves too, because a
# worry in one of them may drown; out of their story they often sound worse than they are.
_STORY, _SENTENCE, _MUCH_SURER = 40, 20, 4.0
# Where the score is nearer to even than this, a message is read as typed too: signs and capitals
# that the normaliser takes away say something as well. Of testpack/dev, one in eight is.
_DOUBT = 2.5


class Classifier:
    """The loaded classifier."""

    def __init__(self, graph: bytes, tokenizer: bytes, weights: bytes) -> None:
        """Open what build_classifier.py built, and the weights that ship beside it."""
        self._encoder = SentenceEncoder(graph, tokenizer)
        letters = safetensors.load(weights)
        self._rarity = letters["letters.rarity"].astype(np.float32)
        self._weight = letters["letters.weight"]
        self._scale = letters["letters.scale"]
        self._bias = letters["letters.bias"]

    def scores(self, normalised: str, typed: str) -> Scores:
        """Score a message: of a long one, its most telling piece; in doubt, as typed too.

        Args:
            normalised: Words of the normaliser, and the names of emoji.
            typed: The same message as it was typed.
        """
        words = normalised.split(" ")
        heads = [self._heads(text) for text in dict.fromkeys(self._pieces(words))]
        if len(heads) > 1:
            heads = [_less(each, _SURER) for each in heads]
        elif abs(_risk(heads[0])) < _DOUBT:
            heads = [(heads[0] + self._heads(typed, letters_of=normalised)) / 2]
        if len(words) > _STORY:
            sentences = dict.fromkeys(_sentences(words))
            heads += [_less(self._heads(text), _MUCH_SURER) for text in sentences]
        best = _scores(max(heads, key=_risk))
        risky = [_scores(each) for each in heads if _risk(each) > 0]
        worst = max(risky, key=lambda each: each.urgency[Urgency.EMERGENCY], default=best)
        return replace(best, urgency=worst.urgency)

    def _pieces(self, words: list[str]) -> Iterator[str]:
        """A text in pieces that the encoder reads whole."""
        text = " ".join(words)
        if len(words) > _PIECE:
            for start in range(0, len(words) - (_PIECE - _STEP), _STEP):
                yield from self._pieces(words[start : start + _PIECE])
        elif len(words) == 1 or self._encoder.fits(text):
            yield text
        else:
            yield from self._pieces(words[: len(words) // 2])
            yield from self._pieces(words[len(words) // 2 :])

    def _heads(self, text: str, letters_of: str | None = None) -> NDArray[np.float32]:
        """Scores of all heads for a text; its letters may be those of another form of it."""
        (meant,) = self._encoder.encode([text])
        known = scores_of(letters_of or text, self._rarity, self._weight)
        letters = known * self._scale + self._bias
        heads: NDArray[np.float32] = meant + LETTERS_SHARE * letters
        return heads


def _sentences(words: list[str]) -> Iterator[str]:
    """Sentences, short ones together, in at most _SENTENCE words."""
    held: list[str] = []
    for word in words:
        held.append(word)
        if len(held) == _SENTENCE or (word in ENDS and len(held) * 2 > _SENTENCE):
            yield " ".join(held)
            held = []
    if held:
        yield " ".join(held)


def _less(heads: NDArray[np.float32], by: float) -> NDArray[np.float32]:
    """The same scores, with less risk."""
    heads[0] -= by
    return heads


def _risk(heads: NDArray[np.float32]) -> float:
    return float(heads[0])


def _scores(heads: NDArray[np.float32]) -> Scores:
    risk, urgency, category, about = np.split(heads, np.cumsum([1, len(Urgency), len(Category)]))
    return Scores(
        risk=float(risk[0]),
        urgency=_shares(Urgency, urgency),
        category=_shares(Category, category),
        about=_shares(About, about),
    )


class NoClassifier:
    """Stands where the classifier cannot be used: what it would have heard stays unheard."""

    def scores(self, normalised: str, typed: str) -> None:
        """No scores: the rules stand alone, and a message without a signal is not "safe"."""


def load_classifier(folder: Path = FOLDER) -> Classifier:
    """Load the classifier that build_classifier.py wrote to `folder`.

    Raises:
        ModelError: it is not there, or a file is not the one that was built or shipped.
    """
    files, weights = read_checked(folder), shipped_weights()
    record = json.loads((folder / RECORD_NAME).read_bytes())
    if record.get("made_from", {}).get("recipe", {}).get(WEIGHTS.name) != _expected_digest():
        raise ModelError(
            "model.classifier_old",
            f"The classifier in {folder} was built for other weights; run `make setup`.",
        )
    return Classifier(files[GRAPH_NAME], files[TOKENIZER_NAME], weights)


def shipped_weights() -> bytes:
    """The content of classifier.safetensors, checked.

    Raises:
        ModelError: it is missing or is not the one that was shipped.
    """
    try:
        expected = _expected_digest()
        content = WEIGHTS.read_bytes()
    except (OSError, IndexError) as error:
        raise ModelError(
            "model.classifier_missing", f"{WEIGHTS} is missing; run `git checkout {WEIGHTS.name}`."
        ) from error
    if sha256(content) != expected:
        raise ModelError(
            "model.classifier_changed",
            f"{WEIGHTS} is not the file that was shipped; fetch it again with git.",
        )
    return content


def _expected_digest() -> str:
    """SHA-256 of the weights that were shipped, as the small file beside them says."""
    return WEIGHTS.with_suffix(".sha256").read_text(encoding="utf-8").split()[0]


def _shares(names: Any, scores: NDArray[np.float32]) -> dict[Any, float]:
    powers = np.exp(scores - scores.max())
    return dict(zip(names, (powers / powers.sum()).tolist(), strict=True))
