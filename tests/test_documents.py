"""A school's own documents: read with care, drafted for a person, and never live by themselves."""

import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

import docx
import pytest
import yaml
from pypdf import PdfWriter

from bot.content.files import read
from bot.content.library import Content
from bot.content.words import DocumentFile
from bot.documents import reading
from bot.documents.drafting import draft
from bot.documents.reading import read_document
from bot.errors import ContentError, DocumentError

TODAY = date(2026, 11, 23)
TEXT = """\
Who to go to

Ms James leads the team. Call the council on 01454 866999 or write to help@school.example.uk.

Some numbers

- 80% of parents hand a device to their children without first setting up parental controls.
- The text line is for texts from Monday to Friday, 2:00pm to 4:00pm.
"""


def one_page_pdf(words: str) -> bytes:
    """A PDF of one page with these words, as small as can be."""
    stream = f"BT /F1 12 Tf 20 700 Td ({words}) Tj ET".encode()
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 5 0 R "
        b"/Resources << /Font << /F1 4 0 R >> >> >>",
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
    ]
    file, places = b"%PDF-1.4\n", []
    for number, held in enumerate(objects, 1):
        places.append(len(file))
        file += b"%d 0 obj\n%s\nendobj\n" % (number, held)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    start = len(file)
    file += b"xref\n0 6\n0000000000 65535 f \n" + table
    return file + b"trailer << /Size 6 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % start


def pdf(path: Path) -> None:
    path.write_bytes(
        one_page_pdf("Ms James leads the team. Call the council on 01454 866999 today.")
    )


def word(path: Path) -> None:
    document = docx.Document()
    document.add_heading("Who to go to")
    document.add_paragraph("Ms James leads the team. Call the council on 01454 866999 today.")
    document.add_table(1, 2).cell(0, 0).text = "The text line"
    document.save(str(path))


def page(path: Path) -> None:
    path.write_text(
        "<html><head><title>School</title><style>p {}</style></head><body><h2>Who to go to</h2>"
        "<p>Ms James leads the team. Call the council on 01454 866999 today.</p>"
        "<script>alert('no text')</script></body></html>",
        encoding="utf-8",
    )


def text(path: Path) -> None:
    path.write_text(TEXT, encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "write"),
    [("page.pdf", pdf), ("page.docx", word), ("page.html", page), ("page.txt", text)],
)
def test_each_kind_of_file_gives_its_text(
    tmp_path: Path, name: str, write: Callable[[Path], None]
) -> None:
    write(tmp_path / name)

    sections = read_document(tmp_path / name)

    said = " ".join(paragraph for section in sections for paragraph in section.paragraphs)
    assert "Ms James leads the team. Call the council on 01454 866999" in said
    assert "alert" not in said
    if not name.endswith(".pdf"):
        assert sections[0].heading == "Who to go to"


def locked_pdf(path: Path) -> None:
    writer = PdfWriter()
    writer.add_blank_page(100, 100)
    writer.encrypt("secret", algorithm="RC4-128")
    writer.write(path)


def scanned_pdf(path: Path) -> None:
    writer = PdfWriter()
    writer.add_blank_page(100, 100)
    writer.write(path)


def no_word(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("hello.txt", "no document")


@pytest.mark.parametrize(
    ("name", "write", "code"),
    [
        ("locked.pdf", locked_pdf, "document.encrypted"),
        ("scan.pdf", scanned_pdf, "document.scan"),
        ("broken.pdf", lambda path: path.write_bytes(b"%PDF-1.4 broken"), "document.damaged"),
        ("broken.docx", lambda path: path.write_bytes(b"PK broken"), "document.damaged"),
        ("other.docx", no_word, "document.damaged"),
        ("empty.txt", lambda path: path.write_bytes(b""), "document.empty"),
        ("empty.html", lambda path: path.write_text("<script>x</script>"), "document.empty"),
        ("odd.txt", lambda path: path.write_bytes(b"caf\xe9"), "document.encoding"),
        ("sheet.xlsx", lambda path: path.write_bytes(b"x"), "document.kind"),
        ("missing.pdf", lambda path: None, "document.missing"),
    ],
)
def test_a_file_that_cannot_be_read_gets_a_clear_error(
    tmp_path: Path, name: str, write: Callable[[Path], object], code: str
) -> None:
    write(tmp_path / name)

    with pytest.raises(DocumentError) as caught:
        read_document(tmp_path / name)

    assert caught.value.code == code
    assert name in str(caught.value)


@pytest.mark.parametrize("limit", ["MOST_BYTES", "MOST_CHARACTERS"])
def test_a_huge_file_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    monkeypatch.setattr(reading, limit, 20)
    text(tmp_path / "long.txt")

    with pytest.raises(DocumentError) as caught:
        read_document(tmp_path / "long.txt")

    assert caught.value.code == "document.large"


def drafted(tmp_path: Path, content: Content) -> str:
    path = tmp_path / "School page 2.txt"
    text(path)
    return draft(path, read_document(path), content, TODAY)


def test_a_draft_holds_every_sentence_with_its_section_and_figures(
    tmp_path: Path, content: Content
) -> None:
    body = yaml.safe_load(drafted(tmp_path, content))

    assert body["document"] == "schoolpage"
    assert [fact["section"] for fact in body["facts"]] == ["Who to go to"] * 2 + [
        "Some numbers"
    ] * 2
    assert body["facts"][2]["fact"].startswith("80% of parents")
    assert body["facts"][2]["figures"] == ["80%"]
    assert body["facts"][3]["figures"] == ["2:00pm", "4:00pm"]


def test_a_draft_says_what_is_undated_new_and_contradicts_what_is_there(
    tmp_path: Path, content: Content
) -> None:
    notes = [line for line in drafted(tmp_path, content).splitlines() if line.startswith("# ")]

    said = "\n".join(notes)
    assert "UNDATED: the document names no date" in said
    assert "UNDATED FIGURE in schoolpage.fact_3" in said
    assert "the number 01454 866999 is NOT in school.yml" in said
    assert "the address help@school.example.uk is NOT in school.yml" in said
    assert "CONTRADICTS? schoolpage.fact_3 and page.figure_parental_controls" in said
    assert "CONTRADICTS? schoolpage.fact_4 and page.text_line_hours" in said


def test_a_draft_cannot_go_live_by_itself(tmp_path: Path, content: Content) -> None:
    path = tmp_path / "draft.yml"
    path.write_text(drafted(tmp_path, content), encoding="utf-8")

    with pytest.raises(ContentError, match="schema"):
        read(path, DocumentFile)
