"""Lists from files: choose a file, assign the columns, check the result, import, correct refused rows."""

import re

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from console.i18n.labels import COLUMN_WORDS, labels
from console.i18n.translate import said
from console.people.members.additions import additions, read_cells
from console.people.members.pages import blueprint
from console.people.members.waiting import OPEN, PER_PAGE, Waiting, WaitingLists
from console.web import form_fields
from console.web.acting import actor, as_file, attempt, settings
from console.web.pages import Served
from db.engine.clock import utc_now
from db.people.members.listing import neighbourhoods
from db.people.members.saving import acts
from plp.services.people.importing import refused_csv, remembered_columns
from plp.services.people.importing_apart import LONG_BYTES
from plp.services.people.reading import MAXIMUM_BYTES, list_in
from plp.services.people.saving import undo_act, undo_cut_short
from rules.lists import columns as columns_of_lists
from rules.lists.roster import Row

SHOWN_ROWS = 200
# Refused rows that can be corrected at once: a form has a thousand fields at most.
CORRECTED_ROWS = 25
LONGEST_CELL = 300
SHOWN_CELLS = 3
LIST_WORDS = {**COLUMN_WORDS, **labels("member_columns")}
# Those that the page names as the file's first line, in the reader's language, and those that a list may have besides.
ASKED_COLUMNS = ("first_name", "last_name", "mobile", "email", "language", "neighbourhood", "role")
OPTIONAL_COLUMNS = (
    "street",
    "house_number",
    "postal_code",
    "landline",
    "second_number",
    "number_shared",
    "consent_sms",
    "consent_mail_group",
)
_PAIR = re.compile(r"(\d{1,9}):(\w{1,30})")

lists = WaitingLists()


def _choose_page() -> str:
    """A file to choose; and what changed many members in the last day."""
    undo_cut_short(utc_now())
    return render_template(
        "people/members/import.html",
        acts=acts(utc_now()),
        column_words=LIST_WORDS,
        ASKED_COLUMNS=ASKED_COLUMNS,
        OPTIONAL_COLUMNS=OPTIONAL_COLUMNS,
    )


@blueprint.form("/import", _choose_page, may="edit_members")
def choose_list() -> Served:
    name, content = form_fields.upload(MAXIMUM_BYTES)
    waiting = Waiting(current_user.identity.id, name, form_fields.ticked("welcome"), utc_now())
    if len(content) > LONG_BYTES:
        waiting.content, waiting.config = content, settings().path
    else:
        waiting.roster = list_in(content, name)
        waiting.columns = remembered_columns(waiting.roster)
    lists.put(waiting)
    lists.compare(waiting, actor())
    return redirect(url_for("members.waiting_list", key=waiting.key))


