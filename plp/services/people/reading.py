"""Rows of a list as people, or why they cannot be imported. CSV is read here, a workbook in a separate process."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import zip_longest
from subprocess import SubprocessError
from typing import Any

from base.watchdog import alive
from db.people.members.cards import MemberCard
from plp.services.apart import read_apart
from plp.services.people.places import Places
from rules.collation import folded
from rules.languages import MAIN_LANGUAGE
from rules.lists import columns as said
from rules.lists.addresses import bare_address
from rules.lists.consents import Answers, answers, yes_or_no
from rules.lists.departures import require_present
from rules.lists.remarks import RowWaits
from rules.lists.roster import Roster, Row, Sheet, csv_sheet, roster
from rules.lists.streets import placed as placed_address
from rules.lists.telephones import placed
from rules.members import (
    CHANNELS,
    COLUMNS,
    LONGEST_PLACE,
    MOST,
    MemberDraft,
    checked,
    one_line,
    places_in,
    written_places,
)
from rules.people import MEMBER_ROLES
from rules.refusals import FieldRefusal, Refusal
from rules.sentences import Sentence

# So many rows are looked up at once.
LOOK_AT = 500
# What a list says of a place, home or not.
OF_A_PLACE = ("street", "house_number", "postal_code")
_DISPENSABLE = ("house_number", "postal_code", "quiet_hours", "quiet_until")
Differences = dict[str, tuple[object, object]]
# The same from the console and from the command: ten times the largest police zone.
MAXIMUM_BYTES = 8 * 1024 * 1024
# What an Excel file before 2007 begins with, and any that asks for a password.
_OLD_EXCEL = b"\xd0\xcf\x11\xe0"


class NumberRepeated(Refusal):
    """The mobile occurs twice in the list: perhaps two people share it."""


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A row that was not taken, with its cells as the file has them; `may_share`: two people may have its number,
    `waits`: it can be read, and a person decides first.
    """

    line: int
    sentence: Sentence
    cells: tuple[str, ...] = field(default=(), compare=False)
    may_share: bool = field(default=False, compare=False)
    waits: bool = field(default=False, compare=False)

    @property
    def reason(self) -> str:
        """`sentence` in French."""
        return str(self.sentence)

    def named(self, header: Sequence[str]) -> list[tuple[str, str]]:
        """(heading, cell) of every non-empty cell; the heading is empty if the list has none."""
        pairs = zip_longest(header[: len(self.cells)], self.cells, fillvalue="")
        return [(heading, cell) for heading, cell in pairs if cell]


@dataclass(frozen=True)
class Candidate:
    """A row that could be read: its cells by field, its values as they would be stored, and the draft of them. `notes`
    list what was not taken as written. `number_shared`: another person with that mobile, unless the name is a holder's.
    `duty` is the cell of the role.
    """

    row: Row
    cells: dict[str, str]
    place: str
    values: dict[str, object]
    draft: MemberDraft
    answers: Answers
    number_shared: bool = False
    notes: tuple[Sentence, ...] = ()
    duty: str = ""

    @property
    def name(self) -> str:
        return f"{self.values['first_name']} {self.values['last_name']}".strip()

    @cached_property
    def known_by(self) -> tuple[str, ...]:
        """Mobile and address, those that it has."""
        return tuple(str(way) for way in (self.values["mobile"], self.values["email"]) if way)

    @property
    def is_texted(self) -> bool:
        """True for somebody who will get SMS."""
        return self.draft.sms and self.values["mobile"] is not None

    def require_answered(self, reading: "Reading") -> None:
        """Raise RowWaits for a role that is neither of ours for certain, and for a mobile whose consent or refusal is
        empty, in a list where others have a yes or a no.
        """
        if said.is_unclear_duty(self.duty):
            raise RowWaits("« {text} » : écrivez coordinateur ou membre", text=self.duty[:40])
        if not self.values["mobile"]:
            return
        if reading.unsaid is None and self.answers.is_blank:
            raise RowWaits("le consentement SMS est vide : écrivez oui ou non")
        if reading.are_refusals_filled and reading.unsaid and self.answers.is_refusal_blank:
            raise RowWaits("le refus de SMS est vide : écrivez oui ou non")

    @property
    def phones(self) -> tuple[str, ...]:
        """Its other numbers, which a household shares: without a name they identify nobody."""
        return tuple(str(phone) for phone in (self.values["landline"], self.values["second_number"]) if phone)

    @cached_property
    def name_keys(self) -> tuple[str, str]:
        """Its name as members are ordered by it, and the other way round: lists mix up the two columns."""
        first, last = str(self.values["first_name"]), str(self.values["last_name"])
        return folded(f"{last} {first}"), folded(f"{first} {last}")

    def staying(self, card: MemberCard, differs: Differences) -> Differences:
        """The same where they keep their home: the list's neighbourhood and street are a further place of theirs."""
        kept = {column: both for column, both in differs.items() if column not in ("neighbourhood", *OF_A_PLACE)}
        street = str(self.values["street"]) if self.cells.get("street") else ""
        before = str(kept.get("other_places", (card.other_places, card.other_places))[1])
        after = written_places([*places_in(before), (self.place, street)][-MOST:])
        return kept | {"other_places": (card.other_places, after)}

    def differences(self, card: MemberCard) -> Differences:
        """Differences between the list and this person, by column. An empty cell removes nothing."""
        differs: Differences = {}
        further = {folded(name) for name, _street in places_in(card.other_places)}
        skipped = OF_A_PLACE if folded(self.place) in further else ()
        for column in COLUMNS:
            before, after = getattr(card, column), self.values[column]
            if self.cells.get(column) and after and after != before and column not in skipped:
                differs[column] = before, after
        if self.cells.get("neighbourhood") and folded(self.place) not in {folded(card.neighbourhood), *further}:
            differs["neighbourhood"] = card.neighbourhood, self.place
        for channel in CHANNELS:
            # Giving a mobile is agreeing, also for someone who had none; nobody is brought back who left.
            says = getattr(self.answers, channel) is not None
            says = says or (channel == "sms" and card.mobile is None and "mobile" in differs)
            before, after = getattr(card, channel), getattr(self.draft, channel)
            way = "mobile" if channel == "sms" else "email"
            if says and after != before and (not after or self.values[way] or getattr(card, way)):
                differs[channel] = before, after
        return differs


