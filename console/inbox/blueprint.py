"""The blueprint that the inbox's pages share, what their addresses name, and the count in the menu."""

import re
from typing import get_args

from flask import abort, g, request
from flask_babel import gettext as _
from flask_babel import ngettext

from console.i18n.labels import labels
from console.web.page_header import page_header
from console.web.pages import Pages
from console.web.roles import may_open
from db.inbound.inbox.items import Channel, Item, Ref
from db.inbound.inbox.threads import thread_of, unread
from rules.replies.values import Answer, Meaning, Silence

blueprint = Pages("inbox", "/inbox")


_MEANINGS, _IN_VAIN = labels("meanings"), labels("in_vain")
_SILENCES, _ANSWERS = labels("silences"), labels("answers")
_REF = re.compile(r"(sms|mail)-([0-9]{1,9})")


def conversation_at(channel: str, number: int) -> tuple[Ref, list[Ref]]:
    """The message of an address and the conversation that it is in, or 404."""
    known = next((known for known in get_args(Channel) if known == channel), None) or abort(404)
    ref = Ref(known, number)
    conversation = thread_of(ref)
    return (ref, conversation) if conversation else abort(404)


def seen(conversation: list[Ref]) -> list[Ref]:
    """The messages that the page showed whose button was pressed: what came since is not meant."""
    shown = {f"{channel}-{number}" for channel, number in _REF.findall(request.form.get("seen", ""))}
    return [ref for ref in conversation if named(ref) in shown]


@blueprint.app_template_filter("ref")
def named(ref: Ref) -> str:
    """A message in a form or an address: `sms-12`."""
    return f"{ref.channel}-{ref.id}"


@blueprint.app_template_global()
def unread_messages() -> int:
    """Conversations that nobody took yet, for an officer; queried once per request, 0 while nothing is known."""
    if "unread_messages" not in g:
        g.unread_messages = unread() if page_header().zone and may_open("inbox.messages") else 0
    return int(g.unread_messages)


@blueprint.app_template_global()
def meaning_words(item: Item) -> str:
    """The automatic reading of a text in words; empty where an officer reads it."""
    if item.verdict is None:
        return ""
    in_vain = _IN_VAIN.get(f"{item.verdict.meaning}_{item.verdict.answer or 'none'}")
    return str(in_vain or _MEANINGS.get(item.verdict.meaning, ""))


@blueprint.app_template_global()
def automatic_words(item: Item) -> tuple[str, bool]:
    """The automatic answer in words, or the reason for none, and True when one was sent; empty where none was due."""
    verdict = item.verdict
    if verdict is None or verdict.answer is Answer.NONE:
        return "", False
    if verdict.silence is Silence.AUTOMATIC and verdict.meaning is Meaning.ALARM:
        # Whoever reads it must not take it for a machine's, nor undo by a call what its writer wanted.
        return str(_SILENCES["automatic_alarm"]), False
    if verdict.silence is not Silence.NONE:
        return str(_SILENCES[verdict.silence]), False
    return str(_ANSWERS[verdict.answer]), True


@blueprint.app_template_global()
def missing_words(item: Item) -> str:
    """The missing parts in words, and whether they may still come; empty for a whole text."""
    if not item.missing:
        return ""
    *before, last = map(str, item.missing)
    parts = ngettext(
        "Il manque la partie %(which)s sur %(total)s",
        "Il manque les parties %(which)s sur %(total)s",
        len(item.missing),
        which=_("%(first)s et %(last)s", first=", ".join(before), last=last) if before else last,
        total=item.total,
    )
    fate = _("elle n'est pas arrivée dans les 24 heures") if item.given_up_at else _("elle peut encore arriver")
    several = (
        _("elles ne sont pas arrivées dans les 24 heures") if item.given_up_at else _("elles peuvent encore arriver")
    )
    return str(_("%(missing)s ; %(fate)s.", missing=parts, fate=fate if len(item.missing) == 1 else several))


def sharing_words(place: str, is_group: bool) -> str:
    """The other readers of an address in words: a neighbourhood's readers, a group's members; empty for nobody."""
    if place:
        return str(
            _("Adresse du quartier %(name)s : toutes les personnes qui y ont accès verront votre réponse.", name=place)
        )
    return str(_("Adresse d'un groupe : tous ses membres verront votre réponse.")) if is_group else ""
