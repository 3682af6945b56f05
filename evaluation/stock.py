"""The stock Rasa pipeline taught the same messages: what it makes of those to measure with.

Training takes an hour or more, so `python -m evaluation.stock` is run by hand and what it found is
kept in stock_rasa.json, with the digest of the messages that it was taught; `make eval` reads it.
The pipeline is the one that Rasa suggests (bench/stock.py), with an intent for each category and
one for no risk.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import yaml
from tqdm import tqdm

from bench.stock import CONFIG
from bot.model import Category, Urgency
from evaluation.columns import Finding
from evaluation.messages import TESTPACK, LabelledMessage, load

NAME = "stock Rasa"
FOUND = Path(__file__).with_name("stock_rasa.json")
AGAIN = "`.venv/bin/python -m evaluation.stock` (an hour or more) makes it"
NO_RISK = "none"
# Rasa's own 100 are meant for hundreds of examples; with 30,000 they take half a day on two cores.
EPOCHS = 6
_MARKUP = str.maketrans("[]{}\n", "()() ")  # Rasa reads these as marks for entities


def column(rows: Sequence[LabelledMessage]) -> tuple[dict[str, list[Finding]], str]:
    """What was kept of these messages.

    Returns:
        The column by its name, and a line on what is wrong with it or an empty one. Without
        anything that fits there is no column, and the line says how to make it.
    """
    try:
        kept = json.loads(FOUND.read_text(encoding="utf-8"))
        found = [_finding(*kept["found"][row.id]) for row in rows]
    except FileNotFoundError:
        return {}, f"No column for {NAME}: {FOUND.name} is missing; {AGAIN}."
    except (ValueError, KeyError, TypeError):
        return {}, f"No column for {NAME}: {FOUND.name} is not of these messages; {AGAIN} again."
    name = f"{NAME}, {kept.get('epochs')} epochs"
    if kept.get("taught") != taught_digest():
        name = f"{name}, older pack"
        return {name: found}, f"{name}: it learnt from other messages than these; {AGAIN} again."
    return {name: found}, ""


def taught_digest() -> str:
    """SHA-256 of all files that are taught, their names and contents."""
    total = hashlib.sha256()
    for path in sorted((TESTPACK / "train").glob("*.jsonl")):
        total.update(f"{path.name} {hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return total.hexdigest()


def _finding(intent: str, risk: float) -> Finding:
    if intent not in set(Category):
        return Finding(risk, Urgency.NONE)
    return Finding(risk, Urgency.URGENT, Category(intent))


def main() -> int:
    """Train, ask, and keep what was found."""
    parser = argparse.ArgumentParser(prog="python -m evaluation.stock", description=__doc__)
    parser.add_argument("--epochs", type=int, default=EPOCHS, help=f"of DIET, {EPOCHS} if not said")
    parser.add_argument("--most", type=int, help="messages to learn from, to try it out")
    options = parser.parse_args()
    taught = taught_digest()  # before the hours in which somebody may add a message
    with tempfile.TemporaryDirectory(prefix="asksafe-stock-") as name:
        examples: dict[str, list[str]] = {}
        for row in load(TESTPACK / "train")[: options.most]:
            examples.setdefault(str(row.label.category or NO_RISK), []).append(row.text)
        model = trained(Path(name), examples, options.epochs)
        texts = {row.id: row.text for part in ("dev", "test") for row in load(TESTPACK / part)}
        rankings = asyncio.run(asked(model, texts))
    found = {name: _risk(ranking) for name, ranking in rankings.items()}
    if options.most is None:
        keep(FOUND, {"taught": taught, "epochs": options.epochs, "found": found})
    return 0


def _risk(ranking: dict[str, float]) -> tuple[str, float]:
    """Intent, and how sure it is of any risk."""
    best = max(ranking, key=lambda name: ranking[name])
    return best, round(1 - ranking.get(NO_RISK, 0.0), 4)


def keep(path: Path, kept: dict[str, object]) -> None:
    """Write what was found, all of it or nothing."""
    new = path.with_suffix(".new")
    new.write_text(json.dumps(kept, indent=0) + "\n", encoding="utf-8")
    new.replace(path)


def trained(folder: Path, examples: dict[str, list[str]], epochs: int) -> Path:
    """Train the stock pipeline in `folder` on the texts of each intent; the model's path."""
    nlu = [
        {"intent": name, "examples": "".join(f"- {text.translate(_MARKUP)}\n" for text in texts)}
        for name, texts in examples.items()
    ]
    (folder / "nlu.yml").write_text(
        yaml.safe_dump({"version": "3.1", "nlu": nlu}, allow_unicode=True), encoding="utf-8"
    )
    (folder / "config.yml").write_text(CONFIG.format(epochs=epochs), encoding="utf-8")
    subprocess.run(
        [sys.executable, "-m", "rasa", "train", "nlu", "--nlu", "nlu.yml"],
        cwd=folder,
        env={**os.environ, "RASA_TELEMETRY_ENABLED": "false"},
        check=True,
    )
    (model,) = (folder / "models").glob("*.tar.gz")
    return model


async def asked(model: Path, texts: dict[str, str]) -> dict[str, dict[str, float]]:
    """The intents that a model ranks highest, with their confidence, for each text."""
    from rasa.core.agent import Agent  # noqa: PLC0415 (slow; nobody else here needs Rasa)

    agent = Agent.load(str(model))
    found = {}
    for name, text in tqdm(texts.items(), desc=NAME, file=sys.stderr):
        parsed = await agent.parse_message(text.lstrip("/ "))  # "/" would name an intent
        ranking = {item["name"]: item["confidence"] for item in parsed["intent_ranking"]}
        ranking.pop("nlu_fallback", None)
        found[name] = ranking
    return found


if __name__ == "__main__":
    raise SystemExit(main())
