"""A list beside the members that there are: who is new, what differs field by field, who is missing, which rows cannot
be taken. Nothing is written.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from itertools import zip_longest

from db.engine.base import tuples
from db.models.people import Consent, Member, Neighbourhood, Street
from db.people.members.cards import CHANNELS, COLUMNS, FURTHER, MemberCard
from db.people.members.forgotten import forgotten
from db.people.members.listing import cards_of
from db.people.members.saving import MemberDraft, checked, one_line
from rules.calendar import local_date
from rules.collation import folded, may_be_one_name
from rules.lists import columns as said
from rules.lists.answers import yes_or_no
from rules.lists.consents import Answers, answers, has_ticks_alone, refuse_unclear
from rules.lists.roster import Roster, Row
from rules.refusals import Refusal
from rules.sentences import Sentence

# So many rows are looked up at once.
LOOK_AT = 500
Differences = dict[str, tuple[object, object]]


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A row that was not taken, with its cells as the file has them."""

    line: int
    told: Sentence
    cells: tuple[str, ...] = field(default=(), compare=False)

    @property
    def reason(self) -> str:
        """`told` in French."""
        return str(self.told)

    def named(self, header: Sequence[str]) -> list[tuple[str, str]]:
        """(heading, cell) of each cell that says something; the heading is empty where the list has none."""
        pairs = zip_longest(header[: len(self.cells)], self.cells, fillvalue="")
        return [(heading, cell) for heading, cell in pairs if cell]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A row that could be read: what it says by field, its columns as they would be stored, and the draft of them.
    `number_shared`: with that mobile it is one more person, unless the name is of somebody who has it. `notes` tell
    what was not taken as it stands.
    """

    row: Row
    cells: dict[str, str]
    place: str
    values: dict[str, object]
    draft: MemberDraft
    answers: Answers
    number_shared: bool = False
    notes: tuple[Sentence, ...] = ()

    @property
    def name(self) -> str:
        """First and last name."""
        return f"{self.values['first_name']} {self.values['last_name']}".strip()

    @property
    def known_by(self) -> tuple[str, ...]:
        """Mobile and address, those that it has."""
        return tuple(str(way) for way in (self.values["mobile"], self.values["email"]) if way)

    @property
    def phones(self) -> tuple[str, ...]:
        """Its other numbers, which a household shares: they tell nobody apart without a name."""
        return tuple(str(phone) for phone in (self.values["landline"], self.values["second_number"]) if phone)

    @property
    def name_keys(self) -> tuple[str, str]:
        """Its name as members are ordered by it, and the other way round: lists mix up the two columns."""
        first, last = str(self.values["first_name"]), str(self.values["last_name"])
        return folded(f"{last} {first}"), folded(f"{first} {last}")

    def differences(self, card: MemberCard) -> Differences:
        """Differences between the list and this person, by column. One that does not say takes nothing away."""
        found: Differences = {}
        for column in COLUMNS:
            before, after = getattr(card, column), self.values[column]
            if self.cells.get(column) and after and after != before:
                found[column] = before, after
        if self.cells.get("neighbourhood") and folded(self.place) != folded(card.neighbourhood):
            found["neighbourhood"] = card.neighbourhood, self.place
        for channel in CHANNELS:
            # Giving a mobile is agreeing, also for someone who had none; nobody is brought back who left.
            says = getattr(self.answers, channel) is not None
            says = says or (channel == "sms" and card.mobile is None and "mobile" in found)
            before, after = getattr(card, channel), getattr(self.draft, channel)
            way = "mobile" if channel == "sms" else "email"
            if says and after != before and (not after or self.values[way] or getattr(card, way)):
                found[channel] = before, after
        return found


@dataclass(frozen=True)
class Compared:
    """A row that can be taken: a new person, or `member` with what `differs`. `namesake`: perhaps they are this one."""

    candidate: Candidate
    member: MemberCard | None = None
    namesake: MemberCard | None = None

    @property
    def line(self) -> int:
        """The line in the file."""
        return self.candidate.row.line

    @cached_property
    def differs(self) -> Differences:
        """Differences from the member, or from the namesake: before and after by column."""
        known = self.member or self.namesake
        return self.candidate.differences(known) if known else {}

    @property
    def is_other_name(self) -> bool:
        """Perhaps it is somebody else who has the member's number now, or has it too."""
        return self.member is not None and not may_be_one_name(self.member.name, self.candidate.name)


@dataclass(frozen=True, slots=True)
class Absent:
    """A member of one of the list's neighbourhoods, who agreed to something and whom it does not name."""

    member_id: int
    name: str
    neighbourhood: str