def refused(row: Row, refusal: Refusal) -> RefusedRow:
    """A row, and why it is not taken."""
    sentence = Sentence(refusal.template, refusal.values)
    return RefusedRow(row.line, sentence, row.cells, isinstance(refusal, NumberRepeated), isinstance(refusal, RowWaits))


@dataclass(frozen=True, slots=True)
class Reading:
    """The way rows become people; `streets` are their neighbourhoods, `unsaid` the consent where none is stated,
    None where a person is to be asked, as with an empty refusal if `are_refusals_filled`; `copied` are the notes about
    ditto marks, by line.
    """

    roster: Roster
    columns: Sequence[str]
    usual_place: str
    places: Places
    streets: Mapping[str, str]
    unsaid: bool | None
    are_refusals_filled: bool = False
    copied: Mapping[int, tuple[Sentence, ...]] = field(default_factory=dict)

    def candidate(self, row: Row) -> Candidate:
        """The person of a row. Raises Refusal."""
        if self.roster.is_overfull(row):
            raise Refusal("la ligne a plus de cellules que l'en-tête n'a de colonnes")
        cells = said.cells_by_field(self.columns, row.cells)
        of_excel = _emptied_of_excel(cells)
        cells, of_street = placed_address(cells)
        cells, notes = placed(cells)
        cells["email"], of_address = bare_address(cells.get("email", ""))
        place = one_line(cells.get("neighbourhood", ""))[:LONGEST_PLACE].strip() or self.streets.get(
            folded(cells.get("street", "")), ""
        )
        place = self.places.named(place or self.usual_place)
        if not place:
            raise Refusal("il manque le quartier")
        self.places.require_plain(place)
        cells["other_places"], of_places = self._other_places(cells.get("other_places", ""))
        require_present(self.columns, row.cells, row.line in self.roster.struck)
        answered = answers(self.columns, row.cells, bool(cells.get("mobile")))
        typed: dict[str, Any] = {name: cells.get(name, "") for name in COLUMNS}
        duty = typed["role"]
        of_words = _of_words(typed, cells)
        draft = MemberDraft(
            **typed,
            neighbourhood_id=0,
            # Giving the mobile for which the form asks is agreeing (docs/reference/contract.md, "Lists of members").
            sms=bool(self.unsaid) if answered.sms is None else answered.sms,
            mail_group=answered.mail_group or False,
        )
        shared = yes_or_no(cells.get("number_shared", ""), otherwise=False)
        draft, values, of_code = _checked(draft)
        copied = self.copied.get(row.line, ())
        remarks = (*answered.notes(), *of_excel, *notes, *of_street, *of_address, *of_words, *of_places, *of_code)
        return Candidate(row, cells, place, values, draft, answered, shared, (*copied, *remarks), duty)

    def _other_places(self, cell: str) -> tuple[str, list[Sentence]]:
        """The further places of a cell, by neighbourhoods known here; an unknown one is reported, not created."""
        named = [(self.places.named(name), street) for name, street in places_in(cell)]
        unknown = [name for name, _street in named if not self.places.is_known(name)]
        notes = [Sentence("autre lieu non repris, quartier inconnu : {name}", {"name": name}) for name in unknown]
        return written_places([place for place in named if place[0] not in unknown][:MOST]), notes


