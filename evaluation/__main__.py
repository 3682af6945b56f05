"""`make eval`: how much risk is noticed, how often it cries wolf, and which card is given.

Prints tables and writes them with plots to report/. Reads testpack/test, which nobody who writes
rules or training phrases looks at; `python -m evaluation dev` reads testpack/dev instead, and
that is the one to tune on: it leaves out the sets, which are for measuring too.
`python -m evaluation fresh` reads messages by other hands, written after the classifier was taught.
It is no test: it measures, it does not pass or fail.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import TypeVar

from tqdm import tqdm

from bot.app import build, load_brain
from bot.content.library import load_content
from bot.conversation import Conversations
from bot.errors import BotError
from bot.model import Message
from bot.privacy import quieten
from bot.settings import ROOT, Settings, load_settings
from bot.spotting.classifier import Classifier, load_classifier
from bot.spotting.spotter import Spotter
from evaluation import answers, chats, questions, report, scored, stock, stock_answers
from evaluation.columns import Finding, keywords, of_draft, of_look, unread
from evaluation.messages import TESTPACK, LabelledMessage, load

REPORT = ROOT / "report"
T = TypeVar("T")


def main() -> int:
    """Measure, print and write the report; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m evaluation", description=__doc__)
    parser.add_argument("part", nargs="?", choices=("test", "fresh", "dev"), default="test")
    parser.add_argument("--quick", action="store_true", help="AskSafe and its rules only")
    options = parser.parse_args()
    quieten()
    try:
        lines = asyncio.run(_measured(options.part, options.quick, load_settings(os.environ)))
    except BotError as error:
        sys.stderr.write(f"Nothing was measured: {error}\n")
        return 1
    (REPORT / f"{options.part}.md").write_text("\n".join(lines) + "\n", encoding="utf-8")
    print("\n".join(lines))
    return 0


async def _measured(part: str, quick: bool, settings: Settings) -> list[str]:
    """The report; its plots are written.

    Raises:
        BotError: Something is missing without which AskSafe would be measured at half its strength.
    """
    classifier = load_classifier(settings.models / "classifier")
    rows = load(TESTPACK / part)
    content = load_content(settings.content)
    spotter_with = partial(Spotter, content.signals, settings.most_characters)
    spotter = spotter_with(classifier)
    conversations = build(settings, brain=load_brain(settings), content=content, spotter=spotter)
    await conversations.brain.ready()

    findings, note = ({}, "") if quick else _others(rows)
    rules = spotter_with()
    findings["rules only"] = [of_look(rules.spot(row.text)) for row in _seen(rows, "rules")]
    findings |= {} if quick else _parts(rows, settings.models / "classifier", spotter_with)
    findings[report.ASKSAFE] = await _asksafe(conversations, spotter, rows)
    sets, failures = await _sets(conversations, spotter) if part == "test" else ([], None)
    REPORT.mkdir(exist_ok=True)
    report.draw(part, rows, findings, REPORT)
    return [
        *report.messages(part, rows, findings, failures, note),
        *sets,
        *(() if part == "fresh" else ("", *await _chats(conversations, part))),
        *(() if part == "fresh" else ("", *await _questions(conversations, part))),
    ]


def _others(rows: Sequence[LabelledMessage]) -> tuple[dict[str, list[Finding]], str]:
    """The columns that need nothing of AskSafe but its messages to learn from, and a note."""
    texts = [row.text for row in rows]
    kept, note = stock.column(rows)
    vectors = scored.limited(
        scored.frozen_vectors(load(TESTPACK / "train")), load(TESTPACK / "dev")
    )
    return {"keywords": keywords(texts), **kept, "frozen vectors": vectors(texts)}, note


def _parts(
    rows: Sequence[LabelledMessage], folder: Path, spotter_with: Callable[[Classifier], Spotter]
) -> dict[str, list[Finding]]:
    """The classifier and its halves, without rules."""
    texts, tuned = [row.text for row in rows], load(TESTPACK / "dev")
    parts = scored.parts(folder, spotter_with)
    return {name: scored.limited(score, tuned)(texts) for name, score in parts.items()}


async def _asksafe(
    conversations: Conversations, spotter: Spotter, rows: Sequence[LabelledMessage]
) -> list[Finding]:
    found = []
    for row in _seen(rows, report.ASKSAFE):
        draft = (await conversations.reply_to(Message(row.text, f"eval-{row.id}"))).draft
        found.append(of_draft(draft, spotter.examine(row.text).total or 0.0))
    return found


async def _sets(
    conversations: Conversations, spotter: Spotter
) -> tuple[list[str], tuple[int, int]]:
    rows = load(TESTPACK / "sets")
    found = await _asksafe(conversations, spotter, rows)
    return ["", *report.sets(rows, found)], report.failures_told(rows, found)


async def _chats(conversations: Conversations, part: str) -> list[str]:
    given = chats.load_chats(TESTPACK / "chats" / f"{part}.jsonl")
    heard = [await chats.answered(conversations, chat) for chat in _seen(given, "chats")]
    lost = sum(unread(reply) for replies in heard for reply in replies)
    return [
        *("## Over several messages", "", f"Messages that could not be read: {lost}.", ""),
        *chats.table(given, heard),
    ]


async def _questions(conversations: Conversations, part: str) -> list[str]:
    given = questions.load_questions(TESTPACK / "questions" / f"{part}.jsonl")
    found = await questions.verdicts(conversations, _seen(given, "questions"))
    content = conversations.content
    stock_found, note = stock_answers.column(given, content)
    bm25 = {"BM25 over the facts": answers.bm25(given, content)}
    columns = {report.ASKSAFE: found, **stock_found, **bm25}
    return [
        *("## Questions: which card is given", ""),
        *answers.table(given, found, content),
        *("", "Beside others, on the same questions:", "", *answers.beside(given, columns)),
        *(("", note) if note else ()),
        *("", "### All misses", "", *answers.misses(given, found)),
    ]


def _seen(items: Sequence[T], name: str) -> Iterable[T]:
    return tqdm(items, desc=name, file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
