"""The stock Rasa pipeline taught the same phrases: which card it gives for a question.

As evaluation/stock.py, and run by hand like it: `python -m evaluation.stock_answers` keeps what it
found in stock_answers.json, which `make eval` reads. It is asked each question by itself, as a
stock project would be; below Rasa's own threshold of 0.3 it does not know.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import tempfile
from collections.abc import Sequence
from pathlib import Path

import yaml

from actions.answers import SAYS
from bot.content.library import Content
from bot.settings import ROOT
from evaluation.messages import TESTPACK
from evaluation.questions import RIGHT, UNSURE, WRONG, Question, Verdict, load_questions
from evaluation.stock import EPOCHS, NAME, asked, keep, trained

FOUND = Path(__file__).with_name("stock_answers.json")
AGAIN = "`.venv/bin/python -m evaluation.stock_answers` (an hour or so) makes it"
PHRASES = ROOT / "data" / "nlu"
SURE = 0.3


def column(questions: Sequence[Question], content: Content) -> tuple[dict[str, list[Verdict]], str]:
    """What was kept of these questions.

    Returns:
        The column by its name, and a line on what is wrong with it or an empty one. Without
        anything that fits there is no column, and the line says how to make it.
    """
    try:
        kept = json.loads(FOUND.read_text(encoding="utf-8"))
        found = [_verdict(each, content, *kept["found"][each.id]) for each in questions]
    except FileNotFoundError:
        return {}, f"No column for {NAME}: {FOUND.name} is missing; {AGAIN}."
    except (ValueError, KeyError, TypeError):
        return {}, f"No column for {NAME}: {FOUND.name} is not of these questions; {AGAIN} again."
    name = f"{NAME}, {kept.get('epochs')} epochs"
    if kept.get("taught") != taught_digest():
        name = f"{name}, older phrases"
        return {name: found}, f"{name}: it learnt from other phrases than these; {AGAIN} again."
    return {name: found}, ""


def taught_digest() -> str:
    """SHA-256 of all phrases, by file."""
    total = hashlib.sha256()
    for path in sorted(PHRASES.glob("*.yml")):
        total.update(f"{path.name} {hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return total.hexdigest()


def _verdict(question: Question, content: Content, intent: str, confidence: float) -> Verdict:
    """What a reply with the card of an intent would be."""
    card = content.cards.get(intent)
    if card is None or not card.answers or confidence < SURE:
        return Verdict(UNSURE, ())
    right = bool(question.cards) and all(intent in part for part in question.cards)
    return Verdict(RIGHT if right else WRONG, (intent,))


def main() -> int:
    """Train, ask, and keep what was found."""
    parser = argparse.ArgumentParser(prog="python -m evaluation.stock_answers", description=__doc__)
    parser.add_argument("--epochs", type=int, default=EPOCHS, help=f"of DIET, {EPOCHS} if not said")
    options = parser.parse_args()
    taught = taught_digest()
    examples: dict[str, list[str]] = {}
    for path in sorted(PHRASES.glob("*.yml")):
        for block in yaml.safe_load(path.read_text(encoding="utf-8"))["nlu"]:
            card = block["intent"].partition(SAYS)[0]
            lines = block["examples"].splitlines()
            examples.setdefault(card, []).extend(line.removeprefix("- ") for line in lines)
    files = [TESTPACK / "questions" / f"{part}.jsonl" for part in ("dev", "test")]
    texts = {each.id: each.text for path in files for each in load_questions(path)}
    with tempfile.TemporaryDirectory(prefix="asksafe-stock-") as name:
        rankings = asyncio.run(asked(trained(Path(name), examples, options.epochs), texts))
    found = {name: max(each.items(), key=lambda item: item[1]) for name, each in rankings.items()}
    keep(FOUND, {"taught": taught, "epochs": options.epochs, "found": found})
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
