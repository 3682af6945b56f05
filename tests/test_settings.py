"""Settings from the environment: each one read, each wrong one refused with a sentence."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, fields
from pathlib import Path

import pytest

from bot.errors import SettingsError
from bot.settings import ROOT, Settings, load_settings

TAKEN: list[tuple[str, str, object]] = [
    ("ASKSAFE_CONTENT", "/some/where", Path("/some/where")),
    ("ASKSAFE_MODELS", "a folder", Path("a folder")),
    ("ASKSAFE_TURN_SECONDS", "12.5", 12.5),
    ("ASKSAFE_BRAIN_SECONDS", "2", 2.0),
    ("ASKSAFE_READY_SECONDS", "60", 60.0),
    ("ASKSAFE_MOST_CHATS", "10", 10),
    ("ASKSAFE_IDLE_MINUTES", "0.5", 0.5),
    ("ASKSAFE_MOST_CHARACTERS", " 100 ", 100),
    ("ASKSAFE_DEBUG", "1", True),
    ("ASKSAFE_DEBUG", "TRUE", True),
    ("ASKSAFE_DEBUG", "0", False),
    ("ASKSAFE_DEBUG", "false", False),
]


def test_settings_have_defaults_that_need_nothing_set() -> None:
    settings = load_settings({})

    assert settings == Settings()
    assert settings.content == ROOT / "content"
    assert (settings.content / "school.yml").is_file()
    assert settings.models == ROOT / "models"
    assert settings.brain_seconds < settings.turn_seconds
    assert settings.debug is False


@pytest.mark.parametrize(("key", "value", "expected"), TAKEN)
def test_settings_take_a_value_from_the_environment(key: str, value: str, expected: object) -> None:
    settings = load_settings({key: value})

    found = getattr(settings, key.removeprefix("ASKSAFE_").lower())
    assert found == expected
    assert type(found) is type(expected) or isinstance(expected, Path)


def test_settings_table_covers_every_setting() -> None:
    assert {key for key, _, _ in TAKEN} == {
        f"ASKSAFE_{field.name.upper()}" for field in fields(Settings)
    }


@pytest.mark.parametrize(
    "environment",
    [{"PATH": "/bin"}, {"asksafe_debug": "x"}, {"MY_ASKSAFE_FOO": "1"}, {"ASKSAFE": "1"}],
)
def test_settings_ignore_what_is_not_theirs(environment: dict[str, str]) -> None:
    assert load_settings(environment) == Settings()


@pytest.mark.parametrize(
    "key", ["ASKSAFE_FOO", "ASKSAFE_", "ASKSAFE_CONTENTS", "ASKSAFE___CLASS__"]
)
def test_settings_refuse_an_unknown_name_and_list_the_known(key: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings({key: "1"})

    assert caught.value.code == "settings.unknown"
    assert str(caught.value).startswith(f"{key} is no setting; there are ")
    for field in fields(Settings):
        assert f"ASKSAFE_{field.name.upper()}" in str(caught.value)


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("ASKSAFE_TURN_SECONDS", "soon", "write a number, not 'soon'"),
        ("ASKSAFE_TURN_SECONDS", "", "write a number, not ''"),
        ("ASKSAFE_TURN_SECONDS", "0", "write a number above 0"),
        ("ASKSAFE_TURN_SECONDS", "-1", "write a number above 0"),
        ("ASKSAFE_TURN_SECONDS", "nan", "write a number above 0"),
        ("ASKSAFE_TURN_SECONDS", "inf", "write a number"),
        ("ASKSAFE_IDLE_MINUTES", "inf", "write a number"),
        ("ASKSAFE_MOST_CHATS", "2.5", "write a number, not '2.5'"),
        ("ASKSAFE_MOST_CHATS", "0", "write a number above 0"),
        ("ASKSAFE_MOST_CHARACTERS", "all", "write a number, not 'all'"),
        ("ASKSAFE_DEBUG", "yes", "write 1 or 0, not 'yes'"),
        ("ASKSAFE_DEBUG", "", "write 1 or 0, not ''"),
    ],
)
def test_settings_refuse_a_value_and_say_what_to_write(key: str, value: str, words: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings({key: value})

    assert caught.value.code == "settings.value"
    assert str(caught.value).startswith(f"{key}: ")
    assert words in str(caught.value)


@pytest.mark.parametrize(("turn", "brain"), [("5", "5"), ("5", "6"), ("1", "5.0")])
def test_settings_refuse_a_brain_that_may_outlast_its_turn(turn: str, brain: str) -> None:
    with pytest.raises(
        SettingsError, match="BRAIN_SECONDS must be less than ASKSAFE_TURN"
    ) as caught:
        load_settings({"ASKSAFE_TURN_SECONDS": turn, "ASKSAFE_BRAIN_SECONDS": brain})

    assert caught.value.code == "settings.seconds"


def test_settings_cannot_be_changed_while_asksafe_runs() -> None:
    settings = load_settings({})

    with pytest.raises(FrozenInstanceError):
        settings.debug = True  # type: ignore[misc]  # that is what is tested
