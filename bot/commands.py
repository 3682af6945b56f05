"""What each command does once its arguments are read. Imports everything; __main__ does not."""

from __future__ import annotations

import argparse
import asyncio
import math
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, datetime
from functools import partial
from pathlib import Path

from tqdm import tqdm

from bot import check, review
from bot.app import build, load_brain, load_spotter, london_now
from bot.channels import batch, terminal
from bot.channels.explain import explain
from bot.channels.preview import preview
from bot.content.library import Content, load_content
from bot.documents.drafting import draft
from bot.documents.reading import read_document
from bot.errors import BotError, DocumentError, ModelError, SettingsError
from bot.model import Brain
from bot.privacy import told
from bot.settings import Settings
from bot.spotting.spotter import Spotter
from bot.training import train

Command = Callable[[argparse.Namespace, Settings], int]


def chat(options: argparse.Namespace, settings: Settings) -> int:
    """Chat in the terminal."""
    brain = load_brain(settings)
    conversations = build(settings, brain=brain, clock=partial(_now, options))
    asyncio.run(terminal.run(conversations, _wait_for(brain, settings)))
    return 0


def answer_batch(options: argparse.Namespace, settings: Settings) -> int:
    """Answer JSON lines; 1 if some were bad."""
    if sys.stdin is None:  # as Python sets it when it is started with <&-
        message = "Standard input is closed; pipe JSON lines into this command."
        raise SettingsError("batch.no_input", message)
    brain = load_brain(settings)
    # Lines of one conversation are one chat, however many others stand between them.
    settings = replace(settings, most_chats=sys.maxsize, idle_minutes=math.inf)
    conversations = build(settings, brain=brain, clock=partial(_now, options))
    lines = tqdm(enumerate(sys.stdin.buffer, 1), unit=" lines", file=sys.stderr, mininterval=1)
    with asyncio.Runner() as runner:
        runner.run(_wait_for(brain, settings))
        return 1 if batch.run(conversations, lines, sys.stdout, runner) else 0


def explain_text(options: argparse.Namespace, settings: Settings) -> int:
    """Print why one text gets the reply it gets."""
    brain = load_brain(settings)
    content = load_content(settings.content)
    spotter = load_spotter(settings, content)
    clock = partial(_now, options)
    conversations = build(settings, brain=brain, content=content, spotter=spotter, clock=clock)

    async def lines() -> str:
        await _wait_for(brain, settings)
        return "\n".join(await explain(options.text, conversations, spotter, _now(options)))

    sys.stdout.write(asyncio.run(lines()) + "\n")
    return 0


def check_content(options: argparse.Namespace, settings: Settings) -> int:
    """Validate content; 1 if anything is not as it should be."""
    if options.rules:
        problems = list(check.one_rule_file(options.rules))
    else:
        content = load_content(settings.content)
        for note in check.due(content, date.today()):
            sys.stdout.write(f"note: {note}\n")
        for note in check.unheard(content.signals, load_spotter(settings, content)):
            sys.stdout.write(f"note: {note}\n")
        spotter = Spotter(content.signals)
        problems = [
            *check.rule_problems(content.signals, spotter),
            *check.idiom_problems(content.signals, spotter),
            *check.intent_problems(content),
            *_content_problems(content, settings.content),
        ]
    sys.stdout.write("\n".join(problems or ["All is as it should be."]) + "\n")
    return 1 if problems else 0


def preview_cards(options: argparse.Namespace, settings: Settings) -> int:
    """Print answer cards as a student sees them."""
    lines = preview(load_content(settings.content), options.cards, _now(options))
    sys.stdout.writelines(f"{line}\n" for line in lines)
    return 0


def draft_documents(options: argparse.Namespace, settings: Settings) -> int:
    """Write a draft of facts for each file; 1 if one could not be read."""
    content = load_content(settings.content)
    options.to.mkdir(parents=True, exist_ok=True)
    failed = 0
    for path in options.files:
        try:
            text = draft(path, read_document(path), content, date.today())
        except DocumentError as error:
            _say(error)
            failed += 1
            continue
        target = options.to / f"{path.stem}.yml"
        target.write_text(text, encoding="utf-8")
        sys.stdout.write(f"{target}: a draft of {text.count('- id:')} facts; read its notes.\n")
    return 1 if failed else 0


def _content_problems(content: Content, folder: Path) -> Iterator[str]:
    """What the words of content/ break, for a safeguarding lead."""
    wording = review.load_wording(folder).data
    yield from review.wording_problems(folder, wording)
    yield from review.unfounded(content, folder, wording)
    yield from review.unused_facts(content)


def train_model(options: argparse.Namespace, settings: Settings) -> int:
    """Train if something has changed."""
    train(settings.models)
    return 0


COMMANDS: dict[str, Command] = {
    "chat": chat,
    "batch": answer_batch,
    "explain": explain_text,
    "check": check_content,
    "preview": preview_cards,
    "documents": draft_documents,
    "train": train_model,
}


def _now(options: argparse.Namespace) -> datetime:
    moment: datetime | None = options.now
    return moment or london_now()


async def _wait_for(brain: Brain, settings: Settings) -> None:
    """Wait for the model; without one, say so to whoever runs this, and go on with people."""
    try:
        async with asyncio.timeout(settings.ready_seconds):
            await brain.ready()
    except TimeoutError:
        seconds = f"{settings.ready_seconds:g} seconds"
        # Not told for good: it may still load, or break, and then each has its own code.
        _say(ModelError("model.slow", f"The model is still loading after {seconds}; going on."))
    except BotError as error:
        _say(error)
        told(error.code)


def _say(error: BotError) -> None:
    sys.stderr.write(f"{error} [{error.code}]\n")
