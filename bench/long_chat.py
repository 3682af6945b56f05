"""Whether a turn late in one long chat costs as much as an early one: `python -m bench.long_chat`.

One chat of 1,000 turns; the same messages come round again and again, so that the first hundred
turns and the last hundred hold the same.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import sys
import time

from tqdm import trange

from bot.app import build, load_brain
from bot.model import Message
from bot.privacy import quieten
from bot.settings import load_settings

TURNS, PART = 1000, 100
MESSAGES = (
    "what is child sexual exploitation", "and boys?", "who can i talk to", "im in year 8",
    "when is the text line open", "ok thanks", "he keeps asking me for pics", "no",
    "what happens if i tell", "why?",
)  # fmt: skip


def main() -> None:
    """Measure and print."""
    quieten()
    seconds = asyncio.run(_chat())
    early, late = (statistics.median(part) for part in (seconds[:PART], seconds[-PART:]))
    sys.stdout.write(
        f"one chat of {TURNS} turns, p50 in ms: first {PART} {early * 1000:.1f}, "
        f"last {PART} {late * 1000:.1f}, ratio {late / early:.2f}\n"
    )


async def _chat() -> list[float]:
    """The seconds that each turn took."""
    settings = load_settings(os.environ)
    brain = load_brain(settings)
    conversations = build(settings, brain=brain)
    await brain.ready()
    seconds = []
    for turn in trange(TURNS, desc="one long chat", file=sys.stderr):
        began = time.perf_counter()
        await conversations.reply_to(Message(MESSAGES[turn % len(MESSAGES)], "long"))
        seconds.append(time.perf_counter() - began)
    return seconds


if __name__ == "__main__":
    main()
