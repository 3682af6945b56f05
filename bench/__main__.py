"""Measures AskSafe and a stock Rasa server side by side and prints a table.

Both answer the same messages in turn, one round each, on the same core, so that whatever else
the machine does hits both. Compare the ratios; the milliseconds are those of this machine.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import yaml

from bench import stock
from bot.settings import ROOT

ROUNDS = 4
Server = Callable[[str, str], float]


def main() -> int:
    """Prepare, start, measure, print."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--turns", type=int, default=200, help="turns for each side")
    parser.add_argument("--epochs", type=int, default=2, help="training epochs of the stock side")
    parser.add_argument("--core", default="0", help="the core that both sides run on")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="asksafe-bench-") as name:
        folder = Path(name)
        _note("training the stock project (some minutes) ...")
        stock.prepare(folder, options.epochs)
        _measure(folder, options.turns, options.core)
    for part in ("bench.spotting", "bench.long_chat"):
        _note(f"{part} ...")
        command = ["taskset", "-c", options.core, sys.executable, "-m", part]
        subprocess.run(command, cwd=ROOT, check=True)
    return 0


def _measure(folder: Path, turns: int, core: str) -> None:
    messages = _messages(turns)
    _note("starting the stock server ...")
    with (
        stock.started(folder, 45_005, core) as (servers, stock_start),
        _ours_started(core) as (ours, our_start),
    ):
        url = "http://127.0.0.1:45005/webhooks/rest/webhook"
        their_times: list[float] = []
        our_times: list[float] = []
        for round_ in range(ROUNDS):
            part = messages[round_::ROUNDS]
            _note(f"round {round_ + 1} of {ROUNDS}")
            their_times += [_timed(url, text, f"chat-{i % 20}") for i, text in enumerate(part)]
            our_times += [_ask_ours(ours, text, f"chat-{i % 20}") for i, text in enumerate(part)]
        memory = (_peak_mb([ours]), _peak_mb(servers), _peak_mb(servers[1:]))
    _print(our_times, their_times, (our_start, stock_start), memory)


def _messages(turns: int) -> list[str]:
    """Training phrases of every intent in turn: both sides know them equally well."""
    phrases = []
    for path in sorted((ROOT / "data" / "nlu").glob("*.yml")):
        for block in yaml.safe_load(path.read_text(encoding="utf-8"))["nlu"]:
            phrases.append([line[2:] for line in block["examples"].splitlines()])
    return [phrases[i % len(phrases)][i // len(phrases)] for i in range(turns)]


@contextmanager
def _ours_started(core: str) -> Iterator[tuple[subprocess.Popen[bytes], float]]:
    """AskSafe as a child process, and the seconds until its first reply; ended in any case."""
    _note("starting AskSafe ...")
    began = time.monotonic()
    with subprocess.Popen(
        ["taskset", "-c", core, sys.executable, "-m", "bench.ours"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        try:
            said = process.stdout.readline() if process.stdout is not None else b""
            if json.loads(said or b"{}") != {"ready": True}:
                message = "AskSafe did not start; run 'make train' and 'make chat' to see why."
                raise RuntimeError(message)
            yield process, time.monotonic() - began
        finally:
            process.terminate()


def _ask_ours(process: subprocess.Popen[bytes], text: str, chat: str) -> float:
    if process.stdin is None or process.stdout is None:
        raise RuntimeError("AskSafe was started without pipes.")
    process.stdin.write(json.dumps([chat, text]).encode() + b"\n")
    process.stdin.flush()
    seconds: float = json.loads(process.stdout.readline())["seconds"]
    return seconds


def _timed(url: str, text: str, sender: str) -> float:
    began = time.perf_counter()
    stock.ask(url, text, sender)
    return time.perf_counter() - began


def _peak_mb(processes: list[subprocess.Popen[bytes]]) -> float:
    """Sum of the processes' peak resident memory (VmHWM), in MB."""
    total = 0
    for process in processes:
        status = Path(f"/proc/{process.pid}/status").read_text(encoding="utf-8")
        total += int(status.split("VmHWM:")[1].split()[0])
    return total / 1024


def _print(
    ours: list[float],
    theirs: list[float],
    start: tuple[float, float],
    memory: tuple[float, float, float],
) -> None:
    rows = [
        ("turn p50, ms", statistics.median(ours) * 1000, statistics.median(theirs) * 1000),
        ("turn p95, ms", _p95(ours) * 1000, _p95(theirs) * 1000),
        ("turns a second, one core", len(ours) / sum(ours), len(theirs) / sum(theirs)),
        ("cold start to first reply, s", start[0], start[1]),
        ("peak memory, MB (both servers)", memory[0], memory[1]),
        ("peak memory, MB (without actions)", memory[0], memory[2]),
    ]
    sys.stdout.write(f"{'':36}{'AskSafe':>10}{'stock':>10}{'ratio':>8}\n")
    for name, our, their in rows:
        sys.stdout.write(f"{name:36}{our:10.1f}{their:10.1f}{our / their:8.2f}\n")


def _p95(times: list[float]) -> float:
    return statistics.quantiles(times, n=20)[-1]


def _note(text: str) -> None:
    sys.stderr.write(f"{text}\n")


if __name__ == "__main__":
    sys.exit(main())
