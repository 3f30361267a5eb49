"""Pages to print, made of HTML by fpdf2."""

from importlib.resources import as_file, files

from fpdf import FPDF, FontFace, TextStyle
from fpdf.html import HTML2FPDF

_FONTS = files("plp.letters.fonts")
_STYLES = {
    "h1": TextStyle(font_style="B", font_size_pt=17, color="#000000", t_margin=0, b_margin=1),
    "h2": TextStyle(font_style="B", font_size_pt=12, color="#163e73", t_margin=4, b_margin=1),
    "p": TextStyle(t_margin=0, b_margin=1.5),
    "li": TextStyle(l_margin=4, t_margin=0),
    "em": FontFace(size_pt=8, color="#555555"),
    "b": FontFace(emphasis="BOLD"),
}
# Millimetres: a heading stands with the first lines below it.
_BELOW_HEADING = 35


class _Html(HTML2FPDF):
    """A heading begins a page rather than end one."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Called by fpdf2 for every tag."""
        if tag == "h2":
            self._end_paragraph()
            if self.pdf.will_page_break(_BELOW_HEADING):
                self.pdf.add_page()
        super().handle_starttag(tag, attrs)


class Sheets(FPDF):
    """A4 with the zone's name and the page's number at the foot."""

    HTML2FPDF_CLASS = _Html

    def __init__(self, foot: str) -> None:
        super().__init__(format="A4")
        self.foot = foot
        self.set_margins(17, 15)
        self.set_auto_page_break(True, 17)
        for style, name in (("", "regular"), ("B", "bold"), ("I", "regular"), ("BI", "bold")):
            with as_file(_FONTS / f"inter-{name}.ttf") as path:
                self.add_font("inter", style, path)
        self.set_font("inter", size=9.5)

    def footer(self) -> None:
        """Written by fpdf2 at the end of every page."""
        self.set_y(-12)
        self.set_font("inter", size=8)
        self.cell(0, 5, f"{self.foot} · {self.page_no()} / {{nb}}", align="R")

    def pdf_of(self, html: str) -> bytes:
        """The file with this text, of fpdf2's tags, on as many pages as it takes."""
        self.add_page()
        # The font has no narrow one.
        html = html.replace("\u202f", "\xa0")
        self.write_html(html, tag_styles=_STYLES, table_line_separators=True, li_prefix_color="#163e73")
        return bytes(self.output())
