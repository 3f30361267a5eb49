"""The partnership's papers, the terms of its coordinators, and what its year changes in the next: checked and kept."""

from dataclasses import dataclass
from datetime import date, datetime

from db.engine.connection import writing
from db.journal import audit
from db.mail.values import Enclosure
from db.partnership import papers
from db.people.members.listing import neighbourhood_names
from rules.partnership import LASTING, PAPERS
from rules.refusals import FieldRefusal, Missing, Refusal, required

LONGEST_PEOPLE, LONGEST_PLAN = 500, 3_000
MOST_BYTES, MOST_BYTES_IN_ALL = 6 * 1024 * 1024, 200 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class PaperDraft:
    """A paper as typed; days as a date field gives them."""

    kind: str
    day: str
    valid_until: str = ""
    people: str = ""
    neighbourhood_id: int | None = None


@dataclass(frozen=True, slots=True)
class TermDraft:
    """A coordinator's term as typed."""

    member_id: int | None
    appointed_on: str
    checked_on: str = ""
    ended_on: str = ""


def save_paper(draft: PaperDraft, file: Enclosure | None, by: str, now: datetime) -> None:
    """Keep a paper with its cleaned file. Raises Refusal."""
    if draft.kind not in PAPERS:
        raise FieldRefusal("kind", "Choisissez le type de document.")
    day = _day("day", draft.day, needed=True)
    until = _day("valid_until", draft.valid_until) if draft.kind in LASTING else ""
    if until and until < day:
        raise FieldRefusal("valid_until", "La fin de validité précède la date du document.")
    if file is not None and len(file.content) > MOST_BYTES:
        raise FieldRefusal("file", "Le fichier dépasse {most} Mo.", most=MOST_BYTES // 1024 // 1024)
    if draft.neighbourhood_id is not None and draft.neighbourhood_id not in neighbourhood_names():
        raise FieldRefusal("neighbourhood", "Ce quartier n'existe plus : vérifiez votre choix.")
    values = {"kind": draft.kind, "day": day, "valid_until": until, "people": draft.people[:LONGEST_PEOPLE]}
    with writing():
        if file is not None and papers.stored_bytes() + len(file.content) > MOST_BYTES_IN_ALL:
            raise Refusal("Les documents du partenariat occupent trop de place : supprimez-en un d'abord.")
        paper_id = papers.add_paper({**values, "neighbourhood": draft.neighbourhood_id}, file, by, now)
        audit.record(now, by, "paper_added", str(paper_id), kind=draft.kind, day=day)


def delete_paper(paper_id: int, by: str, now: datetime) -> None:
    """Remove a paper with its file. Raises Missing."""
    with writing():
        if not papers.remove_paper(paper_id):
            raise Missing("Ce document n'existe plus.")
        audit.record(now, by, "paper_deleted", str(paper_id))


def save_term(term_id: int | None, draft: TermDraft, by: str, now: datetime) -> None:
    """Keep a coordinator's term; it stays in the neighbourhood where the coordinator lived first. Raises Refusal."""
    appointed = _day("appointed_on", draft.appointed_on, needed=True)
    checked, ended = _day("checked_on", draft.checked_on), _day("ended_on", draft.ended_on)
    if ended and ended < appointed:
        raise FieldRefusal("ended_on", "La fin précède la désignation.")
    values: dict[str, object] = {"appointed_on": appointed, "checked_on": checked, "ended_on": ended}
    with writing():
        if term_id is None:
            home = required(papers.home_of(draft.member_id or 0), Missing("Ce membre n'existe plus."))
            values |= {"member": draft.member_id, "neighbourhood": home}
        term_id = papers.put_term(term_id, values)
        audit.record(now, by, "mandate_changed", str(term_id), appointed=appointed, checked=checked, ended=ended)


def save_plan(year: int, text: str, by: str, now: datetime) -> None:
    """Keep what changes in the year after `year`."""
    with writing():
        papers.put_plan(year, text.strip()[:LONGEST_PLAN])
        audit.record(now, by, "year_plan_changed", str(year))


def _day(field: str, typed: str, needed: bool = False) -> str:
    """A typed day as an ISO date; empty for none. Raises FieldRefusal."""
    if needed and not typed:
        raise FieldRefusal(field, "Indiquez la date.")
    try:
        day = date.fromisoformat(typed) if typed else None
    except ValueError:
        day = date.min
    if day is not None and not 2000 <= day.year <= 2100:
        raise FieldRefusal(field, "« {day} » n'est pas une date. Exemple : 24/11/2026.", day=typed)
    return day.isoformat() if day is not None else ""
