"""The journal: searched, filtered, a page at a time."""

from collections.abc import Sequence
from dataclasses import replace

from flask import abort, render_template

from console.i18n.labels import ACTIONS, Deed, actor_words, deed
from console.web import form_fields
from console.web.pages import Pages, Served
from db.journal.reading import Column, JournalSearch, Line, entries_beside, journal_page, values_of
from rules.collation import folded
from rules.people import Actor

blueprint = Pages("journal", "/journal")

BESIDE = 200
# The filters, as they are called in the address.
FILTERS = ("words", "by", "kind", "about", "since", "until")


@blueprint.get("", may="see_journal")
def journal() -> Served:
    sought = form_fields.sought(FILTERS)
    actors = {value: actor_words(Actor.read(value)) for value in values_of("actor")}
    actions = {value: str(ACTIONS.get(value, value)).rstrip(" :") for value in values_of("action")}
    lines, older = journal_page(_search(sought, actors, actions), form_fields.line("before", 60))
    return render_template(
        "admin/journal/journal.html",
        lines=_words(lines),
        older=older,
        sought=sought,
        before=form_fields.line("before", 60),
        actors=_by_words(actors),
        actions=_by_words(actions),
    )


@blueprint.get("/<int:entry_id>", may="see_journal")
def moment(entry_id: int) -> Served:
    """All entries made at the same moment as this one: the list of an import."""
    after = form_fields.number("after") or 0
    lines = entries_beside(entry_id, after, BESIDE + 1) or abort(404)
    more = lines[BESIDE - 1].id if len(lines) > BESIDE else None
    return render_template(
        "admin/journal/moment.html", entry_id=entry_id, lines=_words(lines[:BESIDE]), more=more, after=after
    )


def _words(lines: Sequence[Line]) -> list[tuple[Line, Deed]]:
    return [(line, deed(line.entry)) for line in lines]


def _by_words(values: dict[str, str]) -> list[tuple[str, str]]:
    return sorted(values.items(), key=lambda pair: folded(pair[1]))


def _search(sought: dict[str, str], actors: dict[str, str], actions: dict[str, str]) -> JournalSearch:
    search = JournalSearch(
        actor=sought.get("by", ""),
        action=sought.get("kind", ""),
        subject=sought.get("about", ""),
        since_at=form_fields.midnight(sought.get("since", "")),
        until_at=form_fields.next_midnight(sought.get("until", "")),
    )
    if "words" not in sought:
        return search
    wanted = folded(sought["words"])
    named: list[tuple[Column, str]] = [("actor", value) for value, words in actors.items() if wanted in folded(words)]
    named += [("action", value) for value, words in actions.items() if wanted in folded(words)]
    return replace(search, matches=(*named, ("subject", sought["words"])))
