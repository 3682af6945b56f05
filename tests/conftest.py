"""Fixtures, all in one place: content that is small enough to load for every run."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from bot.chat import Chats
from bot.content.library import Content, load_content
from bot.conversation import Conversations
from bot.envelope import Envelope
from bot.hours import LONDON
from bot.model import Brain
from bot.settings import ROOT
from bot.spotting.classifier import load_classifier
from bot.spotting.spotter import Spotter
from bot.turn import Spots
from tests.fakes import FakeBrain, FakeSpotter, write_small_signals

# A shared or slow machine must not make a property fail; fixtures used with one hold no state.
settings.register_profile(
    "asksafe", deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
settings.load_profile("asksafe")

MONDAY_EVENING = datetime(2026, 11, 23, 19, 30, tzinfo=LONDON)


@pytest.fixture(scope="session")
def content_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The real content/ with small signals. Do not write to it; `own_content` is for that."""
    folder = tmp_path_factory.mktemp("small") / "content"
    shutil.copytree(ROOT / "content", folder, ignore=shutil.ignore_patterns("signals"))
    write_small_signals(folder / "signals")
    return folder


@pytest.fixture
def own_content(content_folder: Path, tmp_path: Path) -> Path:
    """A copy of the small content that a test may break."""
    return Path(shutil.copytree(content_folder, tmp_path / "content"))


@pytest.fixture(scope="session")
def content(content_folder: Path) -> Content:
    """The small content, loaded."""
    return load_content(content_folder)


@pytest.fixture(scope="session")
def spotter(content: Content) -> Spotter:
    """The spotter with the small rules."""
    return Spotter(content.signals, 5_000)


@pytest.fixture
def make_conversations(content: Content) -> Callable[..., Conversations]:
    """Makes conversations of given parts; a part that is not given works and is quick."""

    def make(
        *,
        spotter: Spots | None = None,
        brain: Brain | None = None,
        content: Content = content,
        clock: Callable[[], datetime] = lambda: MONDAY_EVENING,
        chats: Chats | None = None,
        limit: float = 5.0,
    ) -> Conversations:
        return Conversations(
            content=content,
            spotter=spotter or FakeSpotter(),
            brain=brain or FakeBrain(),
            chats=Chats(100, 600, lambda: 0.0) if chats is None else chats,
            envelope=Envelope(content, clock, limit),
        )

    return make


@pytest.fixture(scope="session")
def school_content() -> Content:
    """All of content/ as the school has it, signals too."""
    return load_content(ROOT / "content")


@pytest.fixture(scope="session")
def school_spotter(school_content: Content) -> Spotter:
    """The spotter as it runs: with all of the school's rules, and the classifier."""
    return Spotter(school_content.signals, 5_000, load_classifier())
