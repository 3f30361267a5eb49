"""Words of the inbox: filters, ties of a writer to the zone, how a text was read, which parts are missing."""

from flask_babel import gettext as _
from flask_babel import ngettext

from console.i18n.labels import labels
from db.inbound.inbox.items import Item
from rules.replies.values import Answer, Meaning, Silence

_MEANINGS, _IN_VAIN = labels("meanings"), labels("in_vain")
_SILENCES, _ANSWERS = labels("silences"), labels("answers")


def meaning_words(item: Item) -> str:
    """The automatic reading of a text in words; empty where an officer reads it."""
    if item.verdict is None:
        return ""
    in_vain = _IN_VAIN.get(f"{item.verdict.meaning}_{item.verdict.answer or 'none'}")
    return str(in_vain or _MEANINGS.get(item.verdict.meaning, ""))


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


def missing_words(item: Item) -> str:
    """The missing parts in words, and whether they may still come; empty for a whole text."""
    if not item.missing:
        return ""
    *before, last = map(str, item.missing)
    which = _("%(first)s et %(last)s", first=", ".join(before), last=last) if before else last
    parts = ngettext(
        "Il manque la partie %(which)s sur %(total)s",
        "Il manque les parties %(which)s sur %(total)s",
        len(item.missing),
        which=which,
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