@blueprint.get("/import/<key>", may="edit_members")
def waiting_list(key: str) -> Served:
    waiting = _waiting(key)
    phase = waiting.phase  # before what belongs to it: another thread may end its work meanwhile, the phase last
    asked_page = form_fields.number("page", 1) or 1
    adding = additions(waiting, asked_page, form_fields.line("doubt", 5) == "yes")
    pages = waiting.pages(len(adding.rows))
    page = min(asked_page, pages)
    of_refused = max(1, -(-len(waiting.report.refused) // CORRECTED_ROWS))
    rows_page = min(form_fields.number("rows", 1) or 1, of_refused)
    return render_template(
        "people/members/report.html",
        waiting=waiting,
        phase=phase,
        report=waiting.report,
        shown=SHOWN_ROWS,
        rows_page=rows_page,
        rows_pages=of_refused,
        to_correct=waiting.report.refused[CORRECTED_ROWS * (rows_page - 1) : CORRECTED_ROWS * rows_page],
        longest=LONGEST_CELL,
        per_page=PER_PAGE,
        page=page,
        pages=pages,
        adding=adding,
        read_cells=read_cells,
        mended=_mended(waiting, form_fields.number("mend")),
        window=slice(PER_PAGE * (page - 1), PER_PAGE * page),
        column_words=LIST_WORDS,
        fields=columns_of_lists.FIELDS,
        samples=_samples(waiting),
        unclear=waiting.unclear,
        places=neighbourhoods(),
    )


@blueprint.post("/import/<key>/columns", endpoint="say_columns", may="edit_members")
@blueprint.post("/import/<key>/places", endpoint="say_places", may="edit_members")
@blueprint.post("/import/<key>/rows", endpoint="correct_rows", may="edit_members")
def compare(key: str) -> Served:
    """Compare the list again, with its assigned columns, the neighbourhoods that are meant, or the corrected rows."""
    waiting, taken = _waiting(key), request.path.rpartition("/")[2]
    if waiting.phase not in OPEN or not waiting.columns:
        return redirect(url_for("members.waiting_list", key=key))
    if taken == "columns":
        known = {"", *columns_of_lists.FIELDS}
        said_of = [form_fields.line(f"column{at}", 30) for at in range(len(waiting.columns))]
        waiting.columns = [column if column in known else "" for column in said_of]
        place_id = form_fields.number("place")
        waiting.place = next((place.name for place in neighbourhoods() if place.id == place_id), "")
    elif taken == "places":
        meant = zip(request.form.getlist("called"), form_fields.numbers("meant"), strict=False)
        waiting.meant = {name: place_id for name, place_id in meant if name in waiting.called()}
    else:
        asked = waiting.asked_columns()
        correctable = {row.line for row in waiting.report.refused} | {*waiting.report.added_lines}
        cells = {
            (line, at): form_fields.line(name, LONGEST_CELL)
            for line in correctable
            for at in asked
            if (name := f"cell{line}-{at}") in request.form
        }
        lines = {line for line, _at in cells}
        shared, unstruck = (
            {line for line in lines if form_fields.ticked(f"{box}{line}")} for box in ("shared", "still")
        )
        waiting.correct(cells, shared, unstruck)
    lists.compare(waiting, actor(), anew=taken == "columns")
    return redirect(url_for("members.waiting_list", key=key))


@blueprint.post("/import/<key>", may="edit_members")
def import_list(key: str) -> Served:
    """Keep what was ticked; then another page of it, or the import."""
    waiting = _waiting(key)
    page, every = form_fields.number("page"), form_fields.line("every", 5)
    if every:
        page = form_fields.number("here", 1)
    doubt, mend = form_fields.line("doubt", 5), form_fields.number("mend")
    if (show := form_fields.line("show", 5)) or mend:
        page = 1 if show else form_fields.number("here", 1)
        doubt = {"all": "", "doubt": "yes"}.get(show, doubt)
    if waiting.phase == "compared":
        waiting.leave_out(set(form_fields.numbers("offered")), set(form_fields.numbers("add")))
        waiting.choose(form_fields.number("here", 1) or 1, *_ticked())
        if every:
            waiting.chosen.leaving = {one.member_id for one in waiting.report.absent} if every == "leave" else set()
    if page is None and not lists.write(waiting, actor()) and waiting.phase == "done":
        flash(_("Liste déjà importée."), "failed")
    anchor = "additions" if show else None
    if mend:
        anchor = "mended"
    return redirect(url_for("members.waiting_list", key=key, page=page, doubt=doubt or None, mend=mend, _anchor=anchor))


@blueprint.get("/import/<key>/refused.csv", may="edit_members")
def refused_rows(key: str) -> Served:
    waiting = _waiting(key)
    rows = [(row, said(row.sentence)) for row in waiting.report.refused]
    return as_file(refused_csv(waiting.roster, waiting.columns, rows), "text/csv", "lignes-refusees.csv")


@blueprint.post("/acts/<int:act_id>/undo", may="edit_members")
def undo(act_id: int) -> Served:
    if (counts := attempt(lambda: undo_act(act_id, actor(), utc_now()))) is not None:
        sentence = _("Annulé : %(undone)s membres rétablis.", undone=counts["undone"])
        kept = _("%(kept)s ont été modifiés entre-temps et sont conservés.", kept=counts["kept"])
        flash(f"{sentence} {kept}" if counts["kept"] else sentence, "done")
    return redirect(url_for("members.choose_list"), 303)


def _mended(waiting: Waiting, line: int | None) -> Row | None:
    """The row of somebody to add that is to be corrected."""
    report = waiting.report
    return report.additions[report.added_lines.index(line)].candidate.row if line in report.added_lines else None


def _ticked() -> tuple[set[str], set[tuple[int, str]], set[tuple[int, int]], set[int], set[int]]:
    """The boxes of the page that was posted, as `Waiting.choose` takes them."""
    take = [_PAIR.fullmatch(pair) for pair in request.form.getlist("take")]
    same = [_PAIR.fullmatch(pair) for pair in request.form.getlist("same")]
    return (
        set(request.form.getlist("columns")),
        {(int(one[1]), one[2]) for one in take if one},
        {(int(one[1]), int(one[2])) for one in same if one and one[2].isdecimal()},
        set(form_fields.numbers("leave")),
        set(form_fields.numbers("stay")),
    )


def _samples(waiting: Waiting) -> list[list[str]]:
    """The first non-empty cells of the columns."""
    rows = waiting.roster.rows[:SHOWN_ROWS]
    return [
        [row.cells[at][:60] for row in rows if at < len(row.cells) and row.cells[at]][:SHOWN_CELLS]
        for at in range(len(waiting.columns))
    ]


def _waiting(key: str) -> Waiting:
    return lists.find(current_user.identity.id, key, utc_now()) or abort(404)
