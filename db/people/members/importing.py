"""A list of members into the database: every row is kept, or refused with its line and reason."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from db.engine.batches import in_chunks
from db.engine.connection import writing
from db.journal import audit
from db.models.people import Member, Neighbourhood
from db.people.members import roster
from db.people.members.bulk import add_members, change_members
from db.people.members.cards import FURTHER, MemberCard
from db.people.members.forgotten import forgotten
from db.people.members.listing import cards
from db.people.members.saving import MemberDraft, checked, one_line, save_neighbourhood, write_member
from plp.rules.calendar import local_date
from plp.rules.collation import folded
from plp.rules.refusals import Refusal
from plp.rules.sentences import Sentence


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A row that was not taken."""

    line: int
    told: Sentence

    @property
    def reason(self) -> str:
        """`told` in French."""
        return str(self.told)


@dataclass(slots=True)
class ImportReport:
    """`read` = `added` + `updated` + refused; `unchanged` ones of `updated` tell how far an import cut short got."""

    read: int = 0
    added: int = 0
    updated: int = 0
    unchanged: int = 0
    refused: list[RefusedRow] = field(default_factory=list)
    # As the file spells them: a typing error here would keep people out of their neighbourhood's alerts.
    new_neighbourhoods: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A row that could be read: its columns, and what the file said of them."""

    row: roster.Row
    place: str
    values: dict[str, object]
    draft: MemberDraft


def import_members(
    content: bytes, file_name: str, by: str, now: datetime, dry_run: bool = False, welcome: bool = False
) -> ImportReport:
    """Import a file in short transactions; with `dry_run` nothing is written. Raises Refusal when unreadable.

    A person is known by mobile, else by e-mail, and updated; the second row of one is refused. An unknown neighbourhood
    is made. Cut short, each row is written whole or not at all, and it can be run again.
    """
    rows = list(roster.rows(content, file_name))
    report = ImportReport(read=len(rows))
    candidates = list(_candidates(rows, report))
    work = _Import(by, now, dry_run, welcome, report)
    if dry_run:
        for start in range(0, len(candidates), _LOOK_AT):
            work.take(candidates[start : start + _LOOK_AT])
    else:
        in_chunks(candidates, work.take)
    report.refused.sort(key=lambda row: row.line)
    if not dry_run:
        counts = {"added": report.added, "updated": report.updated, "refused": len(report.refused)}
        with writing():
            audit.record(now, by, "members_imported", "", **counts)
    return report


def _candidates(rows: Sequence[roster.Row], report: ImportReport) -> Iterator[_Candidate]:
    """The rows that can be taken by themselves; the others go into the report."""
    lines: dict[str, int] = {}
    for row in rows:
        try:
            candidate = _read(row)
            values = candidate.values
            key = str(values["mobile"] or values["email"])
            if key in lines:
                if values["mobile"]:
                    raise Refusal("ce numéro est déjà à la ligne {line}", line=lines[key])
                raise Refusal("cette adresse est déjà à la ligne {line}", line=lines[key])
        except Refusal as refusal:
            report.refused.append(RefusedRow(row.line, Sentence(refusal.template, refusal.values)))
            continue
        # The address of someone who has a number is taken too: a later row without one would be that person.
        for known in (values["mobile"], values["email"]):
            lines.setdefault(str(known), row.line)
        yield candidate


def _read(row: roster.Row) -> _Candidate:
    if row.overfull:
        raise Refusal("la ligne a plus de cellules que l'en-tête n'a de colonnes")
    cells = row.cells
    place = one_line(cells["neighbourhood"])
    if not place:
        raise Refusal("il manque le quartier")
    draft = MemberDraft(
        first_name=cells["first_name"],
        last_name=cells["last_name"],
        mobile=cells["mobile"],
        email=cells.get("email", ""),
        language=cells.get("language", ""),
        neighbourhood_id=0,
        role=roster.role(cells.get("role", "")),
        # The form asks for the mobile for this purpose, so giving it is agreeing
        # (docs/reference/contract.md, "Lists of members").
        sms=roster.yes_or_no(cells.get("consent_sms", ""), otherwise=True),
        mail_group=roster.yes_or_no(cells.get("consent_mail_group", ""), otherwise=False),
        landline=cells.get("landline", ""),
        second_number=cells.get("second_number", ""),
        street=cells.get("street", ""),
        house_number=cells.get("house_number", ""),
        postal_code=cells.get("postal_code", ""),
    )
    return _Candidate(row, place, checked(draft, neighbourhood_checked=True), draft)


class _Import:
    """One run: who imports, the neighbourhoods by name, and the report."""

    def __init__(self, by: str, now: datetime, dry_run: bool, welcome: bool, report: ImportReport) -> None:
        self.by, self.now, self.dry_run, self.welcome = by, now, dry_run, welcome
        self.report = report
        self.neighbourhoods: dict[str, int] = {}
        self._noted: set[str] = set()

    def take(self, candidates: Sequence[_Candidate]) -> None:
        """Add or update these people, inside the caller's transaction; a dry run only counts them."""
        self.neighbourhoods = {folded(row.name): row.id for row in Neighbourhood.select()}
        self._note_new_neighbourhoods(candidates)
        known = _KnownPeople(candidates)
        gone = forgotten([str(value) for each in candidates for value in _known_by(each) if value])
        new: list[_Candidate] = []
        changed: list[tuple[int, dict[str, object]]] = []
        for candidate in candidates:
            try:
                existing = known.person(candidate.values)
            except Refusal as refusal:
                self.report.refused.append(RefusedRow(candidate.row.line, Sentence(refusal.template, refusal.values)))
                continue
            since = [gone[key] for value in _known_by(candidate) if (key := str(value)) in gone]
            if existing is None and since:
                self._refuse_forgotten(candidate, max(since))
            elif existing is None:
                new.append(candidate)
            else:
                self._update(existing, candidate, changed)
        if changed:
            change_members(changed, self.by, "import", self.now)
        self.report.added += len(new)
        if new and not self.dry_run:
            people = [(self._placed(candidate), candidate.draft) for candidate in new]
            add_members(people, self.by, "import", self.now, self.welcome)

    def _refuse_forgotten(self, candidate: _Candidate, since: datetime) -> None:
        reason = Sentence(
            "cette personne a été effacée le {date} et une liste ne la ramène pas ; si elle revient, ajoutez-la à la "
            "main",
            {"date": f"{local_date(since):%d/%m/%Y}"},
        )
        self.report.refused.append(RefusedRow(candidate.row.line, reason))

    def _note_new_neighbourhoods(self, candidates: Sequence[_Candidate]) -> None:
        for candidate in candidates:
            name = folded(candidate.place)
            if name not in self.neighbourhoods and name not in self._noted:
                self._noted.add(name)
                self.report.new_neighbourhoods.append(candidate.place)

    def _update(self, card: MemberCard, candidate: _Candidate, changed: list[tuple[int, dict[str, object]]]) -> None:
        """A list that does not say takes nothing away, and brings nobody back who left."""
        self.report.updated += 1
        cells = candidate.row.cells
        kept = {
            column: getattr(card, column) for column in _KEPT if not (cells.get(column) and candidate.values[column])
        }
        draft = replace(
            candidate.draft,
            sms=candidate.draft.sms if cells.get("consent_sms") else card.sms,
            mail_group=candidate.draft.mail_group if cells.get("consent_mail_group") else card.mail_group,
        )
        values = self._placed(candidate) | kept
        stored = {column: getattr(card, column) for column in _KEPT} | {"neighbourhood": card.neighbourhood_id}
        as_agreed = (card.sms, card.mail_group) == (draft.sms, draft.mail_group)
        if as_agreed and stored == values:  # most rows of a list that is imported again
            self.report.unchanged += 1
        elif self.dry_run:
            return
        elif as_agreed:
            changed.append((card.id, values))
        else:
            write_member(card.id, values, draft, self.by, "import", self.now, welcome=False)

    def _placed(self, candidate: _Candidate) -> dict[str, object]:
        """The columns with the neighbourhood of that name, which is made when nobody lives there yet."""
        name = folded(candidate.place)
        if name not in self.neighbourhoods and not self.dry_run:
            self.neighbourhoods[name] = save_neighbourhood(None, candidate.place, "", self.by, self.now)
        return candidate.values | {"neighbourhood": self.neighbourhoods.get(name)}