def compared(
    roster: Roster, columns: Sequence[str], place: str, progress: Callable[[int], object]
) -> tuple[list[Compared], list[RefusedRow], list[Absent]]:
    """The rows of a list by what is known: by mobile, else by address and name, else by a name alone (a proposal); rows
    refused, and the members whom it does not name.

    `place` is the neighbourhood of rows that name none, nor a street of the zone's list; `progress` is told how many
    rows were looked at.
    """
    rows: list[Compared] = []
    not_taken: list[RefusedRow] = []
    refuse_unclear(roster, columns)
    reading = Reading(roster, columns, place, _places_of_streets(), not has_ticks_alone(roster, columns))
    candidates = list(_candidates(reading, not_taken, progress))
    taken: dict[int, int] = {}
    for start in range(0, len(candidates), LOOK_AT):
        some = candidates[start : start + LOOK_AT]
        known = KnownPeople(some)
        gone = forgotten([way for each in some for way in each.known_by])
        for candidate in some:
            try:
                row = known.beside(candidate)
                _refuse_twice(row, taken)
                # Who shares a number with somebody who was forgotten does not become that person.
                if row.member is None or not _is_named(row.member, candidate):
                    _refuse_forgotten(candidate, gone)
            except Refusal as refusal:
                not_taken.append(refused(candidate.row, refusal))
                continue
            rows.append(row)
    rows = [Compared(row.candidate) if row.namesake and row.namesake.id in taken else row for row in rows]
    not_taken.sort(key=lambda row: row.line)
    return rows, not_taken, [] if roster.of_refused else _absent(rows, not_taken, columns)


def refused(row: Row, refusal: Refusal) -> RefusedRow:
    """A row, and why it is not taken."""
    return RefusedRow(row.line, Sentence(refusal.template, refusal.values), row.cells)


@dataclass(frozen=True, slots=True)
class Reading:
    """The way in which rows become people: `streets` are the neighbourhoods of streets by folded name, `unsaid` is the
    consent to texts of a row that does not say.
    """

    roster: Roster
    columns: Sequence[str]
    place: str
    streets: Mapping[str, str]
    unsaid: bool

    def candidate(self, row: Row) -> Candidate:
        """The person of a row. Raises Refusal."""
        if self.roster.is_overfull(row):
            raise Refusal("la ligne a plus de cellules que l'en-tête n'a de colonnes")
        cells = said.cells_by_field(self.columns, row.cells)
        said.refuse_what_excel_made(cells)
        usual_place = self.streets.get(folded(cells.get("street", "")), self.place)
        place = one_line(cells.get("neighbourhood", "")) or usual_place
        if not place:
            raise Refusal("il manque le quartier")
        answered = answers(self.columns, row.cells)
        draft = MemberDraft(
            **{name: cells.get(name, "") for name in ("first_name", "last_name", "mobile", "email", *FURTHER)},
            language=said.language(cells.get("language", "")),
            neighbourhood_id=0,
            role=said.role(cells.get("role", "")),
            # The form asks for the mobile for this purpose, so giving it is agreeing
            # (docs/reference/contract.md, "Lists of members").
            sms=self.unsaid if answered.sms is None else answered.sms,
            mail_group=answered.mail_group or False,
        )
        shared = yes_or_no(cells.get("number_shared", ""), otherwise=False)
        values = checked(draft, neighbourhood_checked=True)
        return Candidate(row, cells, place, values, draft, answered, shared, answered.notes())


def _candidates(
    reading: Reading, not_taken: list[RefusedRow], progress: Callable[[int], object]
) -> Iterator[Candidate]:
    """The rows that can be taken by themselves."""
    lines: dict[str, int] = {}
    for at, row in enumerate(reading.roster.rows):
        if at % LOOK_AT == 0:
            progress(at)
        try:
            candidate = reading.candidate(row)
            keys = candidate.known_by or candidate.phones
            if candidate.number_shared or not candidate.known_by:
                keys = tuple(f"{candidate.name_keys[0]} {key}" for key in keys)
            _refuse_repeated(candidate, lines.get(keys[0]))
        except Refusal as refusal:
            not_taken.append(refused(row, refusal))
            continue
        # The address of someone who has a number is taken too: a later row without one would be that person.
        for key in keys:
            lines.setdefault(key, row.line)
        yield candidate


def _places_of_streets() -> dict[str, str]:
    """By folded name, the neighbourhood of each street that the zone's list has in one alone."""
    rows = tuples(Street.select(Street.folded, Neighbourhood.name).join(Neighbourhood))
    found: dict[str, set[str]] = {}
    for street, place in rows:
        found.setdefault(street, set()).add(place)
    return {street: next(iter(places)) for street, places in found.items() if len(places) == 1}


