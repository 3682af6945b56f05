"""Writes all-MiniLM-L6-v2 as an ONNX graph: token ids in, one unit vector or scores out.

The graph takes one text without padding, so it needs no attention mask: the mean over all
its tokens is the mean over the mask. Called by build_minilm.py and build_classifier.py only.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import ModelProto, NodeProto, TensorProto, checker, helper, numpy_helper

Array = NDArray[np.float32]
Weights = Mapping[str, Array]

LAYERS = 6
HEADS = 12
WIDTH = 384
HEAD_WIDTH = WIDTH // HEADS
LAYER_NORM_EPSILON = 1e-12
OPSET = 20  # the first with Gelu, which is the exact one (Erf) unless told otherwise
IR_VERSION = 9


def build_graph(weights: Weights) -> ModelProto:
    """Return the checked fp32 graph of the sentence encoder: one unit vector out.

    Args:
        weights: Named as in model.safetensors.

    Raises:
        KeyError: a weight is missing.
    """
    graph = _Graph()
    mean = _mean(graph, weights)
    return graph.finish(graph.add("LpNormalization", mean, axis=-1, p=2), "vector", WIDTH)


def build_scores_graph(weights: Weights) -> ModelProto:
    """Return the checked fp32 graph of a classifier on the encoder: one row of raw scores out.

    Args:
        weights: Named as in model.safetensors, and `heads.weight` (scores, 384), `heads.bias`.

    Raises:
        KeyError: a weight is missing.
    """
    graph = _Graph()
    scores = _dense(graph, weights, "heads", _mean(graph, weights))
    return graph.finish(scores, "scores", len(weights["heads.bias"]))


def _mean(graph: _Graph, weights: Weights) -> str:
    hidden = _embed(graph, weights)
    for layer in range(LAYERS):
        prefix = f"encoder.layer.{layer}."
        part = {n.removeprefix(prefix): w for n, w in weights.items() if n.startswith(prefix)}
        attended = _attend(graph, part, hidden)
        hidden = _add_and_norm(graph, part, "attention.output.LayerNorm", attended, hidden)
        widened = graph.add("Gelu", _dense(graph, part, "intermediate.dense", hidden))
        narrowed = _dense(graph, part, "output.dense", widened)
        hidden = _add_and_norm(graph, part, "output.LayerNorm", narrowed, hidden)
    return graph.add("ReduceMean", hidden, graph.constant(np.array([0])), keepdims=0)


class _Graph:
    """Collects nodes and constants; every value gets a name of its own."""

    def __init__(self) -> None:
        self._nodes: list[NodeProto] = []
        self._constants: list[TensorProto] = []

    def add(self, operator: str, *inputs: str, **attributes: Any) -> str:
        """Append a node and return the name of its output."""
        name = f"{operator}_{len(self._nodes)}"
        self._nodes.append(helper.make_node(operator, inputs, [name], name=name, **attributes))
        return name

    def constant(self, value: NDArray[np.generic]) -> str:
        """Store `value` and return its name."""
        name = f"constant_{len(self._constants)}"
        self._constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def finish(self, output: str, name: str, width: int) -> ModelProto:
        """Return the checked model whose result `name` is the value `output` of that width."""
        self._nodes.append(helper.make_node("Identity", [output], [name], name=name))
        graph = helper.make_graph(
            self._nodes,
            "minilm",
            [helper.make_tensor_value_info("token_ids", TensorProto.INT64, ["tokens"])],
            [helper.make_tensor_value_info(name, TensorProto.FLOAT, [width])],
            self._constants,
        )
        opset = helper.make_opsetid("", OPSET)
        model = helper.make_model(graph, opset_imports=[opset], ir_version=IR_VERSION)
        checker.check_model(model)
        return model


def _embed(graph: _Graph, weights: Weights) -> str:
    words = graph.constant(weights["embeddings.word_embeddings.weight"])
    # A single text is all of token type 0, so that row can be added to every position now.
    token_type = weights["embeddings.token_type_embeddings.weight"][0]
    positions = weights["embeddings.position_embeddings.weight"] + token_type
    start, axis = graph.constant(np.array([0])), graph.constant(np.array([0]))
    here = graph.add(
        "Slice", graph.constant(positions), start, graph.add("Shape", "token_ids"), axis
    )
    word_vectors = graph.add("Gather", words, "token_ids")
    return _add_and_norm(graph, weights, "embeddings.LayerNorm", word_vectors, here)


def _attend(graph: _Graph, part: Weights, hidden: str) -> str:
    query = _heads(graph, part, "query", hidden, [1, 0, 2])
    key = _heads(graph, part, "key", hidden, [1, 2, 0])
    value = _heads(graph, part, "value", hidden, [1, 0, 2])
    scale = graph.constant(np.array(HEAD_WIDTH**-0.5, dtype=np.float32))
    scores = graph.add("Mul", graph.add("MatMul", query, key), scale)
    mixed = graph.add("MatMul", graph.add("Softmax", scores, axis=-1), value)
    by_token = graph.add("Transpose", mixed, perm=[1, 0, 2])
    joined = graph.add("Reshape", by_token, graph.constant(np.array([-1, WIDTH])))
    return _dense(graph, part, "attention.output.dense", joined)


def _heads(graph: _Graph, part: Weights, role: str, hidden: str, order: list[int]) -> str:
    flat = _dense(graph, part, f"attention.self.{role}", hidden)
    split = graph.add("Reshape", flat, graph.constant(np.array([-1, HEADS, HEAD_WIDTH])))
    return graph.add("Transpose", split, perm=order)


def _dense(graph: _Graph, part: Weights, name: str, hidden: str) -> str:
    product = graph.add("MatMul", hidden, graph.constant(part[f"{name}.weight"].T))
    return graph.add("Add", product, graph.constant(part[f"{name}.bias"]))


def _add_and_norm(graph: _Graph, part: Weights, name: str, new: str, old: str) -> str:
    weight, bias = graph.constant(part[f"{name}.weight"]), graph.constant(part[f"{name}.bias"])
    total = graph.add("Add", new, old)
    return graph.add("LayerNormalization", total, weight, bias, axis=-1, epsilon=LAYER_NORM_EPSILON)