def _known_by(candidate: _Candidate) -> tuple[object, object]:
    return candidate.values["mobile"], candidate.values["email"]


# So many rows a dry run looks up at once.
_LOOK_AT = 500
_KEPT = ("first_name", "last_name", "mobile", "email", "language", "role", *FURTHER)


class _KnownPeople:
    """People in the database with the numbers and addresses of some rows."""

    def __init__(self, candidates: Sequence[_Candidate]) -> None:
        numbers = [candidate.values["mobile"] for candidate in candidates if candidate.values["mobile"]]
        addresses = [candidate.values["email"] for candidate in candidates if not candidate.values["mobile"]]
        people = Member.select(Member, Neighbourhood).join(Neighbourhood).order_by(Member.id)
        found = cards(people.where(Member.mobile.in_(numbers) | Member.email.in_(addresses)))
        self._by_key: dict[str, list[MemberCard]] = {}
        for card in found:
            for key in {card.mobile, card.email} - {None}:
                self._by_key.setdefault(str(key), []).append(card)

    def person(self, values: dict[str, object]) -> MemberCard | None:
        """The one person of this mobile, else of this address; of those who share it, the one of this name."""
        found = self._by_key.get(str(values["mobile"] or values["email"]), [])
        named = [row for row in found if (row.first_name, row.last_name) == (values["first_name"], values["last_name"])]
        if len(found) > 1 and not named:
            if values["mobile"]:
                raise Refusal("plusieurs personnes partagent ce numéro : corrigez celle-ci dans la console")
            raise Refusal("plusieurs personnes partagent cette adresse : corrigez celle-ci dans la console")
        return next(iter(named or found), None)