def _refuse_repeated(candidate: Candidate, line: int | None) -> None:
    if line is None:
        return
    if candidate.values["mobile"]:
        raise Refusal(
            "ce numéro est déjà à la ligne {line} ; pour deux personnes, oui dans une colonne « numéro partagé »",
            line=line,
        )
    if candidate.values["email"]:
        raise Refusal("cette adresse est déjà à la ligne {line}", line=line)
    raise Refusal("cette personne est déjà à la ligne {line}", line=line)


def _refuse_twice(row: Compared, taken: dict[int, int]) -> None:
    if row.member is not None and taken.setdefault(row.member.id, row.line) != row.line:
        raise Refusal("cette personne est déjà à la ligne {line}", line=taken[row.member.id])


def _refuse_forgotten(candidate: Candidate, gone: dict[str, datetime]) -> None:
    since = [gone[way] for way in candidate.known_by if way in gone]
    if since:
        raise Refusal(
            "personne supprimée le {date}, qu'une liste ne rajoute pas ; si elle revient, ajoutez-la à la main",
            date=f"{local_date(max(since)):%d/%m/%Y}",
        )


class KnownPeople:
    """People in the database with the numbers, addresses and names of some rows."""

    def __init__(self, candidates: Sequence[Candidate]) -> None:
        ways = {way for candidate in candidates for way in candidate.known_by}
        names = {key for candidate in candidates for key in candidate.name_keys}
        theirs = Member.mobile.in_(ways) | Member.email.in_(ways) | Member.name_key.in_(names)
        found = cards_of(member_id for (member_id,) in tuples(Member.select(Member.id).where(theirs)))
        self._by_way: dict[str, list[MemberCard]] = {}
        self._by_name: dict[str, list[MemberCard]] = {}
        for card in found:
            for way in {card.mobile, card.email} - {None}:
                self._by_way.setdefault(str(way), []).append(card)
            self._by_name.setdefault(folded(f"{card.last_name} {card.first_name}"), []).append(card)

    def beside(self, candidate: Candidate) -> Compared:
        """The row with the one person of this mobile, else of this address; of those who share it, the one of this
        name. A number that nobody has, with somebody's address, is that person's new one if the name is theirs. Who has
        neither mobile nor address is known by name and another number.
        """
        mobile, email = candidate.values["mobile"], candidate.values["email"]
        found = self._by_way.get(str(mobile or email), [])
        named = [card for card in found if _is_named(card, candidate)]
        if candidate.number_shared and mobile and found and not named:
            return Compared(candidate)
        if len(found) > 1 and not named:
            if mobile:
                raise Refusal("plusieurs personnes partagent ce numéro : corrigez celle-ci dans la console")
            raise Refusal("plusieurs personnes partagent cette adresse : corrigez celle-ci dans la console")
        if found:
            return Compared(candidate, member=(named or found)[0])
        at_address = self._by_way.get(str(email), []) if email else []
        namesakes = list(self._namesakes(candidate))
        if candidate.known_by:
            named = [card for card in at_address if _is_named(card, candidate)]
        else:
            named = [card for card in namesakes if {card.landline, card.second_number} & set(candidate.phones)]
        if len(named) == 1:
            return Compared(candidate, member=named[0])
        perhaps = {card.id: card for card in (*at_address, *namesakes)}
        return Compared(candidate, namesake=next(iter(perhaps.values())) if len(perhaps) == 1 else None)

    def _namesakes(self, candidate: Candidate) -> Iterable[MemberCard]:
        return (card for key in dict.fromkeys(candidate.name_keys) for card in self._by_name.get(key, []))


def _is_named(card: MemberCard, candidate: Candidate) -> bool:
    return folded(f"{card.last_name} {card.first_name}") in candidate.name_keys


def _absent(rows: Sequence[Compared], not_taken: Sequence[RefusedRow], columns: Sequence[str]) -> list[Absent]:
    """The members whom a list of their neighbourhood does not name; a refused row names somebody too."""
    places = {folded(row.candidate.place) for row in rows if row.candidate.cells.get("neighbourhood")}
    known = {row.member.id for row in rows if row.member} | {row.namesake.id for row in rows if row.namesake}
    named = set()
    for row in not_taken:
        cells = said.cells_by_field(columns, row.cells)
        named.add(folded(f"{cells.get('last_name', '')} {cells.get('first_name', '')}"))
    people = (
        Member.select(Member.id, Member.first_name, Member.last_name, Member.name_key, Neighbourhood.name)
        .join(Neighbourhood)
        .where(Member.id.in_(Consent.select(Consent.member).where(Consent.given)))
        .order_by(Member.name_key, Member.id)
    )
    there = tuples(people)
    here = {place for place in {row[-1] for row in there} if folded(place) in places}
    return [
        Absent(member_id, f"{first} {last}".strip(), place)
        for member_id, first, last, key, place in there
        if place in here and member_id not in known and key not in named
    ]
