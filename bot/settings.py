"""Settings from the environment, all optional, each checked before anything starts."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from bot.errors import SettingsError

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Settings:
    """How this process runs.

    Attributes:
        content: Folder with everything a student can read.
        models: Folder with the trained model and the encoder.
        turn_seconds: A turn that takes longer gets the reply of last resort.
        brain_seconds: How long a turn waits for Rasa; less than `turn_seconds`.
        ready_seconds: How long a command waits for the model to load before it goes on without.
        most_chats: Chats remembered at most; `batch` remembers all of its input's.
        idle_minutes: After this an idle chat is forgotten; in `batch` none is.
        most_characters: A message is read up to here; beyond, it counts as not read in full.
        debug: Log lines at debug level. They still hold no word of a student.
    """

    content: Path = ROOT / "content"
    models: Path = ROOT / "models"
    turn_seconds: float = 8.0
    brain_seconds: float = 5.0
    ready_seconds: float = 120.0
    most_chats: int = 2_000
    idle_minutes: float = 30.0
    most_characters: int = 10_000
    debug: bool = False


def load_settings(environment: Mapping[str, str]) -> Settings:
    """Read ASKSAFE_CONTENT, ASKSAFE_MODELS, ASKSAFE_TURN_SECONDS and so on.

    Args:
        environment: Usually os.environ.

    Raises:
        SettingsError: On an unknown ASKSAFE_ name or a value of the wrong kind.
    """
    values: dict[str, Any] = {}
    fields = Settings.__dataclass_fields__
    for key, raw in environment.items():
        if not key.startswith("ASKSAFE_"):
            continue
        name = key.removeprefix("ASKSAFE_").lower()
        if name not in fields:
            allowed = ", ".join(f"ASKSAFE_{field.upper()}" for field in fields)
            raise SettingsError("settings.unknown", f"{key} is no setting; there are {allowed}.")
        values[name] = _cast(key, raw, type(getattr(Settings, name)))
    settings = replace(Settings(), **values)
    if settings.brain_seconds >= settings.turn_seconds:
        message = "ASKSAFE_BRAIN_SECONDS must be less than ASKSAFE_TURN_SECONDS."
        raise SettingsError("settings.seconds", message)
    return settings


def _cast(key: str, raw: str, kind: type[Any]) -> Any:
    if kind is bool:
        if raw.lower() not in ("0", "1", "true", "false"):
            raise SettingsError("settings.value", f"{key}: write 1 or 0, not '{raw}'.")
        return raw.lower() in ("1", "true")
    if issubclass(kind, Path):
        return Path(raw)
    try:
        number = kind(raw)
    except ValueError as error:
        message = f"{key}: write a number, not '{raw}'."
        raise SettingsError("settings.value", message) from error
    if not 0 < number < math.inf:
        raise SettingsError("settings.value", f"{key}: write a number above 0, not '{raw}'.")
    return number
