"""Runs work in daemon threads, so that what hangs there holds up neither a reply nor the end."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def daemon_loop(name: str) -> asyncio.AbstractEventLoop:
    """An event loop that runs in a daemon thread of its own until it is stopped.

    Work is handed over with `asyncio.run_coroutine_threadsafe`, which brings errors back too.

    Args:
        name: Of the thread.
    """
    loop = asyncio.new_event_loop()

    def run() -> None:
        loop.run_forever()
        loop.close()

    threading.Thread(target=run, name=name, daemon=True).start()
    return loop


async def in_daemon_thread(work: Callable[[], T], name: str) -> T:
    """Wait for a call in a thread of its own.

    `asyncio.to_thread` shares a few threads and waits for them at the end: a handful of calls that
    hang would silence all others and keep the program from ending.

    Args:
        work: Called once; goes on to its end when nobody waits for it any more.
        name: Of the thread.

    Returns:
        What the call returned.

    Raises:
        Exception: What the call raised.
    """
    loop = daemon_loop(name)

    async def call() -> T:
        return work()

    future = asyncio.run_coroutine_threadsafe(call(), loop)
    future.add_done_callback(lambda _: loop.call_soon_threadsafe(loop.stop))
    return await asyncio.wrap_future(future)
