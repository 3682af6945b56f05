"""AskSafe as a child process that answers lines and says how long each turn took.

Started by bench/__main__.py as `python -m bench.ours`: prints {"ready": true} when the first turn
has been answered, then for each JSON line [chat, text] a line {"seconds": ..., "lines": ...}.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time

from bot.app import build, load_brain
from bot.model import Message
from bot.privacy import quieten
from bot.settings import Settings, load_settings


def main() -> None:
    """Answer until input ends."""
    settings = load_settings(os.environ)
    quieten()
    asyncio.run(_serve(settings))


async def _serve(settings: Settings) -> None:
    brain = load_brain(settings)
    conversations = build(settings, brain=brain)
    await brain.ready()
    await conversations.reply_to(Message("hello", "first"))
    _say({"ready": True})
    for line in sys.stdin:
        chat, text = json.loads(line)
        began = time.perf_counter()
        reply = await conversations.reply_to(Message(text, chat))
        _say({"seconds": time.perf_counter() - began, "lines": len(reply.lines)})


def _say(record: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(record) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
