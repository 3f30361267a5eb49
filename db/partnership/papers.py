"""The partnership's papers and the terms of its coordinators; writers are for the caller's transaction."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from peewee import JOIN, fn

from db.engine.base import put
from db.engine.cached_queries import Prepared
from db.engine.connection import delete_in_chunks
from db.mail.values import Enclosure
from db.models.partnership import Mandate, Paper, YearPlan
from db.models.people import Member, Neighbourhood
from rules.calendar import day_of
from rules.partnership import LASTING, Due, is_near

_DESCRIBED = [column for column in Paper._meta.sorted_fields if column.name != "content"]
_PAPERS = Prepared(
    Paper.select(*_DESCRIBED, Neighbourhood)
    .join(Neighbourhood, JOIN.LEFT_OUTER)
    .order_by(Paper.kind, Paper.day.desc(), Paper.id.desc())
)
_TERMS = Prepared(
    Mandate.select(Mandate, Member, Neighbourhood)
    .join(Member, JOIN.LEFT_OUTER)
    .join_from(Mandate, Neighbourhood)
    .order_by(Neighbourhood.position, Neighbourhood.name, Mandate.appointed_on.desc(), Mandate.id.desc())
)


def papers() -> list[Paper]:
    """All papers without their content, by kind, the newest first."""
    return _PAPERS.results()


def is_kept(paper_id: int) -> bool:
    """True while the paper of this id is kept."""
    return bool(Paper.select().where(Paper.id == paper_id).exists())


def newest_papers(papers: Iterable[Paper]) -> list[Paper]:
    """Of these, which come newest first, the newest of every kind and neighbourhood."""
    newest: dict[tuple[str, Neighbourhood | None], Paper] = {}
    for paper in papers:
        newest.setdefault((paper.kind, paper.neighbourhood), paper)
    return list(newest.values())


def paper_file(paper_id: int) -> Enclosure | None:
    """The file of a paper; None where it has none."""
    row = Paper.get_or_none(Paper.id == paper_id, Paper.filename != "")
    return None if row is None else Enclosure(row.filename, row.media_type, bytes(row.content))


def add_paper(values: dict[str, Any], file: Enclosure | None, by: str, now: datetime) -> int:
    """Add a paper with its cleaned file; returns its id."""
    kept = {} if file is None else {"filename": file.filename, "media_type": file.media_type, "content": file.content}
    return int(Paper.create(**values, **kept, added_by=by, added_at=now).id)


def remove_paper(paper_id: int) -> bool:
    """Remove a paper with its file; False where it is gone already."""
    return bool(Paper.delete().where(Paper.id == paper_id).execute())


def stored_bytes() -> int:
    """The size of all files of papers."""
    return int(Paper.select(fn.COALESCE(fn.SUM(fn.LENGTH(Paper.content)), 0)).scalar())


def terms() -> list[Mandate]:
    """The terms of coordinators by neighbourhood, the newest first; then new ones of who has none written down."""
    written = written_terms()
    holders = {term.member_id for term in written if not term.ended_on}
    without = Member.select(Member, Neighbourhood).join(Neighbourhood).where(Member.role == "coordinator")
    others = [
        Mandate(member=row, neighbourhood=row.neighbourhood, appointed_on="")
        for row in without.order_by(Neighbourhood.position, Neighbourhood.name, Member.name_key)
        if row.id not in holders
    ]
    return [*written, *others]


def written_terms() -> list[Mandate]:
    """The terms that somebody wrote down, by neighbourhood, the newest first."""
    return _TERMS.results()


def put_term(term_id: int | None, values: dict[str, Any]) -> int:
    """Write a term, a new one for None; returns its id."""
    if term_id is None:
        return int(Mandate.create(**values).id)
    Mandate.update(values).where(Mandate.id == term_id).execute()
    return term_id


def home_of(member_id: int) -> int | None:
    """The neighbourhood of a member; None for nobody."""
    return Member.select(Member.neighbourhood).where(Member.id == member_id).scalar() or None


def plan_after(year: int) -> str:
    """The typed text on changes in the year after; empty before."""
    return YearPlan.select(YearPlan.text).where(YearPlan.year == year).scalar() or ""


def put_plan(year: int, text: str) -> None:
    """Keep what changes in the year after."""
    put(YearPlan, {"year": year}, text=text)


def papers_due(now: datetime) -> list[Due]:
    """Papers and terms that end soon or did, and unchecked coordinators; only the newest of a paper counts."""
    today, due = date.fromisoformat(day_of(now)), []
    for paper in newest_papers(papers()):
        if paper.kind in LASTING and is_near(paper.valid_until, today):
            place = paper.neighbourhood.name if paper.neighbourhood else ""
            due.append(Due(paper.kind, place, paper.valid_until))
    for term in (term for term in written_terms() if term.member_id is not None):
        if term.ended_on >= today.isoformat() and is_near(term.ended_on, today):
            due.append(Due("ending", term.place, term.ended_on))
        if not term.checked_on and not term.ended_on:
            due.append(Due("unchecked", term.place, ""))
    return due


def forget_papers(before: datetime) -> int:
    """Delete minutes, papers that held until a day, and terms, all of before; returns how many."""
    day = day_of(before)
    over = ((Paper.kind == "minutes") & (Paper.day < day)) | ((Paper.valid_until != "") & (Paper.valid_until < day))
    ended = (Mandate.ended_on != "") & (Mandate.ended_on < day)
    return delete_in_chunks(Paper, over) + delete_in_chunks(Mandate, ended)
