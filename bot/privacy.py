"""Keeps what students type out of every log, and every dependency from calling home.

`quieten` must run before rasa is imported: Rasa reads its telemetry switch and sets up its
loggers at import. At debug level Rasa, spaCy and httpx print message texts, tokens and addresses.
"""

from __future__ import annotations

import logging
import os
import sys
import threading
import warnings
from typing import Any

_SWITCHES = {
    "RASA_TELEMETRY_ENABLED": "false",
    "SENTRY_DSN": "",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "TF_ENABLE_ONEDNN_OPTS": "0",
    "CUDA_VISIBLE_DEVICES": "-1",
    "HF_HUB_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "TOKENIZERS_PARALLELISM": "false",
    "DO_NOT_TRACK": "1",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
}
_OURS = ("bot", "actions")
_told: set[str] = set()


class OnlyCodes(logging.Filter):
    """Lets our own records through; of any other library only its name, level and place."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Withhold a foreign text and every traceback; drop what is no news.

        That is a foreign record below a warning, and one of ours with a code that was told.
        """
        _withhold(record)
        if record.name.partition(".")[0] not in _OURS:
            return record.levelno >= logging.WARNING
        return _told.isdisjoint(arg for arg in record.args or () if isinstance(arg, str))


def told(code: str) -> None:
    """Log no more lines with the code of a fault that lasts and was told in a sentence.

    Without a model each message would log again that there is none.
    """
    _told.add(code)


def _withhold(record: logging.LogRecord) -> None:
    if record.name.partition(".")[0] not in _OURS:
        record.msg, record.args = "%s:%d (its text is withheld)", (record.module, record.lineno)
    # A traceback ends with an error's message, which may quote the student.
    record.exc_info = record.exc_text = record.stack_info = None


def _make_record(*args: Any, **kwargs: Any) -> logging.LogRecord:
    """For libraries that bring handlers of their own, such as spaCy."""
    record = logging.LogRecord(*args, **kwargs)
    _withhold(record)
    return record


def _uncaught(kind: type[BaseException], place: str) -> None:
    sys.stderr.write(f"AskSafe: an uncaught {kind.__name__} {place}; its text is withheld.\n")


def quieten(*, debug: bool = False) -> None:
    """Switch off telemetry, crash reports and chatter; set up our own log on standard error.

    Args:
        debug: Show our own debug lines too. Other libraries stay at warnings without text.
    """
    os.environ.update(_SWITCHES)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    handler.addFilter(OnlyCodes())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    for name in _OURS:
        logging.getLogger(name).setLevel(logging.DEBUG if debug else logging.WARNING)
    logging.raiseExceptions = False
    logging.setLogRecordFactory(_make_record)
    sys.excepthook = lambda kind, *_: _uncaught(kind, "ended the program")
    threading.excepthook = lambda args: _uncaught(args.exc_type, "ended a thread")
    sys.unraisablehook = lambda args: _uncaught(args.exc_type, "was passed over")
    # Rasa resets warning filters when it is imported, so they are not shown at all.
    warnings.showwarning = _no_warning


def _no_warning(*_: object, **__: object) -> None:
    """Show nothing: a warning may hold the text it warns about."""


def silence_structlog() -> None:
    """Make structlog, which Rasa logs message texts with, drop everything. Call after importing it.

    Rasa sets structlog up when its own command line starts; in our process nobody else does.
    """
    import structlog  # noqa: PLC0415 (rasa's dependency; without rasa it is not needed)

    def drop(*_: object) -> str:
        raise structlog.DropEvent

    structlog.configure(processors=[drop], cache_logger_on_first_use=False)
