"""Reads PDF, DOCX, HTML and text files into sections. Says clearly where a file cannot be read."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import docx
import pypdf
from bs4 import BeautifulSoup
from docx.opc.exceptions import PackageNotFoundError
from pypdf.errors import PyPdfError

from bot.errors import DocumentError

MOST_BYTES = 20_000_000
MOST_CHARACTERS = 1_000_000  # of text; a longer one is no safeguarding document
_FEWEST_CHARACTERS = 40  # of text on a page of a PDF that is no scan
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6", "title")
_BLOCKS = (*_HEADINGS, "p", "li", "td", "th", "dt", "dd", "blockquote", "pre")
_LONGEST_HEADING = 80
_ENDS = re.compile(r"[.!?:;,]$")


@dataclass(frozen=True)
class Section:
    """A heading and the paragraphs below it; both as the document has them."""

    heading: str
    paragraphs: tuple[str, ...]


def read_document(path: Path) -> list[Section]:
    """The sections of a file, by the end of its name: .pdf, .docx, .html, .htm, .txt, .md.

    Raises:
        DocumentError: It is missing, of another kind, too large, encrypted, a scan, empty or
            damaged; the message says what to do.
    """
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        kinds = ", ".join(_READERS)
        raise DocumentError("document.kind", f"{path}: not one of {kinds}; save it as one of them.")
    try:
        size = path.stat().st_size
    except OSError as error:
        raise DocumentError("document.missing", f"{path} cannot be opened: {error}.") from error
    if size > MOST_BYTES:
        limit = f"{MOST_BYTES // 1_000_000} MB"
        message = f"{path}: larger than {limit}; save it without pictures, or split it."
        raise DocumentError("document.large", message)
    lines = list(_limited(path, reader(path)))
    sections = list(_sections(lines))
    if not sections:
        message = f"{path}: there is no text in it. Check that it is the right file."
        raise DocumentError("document.empty", message)
    return sections


def _limited(path: Path, lines: Iterator[tuple[bool, str]]) -> Iterator[tuple[bool, str]]:
    """The lines, up to a limit: a small file may unpack to an endless one."""
    total = 0
    for heading, line in lines:
        total += len(line)
        if total > MOST_CHARACTERS:
            message = f"{path}: more than {MOST_CHARACTERS:,} characters of text; split it."
            raise DocumentError("document.large", message)
        yield heading, line


def _sections(lines: list[tuple[bool, str]]) -> Iterator[Section]:
    heading, paragraphs = "", list[str]()
    for is_heading, line in lines:
        text = " ".join(line.split())
        if not text:
            continue
        if is_heading:
            if paragraphs:
                yield Section(heading, tuple(paragraphs))
            heading, paragraphs = text, []
        else:
            paragraphs.append(text)
    if paragraphs:
        yield Section(heading, tuple(paragraphs))


def _pdf(path: Path) -> Iterator[tuple[bool, str]]:
    try:
        document = pypdf.PdfReader(path)
        if document.is_encrypted:
            message = f"{path}: it is locked with a password; save it without one."
            raise DocumentError("document.encrypted", message)
        pages = [page.extract_text() for page in document.pages]
    except (PyPdfError, ValueError, KeyError, TypeError, RecursionError, OSError) as error:
        raise _damaged(path) from error
    if pages and sum(map(len, pages)) < _FEWEST_CHARACTERS * len(pages):
        message = f"{path}: hardly any text, so it is most likely a scan; make a text of it first."
        raise DocumentError("document.scan", message)
    for page in pages:
        yield from _plain(page)


def _docx(path: Path) -> Iterator[tuple[bool, str]]:
    try:
        document = docx.Document(str(path))
        unpacked = sum(item.file_size for item in zipfile.ZipFile(path).infolist())
    except (PackageNotFoundError, zipfile.BadZipFile, ValueError, KeyError, OSError) as error:
        raise _damaged(path) from error
    if unpacked > 10 * MOST_BYTES:
        message = f"{path}: it unpacks to far more than a document holds; save it anew."
        raise DocumentError("document.large", message)
    for paragraph in document.paragraphs:
        style = paragraph.style.name if paragraph.style is not None else ""
        yield (style or "").startswith(("Heading", "Title")), paragraph.text
    for table in document.tables:
        for row in table.rows:
            yield False, " | ".join(cell.text for cell in row.cells)


def _html(path: Path) -> Iterator[tuple[bool, str]]:
    soup = BeautifulSoup(path.read_bytes(), "html.parser")
    for hidden in soup(["script", "style", "noscript", "template"]):
        hidden.decompose()
    for block in soup.find_all(_BLOCKS):
        if block.find(_BLOCKS) is None:
            yield block.name in _HEADINGS, block.get_text(" ")


def _text(path: Path) -> Iterator[tuple[bool, str]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        message = f"{path}: not UTF-8 text; save it with that encoding."
        raise DocumentError("document.encoding", message) from error
    yield from _plain(text)


def _plain(text: str) -> Iterator[tuple[bool, str]]:
    """Lines; a short one that ends like no sentence, before a longer one, counts as a heading."""
    lines = [line.strip() for line in text.splitlines()]
    for i, line in enumerate(lines):
        after = next((later for later in lines[i + 1 :] if later), "")
        short = 0 < len(line) <= _LONGEST_HEADING and not _ENDS.search(line)
        alone = i == 0 or not lines[i - 1]
        is_item = line[:1] in "-*•"
        marked = line.startswith("#")
        yield (
            marked or (short and alone and not is_item and len(after) > len(line)),
            line.lstrip("# "),
        )


def _damaged(path: Path) -> DocumentError:
    message = f"{path}: it cannot be read as {path.suffix}; open it, save it again, and try that."
    return DocumentError("document.damaged", message)


_READERS: dict[str, Callable[[Path], Iterator[tuple[bool, str]]]] = {
    ".pdf": _pdf,
    ".docx": _docx,
    ".html": _html,
    ".htm": _html,
    ".txt": _text,
    ".md": _text,
}
