"""The benchmark leaves no process behind, however it ends. The servers here only sleep."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from bench import stock
from bench.__main__ import _ours_started

Processes = list[subprocess.Popen[bytes]]


@pytest.fixture
def spawned(monkeypatch: pytest.MonkeyPatch) -> Processes:
    """The processes that stand for the stock servers; filled when they are started."""
    processes: Processes = []

    def sleeper(*_: object) -> subprocess.Popen[bytes]:
        code = "import time; time.sleep(60)"
        processes.append(subprocess.Popen([sys.executable, "-c", code]))  # noqa: S603 (ours)
        return processes[-1]

    monkeypatch.setattr(stock, "_spawn", sleeper)
    return processes


def refuse(*_: object) -> bytes:
    raise ConnectionRefusedError


def interrupt(*_: object) -> bytes:
    raise KeyboardInterrupt


def answer(*_: object) -> bytes:
    return b"[{}]"


def ended(processes: Processes) -> list[bool]:
    return [process.poll() is not None for process in processes]


@pytest.mark.parametrize(
    ("asked", "error"), [(refuse, TimeoutError), (interrupt, KeyboardInterrupt)]
)
def test_bench_ends_the_stock_servers_when_they_do_not_start(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    spawned: Processes,
    asked: object,
    error: type[BaseException],
) -> None:
    monkeypatch.setattr(stock, "ask", asked)
    monkeypatch.setattr(stock, "_LONGEST_START", 0.3)

    with pytest.raises(error), stock.started(tmp_path, 1, "0"):
        pass

    assert ended(spawned) == [True, True]


def test_bench_ends_the_stock_servers_when_asksafe_does_not_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, spawned: Processes
) -> None:
    ours: Processes = []
    really = subprocess.Popen

    def broken(*_: object, **__: object) -> subprocess.Popen[bytes]:
        ours.append(really([sys.executable, "-c", ""], stdout=subprocess.PIPE))
        return ours[-1]

    monkeypatch.setattr(stock, "ask", answer)
    with stock.started(tmp_path, 1, "0") as (running, seconds):
        assert ended(running) == [False, False]
        assert seconds < 60
        monkeypatch.setattr(subprocess, "Popen", broken)
        with pytest.raises(RuntimeError, match="did not start"), _ours_started("0"):
            pass
        assert ended(ours) == [True]

    assert ended(spawned) == [True, True]
