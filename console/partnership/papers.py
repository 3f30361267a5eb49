"""The partnership's papers, the terms of its coordinators, and the account of a year as a PDF."""

from functools import partial

from flask import abort, render_template, request
from flask_babel import force_locale
from flask_babel import gettext as _

from console.bulletins.blueprint import as_sent
from console.bulletins.enclosures.enclosing import cleaned_file
from console.i18n.labels import labels
from console.partnership.account import account_pdf
from console.partnership.statistics import long_day, past_years, rows_of_year
from console.web import form_fields
from console.web.acting import actor, as_file, attempted, done
from console.web.pages import Pages, Served
from db.engine.clock import utc_now
from db.engine.connection import reading
from db.partnership.papers import is_kept, paper_file, papers_due, plan_after, terms
from db.partnership.papers import papers as stored_papers
from plp.services import partnership as services
from plp.services.people.exporting import record_taken
from rules.calendar import local_date
from rules.languages import LANGUAGES

blueprint = Pages("partnership", "/partnership")
PAPER_WORDS = labels("paper_words")


def _page() -> str:
    today = local_date(utc_now())
    # In January one accounts for the year that is over.
    year = form_fields.number("year") or (today.year if today.month > 3 else today.year - 1)
    return render_template(
        "partnership/papers.html",
        papers=stored_papers(),
        terms=terms(),
        due=papers_due(utc_now()),
        year=year,
        years=past_years(),
        plan=plan_after(year),
        longest=services.LONGEST_PLAN,
        due_words=due_words,
    )


@blueprint.form("", _page, may="keep_partnership")
def papers() -> Served:
    """All of it on one page; its own form adds a paper."""
    draft = services.PaperDraft(
        form_fields.line("kind", 20),
        form_fields.line("day", 10),
        form_fields.line("valid_until", 10),
        form_fields.line("people", services.LONGEST_PEOPLE),
        form_fields.number("neighbourhood"),
    )
    upload = request.files.get("file")
    file = cleaned_file(upload) if upload is not None and upload.filename else None
    services.save_paper(draft, file, actor(), utc_now())
    return done(_("Document enregistré."), "partnership.papers")


@blueprint.get("/papers/<int:paper_id>", may="keep_partnership")
def look_at(paper_id: int) -> Served:
    return as_sent(paper_file(paper_id) or abort(404))


@blueprint.post("/papers/<int:paper_id>/delete", may="keep_partnership")
def remove(paper_id: int) -> Served:
    if not is_kept(paper_id):
        abort(404)
    deed = partial(services.delete_paper, paper_id, actor(), utc_now())
    return attempted(deed, _("Document supprimé."), "partnership.papers")


@blueprint.post("/terms", may="keep_partnership")
def save_term_now() -> Served:
    """Save the dates of a coordinator's term, or begin one."""
    days = (form_fields.line(name, 10) for name in ("appointed_on", "checked_on", "ended_on"))
    draft = services.TermDraft(form_fields.number("member"), *days)
    deed = partial(services.save_term, form_fields.number("term"), draft, actor(), utc_now())
    return attempted(deed, _("Modifications enregistrées."), "partnership.papers")


@blueprint.post("/plan", may="keep_partnership")
def save_plan_now() -> Served:
    """Save what changes in the next year, for the account."""
    year, text = form_fields.number("year") or abort(404), form_fields.paragraphs("text", services.LONGEST_PLAN)
    deed = partial(services.save_plan, year, text, actor(), utc_now())
    return attempted(deed, _("Modifications enregistrées."), "partnership.papers")


def _rows(year: int) -> int:
    # A line of a PDF takes as long as several of a table.
    return 5 * rows_of_year(year=year)


@blueprint.get("/account/<int:year>.pdf", may="keep_partnership", rows=_rows)
def account(year: int) -> Served:
    """The account of a year, in the language of the address, to print and sign."""
    if not 2000 <= year <= local_date(utc_now()).year:
        abort(404)
    language = form_fields.line("language", 5)
    with force_locale(language if language in LANGUAGES else LANGUAGES[0]), reading():
        content = account_pdf(year, utc_now())
    record_taken("account_printed", str(year), actor(), utc_now())
    return as_file(content, "application/pdf", f"rapport-plp-{year}.pdf")


def due_words(what: str, place: str, day: str) -> str:
    """A date of the papers that is near, or past, in a sentence."""
    if what == "unchecked":
        return str(_("Coordinateur sans contrôle de la police : %(place)s.", place=place))
    if what == "ending":
        return str(_("Fin du mandat du coordinateur (%(place)s) : %(day)s.", place=place, day=long_day(day)))
    where = place or _("toute la zone")
    until = long_day(day)
    return str(_("%(kind)s (%(place)s) : valable jusqu'au %(day)s.", kind=PAPER_WORDS[what], place=where, day=until))
