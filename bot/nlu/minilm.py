"""Turns short texts into vectors with all-MiniLM-L6-v2, run by onnxruntime.

Reads only what build_minilm.py built and checks it first; never downloads anything.
Called by the Rasa pipeline, in training and in chats.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Tokenizer

from bot.errors import ModelError

ENCODER_FOLDER = Path(__file__).resolve().parents[2] / "models" / "encoder"
GRAPH_NAME = "minilm.int8.onnx"
TOKENIZER_NAME = "tokenizer.json"
RECORD_NAME = "build.json"
MAX_TOKENS = 128


class SentenceEncoder:
    """A loaded encoder. Safe to share between threads."""

    def __init__(self, graph: bytes, tokenizer: bytes) -> None:
        """Open an ONNX `graph` (token ids in, one row out) and its `tokenizer` (JSON)."""
        options = onnxruntime.SessionOptions()
        # One message is too little work to share out; more threads only add waiting.
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        onnxruntime.disable_telemetry_events()
        self._session = onnxruntime.InferenceSession(
            graph, options, providers=["CPUExecutionProvider"]
        )
        self._tokenizer = Tokenizer.from_buffer(tokenizer)
        self._tokenizer.enable_truncation(max_length=MAX_TOKENS)
        self._tokenizer.no_padding()

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one row per text: of the sentence encoder a unit vector of 384 numbers.

        Texts go through one at a time and unpadded: the int8 graph picks its scale from
        what it is given, so in a batch a text's vector would depend on its neighbours.
        """
        (width,) = self._session.get_outputs()[0].shape
        rows = np.empty((len(texts), width), dtype=np.float32)
        for i, text in enumerate(texts):
            rows[i] = self._session.run(None, {"token_ids": self._token_ids(text)})[0]
        return rows

    def fits(self, text: str) -> bool:
        """Whether a text is read to its end; every word piece has at least one character."""
        return len(text) < MAX_TOKENS - 2 or len(self._token_ids(text)) < MAX_TOKENS

    def _token_ids(self, text: str) -> NDArray[np.int64]:
        # Half of a surrogate pair can arrive from a browser; the tokenizer would refuse it.
        readable = text.encode("utf-8", "replace").decode("utf-8")
        return np.array(self._tokenizer.encode(readable).ids, dtype=np.int64)


def load_encoder(folder: Path = ENCODER_FOLDER) -> SentenceEncoder:
    """Load the encoder that build_minilm.py wrote to `folder`.

    Raises:
        ModelError: it is not there, or a file is not the one that was built.
    """
    files = read_checked(folder)
    return SentenceEncoder(files[GRAPH_NAME], files[TOKENIZER_NAME])


def read_checked(folder: Path) -> dict[str, bytes]:
    """Return the built files in `folder` by name, each checked against build.json.

    Raises:
        ModelError: a file is missing, unreadable or changed.
    """
    try:
        expected = json.loads((folder / RECORD_NAME).read_bytes())["files"]
        files = {name: (folder / name).read_bytes() for name in (GRAPH_NAME, TOKENIZER_NAME)}
        changed = [name for name in files if sha256(files[name]) != expected[name]]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(
            "model.encoder_missing",
            f"The sentence encoder in {folder} is missing or incomplete; "
            "delete that folder, if it is there, and run `make train`.",
        ) from error
    if changed:
        raise ModelError(
            "model.encoder_changed",
            f"{changed[0]} in {folder} is not the file that was built; "
            "delete that folder and run `make train`.",
        )
    return files


def sha256(content: bytes) -> str:
    """Return the SHA-256 of `content` in hexadecimal."""
    return hashlib.sha256(content).hexdigest()
