"""A Rasa tracker store that keeps nothing.

Rasa's own in-memory store holds every conversation, texts included, until the process ends. Each
message stands alone for Rasa here; what a chat remembers is in bot/chat.py, without any text.
"""

from __future__ import annotations

from rasa.core.tracker_store import InMemoryTrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker


class NoTrackerStore(InMemoryTrackerStore):
    """Begins a new conversation with every message and forgets it with the answer."""

    def __init__(self) -> None:
        """Start with an empty domain; the agent sets its own when it loads a model."""
        super().__init__(Domain.empty())

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Keep nothing."""
