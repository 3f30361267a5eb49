"""What the inbox says: which messages are listed, who wrote, how a text was read, what is missing."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from flask_babel.speaklater import LazyString

from db.inbound.inbox.values import Item
from plp.rules.replies.values import Answer, Meaning, Silence

FILTERS: dict[str, LazyString] = {
    "open": _l("À lire"),
    "all": _l("Tout"),
    "sms": _l("SMS"),
    "mail": _l("E-mail"),
    "handled": _l("Traités"),
}

TIES: dict[str, LazyString] = {
    "coordinator": _l("coordinateur"),
    "member": _l("membre"),
    "reference": _l("adresse de référence du quartier"),
    "": _l("pas dans la liste des membres"),
}

# What became of an officer's answer, as a badge shows it.
LETTER_STATES: dict[str, tuple[LazyString, str]] = {
    "queued": (_l("part bientôt"), "waiting"),
    "sending": (_l("part maintenant"), "working"),
    "accepted": (_l("parti"), "working"),
    "refused": (_l("refusé"), "failed"),
    "expired": (_l("expiré"), "failed"),
    "bounced": (_l("revenu"), "failed"),
    "cancelled": (_l("annulé"), "waiting"),
}

_MEANINGS: dict[Meaning, LazyString] = {
    Meaning.STOP: _l("compris comme : ne plus recevoir de SMS"),
    Meaning.START: _l("compris comme : recevoir de nouveau les SMS"),
    Meaning.OK: _l("compté comme « OK »"),
    Meaning.ALARM: _l("un mot d'alarme s'y trouve"),
}

# Understood, and not done: somebody has to decide.
_IN_VAIN: dict[tuple[Meaning, Answer], LazyString] = {
    (Meaning.STOP, Answer.NONE): _l(
        "STOP sans effet : un accord plus récent existe, ou c'est le numéro d'un utilisateur ; à vous de voir"
    ),
    (Meaning.START, Answer.NOT_READ): _l("START sans effet : cette personne n'est pas partie par SMS ; à vous de voir"),
}

_SILENCES: dict[Silence, LazyString] = {
    Silence.NO_NUMBER: _l("Pas de réponse automatique : on ne peut pas répondre à cet expéditeur."),
    Silence.OWN: _l("Pas de réponse automatique : c'est une de nos cartes SIM."),
    Silence.ECHO: _l("Pas de réponse automatique : c'est un texte que nous avons envoyé."),
    Silence.AUTOMATIC: _l("Pas de réponse automatique : c'est une machine qui a écrit."),
    Silence.REPEATED: _l("Pas de réponse automatique : ce numéro en a déjà reçu une dans les 24 heures."),
    Silence.CEILING: _l("Pas de réponse automatique : il y en a eu trop dans l'heure."),
    Silence.OLD: _l("Pas de réponse automatique : le message était trop ancien."),
    Silence.REFUSED: _l("La réponse automatique n'est pas partie."),
    Silence.STRANGER: _l("Pas de réponse automatique : ce numéro n'est pas dans la liste des membres."),
    Silence.BUDGET: _l("Pas de réponse automatique : le reste du plafond des cartes SIM est pour les alertes."),
    Silence.HELD: _l("STOP retenu, sans effet ni réponse : il y en a eu trop à la fois, quelqu'un doit décider."),
    Silence.REJECTED: _l("STOP écarté : sans effet et sans réponse."),
}

# Whoever reads it must not take it for a machine's, nor undo by a call what its writer asked for.
_ASKED_FOR_SILENCE = _l(
    "Pas de réponse automatique : le texte demande de ne pas répondre, ou ressemble à celui d'une machine."
)

_ANSWERS: dict[Answer, LazyString] = {
    Answer.STOPPED: _l("il ou elle ne recevra plus de SMS"),
    Answer.STARTED: _l("il ou elle reçoit de nouveau les SMS"),
    Answer.NOT_READ: _l("les SMS ne sont pas lus, voici les numéros à appeler"),
}


def meaning_words(item: Item) -> str:
    """How a text was read by itself; empty where an officer reads it."""
    if item.verdict is None:
        return ""
    in_vain = _IN_VAIN.get((item.verdict.meaning, item.verdict.answer))
    return str(in_vain or _MEANINGS.get(item.verdict.meaning, ""))


def automatic_words(item: Item) -> tuple[str, bool]:
    """What was answered by itself, or why nothing was, and whether something was; empty where nothing was due."""
    verdict = item.verdict
    if verdict is None or verdict.answer is Answer.NONE:
        return "", False
    if verdict.silence is Silence.AUTOMATIC and verdict.meaning is Meaning.ALARM:
        return str(_ASKED_FOR_SILENCE), False
    if verdict.silence is not Silence.NONE:
        return str(_SILENCES[verdict.silence]), False
    return str(_ANSWERS[verdict.answer]), True


def missing_words(item: Item) -> str:
    """Which parts are missing and whether they may still come; empty for a whole text."""
    if not item.missing:
        return ""
    which = _enumeration([str(seq) for seq in item.missing])
    told = ngettext(
        "Il manque la partie %(which)s sur %(total)s",
        "Il manque les parties %(which)s sur %(total)s",
        len(item.missing),
        which=which,
        total=item.total,
    )
    fate = _("elle n'est pas venue en un jour") if item.given_up_at else _("elle peut encore arriver")
    several = _("elles ne sont pas venues en un jour") if item.given_up_at else _("elles peuvent encore arriver")
    return str(_("%(missing)s ; %(fate)s.", missing=told, fate=fate if len(item.missing) == 1 else several))


def sharing_words(place: str, is_group: bool) -> str:
    """Who else reads what is sent to an address: a neighbourhood's readers, a group's members; empty for nobody."""
    if place:
        return str(
            _("C'est l'adresse du quartier %(name)s : tous ceux qui la lisent verront votre réponse.", name=place)
        )
    return str(_("C'est l'adresse d'un groupe : tous ses membres verront votre réponse.")) if is_group else ""


def _enumeration(words: list[str]) -> str:
    """2 · 2 et 3 · 2, 3 et 4"""
    return words[0] if len(words) == 1 else _("%(first)s et %(last)s", first=", ".join(words[:-1]), last=words[-1])
