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


_ROWS = (
    ("last_name", "first_name"),
    ("mobile", "email"),
    ("street", "house_number"),
    ("postal_code", "neighbourhood"),
    ("landline", "second_number"),
)
_ROW_MM = 12.5
_BOX_MM = 4.0


def registration_pdf(language: str, zone_card: ZoneCard, now: datetime) -> bytes:
    """The form in one of the zone's languages, French for others."""
    page = _Form(language, zone_card, now)
    page.draw()
    return bytes(page.output())


class _Form(A4):
    """One page; `words` are filled with the zone's own."""

    def __init__(self, language: str, zone_card: ZoneCard, now: datetime) -> None:
        self.words = registration_words(language, zone_card)
        super().__init__(self.words["title"], language, now)
        self.set_auto_page_break(auto=False)

    def draw(self) -> None:
        """The whole page."""
        self.add_page()
        self.lines(self.words["title"], 18, 9, "B")
        self.lines(self.words["subtitle"], 11, 6)
        self.ln(4)
        for left, right in _ROWS:
            self._blank(left, 0)
            self._blank(right, 1)
            self.ln(_ROW_MM)
        self.ln(1)
        self.lines(self.words["language"], 9, 5)
        self._boxes(self.words["languages"].split(";"))
        for part in ("purpose", "agree", "rights"):
            self.ln(3)
            self.lines(self.words[f"{part}_title"], 11, 6, "B")
            if part == "agree":
                self._box(self.words["agree_sms"])
                self._box(self.words["agree_group"])
            else:
                self.lines(self.words[part], 10, 5.2)
        self.ln(3)
        self.lines(self.words["urgent"], 10, 5.5, "B")
        self.ln(9)
        self._blank("date", 0)
        self._blank("signature", 1)

    def _blank(self, name: str, column: int) -> None:
        """A caption, and a line to write on."""
        width = (self.epw - 8) / 2
        left, top = self.l_margin + column * (width + 8), self.get_y()
        self.set_xy(left, top)
        self.small(self.words[name], 9, width, 4)
        self.line(left, top + _ROW_MM - 1.5, left + width, top + _ROW_MM - 1.5)
        self.set_xy(self.l_margin, top)

    def _boxes(self, captions: list[str]) -> None:
        """Boxes to tick, side by side."""
        top = self.get_y()
        for number, caption in enumerate(captions):
            self._tick(self.l_margin + number * self.epw / len(captions), top)
            self.cell(self.epw / len(captions) - 8, 6, caption)
        self.set_xy(self.l_margin, top + 6)

    def _box(self, caption: str) -> None:
        top = self.get_y()
        self._tick(self.l_margin, top)
        self.lines(caption, 10, 5.2)
        self.ln(1)

    def _tick(self, left: float, top: float) -> None:
        self.rect(left, top + 0.7, _BOX_MM, _BOX_MM)
        self.set_xy(left + 7, top)
        self.set_font("DejaVu", "", 10)
