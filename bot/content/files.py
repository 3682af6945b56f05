"""Reads one YAML file of content/ into a strict record, or says which line to mend.

Nothing else in AskSafe opens a content file. Errors name file, line, key and what is allowed,
because the person who reads them edits words, not code.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Generic, TypeVar

import yaml
from pydantic import BaseModel, Extra, ValidationError
from pydantic.fields import ModelField

from bot.errors import ContentError

Loc = tuple[int | str, ...]


class Record(BaseModel):
    """Base of all content records: frozen, and an unknown key is an error."""

    class Config:
        """Settings that pydantic 1 reads."""

        extra = Extra.forbid
        frozen = True
        anystr_strip_whitespace = True


class File(Record):
    """A whole content file; `schema: 1` stands on top of each."""

    schema_: int

    class Config:
        """Settings that pydantic 1 reads."""

        fields = {"schema_": "schema"}  # noqa: RUF012 (pydantic 1 wants a plain dict)


FileT = TypeVar("FileT", bound=File)


@dataclass(frozen=True)
class Loaded(Generic[FileT]):
    """A validated file together with where it came from."""

    path: Path
    text: str
    data: FileT

    def error(self, code: str, loc: Loc, message: str) -> ContentError:
        """An error that points at `loc` (keys and list positions) in this file."""
        return _error(code, self.path, self.text, loc, message)


class _Loader(yaml.CSafeLoader):
    """YAML 1.2 scalars (15:00 and 0117 stay text, `no` is a word); a key given twice is refused."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 (the library's own form)


_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"), list("tf"))
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:null", re.compile(r"^(?:~|null|)$"), ["~", "n", ""]
)
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:int", re.compile(r"^(?:0|-?[1-9][0-9]*)$"), list("-0123456789")
)


def _mapping(loader: _Loader, node: yaml.MappingNode) -> dict[Hashable, Any]:
    keys: set[Hashable] = set()
    for key_node, _ in node.value:
        key = loader.construct_object(key_node, deep=True)
        if not isinstance(key, Hashable):
            raise yaml.constructor.ConstructorError(
                None, None, "a key is no plain text; put it in quotes", key_node.start_mark
            )
        if key in keys:
            raise yaml.constructor.ConstructorError(
                None, None, f"the key '{key}' stands here twice; keep one", key_node.start_mark
            )
        keys.add(key)
    loader.flatten_mapping(node)
    return {
        loader.construct_object(k, deep=True): loader.construct_object(v, deep=True)
        for k, v in node.value
    }


_Loader.add_constructor("tag:yaml.org,2002:map", _mapping)


def calendar_date(value: object) -> object:
    """Refuse what pydantic would take for seconds since 1970, for its date fields.

    Raises:
        ValueError: When the value is no date written as 2027-09-01.
    """
    if not isinstance(value, date) and not re.fullmatch(r"\d{4}-\d{2}-\d{2}", str(value)):
        raise ValueError("write a date as 2027-09-01")
    return value


def read(path: Path, kind: type[FileT]) -> Loaded[FileT]:
    """Read and validate one file.

    Args:
        path: The file.
        kind: The record it must hold.

    Raises:
        ContentError: When it is missing, is not UTF-8 YAML, or breaks its schema.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        message = (
            f"{path}: this file cannot be read or is missing; AskSafe cannot start without it."
        )
        raise ContentError("content.missing", message) from error
    except UnicodeDecodeError as error:
        message = f"{path}: this file is not UTF-8 text; save it as UTF-8."
        raise ContentError("content.encoding", message) from error
    try:
        raw = yaml.load(text, Loader=_Loader)  # noqa: S506 (a subclass of the safe loader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        message = f"{path}, line {line}: {error.problem}. Check indents, colons and quotes there."
        raise ContentError("content.yaml", message) from error
    except yaml.YAMLError as error:
        message = f"{path}: this is not readable YAML; a character in it is not allowed."
        raise ContentError("content.yaml", message) from error
    if not isinstance(raw, dict):
        message = f"{path}, line 1: the file must hold keys; allowed: {_allowed(kind)}."
        raise ContentError("content.shape", message)
    try:
        data = kind.parse_obj(raw)
    except ValidationError as error:
        raise _first_problem(path, text, kind, error) from error
    if data.schema_ != 1:
        raise _error("content.schema", path, text, ("schema",), "write 'schema: 1'")
    return Loaded(path, text, data)


def _first_problem(
    path: Path, text: str, kind: type[Record], error: ValidationError
) -> ContentError:
    problem = _deepest(error)
    loc = tuple(part for part in problem["loc"] if part != "__root__")
    key = loc[-1] if loc else "the file"
    if problem["type"] == "value_error.extra":
        allowed = _allowed(_kind_at(kind, loc[:-1]))
        return _error("content.unknown_key", path, text, loc, f"unknown key '{key}'; {allowed}")
    if problem["type"] == "value_error.missing":
        message = f"the key '{key}' is missing; add it"
        return _error("content.missing_key", path, text, loc[:-1], message)
    where = ".".join(str(part) for part in loc)
    return _error("content.value", path, text, loc, f"'{where}': {problem['msg']}")


def _deepest(error: ValidationError) -> dict[str, Any]:
    """The first problem; where a key may hold one of several forms, what is wrong inside it."""
    problems: list[Any] = list(error.errors())
    first = problems[0]["loc"]
    inside = [problem for problem in problems if problem["loc"][: len(first)] == first]
    found: dict[str, Any] = max(inside, key=lambda problem: len(problem["loc"]))
    return found


def _kind_at(kind: type[Record], loc: Loc) -> type[Record]:
    for part in loc:
        found = kind.__fields__.get(str(part)) or kind.__fields__.get(f"{part}_")
        kind = next(_records(found), kind) if found else kind
    return kind


def _records(field: ModelField) -> Iterator[type[Record]]:
    """The kinds of record that a field can hold."""
    if isinstance(field.type_, type) and issubclass(field.type_, Record):
        yield field.type_
    for inner in field.sub_fields or ():
        yield from _records(inner)


def _allowed(kind: type[Record]) -> str:
    return "allowed here: " + ", ".join(sorted(field.alias for field in kind.__fields__.values()))


def _error(code: str, path: Path, text: str, loc: Loc, message: str) -> ContentError:
    return ContentError(code, f"{path}, line {_line(text, loc)}: {message}.")


def _line(text: str, loc: Loc) -> int:
    """Line (from 1) of the deepest node on the way `loc` that exists."""
    node: yaml.Node | None = yaml.compose(text, Loader=yaml.CSafeLoader)
    line = 1
    for part in loc:
        mark, node = _child(node, part)
        if mark is None:
            break
        line = mark.line + 1
    return line


def _child(node: yaml.Node | None, part: int | str) -> tuple[yaml.Mark | None, yaml.Node | None]:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == str(part):
                return key.start_mark, value
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
        return node.value[part].start_mark, node.value[part]
    return None, None
