"""`python -m bot <command>`: the command line of AskSafe."""

from __future__ import annotations

import argparse
import os
import sys
from datetime import datetime
from pathlib import Path

from bot.channels import terminal
from bot.errors import BotError
from bot.hours import LONDON
from bot.privacy import quieten
from bot.settings import load_settings


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns the exit status: 0, 1 for problems found, 2 if it cannot run."""
    options = _parser().parse_args(arguments)
    try:
        settings = load_settings(os.environ)
        quieten(debug=settings.debug)
        if options.command == "chat":
            terminal.greet(settings.content)
        # spaCy and the rest take seconds to import; --help and the greeting do not wait for them.
        from bot.commands import COMMANDS  # noqa: PLC0415

        status = COMMANDS[options.command](options, settings)
        print(end="", flush=True)  # now, where a closed pipe is caught, and not at exit
        return status
    except BotError as error:
        print(f"{error} [{error.code}]", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 0 if options.command == "chat" else 130
    except BrokenPipeError:
        # Whoever read the output has gone. What is still in its buffer would raise again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m bot",
        description="AskSafe: answers from the school's safeguarding documents, notices risk, "
        "and always hands over to people.",
    )
    commands = parser.add_subparsers(required=True, metavar="command", dest="command")

    chat = commands.add_parser("chat", help="chat in the terminal; also with piped input")
    batch = commands.add_parser(
        "batch",
        help="JSON lines in, JSON lines out",
        description='Reads {"id", "text", "conversation"} lines from standard input and writes '
        "one JSON object for each to standard output.",
    )
    explain = commands.add_parser("explain", help="say why a text gets the reply it gets")
    explain.add_argument("text", help="the message; quote it")
    preview = commands.add_parser("preview", help="show answer cards as a student sees them")
    preview.add_argument("cards", nargs="*", help="ids of cards; all of them where none is named")
    for command in (chat, batch, explain, preview):
        command.add_argument(
            "--now",
            type=_moment,
            metavar="2026-11-23T15:30",
            help="London time to use for opening hours, unless it has an offset of its own",
        )

    check = commands.add_parser("check", help="validate all of content/ and say what is due")
    check.add_argument("--rules", type=Path, help="only try this rule file on its own examples")
    documents = commands.add_parser(
        "documents",
        help="draft facts from a school's own documents",
        description="Reads PDF, DOCX, HTML or text files and writes a draft of the facts in each, "
        "for a person to rewrite and approve. Nothing goes live by itself.",
    )
    documents.add_argument("files", nargs="+", type=Path, metavar="FILE", help="the documents")
    documents.add_argument(
        "--to", type=Path, default=Path("drafts"), help="folder for the drafts (drafts/)"
    )
    commands.add_parser("train", help="train the model if something has changed")
    return parser


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        message = f"'{text}' is no time; write it as 2026-11-23T15:30"
        raise argparse.ArgumentTypeError(message) from error
    if moment.tzinfo is None:
        return moment.replace(tzinfo=LONDON)
    return moment.astimezone(LONDON)


if __name__ == "__main__":
    sys.exit(main())
