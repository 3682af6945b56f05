"""Teaches the sentence encoder which questions have one answer: `python -m finetune.answers`.

Run by `make finetune` in the environment of train.py. An adapter (lora.py) moves the phrases of
one intent of data/nlu/ together and those of others apart; the class vectors with which it learns
are thrown away, because `rasa train` makes its own from whatever intents there are. Writes
bot/nlu/adapter.safetensors and its digest.
"""

from __future__ import annotations

import hashlib
import random
import sys
from pathlib import Path

import torch
import yaml
from safetensors.torch import save_file
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn import functional
from tqdm import tqdm

from finetune.files import ROOT, replacing
from finetune.lora import adapt, learnt
from finetune.slips import mistyped
from finetune.train import BASE, Network, checked_base, padded

ADAPTER = ROOT / "bot" / "nlu" / "adapter.safetensors"
MOST_TOKENS = 64
BATCH, POOL = 64, 2048
EPOCHS, RATE = 5, 1e-3
SHARPNESS = 20.0  # what cosines are multiplied by before the softmax
SMOOTHING = 0.1
SEED = 0

Encoded = tuple[list[int], int]


def main() -> int:
    """Train and write the adapter; return the exit status."""
    try:
        weights, tokenizer_file = checked_base(BASE)
    except (OSError, ValueError) as error:
        sys.stderr.write(f"{error}\nRun `make finetune`, which sets up and prepares all.\n")
        return 1
    tokenizer = Tokenizer.from_buffer(tokenizer_file)
    tokenizer.enable_truncation(MOST_TOKENS)
    tokenizer.no_padding()
    texts, intents = phrases(ROOT / "data" / "nlu")
    names = sorted(set(intents))
    labels = [names.index(intent) for intent in intents]
    torch.manual_seed(SEED)
    chance = random.Random(SEED)  # noqa: S311 (not for secrets)
    network = Network(weights)
    parameters = adapt(network.bert)
    classes = nn.Parameter(_means(network, tokenizer, texts, labels, len(names)))
    _train(network, [*parameters], classes, tokenizer, texts, labels, chance)
    with replacing(ADAPTER) as new:
        save_file(learnt(network.bert), new)
    digest = hashlib.sha256(ADAPTER.read_bytes()).hexdigest()
    line = f"{digest}  {ADAPTER.name}\n"
    ADAPTER.with_suffix(".sha256").write_text(line, encoding="utf-8")
    return 0


def phrases(folder: Path) -> tuple[list[str], list[str]]:
    """All training phrases, and the intent of each."""
    texts, intents = [], []
    for path in sorted(folder.glob("*.yml")):
        for block in yaml.safe_load(path.read_text(encoding="utf-8"))["nlu"]:
            for line in block["examples"].strip().splitlines():
                texts.append(line.removeprefix("- ").strip())
                intents.append(block["intent"])
    return texts, intents


def _vectors(network: Network, ids: list[list[int]]) -> Tensor:
    """Unit vectors as the encoder that ships gives them, shape (texts, 384)."""
    tokens, mask = padded(ids)
    hidden = network.bert(input_ids=tokens, attention_mask=mask).last_hidden_state
    mean = (hidden * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)
    return functional.normalize(mean, dim=1)


def _means(
    network: Network, tokenizer: Tokenizer, texts: list[str], labels: list[int], count: int
) -> Tensor:
    """The mean vector of each intent, from the encoder as it was published."""
    network.eval()
    with torch.no_grad():
        ids = [encoding.ids for encoding in tokenizer.encode_batch(texts)]
        rows = [_vectors(network, ids[at : at + 256]) for at in range(0, len(ids), 256)]
        sums = torch.zeros(count, rows[0].shape[1])
        return sums.index_add(0, torch.tensor(labels), torch.cat(rows))


def _train(
    network: Network,
    parameters: list[nn.Parameter],
    classes: nn.Parameter,
    tokenizer: Tokenizer,
    texts: list[str],
    labels: list[int],
    chance: random.Random,
) -> None:
    groups = [{"params": parameters, "lr": RATE}, {"params": [classes], "lr": 2 * RATE}]
    optimiser = torch.optim.AdamW(groups, weight_decay=0.01)
    batches: list[list[Encoded]] = []
    for _ in range(EPOCHS):
        typed = [mistyped(text, chance) for text in texts]
        ids = [encoding.ids for encoding in tokenizer.encode_batch(typed)]
        batches += _batches(list(zip(ids, labels, strict=True)), chance)
    network.train()
    progress = tqdm(batches, desc="answers", file=sys.stderr)
    for step, batch in enumerate(progress):
        share = min((step + 1) / (0.1 * len(batches)), 1.0) * (1 - step / len(batches))
        for group, rate in zip(optimiser.param_groups, (RATE, 2 * RATE), strict=True):
            group["lr"] = rate * share
        vectors = functional.dropout(_vectors(network, [ids for ids, _ in batch]), 0.1)
        cosines = vectors @ functional.normalize(classes, dim=1).T
        wanted = torch.tensor([label for _, label in batch])
        loss = functional.cross_entropy(SHARPNESS * cosines, wanted, label_smoothing=SMOOTHING)
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(parameters, 1.0)
        optimiser.step()
        progress.set_postfix(loss=f"{loss.item():.3f}")


def _batches(encoded: list[Encoded], chance: random.Random) -> list[list[Encoded]]:
    """Batches of phrases of like length, shuffled."""
    chance.shuffle(encoded)
    batches = []
    for start in range(0, len(encoded), POOL):
        part = sorted(encoded[start : start + POOL], key=lambda item: len(item[0]))
        batches += [part[at : at + BATCH] for at in range(0, len(part), BATCH)]
    chance.shuffle(batches)
    return batches


if __name__ == "__main__":
    sys.exit(main())
