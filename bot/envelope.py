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

from bot.content.library import Content
from bot.errors import BotError
from bot.handover import hand_over, static_card
from bot.model import Draft, SealedReply, Standing, Urgency
from bot.turn import Progress

logger = logging.getLogger(__name__)

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
        routes = static_card(content.routes, content.handover.always, content.notices)
        self._static = SealedReply(_last_resort(content), routes)

    async def reply_to(self, step: Step) -> SealedReply:
        """Run one turn and seal what comes of it.

        Args:
            step: The turn; told through `Progress` how far it came.

        Returns:
            A reply with routes, always; at the strongest level where the spotter could not look.
        """
        progress = Progress()
        for draft in (lambda: step(progress), lambda: self._fallback(progress)):
            reply = await self._attempt(self._sealed(draft))
            if reply is not None:
                return reply
        return self._static

    async def _attempt(self, work: Awaitable[SealedReply]) -> SealedReply | None:
        """The reply, or None after any error or at the time limit."""
        try:
            async with asyncio.timeout(self._limit):
                return await work
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                raise
            logger.error("envelope.caught code=unexpected error=CancelledError")
        except Exception as error:  # noqa: BLE001 (the one place that must let nothing through)
            code = error.code if isinstance(error, BotError) else "unexpected"
            logger.error("envelope.caught code=%s error=%s", code, type(error).__name__)
        return None

    async def _sealed(self, make: Callable[[], Awaitable[Draft]]) -> SealedReply:
        draft = await make()
        return SealedReply(draft, hand_over(draft, self._content, self._clock()))

    async def _fallback(self, progress: Progress) -> Draft:
        """What is said when a turn did not end: all that the spotter saw, or the strongest."""
        if progress.draft is not None:
            return progress.draft
        look, standing = progress.look, progress.standing
        draft = _last_resort(self._content)
        if look is None or not look.complete:
            return replace(draft, standing=replace(standing, urgency=Urgency.EMERGENCY))
        if not look.signals:
            return replace(draft, urgency=Urgency.NONE, standing=standing)
        signal = look.signals[0]
        heard = self._content.heard[signal.category, signal.about]
        return replace(
            draft,
            lead=(heard.heard, heard.emergency, heard.not_your_fault[0], *draft.lead),
            urgency=signal.urgency,
            category=signal.category,
            about=signal.about,
            standing=standing,
        )


def _last_resort(content: Content) -> Draft:
    """Something went wrong, at the strongest level."""
    notices = content.notices
    return Draft(
        lead=(notices.went_wrong,),
        heading=notices.who_now,
        after=(notices.privacy,),
        urgency=Urgency.EMERGENCY,
        standing=Standing(Urgency.EMERGENCY),
    )
