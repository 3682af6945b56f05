"""Seals every reply. Outermost: a time limit, one place that catches everything, the static card.

Holds the only broad `except` of AskSafe. Logs a code and an error's class, never its text: an
error message may quote the student.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from bot.content.library import Content
from bot.errors import BotError
from bot.handover import hand_over, static_card
from bot.model import Draft, SealedReply, Urgency
from bot.turn import Progress

logger = logging.getLogger(__name__)

Result = TypeVar("Result")
Step = Callable[[Progress], Awaitable[Draft]]


class Envelope:
    """Turns whatever happens inside into a reply that hands over to people."""

    def __init__(
        self, content: Content, clock: Callable[[], datetime], limit_seconds: float
    ) -> None:
        """Make the static card, so that a school without one finds out at the start.

        Args:
            content: For words and routes.
            clock: The moment, with a time zone.
            limit_seconds: How long a turn may take.
        """
        self._content = content
        self._clock = clock
        self._limit = limit_seconds
        self._static = SealedReply(
            self._fallback(Progress()),
            static_card(content.routes, content.handover.always, content.notices),
        )

    async def reply_to(self, step: Step) -> SealedReply:
        """Run one turn and seal what comes of it.

        Args:
            step: The turn; told through `Progress` how far it came.

        Returns:
            A reply with routes, always; at the strongest level where the spotter could not look.
        """
        progress = Progress()
        draft = await self._attempt(step(progress)) or self._fallback(progress)
        sealed = await self._attempt(self._seal(draft))
        return sealed or self._static

    async def _attempt(self, work: Awaitable[Result]) -> Result | None:
        """The result, or None after any error or at the time limit."""
        try:
            async with asyncio.timeout(self._limit):
                return await work
        except Exception as error:  # noqa: BLE001 (the one place that must let nothing through)
            code = error.code if isinstance(error, BotError) else "unexpected"
            logger.error("envelope.caught code=%s error=%s", code, type(error).__name__)
            return None

    async def _seal(self, draft: Draft) -> SealedReply:
        return SealedReply(draft, hand_over(draft, self._content, self._clock()))

    def _fallback(self, progress: Progress) -> Draft:
        """What is said when a turn did not end: all that the spotter saw, or the strongest."""
        look, standing, notices = progress.look, progress.standing, self._content.notices
        if look is None or not look.complete:
            standing = replace(standing, urgency=Urgency.EMERGENCY)
        lead: tuple[str, ...] = (notices.went_wrong,)
        draft = Draft(heading=notices.who_now, after=(notices.privacy,), standing=standing)
        if look is not None and look.signals:
            signal = look.signals[0]
            heard = self._content.heard[signal.category, signal.about]
            lead = (heard.heard[0], heard.not_your_fault[0], heard.emergency, *lead)
            return replace(
                draft,
                lead=lead,
                urgency=signal.urgency,
                category=signal.category,
                about=signal.about,
            )
        seen = look is not None and look.complete
        return replace(draft, lead=lead, urgency=Urgency.NONE if seen else Urgency.EMERGENCY)
