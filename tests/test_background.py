"""Work in daemon threads: it hangs alone, brings its errors back, and lets the program end."""

import asyncio
import subprocess
import sys
import threading

import pytest

from bot.background import in_daemon_thread
from bot.settings import ROOT

HANGS = """
import asyncio, time
from bot.background import in_daemon_thread

async def main():
    try:
        await asyncio.wait_for(in_daemon_thread(lambda: time.sleep(600), "hangs"), 0.1)
    except TimeoutError:
        print("gave up")

asyncio.run(main())
"""


async def test_call_gives_its_result() -> None:
    assert await in_daemon_thread(lambda: 6 * 7, "sum") == 42


async def test_call_brings_its_error_back() -> None:
    with pytest.raises(ZeroDivisionError):
        await in_daemon_thread(lambda: 1 // 0, "error")


async def test_thread_ends_with_its_call() -> None:
    for _ in range(20):
        await in_daemon_thread(lambda: None, "short")

    for thread in threading.enumerate():
        if thread.name == "short":
            thread.join(5)
    assert "short" not in [thread.name for thread in threading.enumerate()]


async def test_forty_calls_that_hang_do_not_hold_up_another() -> None:
    release = threading.Event()
    stuck = [
        asyncio.create_task(in_daemon_thread(lambda: release.wait(20), "stuck")) for _ in range(40)
    ]
    await asyncio.sleep(0)

    result = await in_daemon_thread(lambda: "done", "quick")

    assert result == "done"
    assert not any(task.done() for task in stuck)
    release.set()
    assert all(await asyncio.gather(*stuck))


def test_program_ends_while_a_call_still_hangs() -> None:
    ended = subprocess.run(  # noqa: S603 (our own program)
        [sys.executable, "-c", HANGS], cwd=ROOT, capture_output=True, text=True, timeout=60
    )

    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "gave up\n", "")
