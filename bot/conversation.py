"""Where a message goes, top to bottom: chat → envelope → turn → hand-over → sealed reply.

The one thing that channels are given. A channel makes a `Message`, calls `reply_to` and renders
the `SealedReply`; it can reach nothing below.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from weakref import WeakValueDictionary

from bot.chat import Chats
from bot.content.library import Content
from bot.envelope import Envelope
from bot.model import Brain, Draft, Message, SealedReply
from bot.turn import Progress, Spots, take_turn


@dataclass
class Conversations:
    """All conversations of this process."""

    content: Content
    spotter: Spots
    brain: Brain
    chats: Chats
    envelope: Envelope
    _locks: WeakValueDictionary[str, asyncio.Lock] = field(default_factory=WeakValueDictionary)

    async def reply_to(self, message: Message) -> SealedReply:
        """Answer one message; messages of one chat in order, different chats side by side.

        Args:
            message: What was typed, and in which chat.

        Returns:
            A reply that holds a route to a person, whatever was typed and whatever broke.
        """

        async def turn(progress: Progress) -> Draft:
            return await take_turn(
                message,
                self.chats.open(message.chat),
                progress,
                spotter=self.spotter,
                brain=self.brain,
                content=self.content,
            )

        async with self._locks.setdefault(message.chat, asyncio.Lock()):
            return await self.envelope.reply_to(turn)

    def forget(self, chat: str) -> None:
        """End a chat: what was remembered of it is gone."""
        self.chats.forget(chat)
