"""The report for a clinician as PDF: two A4 pages, by reportlab; the same report gives the same bytes.

The type is DejaVu Sans, which comes with matplotlib: Latin, Greek, Cyrillic and more, embedded as far as it is used.
A letter that it does not have, and one of a script that runs from right to left, which reportlab would put in the
wrong order, is shown as a box, and how many there are is said at the foot.
"""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Iterator, Sequence
from functools import cache
from html import escape
from pathlib import Path

import matplotlib as mpl
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, Frame, KeepInFrame, Paragraph, Spacer, Table, TableStyle

from vigil import __version__
from vigil.recovery.clinician import Fact, Grid, ReportModel, Section

BOX = "\u25af"
"""In the place of a letter that cannot be shown."""

NO_BREAK = "\u00a0"

_TEXT, _BOLD = "VigilText", "VigilBold"
_FILES = {_TEXT: "DejaVuSans.ttf", _BOLD: "DejaVuSans-Bold.ttf"}

MARGIN = 18 * mm
FOOT = 12 * mm
"""Below the margin of the text, for the line at the foot."""

_INK, _FAINT, _LINE = colors.HexColor("#1b1613"), colors.HexColor("#5c5148"), colors.HexColor("#c9bfb4")

_BODY = ParagraphStyle("body", fontName=_TEXT, fontSize=9.5, leading=13.5, textColor=_INK, spaceAfter=4)
_LABEL = ParagraphStyle("label", _BODY, textColor=_FAINT, spaceAfter=0)
_VALUE = ParagraphStyle("value", _BODY, spaceAfter=0)
_HEAD = ParagraphStyle("head", _BODY, fontName=_BOLD, fontSize=11.5, leading=15, spaceBefore=12, spaceAfter=4)
_TITLE = ParagraphStyle("title", _BODY, fontName=_BOLD, fontSize=17, leading=22, spaceAfter=2)
_CELL = ParagraphStyle("cell", _BODY, fontSize=8, leading=10.5, spaceAfter=0)

WIDTH, HEIGHT = A4[0] - 2 * MARGIN, A4[1] - 2 * MARGIN - FOOT
LABEL_SHARE = 0.36
FIRST_SHARE = 0.2
"""Of the width: the labels of facts, the first column of a table."""


class _Shower:
    """Makes text showable, and counts what it could not show."""

    def __init__(self) -> None:
        self.replaced = 0

    def __call__(self, text: str) -> str:
        """The text as reportlab's markup, in which nothing of it is markup."""
        known = _letters()
        shown = []
        for letter in unicodedata.normalize("NFC", text):
            if letter.isspace() and letter != NO_BREAK:
                shown.append(" ")
            elif ord(letter) in known and unicodedata.bidirectional(letter) not in {"R", "AL"}:
                shown.append(letter)
            elif unicodedata.category(letter)[0] != "C":
                shown.append(BOX)
                self.replaced += 1
        return escape("".join(shown))


def report_pdf(model: ReportModel, about: str = "") -> bytes:
    """The report as PDF. about: when it was made, for the foot, or nothing."""
    _register()
    show, out = _Shower(), io.BytesIO()
    pages = [list(_page(number, model, show)) for number in range(len(model.pages))]
    canvas = Canvas(out, pagesize=A4, invariant=1, lang=model.language, initialFontName=_TEXT)
    canvas.setTitle(f"{model.title}, {model.period}")
    canvas.setAuthor("Vigil")
    canvas.setSubject("Nights as they were said and recorded. No diagnosis.")
    canvas.setCreator(f"Vigil {__version__}")
    canvas.setViewerPreference("DisplayDocTitle", "true")
    for number, story in enumerate(pages):
        frame = Frame(MARGIN, MARGIN + FOOT, WIDTH, HEIGHT, 0, 0, 0, 0)
        frame.addFromList([KeepInFrame(WIDTH, HEIGHT, story, mode="shrink")], canvas)
        _foot(canvas, number + 1, len(pages), about, show.replaced)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def _page(number: int, model: ReportModel, show: _Shower) -> Iterator[Flowable]:
    if number == 0:
        yield Paragraph(show(model.title), _TITLE)
        yield Paragraph(show(model.period), _LABEL)
        yield Spacer(0, 6 * mm)
        by_hand = [Paragraph("Name", _LABEL), "", Paragraph("Date of birth", _LABEL), ""]
        yield _table([by_hand], [0.1, 0.45, 0.15, 0.3])
    for section in model.pages[number]:
        yield from _section(section, show)


def _section(section: Section, show: _Shower) -> Iterator[Flowable]:
    yield Paragraph(show(section.title), _HEAD)
    if section.facts:
        yield _facts(section.facts, show)
        yield Spacer(0, 2 * mm)
    if section.grid is not None:
        yield _grid(section.grid, show)
        yield Spacer(0, 2 * mm)
    for text in section.paragraphs:
        yield Paragraph(show(text), _BODY)


def _facts(facts: Sequence[Fact], show: _Shower) -> Table:
    rows = [[Paragraph(show(one.label), _LABEL), Paragraph(show(one.value), _VALUE)] for one in facts]
    return _table(rows, [LABEL_SHARE, 1 - LABEL_SHARE])


def _grid(grid: Grid, show: _Shower) -> Table:
    head = [Paragraph(show(name), ParagraphStyle("head cell", _CELL, textColor=_FAINT)) for name in grid.columns]
    rows = [[Paragraph(show(cell), _CELL) for cell in row] for row in grid.rows]
    others = len(grid.columns) - 1
    return _table([head, *rows], [FIRST_SHARE, *[(1 - FIRST_SHARE) / others] * others])


def _table(rows: Sequence[Sequence[Flowable | str]], shares: Sequence[float]) -> Table:
    style = TableStyle(
        [
            ("LINEBELOW", (0, 0), (-1, -1), 0.3, _LINE),
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("LEFTPADDING", (0, 0), (-1, -1), 0),
            ("RIGHTPADDING", (0, 0), (-1, -1), 4),
            ("TOPPADDING", (0, 0), (-1, -1), 1.5),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 2),
        ]
    )
    return Table(rows, [share * WIDTH for share in shares], style=style, hAlign="LEFT")


def _foot(canvas: Canvas, number: int, pages: int, about: str, replaced: int) -> None:
    parts = [f"Page {number} of {pages}", f"Vigil {__version__}", *([about] if about else []), "not a medical device"]
    if replaced:
        parts.append(f"{replaced} {'letter' if replaced == 1 else 'letters'} that this type cannot show: {BOX}")
    canvas.setFont(_TEXT, 7)
    canvas.setFillColor(_FAINT)
    canvas.drawString(MARGIN, MARGIN, " \u00b7 ".join(parts))


@cache
def _register() -> None:
    folder = Path(mpl.get_data_path()) / "fonts" / "ttf"
    for name, file in _FILES.items():
        pdfmetrics.registerFont(TTFont(name, str(folder / file)))


@cache
def _letters() -> frozenset[int]:
    """Code points that both weights have."""
    return frozenset.intersection(*(frozenset(pdfmetrics.getFont(name).face.charToGlyph) for name in _FILES))
