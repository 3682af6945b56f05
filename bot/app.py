"""Puts AskSafe together: settings → content → spotter → brain → envelope → conversations."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from bot.brain import RasaBrain
from bot.chat import Chats
from bot.content.library import Content, load_content
from bot.conversation import Conversations
from bot.envelope import Envelope
from bot.errors import ModelError
from bot.hours import LONDON
from bot.model import Brain, Choice
from bot.settings import Settings
from bot.spotting.classifier import Classifier, NoClassifier, load_classifier
from bot.spotting.spotter import Spotter
from bot.training import model_path

logger = logging.getLogger(__name__)


@dataclass
class NoBrain:
    """Stands where no trained model can be used: answers nothing, and people stay reachable."""

    reason: ModelError

    async def ready(self) -> None:
        """Nothing is loading.

        Raises:
            ModelError: Always, with the reason.
        """
        raise self.reason

    async def choose(self, text: str, chat: str) -> Choice:
        """Choose nothing.

        Raises:
            ModelError: Always, with the reason.
        """
        raise self.reason


def london_now() -> datetime:
    """The moment, in London."""
    return datetime.now(LONDON)


def load_brain(settings: Settings) -> RasaBrain | NoBrain:
    """Start loading the trained model; where it is missing or damaged, `ready` says so."""
    try:
        return RasaBrain(model_path(settings.models), settings.brain_seconds)
    except ModelError as error:
        return NoBrain(error)


def load_spotter(settings: Settings, content: Content) -> Spotter:
    """The spotter with all rules and the classifier; without that, every reply says so.

    Raises:
        ContentError: When a phrase does not compile.
    """
    classifier: Classifier | NoClassifier
    try:
        classifier = load_classifier(settings.models / "classifier")
    except ModelError as error:
        logger.error("spotter.rules_only code=%s: %s", error.code, error)
        classifier = NoClassifier()
    return Spotter(content.signals, settings.most_characters, classifier)


def build(
    settings: Settings,
    *,
    brain: Brain,
    content: Content | None = None,
    spotter: Spotter | None = None,
    clock: Callable[[], datetime] = london_now,
) -> Conversations:
    """Everything below a channel.

    Args:
        settings: How this process runs.
        brain: What chooses answer cards.
        content: Loaded from the settings' folder if not given.
        spotter: Made from the content if not given.
        clock: The moment, with a time zone.

    Raises:
        ContentError: When content does not validate. Nothing starts then.
    """
    content = content or load_content(settings.content)
    return Conversations(
        content=content,
        spotter=spotter or load_spotter(settings, content),
        brain=brain,
        chats=Chats(settings.most_chats, settings.idle_minutes * 60, time.monotonic),
        envelope=Envelope(content, clock, settings.turn_seconds),
    )
