"""Fixtures, all in one place: content that is small enough to load for every run."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from bot.content.library import Content, load_content
from bot.settings import ROOT
from tests.fakes import write_small_signals


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
