"""The Rasa agent behind the `Brain` protocol: text in, answer card id or "not sure" out.

Runs in a thread of its own, so that a step inside Rasa that hangs or ends the process cannot
hold up a reply.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Coroutine
from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.background import daemon_loop
from bot.errors import ModelError
from bot.model import Choice
from bot.no_tensorflow import without_tensorflow
from bot.privacy import silence_structlog

if TYPE_CHECKING:
    from rasa.core.agent import Agent

logger = logging.getLogger(__name__)

# Rasa takes a message that starts with "/", after any white space, for a command.
_COMMAND = re.compile(r"^[\s/\x00-\x1f]+")


class RasaBrain:
    """Loads a trained model in the background and asks it."""

    def __init__(self, model: Path, wait_seconds: float) -> None:
        """Start loading; returns at once.

        Args:
            model: A .tar.gz that `rasa train` wrote.
            wait_seconds: How long `choose` waits, loading included.
        """
        self._wait = wait_seconds
        self._hung: Future[Any] | None = None
        self._loop = daemon_loop("rasa")
        self._agent: Future[Agent] = self._submit(_load(model))

    async def ready(self) -> None:
        """Wait until the model is loaded.

        Raises:
            ModelError: When it is missing or cannot be used.
        """
        await self._loaded()

    async def choose(self, text: str, chat: str) -> Choice:
        """Ask Rasa which answer card fits.

        Args:
            text: The message; a leading "/" is taken off, because Rasa reads it as a command.
            chat: Conversation id; Rasa keeps no conversation beyond this message.

        Raises:
            ModelError: Not loaded, no answer in time, or an answer of another shape.
        """
        if self._hung is not None and not self._hung.done():
            raise ModelError("model.hung", "Rasa still works on an earlier message.")
        work: Future[Any] | None = None
        try:
            async with asyncio.timeout(self._wait):
                agent = await self._loaded()
                work = self._submit(_ask(agent, _COMMAND.sub("", text), chat))
                responses = await asyncio.shield(asyncio.wrap_future(work))
        except TimeoutError as error:
            self._hung = work
            raise ModelError("model.time_out", "Rasa did not answer in time.") from error
        return _choice(responses)

    async def _loaded(self) -> Agent:
        loading = asyncio.wrap_future(self._agent)
        await asyncio.wait([loading])
        error = loading.exception()
        if error is not None:
            message = f"The model cannot be used ({type(error).__name__}); run 'make train'."
            raise ModelError("model.unusable", message) from error
        return loading.result()

    def _submit(self, work: Coroutine[Any, Any, Any]) -> Future[Any]:
        return asyncio.run_coroutine_threadsafe(_contained(work), self._loop)


async def _contained(work: Coroutine[Any, Any, Any]) -> Any:
    """Rasa ends the process on some errors; here that is an error like any other."""
    try:
        return await work
    except SystemExit as error:
        raise ModelError("model.exit", "Rasa tried to end the process.") from error


async def _load(model: Path) -> Agent:
    with without_tensorflow():
        return _load_agent(model)


def _load_agent(model: Path) -> Agent:
    # Imported here because it takes many seconds: help and the static card must not wait.
    from rasa.core.agent import Agent  # noqa: PLC0415

    from actions.answers import AnswerAction  # noqa: PLC0415
    from bot.action_endpoint import InProcessActions, trust_own_results  # noqa: PLC0415
    from bot.tracker_store import NoTrackerStore  # noqa: PLC0415

    silence_structlog()
    trust_own_results()
    agent = Agent.load(
        model,
        action_endpoint=InProcessActions(AnswerAction()),
        tracker_store=NoTrackerStore(),
    )
    if not agent.is_ready():
        raise ModelError("model.damaged", f"{model} cannot be used; run 'make train'.")
    return agent


async def _ask(agent: Agent, text: str, chat: str) -> list[dict[str, Any]]:
    return list(await agent.handle_text(text, sender_id=chat) or [])


def _choice(responses: list[dict[str, Any]]) -> Choice:
    for response in responses:
        custom = response.get("custom")
        if isinstance(custom, dict) and "answer" in custom:
            ranking = tuple((item["intent"], item["confidence"]) for item in custom["ranking"])
            chosen = (custom["answer"], custom["intent"], custom["confidence"])
            return Choice(*chosen, ranking, custom["says"], custom["says_share"])
    raise ModelError("model.silent", "Rasa gave no answer to a message.")
