"""Low-rank adapters: a few numbers beside each frozen matrix of the encoder, so little ships.

Method: E. Hu et al., "LoRA: Low-Rank Adaptation of Large Language Models", ICLR 2022.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from transformers import BertModel

RANK = 16
# The matrices of one layer that get an adapter, as the published weights name them.
PLACES = (
    "attention.self.query", "attention.self.key", "attention.self.value",
    "attention.output.dense", "intermediate.dense", "output.dense",
)  # fmt: skip


class Adapted(nn.Module):
    """A frozen linear layer and what is added to it: `up` times `down`, nothing at first."""

    def __init__(self, frozen: nn.Linear, rank: int = RANK) -> None:
        """Take the layer."""
        super().__init__()
        self.frozen = frozen
        self.down = nn.Parameter(torch.randn(rank, frozen.in_features) / rank)
        self.up = nn.Parameter(torch.zeros(frozen.out_features, rank))

    def forward(self, values: Tensor) -> Tensor:
        """The layer's output, shape (..., out_features), with what was learnt."""
        added: Tensor = self.frozen(values) + (values @ self.down.T) @ self.up.T
        return added


def adapt(bert: BertModel) -> list[nn.Parameter]:
    """Freeze an encoder and put an adapter beside each matrix; return what is to be learnt."""
    bert.requires_grad_(False)
    for layer in bert.encoder.layer:
        for place in PLACES:
            parent, _, name = place.rpartition(".")
            part = layer.get_submodule(parent)
            setattr(part, name, Adapted(part.get_submodule(name)))
    return [parameter for parameter in bert.parameters() if parameter.requires_grad]


def learnt(bert: BertModel) -> dict[str, Tensor]:
    """What the adapters learnt, in 16 bits: `NAME.down` and `NAME.up` for each weight NAME."""
    factors = {}
    for name, part in bert.named_modules():
        if isinstance(part, Adapted):
            factors[f"{name}.weight.down"] = part.down.detach().half().contiguous()
            factors[f"{name}.weight.up"] = part.up.detach().half().contiguous()
    return factors