def _of_words(typed: dict[str, Any], cells: dict[str, str]) -> list[Sentence]:
    """Put the codes of the language and the role that two cells name into `typed`; the notes about them. An unknown one
    is that of most people, and an empty cell, which changes no member (docs/adr/0040).
    """
    language, role = typed["language"], typed["role"]
    codes, code = said.languages_in(language), said.role(role)
    notes = []
    typed["language"] = codes[0] if codes else MAIN_LANGUAGE
    if language and len(codes) != 1:
        values = {"text": language[:20], "language": typed["language"]}
        notes.append(Sentence("« {text} » : la langue est {language}", values))
    if not codes:
        cells["language"] = ""
    typed["role"] = code if code in MEMBER_ROLES else "member"
    if code not in MEMBER_ROLES or said.is_other_duty(role):
        notes.append(Sentence("« {text} » est lu comme membre", {"text": role[:30]}))
        cells["role"] = ""
    return notes


def _emptied_of_excel(cells: dict[str, str]) -> tuple[Sentence, ...]:
    """Empty a house number that Excel made a date of; a note reports it. Raises Refusal for any other cell."""
    try:
        said.refuse_what_excel_made(cells)
        return ()
    except FieldRefusal as refusal:
        note, cells[refusal.field] = _left_empty(refusal), ""
        return (*_emptied_of_excel(cells), note)


def _checked(draft: MemberDraft, *notes: Sentence) -> tuple[MemberDraft, dict[str, object], tuple[Sentence, ...]]:
    """The draft and its columns. An invalid postal code or quiet hours are left empty, with a note; so is an address
    that is none, beside a mobile.
    """
    try:
        return draft, checked(draft), notes
    except FieldRefusal as refusal:
        emptied: dict[str, Any] = {refusal.field: ""}
        return _checked(replace(draft, **emptied), *notes, _left_empty(refusal, bool(draft.mobile)))


def _left_empty(refusal: FieldRefusal, has_mobile: bool = False) -> Sentence:
    """The note of a cell without which a member can be reached. Raises the refusal of any other."""
    if refusal.field not in _DISPENSABLE and not (has_mobile and refusal.field == "email"):
        raise refusal
    return Sentence("{why} ; il est laissé vide", {"why": Sentence(refusal.template, refusal.values)})


def candidates(reading: Reading, not_taken: list[RefusedRow]) -> Iterator[Candidate]:
    """The rows that can be taken by themselves."""
    lines: dict[str, int] = {}
    for at, row in enumerate(reading.roster.rows):
        if at % LOOK_AT == 0:
            alive()
        try:
            candidate = reading.candidate(row)
            keys = candidate.known_by or candidate.phones
            if candidate.number_shared or not candidate.known_by:
                keys = tuple(f"{candidate.name_keys[0]} {key}" for key in keys)
            line = lines.get(keys[0])
            if line is not None and candidate.values["mobile"]:
                raise NumberRepeated(
                    "ce numéro est déjà à la ligne {line} ; pour deux personnes, oui dans une colonne « numéro partagé "
                    "» ; pour deux lieux d'une personne, une colonne « autres lieux »",
                    line=line,
                )
            if line is not None and candidate.values["email"]:
                raise Refusal("cette adresse est déjà à la ligne {line}", line=line)
            if line is not None:
                raise Refusal("cette personne est déjà à la ligne {line}", line=line)
        except Refusal as refusal:
            not_taken.append(refused(row, refusal))
            continue
        # The address of someone who has a number is taken too: a later row without one would be that person.
        for key in keys:
            lines.setdefault(key, row.line)
        yield candidate


def list_in(content: bytes, file_name: str, sheet: bytes = b"") -> Roster:
    """The list in a file; `sheet` is that of a workbook that was read before. Raises Refusal when it cannot be read."""
    if len(content) > MAXIMUM_BYTES:
        raise Refusal(
            "Le fichier dépasse {most} Mo : ce n'est pas une liste de membres.", most=MAXIMUM_BYTES // 1024 // 1024
        )
    if content.startswith(_OLD_EXCEL):
        raise Refusal(
            "C'est un ancien fichier Excel (.xls), ou un fichier protégé par un mot de passe : enregistrez-le en .xlsx "
            "sans mot de passe, ou en CSV."
        )
    return roster(_sheet(sheet or sheet_of(content)) if is_workbook(content, file_name) else csv_sheet(content))


def is_workbook(content: bytes, file_name: str) -> bool:
    """True for a file of Excel, by its name or its content."""
    return file_name.casefold().endswith(".xlsx") or content.startswith(b"PK\x03\x04")


def sheet_of(content: bytes) -> bytes:
    """The sheet of a workbook, as the process that reads it writes it. Raises Refusal."""
    try:
        read = read_apart("plp.services.people.workbook_reading", content)
        read.check_returncode()
    except SubprocessError:
        raise Refusal("Fichier Excel illisible : enregistrez-le de nouveau en .xlsx ou en CSV.") from None
    return read.stdout


def _sheet(read: bytes) -> Sheet:
    sheet = json.loads(read)
    columns = {int(at): letters for at, letters in sheet["hidden_columns"].items()}
    return Sheet(
        sheet["rows"], tuple(sheet["others"]), frozenset(sheet["hidden_rows"]), columns, frozenset(sheet["struck_rows"])
    )
