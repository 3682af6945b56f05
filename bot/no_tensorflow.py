"""Lets Rasa be imported without TensorFlow, for a process that only answers.

Rasa 3.6 imports TensorFlow for components that our pipeline does not have (config.yml): 350 MB and
half of the start-up time for nothing. This puts an empty stand-in in its place, and in that of what
only Rasa's channels and tracker stores need, while rasa is imported. Training imports the real
ones. A stand-in that is used after that raises, so a pipeline that does need TensorFlow fails at
load, loudly, and not in a reply.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

from bot.errors import ModelError

_TENSORFLOW = ("tensorflow", "tensorflow_addons", "tensorflow_text", "tensorflow_hub", "keras")
# What only Rasa's own channels and tracker stores use, and AskSafe never: a sixth of the import.
_CHANNELS = ("aiogram", "slack_sdk", "twilio", "webexteamssdk", "socketio")
_STORES = ("boto3", "pymongo")
_ABSENT = (*_TENSORFLOW, *_CHANNELS, *_STORES)
_importing = False


class _Meta(type):
    """Classes with every attribute: `tf.keras.layers.Layer` can be subclassed and annotated."""

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _StandIn

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        if not _importing:
            raise ModelError("model.tensorflow", "The pipeline in config.yml needs TensorFlow.")
        return super().__call__(*args, **kwargs)


class _StandIn(metaclass=_Meta):
    """Whatever Rasa looks up in TensorFlow while it is imported."""

    def __init__(self, *_: Any, **__: Any) -> None:
        """Take any arguments."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _StandIn

    def __call__(self, *_: Any, **__: Any) -> Any:
        """As a decorator: a function that must never run."""
        return _StandIn()


class _Module(ModuleType):
    """A module of which every name exists."""

    __version__ = "2.12.0"

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _StandIn


class _Finder(MetaPathFinder, Loader):
    """Finds the stand-in for TensorFlow and everything below it."""

    def find_spec(self, fullname: str, path: object, target: object = None) -> ModuleSpec | None:
        """A spec for the names that are to be absent."""
        if fullname.partition(".")[0] in _ABSENT:
            return ModuleSpec(fullname, self, is_package=True)
        return None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """An empty module."""
        module = _Module(spec.name)
        module.__path__ = []
        return module

    def exec_module(self, module: ModuleType) -> None:
        """Nothing to run."""


@contextmanager
def without_tensorflow() -> Iterator[None]:
    """Serve the stand-in to imports inside this block, unless TensorFlow is already loaded."""
    global _importing
    if not isinstance(sys.modules.get("tensorflow", _Module("")), _Module):
        yield
        return
    finder = _Finder()
    sys.meta_path.insert(0, finder)
    _importing = True
    try:
        yield
    finally:
        _importing = False
        sys.meta_path.remove(finder)
