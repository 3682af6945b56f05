"""README, SAFETY and CONTRIBUTING name only what exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from bot.commands import COMMANDS
from bot.content.school import Route
from bot.settings import ROOT, Settings

DOCUMENTS = ("README.md", "SAFETY.md", "CONTRIBUTING.md", "CHANGELOG.md")
# Made by set-up and training, or typed by a reader.
MADE = (".venv", "models/", "content/signals/<category>.yml", "content/answers/<topic>.yml",
        "data/nlu/<topic>.yml", "bot/channels/<name>.py")  # fmt: skip


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def test_every_test_that_safety_names_exists() -> None:
    written = set()
    for path in (ROOT / "tests").glob("test_*.py"):
        written |= set(re.findall(r"def (test_\w+)", path.read_text(encoding="utf-8")))

    named = set(re.findall(r"`(test_\w+)`", text_of("SAFETY.md")))

    assert len(named) >= 30
    assert named - written == set()


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_path_that_a_document_names_exists(name: str) -> None:
    paths = set(
        re.findall(r"`((?:[\w.<>-]+/)+[\w.<>-]*|[\w-]+\.(?:py|md|yml|txt|in))`", text_of(name))
    )

    missing = [path for path in paths if not path.startswith(MADE) and not found(path)]

    assert missing == []


def found(path: str) -> bool:
    """Whether a path exists from the root or, named beside its folder, somewhere in content/."""
    return (ROOT / path).exists() or any((ROOT / "content").rglob(Path(path).name))


def test_documents_name_paths_at_all() -> None:
    assert all("`" in text_of(name) for name in DOCUMENTS)


def test_readme_names_every_setting() -> None:
    names = {f"ASKSAFE_{field.upper()}" for field in Settings.__dataclass_fields__}

    assert {name for name in names if name not in text_of("README.md")} == set()


def test_readme_names_every_command() -> None:
    assert len(COMMANDS) >= 5
    for command in COMMANDS:
        assert f"python -m bot {command} " in text_of("README.md")


def test_contributing_names_the_keys_of_a_route_that_may_be_left_out() -> None:
    _, _, recipe = text_of("CONTRIBUTING.md").partition("## Change or add a route")
    said = re.search(r"every key is required but (.+?);", recipe, re.DOTALL)
    optional = {name for name, field in Route.__fields__.items() if not field.required}

    assert said
    assert set(re.findall(r"`(\w+)`", said[1])) == optional


def test_contributing_names_the_keys_of_a_route_that_take_no_unknown() -> None:
    _, _, recipe = text_of("CONTRIBUTING.md").partition("## Change or add a route")
    said = re.search(r"but not\s+in (.+?):", recipe, re.DOTALL)
    routes = yaml.safe_load((ROOT / "content" / "school.yml").read_text(encoding="utf-8"))["routes"]
    refusing = {
        name for name in routes[0] if refuses({**routes[0], name: "unknown"}) and name != "years"
    }

    assert said
    assert set(re.findall(r"`(\w+)`", said[1])) == refusing


def refuses(route: dict[str, object]) -> bool:
    try:
        Route.parse_obj(route)
    except ValueError:
        return True
    return False


@pytest.mark.parametrize("target", ["run", "test"])
def test_readme_s_two_commands_are_targets(target: str) -> None:
    assert f"\n{target}:" in text_of("Makefile")
    assert f"make {target}" in text_of("README.md")
