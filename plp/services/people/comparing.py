"""A list compared with the known members, field by field. Nothing is written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from base.watchdog import alive
from db.engine.base import grouped
from db.people.members.cards import MemberCard
from db.people.members.erasure import forgotten
from db.people.members.listing import Agreeing, cards_known_by, people_who_agreed, places_of_streets
from plp.services.people import reading
from plp.services.people.held import held_mobiles, require_free
from plp.services.people.places import Places
from plp.services.people.reading import Candidate, Differences, Reading, RefusedRow
from plp.services.people.saving import refuse_forgotten
from rules.collation import folded, may_be_one_name
from rules.lists import columns as said
from rules.lists.asides import Asides, asides
from rules.lists.consents import are_refusals_filled, meaning_of_blank, refuse_unclear
from rules.lists.dittos import written_out
from rules.lists.roster import Roster
from rules.members import one_line
from rules.refusals import Refusal


@dataclass(frozen=True)
class Compared:
    """A row that can be taken: a new person, or `member` with what `differs`. `namesake`: perhaps they are this one."""

    candidate: Candidate
    member: MemberCard | None = None
    namesake: MemberCard | None = None

    @property
    def line(self) -> int:
        return self.candidate.row.line

    @cached_property
    def differs(self) -> Differences:
        """Differences from the member, or from the namesake: before and after by column."""
        known = self.member or self.namesake
        return self.candidate.differences(known) if known else {}

    @property
    def is_other_name(self) -> bool:
        """Perhaps somebody else now has the member's number, or shares it."""
        return self.member is not None and not may_be_one_name(self.member.name, self.candidate.name)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Rows that can be imported or are refused, people whom the list lacks (`absent`), and its neighbourhoods."""

    rows: list[Compared]
    refused: list[RefusedRow]
    absent: list[Agreeing]
    places: Places


def compared(roster: Roster, columns: Sequence[str], place: str, meant: Mapping[str, int]) -> Comparison:
    """The rows of a list by mobile, else by address and name, else by a name alone (a proposal). Raises Refusal for
    columns that may be a consent. `place` is the neighbourhood of rows that name none, `meant` those by its names.
    """
    refuse_unclear(roster, columns)
    rows: list[Compared] = []
    not_taken: list[RefusedRow] = []
    way = _way(roster, columns, place, meant)
    people = list(reading.candidates(way, not_taken))
    held, remarks = held_mobiles(columns, not_taken), asides(roster, columns)
    taken: dict[int, int] = {}
    for start in range(0, len(people), reading.LOOK_AT):
        alive()
        some = people[start : start + reading.LOOK_AT]
        known = KnownPeople(some)
        gone = forgotten([way for row in some for way in row.known_by])
        for candidate in some:
            try:
                row = known.beside(candidate)
                # The answer of a member is known.
                if row.member is None:
                    candidate.require_answered(way)
                    require_free(candidate, held)
                if row.member is not None and taken.setdefault(row.member.id, row.line) != row.line:
                    raise Refusal("cette personne est déjà à la ligne {line}", line=taken[row.member.id])
                # Who shares a number with somebody who was forgotten does not become that person.
                if row.member is None or not _is_named(row.member, candidate):
                    refuse_forgotten(candidate.known_by, gone)
            except Refusal as refusal:
                not_taken.append(reading.refused(candidate.row, refusal))
                continue
            rows.append(row if row.member else _with_remarks(row, remarks))
    rows = [Compared(row.candidate) if row.namesake and row.namesake.id in taken else row for row in rows]
    not_taken.sort(key=lambda row: row.line)
    absent = [] if roster.of_refused else _absent(rows, not_taken, columns)
    return Comparison(rows, not_taken, absent, way.places)


def _way(roster: Roster, columns: Sequence[str], place: str, meant: Mapping[str, int]) -> Reading:
    """The way these rows are read, with what only the whole list tells."""
    roster, copied = written_out(roster, columns)
    at = columns.index("neighbourhood") if "neighbourhood" in columns else len(columns)
    places = Places({one_line(row.cells[at]) for row in roster.rows if at < len(row.cells)}, meant)
    unsaid, are_refusals = meaning_of_blank(roster, columns), are_refusals_filled(roster, columns)
    return Reading(roster, columns, place, places, places_of_streets(), unsaid, are_refusals, copied)


def _with_remarks(row: Compared, remarks: Asides) -> Compared:
    """The row of a new person with the notes of its remarks."""
    told = remarks.notes(row.candidate.row.cells)
    return replace(row, candidate=replace(row.candidate, notes=(*row.candidate.notes, *told))) if told else row


class KnownPeople:
    """People in the database with the numbers, addresses and names of some rows."""

    def __init__(self, candidates: Sequence[Candidate]) -> None:
        ways = {way for candidate in candidates for way in candidate.known_by}
        names = {key for candidate in candidates for key in candidate.name_keys}
        cards = cards_known_by(ways, names)
        self._by_way = grouped((str(way), card) for card in cards for way in {card.mobile, card.email} - {None})
        self._by_name = grouped((folded(f"{card.last_name} {card.first_name}"), card) for card in cards)

    def beside(self, candidate: Candidate) -> Compared:
        """The row with the one person of this mobile, else of this address; of those who share it, the one of this
        name. A number that nobody has, with somebody's address, is that person's new one if the name matches. A person
        with neither mobile nor address is recognised by name and another number.
        """
        mobile, email = candidate.values["mobile"], candidate.values["email"]
        holders = self._by_way.get(str(mobile or email), [])
        named = [card for card in holders if _is_named(card, candidate)]
        if candidate.number_shared and mobile and holders and not named:
            return Compared(candidate)
        if len(holders) > 1 and not named and mobile:
            raise Refusal("plusieurs personnes partagent ce numéro : corrigez celle-ci dans la console")
        if len(holders) > 1 and not named:
            raise Refusal("plusieurs personnes partagent cette adresse : corrigez celle-ci dans la console")
        if holders:
            return Compared(candidate, member=(named or holders)[0])
        at_address = self._by_way.get(str(email), []) if email else []
        namesakes = [card for key in dict.fromkeys(candidate.name_keys) for card in self._by_name.get(key, [])]
        if candidate.known_by:
            named = [card for card in at_address if _is_named(card, candidate)]
        else:
            named = [card for card in namesakes if {card.landline, card.second_number} & set(candidate.phones)]
        if len(named) == 1:
            return Compared(candidate, member=named[0])
        perhaps = {card.id: card for card in (*at_address, *namesakes)}
        return Compared(candidate, namesake=next(iter(perhaps.values())) if len(perhaps) == 1 else None)


def _is_named(card: MemberCard, candidate: Candidate) -> bool:
    return folded(f"{card.last_name} {card.first_name}") in candidate.name_keys


def _absent(rows: Sequence[Compared], not_taken: Sequence[RefusedRow], columns: Sequence[str]) -> list[Agreeing]:
    """The members whom a list of their neighbourhood does not name; a refused row also names somebody."""
    places = {folded(row.candidate.place) for row in rows if row.candidate.cells.get("neighbourhood")}
    known = {card.id for row in rows for card in (row.member, row.namesake) if card}
    cells = [said.cells_by_field(columns, row.cells) for row in not_taken]
    named = {folded(f"{row.get('last_name', '')} {row.get('first_name', '')}") for row in cells}
    people = (person for person in people_who_agreed() if folded(person.neighbourhood) in places)
    return [person for person in people if person.member_id not in known and person.name_key not in named]
