"""Entries of the journal in words: every action that exists, and the values beside it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from console.i18n.formats import count
from console.i18n.labels import (
    BULLETIN_CATEGORIES,
    COLUMN_WORDS,
    GUARD_WORDS,
    KINDS,
    RELAYED_HOW,
    ROLE_WORDS,
    TABLES,
    TIP_OUTCOMES,
    labels,
)
from db.journal.audit import Entry
from rules.languages import LANGUAGE_NAMES
from rules.people import Actor

ACTIONS, DETAILS, ACTORS = labels("journal_actions"), labels("journal_details"), labels("actors")
FIELDS = labels("journal_fields") | COLUMN_WORDS
# Values that are codes, by the name that they stand beside.
VALUES: dict[str, Mapping[str, LazyString]] = {
    **{name: labels(f"journal_values.{name}") for name in TABLES["journal_values"]},
    "language": {code: _l(name.template) for code, name in LANGUAGE_NAMES.items()},
    **dict.fromkeys(("roles", "lost"), ROLE_WORDS),
    "role": {"member": _l("membre"), **ROLE_WORDS},
    "guard": {kind: title for kind, (title, _advice) in GUARD_WORDS.items()},
    "kind": {kind: words for kind, (words, _tone) in KINDS.items()},
    "category": BULLETIN_CATEGORIES,
    "relay_how": RELAYED_HOW,
    "outcome": {code: words for code, (words, _tone) in TIP_OUTCOMES.items()},
}


@dataclass(frozen=True, slots=True)
class Deed:
    """One line of the journal, in words. `subject` is a number, a name, or `host/modem`."""

    at: datetime
    actor: str
    action: str
    subject: str
    detail: str


def deed(entry: Entry) -> Deed:
    """The entry in words; a code of a version that is not this one is shown as it is stored."""
    detail = [_told(name, value) for name, value in entry.detail.items() if value not in (None, {})]
    if entry.erased:
        detail.append(str(_("texte supprimé")))
    return Deed(
        at=entry.at,
        actor=actor_words(entry.actor),
        action=str(ACTIONS.get(entry.action, entry.action)),
        subject=entry.subject,
        detail=" · ".join(detail),
    )


def actor_words(actor: Actor) -> str:
    """An actor by name; the machine, and people who did not sign in, by a description."""
    return str(ACTORS.get(actor.kind, actor))


def _told(name: str, value: object) -> str:
    if isinstance(value, dict):
        return " · ".join(_change(field, values) for field, values in value.items())
    why = DETAILS.get(name) or FIELDS.get(name, name)  # an older version told the new value of a rule by itself
    return str(_("%(why)s : %(words)s", why=why, words=_shown(name, value)))


def _change(field: str, values: list[object]) -> str:
    """A field of `changed`: both values, or only that it changed where they are a person's."""
    what = FIELDS.get(field, field)
    if not values:
        return str(_("%(what)s : modifié", what=what))
    old, new = (_shown(field, value) for value in values)
    return str(_("%(what)s : %(old)s → %(new)s", what=what, old=old, new=new))


def _shown(name: str, value: object) -> str:
    if value in (None, ""):
        return "–"
    if isinstance(value, bool):
        return str(_("oui") if value else _("non"))
    if isinstance(value, int):
        return count(value)
    if isinstance(value, list):
        return ", ".join(_shown(name, each) for each in value)
    return str(VALUES.get(name, {}).get(str(value), value))
