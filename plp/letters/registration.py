"""The registration form on paper: one A4 page. Imported where it is drawn: the library takes 20 MB."""

from datetime import datetime
from pathlib import Path

from fpdf import FPDF
from fpdf.enums import XPos, YPos

from db.people.zone import ZoneCard
from plp.letters.words import REGISTRATION

# The fonts of the phone tree: names are printed as their owners write them.
_FONTS = Path(__file__).parents[1] / "jobs" / "plan_b" / "fonts"
_ROWS = (
    ("last_name", "first_name"),
    ("mobile", "email"),
    ("street", "house_number"),
    ("postal_code", "neighbourhood"),
    ("landline", "second_number"),
)
_GREY, _BLACK = 110, 0
_ROW_MM = 12.5
_BOX_MM = 4.0


def registration_pdf(language: str, zone_card: ZoneCard, now: datetime) -> bytes:
    """The form in one of the zone's languages, French for others."""
    page = _Form(language if language in REGISTRATION else "fr", zone_card, now)
    page.draw()
    return bytes(page.output())


class _Form(FPDF):
    """One page; `words` are filled with the zone's own."""

    def __init__(self, language: str, zone_card: ZoneCard, now: datetime) -> None:
        super().__init__(format="A4")
        own = {
            "zone": zone_card.name,
            "phone": zone_card.phone or zone_card.emergency,
            "emergency": zone_card.emergency,
        }
        self.words = {name: text.format(**own) for name, text in REGISTRATION[language].items()}
        self.add_font("DejaVu", "", _FONTS / "DejaVuSans.ttf")
        self.add_font("DejaVu", "B", _FONTS / "DejaVuSans-Bold.ttf")
        self.set_margins(18, 16, 18)
        self.c_margin = 0
        self.set_auto_page_break(auto=False)
        self.set_title(self.words["title"])
        self.set_lang(language)
        self.set_creation_date(now)

    def draw(self) -> None:
        """The whole page."""
        self.add_page()
        self._line(18, "B", self.words["title"], 9)
        self._line(11, "", self.words["subtitle"], 6)
        self.ln(4)
        for left, right in _ROWS:
            self._blank(left, 0)
            self._blank(right, 1)
            self.ln(_ROW_MM)
        self.ln(1)
        self._line(9, "", self.words["language"], 5)
        self._boxes(self.words["languages"].split(";"))
        for part in ("purpose", "agree", "rights"):
            self.ln(3)
            self._line(11, "B", self.words[f"{part}_title"], 6)
            if part == "agree":
                self._box(self.words["agree_sms"])
                self._box(self.words["agree_group"])
            else:
                self._text(self.words[part])
        self.ln(3)
        self.set_font("DejaVu", "B", 10)
        self.multi_cell(0, 5.5, self.words["urgent"], align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.ln(9)
        self._blank("date", 0)
        self._blank("signature", 1)

    def _line(self, size: int, style: str, text: str, height_mm: float) -> None:
        self.set_font("DejaVu", style, size)
        self.multi_cell(0, height_mm, text, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)

    def _text(self, text: str) -> None:
        self._line(10, "", text, 5.2)

    def _blank(self, name: str, column: int) -> None:
        """A caption, and a line to write on."""
        width = (self.epw - 8) / 2
        left, top = self.l_margin + column * (width + 8), self.get_y()
        self.set_xy(left, top)
        self.set_font("DejaVu", "", 9)
        self.set_text_color(_GREY)
        self.cell(width, 4, self.words[name])
        self.set_text_color(_BLACK)
        self.line(left, top + _ROW_MM - 1.5, left + width, top + _ROW_MM - 1.5)
        self.set_xy(self.l_margin, top)

    def _boxes(self, captions: list[str]) -> None:
        """Boxes to tick, beside each other."""
        top = self.get_y()
        for number, caption in enumerate(captions):
            self._tick(self.l_margin + number * self.epw / len(captions), top)
            self.cell(self.epw / len(captions) - 8, 6, caption)
        self.set_xy(self.l_margin, top + 6)

    def _box(self, caption: str) -> None:
        top = self.get_y()
        self._tick(self.l_margin, top)
        self.multi_cell(0, 5.2, caption, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.ln(1)

    def _tick(self, left: float, top: float) -> None:
        self.rect(left, top + 0.7, _BOX_MM, _BOX_MM)
        self.set_xy(left + 7, top)
        self.set_font("DejaVu", "", 10)
