"""A4 pages, and the registration form on one. Imported where they are drawn: the library takes 20 MB."""

from datetime import datetime
from pathlib import Path
from typing import Any

from fpdf import FPDF
from fpdf.enums import XPos, YPos

from db.people.zone import ZoneCard
from plp.letters.rendering import registration_words

# Names are printed as their owners write them.
_FONTS = Path(__file__).parent / "fonts"
GREY, BLACK = 110, 0
_ROWS = (
    ("last_name", "first_name"),
    ("mobile", "email"),
    ("street", "house_number"),
    ("postal_code", "neighbourhood"),
    ("landline", "second_number"),
)
_ROW_MM = 12.5
_BOX_MM = 4.0


class A4(FPDF):
    """Pages in the product's own fonts."""

    def __init__(self, title: str, language: str, now: datetime) -> None:
        super().__init__(format="A4")
        self.add_font("DejaVu", "", _FONTS / "DejaVuSans.ttf")
        self.add_font("DejaVu", "B", _FONTS / "DejaVuSans-Bold.ttf")
        self.set_margins(18, 16, 18)
        self.c_margin = 0
        self.set_title(title)
        self.set_lang(language)
        self.set_creation_date(now)

    def small(self, text: str, size: int, width_mm: float = 0, height_mm: float = 5, **how: Any) -> None:
        """A cell in grey, from here on; `how` as `cell` takes it."""
        self.set_font("DejaVu", "", size)
        self.set_text_color(GREY)
        self.cell(width_mm, height_mm, text, **how)
        self.set_text_color(BLACK)

    def lines(self, text: str, size: int, height_mm: float, style: str = "") -> None:
        """The text from margin to margin, in as many lines as it needs; `style` is B for bold."""
        self.set_font("DejaVu", style, size)
        self.multi_cell(0, height_mm, text, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)


def registration_pdf(language: str, zone_card: ZoneCard, now: datetime) -> bytes:
    """The form in one of the zone's languages, French for others."""
    words = registration_words(language, zone_card)
    page = A4(words["title"], language, now)
    page.set_auto_page_break(auto=False)
    page.add_page()
    page.lines(words["title"], 18, 9, "B")
    page.lines(words["subtitle"], 11, 6)
    page.ln(4)
    for row in _ROWS:
        _blanks(page, *(words[name] for name in row))
        page.ln(_ROW_MM)
    page.ln(1)
    page.lines(words["language"], 9, 5)
    languages, top = words["languages"].split(";"), page.get_y()
    for number, caption in enumerate(languages):
        _tick(page, page.l_margin + number * page.epw / len(languages), top)
        page.cell(page.epw / len(languages) - 8, 6, caption)
    page.set_xy(page.l_margin, top + 6)
    for part in ("purpose", "agree", "rights"):
        page.ln(3)
        page.lines(words[f"{part}_title"], 11, 6, "B")
        if part != "agree":
            page.lines(words[part], 10, 5.2)
            continue
        for consent in ("agree_sms", "agree_group"):
            _tick(page, page.l_margin, page.get_y())
            page.lines(words[consent], 10, 5.2)
            page.ln(1)
    page.ln(3)
    page.lines(words["urgent"], 10, 5.5, "B")
    page.ln(9)
    _blanks(page, words["date"], words["signature"])
    return bytes(page.output())


def _blanks(page: A4, *captions: str) -> None:
    """Two captions side by side, with a line to write on below."""
    width, top = (page.epw - 8) / 2, page.get_y()
    for column, caption in enumerate(captions):
        left = page.l_margin + column * (width + 8)
        page.set_xy(left, top)
        page.small(caption, 9, width, 4)
        page.line(left, top + _ROW_MM - 1.5, left + width, top + _ROW_MM - 1.5)
    page.set_xy(page.l_margin, top)


def _tick(page: A4, left: float, top: float) -> None:
    """A box to tick; its caption comes beside it."""
    page.rect(left, top + 0.7, _BOX_MM, _BOX_MM)
    page.set_xy(left + 7, top)
    page.set_font("DejaVu", "", 10)
