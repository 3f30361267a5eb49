"""The sheets of the phone tree as A4 pages. Imported where it is drawn: the library takes 20 MB."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from babel.dates import format_datetime
from fpdf.enums import XPos, YPos

from db.operations.plan_b import Person
from db.people.zone import ZoneCard
from plp.jobs.plan_b.phone_tree import Sheet
from plp.letters.page import A4, BLACK, GREY
from plp.letters.rendering import to_call
from rules.calendar import LOCAL
from rules.numbers import shown
from rules.sentences import tied

_LINE_MM = 8.5
_BOX_MM = 4.2


class Paper(A4):
    """A4 sheets with the zone's name above and the date below."""

    def __init__(self, zone_card: ZoneCard, now: datetime) -> None:
        super().__init__(f"PLP, plan de secours, {zone_card.name}", "fr-BE", now)
        self._zone_card = zone_card
        self._to_call = to_call(zone_card, "fr")
        self._date = format_datetime(now.astimezone(LOCAL), "d MMMM y, HH:mm", locale="fr")
        self.set_auto_page_break(auto=True, margin=20)
        self.alias_nb_pages()

    def normalize_text(self, text: str) -> str:
        """Of each text before it is measured and drawn: punctuation is tied to its word."""
        return str(super().normalize_text(tied(text)))

    def header(self) -> None:
        """Of each page."""
        self.small(f"{self._zone_card.name} · PLP · plan de secours", 9, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.ln(3)

    def footer(self) -> None:
        """Of each page."""
        self.set_y(-15)
        self.small(f"Confidentiel · état du {self._date} · détruisez la feuille précédente", 8)
        self.small(f"{self.page_no()}/{{nb}}", 8, align="R")

    def tree(self, sheets: Sequence[Sheet]) -> None:
        """A page, or pages, for each caller."""
        for sheet in sheets:
            self._sheet(sheet)

    def _sheet(self, sheet: Sheet) -> None:
        self.add_page()
        self._title(f"Arbre d'appel · {sheet.neighbourhood}")
        who = "La police (ce quartier n'a aucun coordinateur joignable)"
        if sheet.caller:
            who = f"{sheet.caller.name}, coordinateur ({shown(sheet.caller.mobile or '')}),"
        self._lead(f"{who} appelle {_people(len(sheet.people))} :")
        self._message()
        self._table(sheet.people)
        if sheet.unreached:
            self._note(
                f"Hors de cette feuille : {_people(sheet.unreached)} du quartier, sans GSM ou sans consentement SMS."
            )

    def trunk(self, places: Sequence[tuple[str, Sequence[Sheet]]]) -> None:
        """The police's page, or pages; neighbourhoods with their sheets."""
        self.add_page()
        self._title("Arbre d'appel · la police commence ici")
        self._lead("Appelez un coordinateur par quartier ; chacun a sa feuille et appelle les membres de son quartier.")
        self._message()
        for place, sheets in places:
            callers = [sheet.caller for sheet in sheets if sheet.caller]
            self._subtitle(place, sum(len(sheet.people) for sheet in sheets))
            if callers:
                self._table(callers)
            else:
                self._note("Aucun coordinateur joignable : prenez la feuille de ce quartier et appelez vous-mêmes.")
        if not any(sheet.people or sheet.caller for _, sheets in places for sheet in sheets):
            self._note("Aucun membre n'a donné son consentement : personne à appeler.")

    def duty_card(self, words: Mapping[str, Any]) -> None:
        """One page: sections with numbered steps, then lines to fill in by hand."""
        self.add_page()
        self._title("Aide-mémoire de garde · alertes PLP")
        self._lead(f"Urgence : {self._to_call}")
        for section in words["sections"]:
            self.ln(2)
            self.lines(section["title"], 13, 8, "B")
            self.set_font("DejaVu", "", 11)
            for number, step in enumerate(section["steps"], 1):
                self.cell(7, 6.5, f"{number}.")
                self.lines(step, 11, 6.5)
        self.ln(4)
        for label in words["by_hand"]:
            self.set_font("DejaVu", "", 10)
            self.cell(62, 9, f"{label} :")
            self.line(self.get_x(), self.get_y() + 7, self.w - self.r_margin, self.get_y() + 7)
            self.ln(9)

    def bytes(self) -> bytes:
        """The finished file."""
        return bytes(self.output())

    def _title(self, text: str) -> None:
        self.lines(text, 18, 9, "B")
        self.ln(1)

    def _lead(self, text: str) -> None:
        self.lines(text, 12, 6.5)
        self.ln(2)

    def _subtitle(self, place: str, members: int) -> None:
        if self.will_page_break(3 * _LINE_MM):
            self.add_page()
        self.ln(3)
        self.lines(f"{place} ({_people(members)} à appeler)", 13, 8, "B")

    def _note(self, text: str) -> None:
        self.ln(2)
        self.lines(text, 10, 5.5)

    def _message(self) -> None:
        """Room to write down what everybody says alike, and the rule when nobody answers."""
        self.lines("Message à lire mot à mot :", 10, 6, "B")
        for _ in range(2):
            self.ln(7)
            self.set_draw_color(GREY)
            self.line(self.l_margin, self.get_y(), self.w - self.r_margin, self.get_y())
        self.ln(3)
        calls = "Pas de réponse : passez au suivant, puis rappelez à la fin. Urgence : "
        self.lines(f"{calls}{self._to_call}.", 10, 5.5)
        self.ln(3)

    def _table(self, people: Sequence[Person]) -> None:
        for person in people:
            if self.will_page_break(_LINE_MM):
                self.add_page()
            self._row(person)

    def _row(self, person: Person) -> None:
        """A box to tick, the name, the number large enough for a torch's light, and room for the time."""
        top = self.get_y()
        self.set_draw_color(BLACK)
        self.rect(self.l_margin, top + (_LINE_MM - _BOX_MM) / 2, _BOX_MM, _BOX_MM)
        self.set_xy(self.l_margin + 8, top)
        self.set_font("DejaVu", "", 11)
        self.cell(86, _LINE_MM, self._fitting(person.name, 84))
        self.set_font("DejaVu", "B", 13)
        self.cell(48, _LINE_MM, shown(person.mobile or ""))
        how = {"align": "R", "new_x": XPos.LMARGIN, "new_y": YPos.NEXT}
        self.small(f"{person.language}    ___ : ___", 9, 0, _LINE_MM, **how)
        self.set_draw_color(210)
        self.line(self.l_margin, top + _LINE_MM, self.w - self.r_margin, top + _LINE_MM)

    def _fitting(self, text: str, width_mm: float) -> str:
        while self.get_string_width(text) > width_mm:
            text = text[:-2].rstrip() + "…"
        return text


def _people(number: int) -> str:
    return f"{number} personne{'s' if number != 1 else ''}"
