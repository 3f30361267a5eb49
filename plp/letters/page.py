"""A4 pages, for what is printed. Imported where it is drawn: the library takes 20 MB."""

from datetime import datetime
from pathlib import Path
from typing import Any

from fpdf import FPDF
from fpdf.enums import XPos, YPos

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
