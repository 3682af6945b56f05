"""Teaches the sentence encoder which questions have one answer: `python -m finetune.answers`.

Run by `make finetune` in the environment of train.py, after prepare.py. An adapter (lora.py) moves
the phrases of one answer together and those of others apart, and a little the statements that are
right from those that are wrong (`CARD+yes`, `CARD+no`). The class vectors with which it learns are
thrown away, because `rasa train` makes its own from whatever intents there are. Every second phrase
is left out: a classifier that learns from nothing but vectors that were moved to suit it is too sure
of itself. Writes bot/nlu/adapter.safetensors and its digest.
"""

from __future__ import annotations

import hashlib
import json
import sys
from random import Random as Chance

import torch
from safetensors.torch import save_file
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn import functional
from tqdm import tqdm

from finetune.files import PHRASES, ROOT, replacing
from finetune.lora import adapt, learnt
from finetune.slips import mistyped
from finetune.train import BASE, Network, checked_base, padded

ADAPTER = ROOT / "bot" / "nlu" / "adapter.safetensors"
MOST_TOKENS = 64
BATCH, POOL = 64, 2048
EPOCHS, RATE = 5, 1e-3
SHARPNESS = 20.0  # what cosines are multiplied by before the softmax
SMOOTHING = 0.1
SHARE_OF_SIDES = 0.3  # of the loss: how much right and wrong statements count
SEED = 0

Row = dict[str, str]
Encoded = tuple[list[int], int, int]  # token ids, answer, intent


def main() -> int:
    """Train and write the adapter; return the exit status."""
    try:
        weights, tokenizer_file = checked_base(BASE)
        rows = [json.loads(line) for line in PHRASES.read_text("utf-8").splitlines()][::2]
    except (OSError, ValueError) as error:
        sys.stderr.write(f"{error}\nRun `make finetune`, which sets up and prepares all.\n")
        return 1
    tokenizer = Tokenizer.from_buffer(tokenizer_file)
    tokenizer.enable_truncation(MOST_TOKENS)
    tokenizer.no_padding()
    answers = _numbered([row["intent"].partition("+")[0] for row in rows])
    intents = _numbered([row["intent"] for row in rows])
    torch.manual_seed(SEED)
    chance = Chance(SEED)  # noqa: S311 (not for secrets)
    network = Network(weights)
    parameters = adapt(network.bert)
    vectors = _published(network, tokenizer, [row["text"] for row in rows])
    classes = [nn.Parameter(_sums(vectors, labels)) for labels in (answers, intents)]
    epochs = [_encoded(tokenizer, rows, answers, intents, chance) for _ in range(EPOCHS)]
    _train(network, parameters, classes, epochs, chance)
    with replacing(ADAPTER) as new:
        save_file(learnt(network.bert), new)
    digest = hashlib.sha256(ADAPTER.read_bytes()).hexdigest()
    line = f"{digest}  {ADAPTER.name}\n"
    ADAPTER.with_suffix(".sha256").write_text(line, encoding="utf-8")
    return 0


def _numbered(names: list[str]) -> list[int]:
    """Each name as its place among the sorted ones."""
    places = {name: place for place, name in enumerate(sorted(set(names)))}
    return [places[name] for name in names]


def _encoded(
    tokenizer: Tokenizer, rows: list[Row], answers: list[int], intents: list[int], chance: Chance
) -> list[Encoded]:
    """Each phrase once, as typed or normalised by chance, half of them with slips of a thumb."""
    texts = [mistyped(row[chance.choice(("text", "normalised"))], chance) for row in rows]
    ids = [encoding.ids for encoding in tokenizer.encode_batch(texts)]
    return list(zip(ids, answers, intents, strict=True))


def _vectors(network: Network, ids: list[list[int]]) -> Tensor:
    """Unit vectors as the encoder that ships gives them, shape (texts, 384)."""
    tokens, mask = padded(ids)
    hidden = network.bert(input_ids=tokens, attention_mask=mask).last_hidden_state
    mean = (hidden * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)
    return functional.normalize(mean, dim=1)


def _published(network: Network, tokenizer: Tokenizer, texts: list[str]) -> Tensor:
    """The vectors of all phrases from the encoder as it was published, shape (texts, 384)."""
    network.eval()
    with torch.no_grad():
        ids = [encoding.ids for encoding in tokenizer.encode_batch(texts)]
        rows = [_vectors(network, ids[at : at + 256]) for at in range(0, len(ids), 256)]
        return torch.cat(rows)


def _sums(vectors: Tensor, labels: list[int]) -> Tensor:
    """The sum of the vectors of each class, with which its own begins."""
    sums = torch.zeros(max(labels) + 1, vectors.shape[1])
    return sums.index_add(0, torch.tensor(labels), vectors)


def _train(
    network: Network,
    parameters: list[nn.Parameter],
    classes: list[nn.Parameter],
    epochs: list[list[Encoded]],
    chance: Chance,
) -> None:
    groups = [{"params": parameters, "lr": RATE}, {"params": classes, "lr": 2 * RATE}]
    optimiser = torch.optim.AdamW(groups, weight_decay=0.01)
    batches = [batch for epoch in epochs for batch in _batches(epoch, chance)]
    network.train()
    progress = tqdm(batches, desc="answers", file=sys.stderr)
    for step, batch in enumerate(progress):
        share = min((step + 1) / (0.1 * len(batches)), 1.0) * (1 - step / len(batches))
        for group, rate in zip(optimiser.param_groups, (RATE, 2 * RATE), strict=True):
            group["lr"] = rate * share
        vectors = functional.dropout(_vectors(network, [ids for ids, _, _ in batch]), 0.1)
        loss = _loss(vectors, classes[0], [answer for _, answer, _ in batch])
        sides = _loss(vectors, classes[1], [intent for _, _, intent in batch])
        loss = (1 - SHARE_OF_SIDES) * loss + SHARE_OF_SIDES * sides
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(parameters, 1.0)
        optimiser.step()
        progress.set_postfix(loss=f"{loss.item():.3f}")


def _loss(vectors: Tensor, classes: Tensor, wanted: list[int]) -> Tensor:
    """How far the nearest class of each vector, by cosine, is from the wanted one."""
    scores = SHARPNESS * vectors @ functional.normalize(classes, dim=1).T
    labels = torch.tensor(wanted)
    return functional.cross_entropy(scores, labels, label_smoothing=SMOOTHING)


def _batches(encoded: list[Encoded], chance: Chance) -> list[list[Encoded]]:
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
