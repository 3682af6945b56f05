"""`make eval`: how much risk is found and how often the right card is given, on held-out messages.

Reads tests/heldout/, which nobody who writes rules or training phrases looks at, and prints
tables with 95 % Wilson intervals. It is not a test: it measures, it does not pass or fail.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

from tqdm import tqdm

from bot.app import build, load_brain
from bot.conversation import Conversations
from bot.hours import LONDON
from bot.model import Message, SealedReply
from bot.privacy import quieten
from bot.settings import load_settings
from evaluation.figures import wilson

HELDOUT = Path(__file__).parent / "heldout"
MOMENT = datetime(2026, 11, 23, 15, 30, tzinfo=LONDON)


def main() -> int:
    """Print all tables; 2 if the trained model cannot be used."""
    settings = load_settings(os.environ)
    quieten()
    brain = load_brain(settings)
    conversations = build(settings, brain=brain, clock=lambda: MOMENT)
    asyncio.run(_measure(conversations, brain))
    return 0


async def _measure(conversations: Conversations, brain: Any) -> None:
    await brain.ready()
    signals = await _answered(conversations, "signals.jsonl")
    _print_signals(signals)
    questions = await _answered(conversations, "questions.jsonl")
    _print_questions(questions)
    if "--misses" in sys.argv:
        _print_misses(signals, questions)


async def _answered(
    conversations: Conversations, name: str
) -> list[tuple[dict[str, Any], SealedReply]]:
    lines = (HELDOUT / name).read_text(encoding="utf-8").splitlines()
    rows = []
    for number, line in enumerate(tqdm(lines, desc=name, file=sys.stderr)):
        row = json.loads(line)
        reply = await conversations.reply_to(Message(row["text"], f"{name}-{number}"))
        rows.append((row, reply))
    return rows


def _found(reply: SealedReply) -> bool:
    return reply.draft.urgency.rank > 0


def _print_signals(rows: list[tuple[dict[str, Any], SealedReply]]) -> None:
    risk = [(row, reply) for row, reply in rows if row["signal"]]
    calm = [(row, reply) for row, reply in rows if not row["signal"]]
    print("\nRisk found (recall), by category")
    _table((row["category"], _found(reply)) for row, reply in risk)
    print("\nRisk found (recall), by urgency")
    _table((row["urgency"], _found(reply)) for row, reply in risk)
    print("\nRisk found (recall), by way of saying it")
    _table((row["kind"], _found(reply)) for row, reply in risk)
    print("\nFalse alarms, by kind of harmless message")
    _table((row["kind"], _found(reply)) for row, reply in calm)
    found = [(row, reply.draft) for row, reply in risk if _found(reply)]
    print("\nOf the risk that was found: labelled the same")
    pairs = [("category", str(draft.category) == row["category"]) for row, draft in found]
    pairs += [("urgency", str(draft.urgency) == row["urgency"]) for row, draft in found]
    pairs += [("about", str(draft.about) == row["about"]) for row, draft in found]
    _table(pairs, total=False)


def _print_questions(rows: list[tuple[dict[str, Any], SealedReply]]) -> None:
    print("\nQuestions: what was given")
    outcome: dict[str, list[bool]] = defaultdict(list)
    for row, reply in rows:
        draft, known = reply.draft, row["intent"] != "out_of_scope"
        kind = "answerable" if known else "not answerable"
        none = draft.answer_id in (None, "out_of_scope", "not_in_documents")
        outcome[f"{kind}: right"].append(none if not known else draft.answer_id == row["intent"])
        outcome[f"{kind}: says it does not know"].append(none)
        outcome[f"{kind}: wrong card"].append(not none and draft.answer_id != row["intent"])
        outcome[f"{kind}: taken for a worry"].append(_found(reply))
    _table(((name, hit) for name, hits in outcome.items() for hit in hits), total=False)


def _table(pairs: Iterable[tuple[str, bool]], *, total: bool = True) -> None:
    counts: dict[str, list[bool]] = defaultdict(list)
    for name, hit in pairs:
        counts[name].append(hit)
        if total:
            counts["all"].append(hit)
    for name, hits in sorted(counts.items(), key=lambda item: (item[0] == "all", item[0])):
        low, high = wilson(sum(hits), len(hits))
        share = sum(hits) / len(hits)
        print(f"  {name:40} {sum(hits):4}/{len(hits):<4} {share:6.1%}  [{low:.1%}, {high:.1%}]")


def _print_misses(*tables: list[tuple[dict[str, Any], SealedReply]]) -> None:
    signals, questions = tables
    print("\nMissed risk and false alarms (to be read by whoever judges, never to tune on)")
    for row, reply in signals:
        if _found(reply) != row["signal"]:
            print(f"  {row['category'] or row['kind']}: {row['text']}")
    print("\nQuestions with another card")
    for row, reply in questions:
        if reply.draft.answer_id != row["intent"]:
            print(f"  {row['intent']} -> {reply.draft.answer_id}: {row['text']}")


if __name__ == "__main__":
    sys.exit(main())
