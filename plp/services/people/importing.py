"""A list of members into the database: every row is kept, or refused with its line and reason."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

from base.watchdog import alive
from db.engine.connection import in_chunks, take_turn, writing
from db.journal import audit
from db.people.members.cards import MemberCard
from db.people.members.listing import Agreeing, cards_of, keep_said, neighbourhood_names, said_of, ways_in_use
from db.people.members.saving import Note, add_members, lock_members, write_cards
from plp.services.people.comparing import Compared, Comparison, compared
from plp.services.people.exporting import written
from plp.services.people.neighbourhoods import save_neighbourhood
from plp.services.people.reading import Candidate, Differences, RefusedRow, refused
from plp.services.people.saving import NUMBERS_TURN, begin_act, keep_notes, undo_act
from rules.collation import folded
from rules.lists.columns import FRENCH, LINE, REASON, STRUCK, check_columns, fields_twice
from rules.lists.roster import Roster
from rules.members import CHANNELS
from rules.refusals import Refusal, required
from rules.sentences import Sentence


@dataclass(slots=True)
class Choices:
    """A person's decisions about a list. `declined`: (line, column) left as it is, or a whole one of `columns`; `same`:
    (line, member) who are one person; `leaving`: members; `staying`: lines of members who keep their neighbourhood and
    get the list's as well; `left_out`: lines of people who are not added.
    """

    declined: set[tuple[int, str]] = field(default_factory=set)
    columns: set[str] = field(default_factory=set)
    same: set[tuple[int, int]] = field(default_factory=set)
    leaving: set[int] = field(default_factory=set)
    staying: set[int] = field(default_factory=set)
    left_out: set[int] = field(default_factory=set)


@dataclass(slots=True)
class ImportReport:
    """`read` = `added` + `updated` + refused, and those whom somebody left out; `unchanged` are those of `updated` for
    whom the list has nothing new.
    """

    read: int = 0
    added: int = 0
    updated: int = 0
    unchanged: int = 0
    refused: list[RefusedRow] = field(default_factory=list)
    # As the file spells them: a typing error here would keep people out of their neighbourhood's alerts.
    new_neighbourhoods: list[str] = field(default_factory=list)
    changes: Sequence[Compared] = field(default_factory=list)
    # By column, of how many people it would change.
    changed_columns: Counter[str] = field(default_factory=Counter)
    # The changes, by line and column, of somebody who perhaps is not the member: another name has that number.
    other_names: set[tuple[int, str]] = field(default_factory=set)
    additions: Sequence[Compared] = field(default_factory=list)
    # Those of whom something was not taken as it stands; and the lines of all, and of those who will get SMS.
    doubted: Sequence[Compared] = field(default_factory=list)
    added_lines: list[int] = field(default_factory=list)
    texted_lines: set[int] = field(default_factory=set)
    namesakes: Sequence[Compared] = field(default_factory=list)
    absent: Sequence[Agreeing] = field(default_factory=list)
    # (line, what was not taken as it stands) of rows that were taken.
    notes: Sequence[tuple[int, Sentence]] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)
    # The neighbourhoods that somebody said are meant by names of the list.
    meant: dict[str, int] = field(default_factory=dict)
    # The members who were taken out, by name.
    left: list[str] = field(default_factory=list, compare=False)
    act_id: int | None = field(default=None, compare=False)

    @property
    def changed(self) -> int:
        """People of whom something else is known now."""
        return self.updated - self.unchanged

    @property
    def doubtful(self) -> int:
        """People to be added of whom something was not taken as it stands."""
        return len(self.doubted)

    def texted(self, left_out: Collection[int] = ()) -> int:
        """People to be added who will get SMS."""
        return len(self.texted_lines.difference(left_out))


def import_list(
    whole: Roster,
    columns: Sequence[str],
    by: str,
    now: datetime,
    *,
    dry_run: bool = False,
    welcome: bool = False,
    place: str = "",
    meant: Mapping[str, int] | None = None,
    choices: Choices | None = None,
) -> ImportReport:
    """Import a list in short transactions; with `dry_run` nothing is written. Raises Refusal when columns are missing.
    An unknown neighbourhood is made, unless `meant` assigns its name; `place` is that of rows that name none. If it is
    interrupted, all of it is undone (`undo_cut_short`).
    """
    check_columns(columns, bool(place))
    comparison = compared(whole, columns, place, meant or {})
    report = _foretold(whole, columns, comparison)
    if not dry_run:
        run = _Import(by, now, welcome, choices or Choices(), report)
        try:
            run.write(comparison.rows)
        except Exception:
            with suppress(Refusal):
                undo_act(run.act.id, by, now)
            raise
        with writing():
            if whole.header and list(columns) != list(whole.guess):
                pairs = zip(whole.header, columns, whole.guess, strict=True)
                others = {(name,): [column] for name, column, guess in pairs if name and column != guess}
                keep_said(others | {whole.header: [*columns]}, now)
            comparison.places.keep(now)
    return report


def remembered_columns(whole: Roster) -> list[str]:
    """The fields of the columns: as assigned for this header last, else by its names, some assigned otherwise."""
    known = said_of([whole.header, *((name,) for name in whole.header)])
    if len(whole.header) != 1 and whole.header in known:
        return list(known[whole.header])
    columns = [known.get((name,), [guess])[0] for name, guess in zip(whole.header, whole.guess, strict=False)]
    return list(whole.guess) if fields_twice(columns) or not whole.header else columns


def refused_csv(whole: Roster, columns: Sequence[str], rows: Sequence[tuple[RefusedRow, str]]) -> bytes:
    """The refused rows as a list of the same columns, with line and reason before them; corrected, it is read again."""
    header = whole.header or [FRENCH.get(name, "") for name in columns]
    lines = ([_line(whole, row), reason, *row.cells, *[""] * (len(header) - len(row.cells))] for row, reason in rows)
    return written([[LINE, REASON, *header], *lines])


def _line(whole: Roster, row: RefusedRow) -> str:
    return f"{row.line} {STRUCK}" if row.line in whole.struck else str(row.line)


def _foretold(whole: Roster, columns: Sequence[str], comparison: Comparison) -> ImportReport:
    report = ImportReport(len(whole.rows), refused=comparison.refused, absent=comparison.absent)
    report.meant = comparison.places.meant
    named = whole.header or [""] * len(columns)
    report.ignored = [name for name, column in zip(named, columns, strict=True) if name and not column]
    known = {folded(name) for name in neighbourhood_names().values()}
    report.notes = [(row.line, note) for row in comparison.rows for note in row.candidate.notes]
    for row in comparison.rows:
        place = row.candidate.place
        if folded(place) not in known:
            known.add(folded(place))
            report.new_neighbourhoods.append(place)
    report.additions = [row for row in comparison.rows if row.member is None]
    report.doubted = [row for row in report.additions if row.candidate.notes]
    report.added_lines = [row.line for row in report.additions]
    report.texted_lines = {row.line for row in report.additions if row.candidate.is_texted}
    report.added = len(report.additions)
    report.updated = len(comparison.rows) - report.added
    report.namesakes = [row for row in comparison.rows if row.namesake]
    report.changes = [row for row in comparison.rows if row.member and row.differs]
    report.changed_columns = Counter(column for row in report.changes for column in row.differs)
    report.other_names = {(row.line, column) for row in report.changes if row.is_other_name for column in row.differs}
    report.unchanged = report.updated - len(report.changes)
    return report


class _Import:
    """One run that writes: the person, their choices, the neighbourhoods by name, and the report."""

    def __init__(self, by: str, now: datetime, welcome: bool, choices: Choices, report: ImportReport) -> None:
        self.by, self.now, self.welcome, self.choices = by, now, welcome, choices
        self.report = report
        self.places: dict[int, str] = {}
        self.neighbourhoods: dict[str, int] = {}
        self.same = dict(choices.same)
        self.act = begin_act("import", by, now)
        report.act_id = self.act.id

    def write(self, compared_rows: list[Compared]) -> None:
        """Write what was compared; what changed meanwhile in the database is looked at again."""
        changed = {change.line for change in self.report.changes}
        in_chunks([row for row in compared_rows if row.member is None or row.line in changed], self._take)
        absent = {one.member_id for one in self.report.absent}
        in_chunks([member_id for member_id in self.choices.leaving if member_id in absent], self._leave)
        report = self.report
        report.refused.sort(key=lambda row: row.line)
        counts = {"added": report.added, "updated": report.updated, "refused": len(report.refused)}
        with writing():
            self.act.finish({**counts, "changed": report.changed, "left": len(report.left)})
            audit.record(self.now, self.by, "members_imported", str(self.act.id), **counts)

    def _take(self, rows: Sequence[Compared]) -> None:
        """Add or update these people, inside the caller's transaction."""
        take_turn(NUMBERS_TURN)
        places = neighbourhood_names()
        if places != self.places:
            self.places, self.neighbourhoods = places, {folded(name): place_id for place_id, name in places.items()}
        ids = {row.member.id for row in rows if row.member} | set(self.same.values())
        lock_members(ids)
        known = {card.id: card for card in cards_of(ids)} if ids else {}
        taken = ways_in_use([way for row in rows if row.member is None for way in row.candidate.known_by[:1]])
        new: list[Candidate] = []
        changed: list[tuple[MemberCard, Differences]] = []
        for row in rows:
            try:
                card = self._person(row, known)
                is_free = row.candidate.number_shared or taken.isdisjoint(row.candidate.known_by[:1])
                if card is None and not is_free:
                    raise Refusal(
                        "cette personne vient d'être ajoutée par quelqu'un d'autre : importez la liste de nouveau"
                    )
            except Refusal as refusal:
                self.report.refused.append(refused(row.candidate.row, refusal))
                self.report.added -= row.member is None
                self.report.updated -= row.member is not None
                continue
            if card is None and row.line in self.choices.left_out:
                self.report.added -= 1
            elif card is None:
                new.append(row.candidate)
            elif wanted := self._wanted(row, card):
                changed.append((card, wanted))
            else:
                self.report.unchanged += 1
        notes = self._change(changed)
        people = [(row.values | {"neighbourhood": self._place(row.place)}, row.draft) for row in new]
        added = add_members(people, self.by, "import", self.now, self.welcome) if people else []
        keep_notes(self.act, [*notes, *((member_id, {}) for member_id in added)])
        alive()

    def _wanted(self, row: Compared, card: MemberCard) -> Differences:
        """The differences not declined; who keeps their home gets the list's neighbourhood as a further place."""
        differs = row.candidate.differences(card)
        if "neighbourhood" in differs and row.line in self.choices.staying:
            self._place(row.candidate.place)
            differs = row.candidate.staying(card, differs)
        choices = self.choices
        kept = {name for name in differs if name in choices.columns or (row.line, name) in choices.declined}
        return {name: both for name, both in differs.items() if name not in kept}

    def _person(self, row: Compared, known: Mapping[int, MemberCard]) -> MemberCard | None:
        if row.member is not None:
            return required(known.get(row.member.id), Refusal("Ce membre n'existe plus."))
        if row.namesake and self.same.get(row.line) == row.namesake.id:
            del self.same[row.line]
            self.report.added -= 1
            self.report.updated += 1
            return known.get(row.namesake.id)
        return None

    def _change(self, changed: Sequence[tuple[MemberCard, Differences]]) -> list[Note]:
        written: list[tuple[MemberCard, dict[str, object]]] = []
        notes: list[Note] = []
        for card, differs in changed:
            if "neighbourhood" in differs:
                place = card.neighbourhood_id, self._place(str(differs["neighbourhood"][1]))
                differs = {**differs, "neighbourhood": place}
            written.append((card, {column: both[1] for column, both in differs.items()}))
            notes.append((card.id, differs))
        write_cards(written, self.by, "import", self.now)
        return notes

    def _leave(self, ids: Sequence[int]) -> None:
        lock_members(ids)
        leaving = [(card, [channel for channel in CHANNELS if getattr(card, channel)]) for card in cards_of(ids)]
        agreed = [(card, channels) for card, channels in leaving if channels]
        write_cards([(card, dict.fromkeys(channels, False)) for card, channels in agreed], self.by, "import", self.now)
        keep_notes(self.act, [(card.id, dict.fromkeys(channels, (True, False))) for card, channels in agreed])
        self.report.left += [card.name for card, _channels in agreed]

    def _place(self, place: str) -> int:
        """The neighbourhood of this name, which is made when it is new."""
        name = folded(place)
        if name not in self.neighbourhoods:
            self.neighbourhoods[name] = save_neighbourhood(None, place, "", self.by, self.now)
        return self.neighbourhoods[name]
