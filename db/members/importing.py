"""A list of members into the database: every row is kept, or refused with its line and reason."""

from dataclasses import dataclass, field, replace
from datetime import datetime

from db import audit
from db.connection import writing
from db.members import roster
from db.members.cards import MemberCard
from db.members.listing import cards
from db.members.saving import FieldRefusal, MemberDraft, checked, save_neighbourhood, write_member
from db.models import Member, Neighbourhood, database
from db.refusals import Refusal


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A row that was not taken."""

    line: int
    reason: str


@dataclass(slots=True)
class ImportReport:
    """`read` = `added` + `updated` + refused rows."""

    read: int = 0
    added: int = 0
    updated: int = 0
    refused: list[RefusedRow] = field(default_factory=list)


def import_members(
    content: bytes, file_name: str, by: str, now: datetime, dry_run: bool = False, welcome: bool = False
) -> ImportReport:
    """Import a file in one transaction; `dry_run` undoes it and keeps the report.

    A person is known by mobile, else by e-mail: a known one is updated. A number or address that stands twice in
    the file is refused the second time. An unknown neighbourhood is made. Raises Refusal for an unreadable file.
    """
    with writing(), database.atomic() as transaction:
        report = _Import(by, now, welcome).run(list(roster.rows(content, file_name)))
        if dry_run:
            transaction.rollback()
        else:
            audit.record(
                now, by, "members_imported", added=report.added, updated=report.updated, refused=len(report.refused)
            )
    return report


class _Import:
    """One run: what it has seen so far, and its report."""

    def __init__(self, by: str, now: datetime, welcome: bool) -> None:
        self.by, self.now, self.welcome = by, now, welcome
        self.report = ImportReport()
        self.lines: dict[str, int] = {}
        self.neighbourhoods = {row.name.casefold(): row.id for row in Neighbourhood.select()}

    def run(self, rows: list[roster.Row]) -> ImportReport:
        for row in rows:
            self.report.read += 1
            try:
                self._take(row)
            except Refusal as refusal:
                self.report.refused.append(RefusedRow(row.line, str(refusal)))
        return self.report

    def _take(self, row: roster.Row) -> None:
        if row.overfull:
            raise Refusal("la ligne a plus de cellules que l'en-tête n'a de colonnes")
        place = row.cells["neighbourhood"]
        if not place:
            raise Refusal("il manque le quartier")
        draft = _draft(row.cells)
        values = checked(draft, neighbourhood_checked=True)
        key = str(values["mobile"] or values["email"])
        if key in self.lines:
            what = "ce numéro" if values["mobile"] else "cette adresse"
            raise Refusal("{what} est déjà à la ligne {line}", what=what, line=self.lines[key])
        existing = _known_person(values)
        values["neighbourhood"] = self._neighbourhood(place)
        if existing is None:
            write_member(None, values, draft, self.by, "import", self.now, self.welcome)
            self.report.added += 1
        else:
            self._update(existing, values, draft, row.cells)
            self.report.updated += 1
        self.lines[key] = row.line

    def _neighbourhood(self, name: str) -> int:
        if name.casefold() not in self.neighbourhoods:
            self.neighbourhoods[name.casefold()] = save_neighbourhood(None, name, "", self.by, self.now)
        return self.neighbourhoods[name.casefold()]

    def _update(self, card: MemberCard, values: dict[str, object], draft: MemberDraft, cells: dict[str, str]) -> None:
        """A list that does not say takes nothing away, and brings nobody back who left."""
        kept = {column: getattr(card, column) for column in ("email", "language", "role") if not cells.get(column)}
        draft = replace(
            draft,
            sms=draft.sms if cells.get("consent_sms") else card.sms,
            mail_group=draft.mail_group if cells.get("consent_mail_group") else card.mail_group,
        )
        write_member(card.id, values | kept, draft, self.by, "import", self.now, welcome=False)


def _draft(cells: dict[str, str]) -> MemberDraft:
    return MemberDraft(
        first_name=cells["first_name"],
        last_name=cells["last_name"],
        mobile=cells["mobile"],
        email=cells.get("email", ""),
        language=cells.get("language", ""),
        neighbourhood_id=0,
        role=roster.role(cells.get("role", "")),
        # The form asks for the mobile for this purpose (contract.md), so giving it is agreeing.
        sms=roster.yes_or_no(cells.get("consent_sms", ""), otherwise=True),
        mail_group=roster.yes_or_no(cells.get("consent_mail_group", ""), otherwise=False),
    )


def _known_person(values: dict[str, object]) -> MemberCard | None:
    """The one person of this mobile, else of this address; of two who share it, the one of this name."""
    column = Member.mobile if values["mobile"] else Member.email
    known = Member.select(Member, Neighbourhood).join(Neighbourhood)
    found = cards(known.where(column == (values["mobile"] or values["email"])))
    named = [row for row in found if (row.first_name, row.last_name) == (values["first_name"], values["last_name"])]
    if len(found) > 1 and not named:
        raise FieldRefusal("mobile", "plusieurs personnes partagent ce numéro : corrigez celle-ci dans la console")
    return next(iter(named or found), None)
