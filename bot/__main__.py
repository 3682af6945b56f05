"""`python -m bot <command>`: the command line of AskSafe."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from datetime import date, datetime
from pathlib import Path

from tqdm import tqdm

from bot import check
from bot.app import build, load_brain, london_now
from bot.channels import batch, terminal
from bot.channels.explain import explain
from bot.content.library import load_content
from bot.errors import BotError
from bot.hours import LONDON
from bot.privacy import quieten
from bot.settings import Settings, load_settings
from bot.spotting.spotter import Spotter
from bot.training import train


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns the exit status."""
    options = _parser().parse_args(arguments)
    try:
        settings = load_settings(os.environ)
        quieten(debug=settings.debug)
        status: int = options.run(options, settings)
    except BotError as error:
        print(f"{error} [{error.code}]", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 0 if options.run is _chat else 130
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m bot",
        description="AskSafe: answers from the school's safeguarding documents, notices risk, "
        "and always hands over to people.",
    )
    commands = parser.add_subparsers(required=True, metavar="command")

    chat = commands.add_parser("chat", help="chat in the terminal; also with piped input")
    chat.set_defaults(run=_chat)

    lines = commands.add_parser(
        "batch",
        help="JSON lines in, JSON lines out",
        description='Reads {"id", "text", "conversation"} lines from standard input and writes '
        "one JSON object for each to standard output.",
    )
    lines.set_defaults(run=_batch)

    why = commands.add_parser("explain", help="say why a text gets the reply it gets")
    why.add_argument("text", help="the message; quote it")
    why.set_defaults(run=_explain)

    for command in (chat, lines, why):
        command.add_argument(
            "--now",
            type=_moment,
            metavar="2026-11-23T15:30",
            help="London time to use for opening hours",
        )

    checks = commands.add_parser("check", help="validate all of content/ and say what is due")
    checks.add_argument("--rules", type=Path, help="only try this rule file on its own examples")
    checks.set_defaults(run=_check)

    training = commands.add_parser("train", help="train the model if something has changed")
    training.set_defaults(run=_train)
    return parser


def _moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text).replace(tzinfo=LONDON)
    except ValueError as error:
        message = f"'{text}' is no time; write it as 2026-11-23T15:30"
        raise argparse.ArgumentTypeError(message) from error


def _clock(options: argparse.Namespace) -> datetime:
    return options.now or london_now()


def _chat(options: argparse.Namespace, settings: Settings) -> int:
    conversations = build(settings, brain=load_brain(settings), clock=lambda: _clock(options))
    asyncio.run(terminal.run(conversations))
    return 0


def _batch(options: argparse.Namespace, settings: Settings) -> int:
    brain = load_brain(settings)
    conversations = build(settings, brain=brain, clock=lambda: _clock(options))
    with sys.stdin.buffer as source:
        lines = tqdm(enumerate(source, 1), unit="line", file=sys.stderr, mininterval=1)

        async def answer() -> int:
            await _loaded(brain)
            return await batch.run(conversations, lines, sys.stdout)

        return 1 if asyncio.run(answer()) else 0


def _explain(options: argparse.Namespace, settings: Settings) -> int:
    brain = load_brain(settings)
    conversations = build(settings, brain=brain, clock=lambda: _clock(options))
    spotter = Spotter(conversations.content.signals, settings.most_characters)

    async def lines() -> str:
        await _loaded(brain)
        text = options.text
        return "\n".join(await explain(text, conversations, spotter, _clock(options)))

    print(asyncio.run(lines()))
    return 0


def _check(options: argparse.Namespace, settings: Settings) -> int:
    if options.rules:
        problems = list(check.one_rule_file(options.rules))
    else:
        content = load_content(settings.content)
        for note in check.due(content, date.today()):
            print(f"note: {note}")
        spotter = Spotter(content.signals)
        problems = [
            *check.rule_problems(content.signals, spotter),
            *check.idiom_problems(content.signals, spotter),
            *check.intent_problems(content),
        ]
    print("\n".join(problems) or "All is as it should be.")
    return 1 if problems else 0


def _train(options: argparse.Namespace, settings: Settings) -> int:
    train(settings.models)
    return 0


async def _loaded(brain: object) -> None:
    """Wait for the model, so that the first lines are not answered without it."""
    try:
        await brain.ready()  # type: ignore[attr-defined]
    except BotError as error:
        print(f"{error} [{error.code}]", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
