"""Measures how long the spotter takes for one message, alone on one core.

Run by `make bench`, or by itself: `taskset -c 0 python -m bench.spotting`.
"""

from __future__ import annotations

import os
import statistics
import sys
import time

from bot.content.library import load_content
from bot.errors import BotError
from bot.settings import load_settings
from bot.spotting.classifier import load_classifier
from bot.spotting.spotter import Spotter
from evaluation.messages import TESTPACK, load

LENGTHS = (100, 1_000, 10_000, 100_000)
ROUNDS = 3
# What has stalled programs that read text: one endless word, endless gaps, endless small words,
# names of emoji, words that turn others round, words to be taken apart, lines to be joined.
HOSTILE = {
    "one word": "a" * 100_000,
    "spaces": " " * 100_000,
    "small words": "i " * 50_000,
    "dots": ".a" * 50_000,
    "one emoji": "\U0001f52a" * 100_000,
    "two emoji in turn": "\U0001f9d1\U0001f52a" * 5_000,
    "worry after worry": "worry " * 16_000,
    "denial after denial": "i am not worried " * 6_000,
    "words run together": "idontwanttobehereanymore" * 4_000,
    "spaced letters": "k i l l " * 12_500,
    "short lines": "he hits me\n" * 9_000,
}


def main() -> int:
    """Load, measure, print; return the exit status."""
    try:
        spotter = _whole_spotter()
        texts = [message.text for message in load(TESTPACK / "dev")]
    except BotError as error:
        sys.stderr.write(f"Nothing was measured: {error}\n")
        return 1
    _seconds(spotter, texts[0])  # the first message pays for what is loaded late
    times = sorted(_seconds(spotter, text) for text in texts)
    p95 = times[int(len(times) * 0.95)]
    print("\n| spotting, one message, one core | milliseconds |")
    print("|---|---|")
    print(
        f"| {len(texts):,} messages of testpack/dev, p50 | {statistics.median(times) * 1000:.1f} |"
    )
    print(f"| p95 | {p95 * 1000:.1f} |")
    print(f"| slowest | {times[-1] * 1000:.1f} |")
    story = " ".join(texts)
    for length in LENGTHS:
        print(f"| {length:,} characters | {_best(spotter, story[:length]) * 1000:.0f} |")
    for name, text in HOSTILE.items():
        print(f"| {len(text):,} characters of {name} | {_best(spotter, text) * 1000:.0f} |")
    return 0


def _whole_spotter() -> Spotter:
    """The spotter with rules and classifier.

    Raises:
        BotError: The classifier is missing or broken: rules by themselves are quicker, and less.
    """
    settings = load_settings(os.environ)
    classifier = load_classifier(settings.models / "classifier")
    return Spotter(load_content(settings.content).signals, settings.most_characters, classifier)


def _best(spotter: Spotter, text: str) -> float:
    return min(_seconds(spotter, text) for _ in range(ROUNDS))


def _seconds(spotter: Spotter, text: str) -> float:
    began = time.perf_counter()
    spotter.spot(text)
    return time.perf_counter() - began


if __name__ == "__main__":
    raise SystemExit(main())
