"""The errors AskSafe raises itself, one class per cause.

A message says what is wrong, where, and what to do next. It never quotes a student: log lines
carry the code and the class only.
"""


class BotError(Exception):
    """Base of all errors raised here.

    Attributes:
        code: Short name to search for, such as `content.unknown_key`.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class SettingsError(BotError):
    """Raised when a setting from the environment cannot be used."""


class ContentError(BotError):
    """Raised when a file in content/ cannot be used; the message names file and line."""


class ModelError(BotError):
    """Raised when a trained model or the encoder is missing, damaged or does not answer."""


class SpotterError(BotError):
    """Raised when the spotter gave no answer that can be used; that is never "safe"."""


class ReplyError(BotError):
    """Raised when a reply would leave without a route to a person."""


class DocumentError(BotError):
    """Raised when a school's own document cannot be read; the message says what to do."""
