"""What the machine made of a text that came in, in words: how it was read, what went back, and why not."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from console.formats import clock
from db.answers import Answer, Meaning, Silence, VerdictCard

# Why nothing went back by itself.
SILENCES: dict[Silence, LazyString] = {
    Silence.NO_NUMBER: _l("Pas de réponse automatique : on ne peut pas répondre à cet expéditeur."),
    Silence.OWN: _l("Pas de réponse : c'est une carte SIM de la zone."),
    Silence.ECHO: _l("Pas de réponse : c'est un texte de la zone qui revient."),
    Silence.AUTOMATIC: _l("Pas de réponse : une machine semble l'avoir écrit."),
    Silence.REPEATED: _l("Pas de réponse automatique : ce numéro en a déjà eu une en 24 heures."),
    Silence.CEILING: _l("Pas de réponse automatique : trop de messages en une heure."),
    Silence.OLD: _l("Pas de réponse automatique : il était arrivé depuis plus de 24 heures."),
    Silence.REFUSED: _l("La réponse automatique n'a pas pu partir."),
}
MEANINGS: dict[tuple[Meaning, Answer], LazyString] = {
    (Meaning.STOP, Answer.STOPPED): _l("Ne reçoit plus de SMS."),
    (Meaning.STOP, Answer.NONE): _l(
        "STOP sans effet : un accord plus récent existe, ou c'est le numéro d'un utilisateur. À vous de voir."
    ),
    (Meaning.START, Answer.STARTED): _l("Reçoit les SMS."),
    (Meaning.START, Answer.NOT_READ): _l("START sans effet : cette personne n'est pas partie par SMS. À vous de voir."),
    (Meaning.OK, Answer.NONE): _l("Compté comme OK."),
    (Meaning.ALARM, Answer.NOT_READ): _l("Contient un mot d'alarme."),
}


def verdict_words(verdict: VerdictCard) -> str:
    """One line under a text: « Ne reçoit plus de SMS. Réponse automatique envoyée à 21:40. »"""
    meaning = MEANINGS.get((verdict.meaning, verdict.answer))
    return " ".join(str(part) for part in (meaning, _went_back(verdict)) if part)


def _went_back(verdict: VerdictCard) -> str:
    if verdict.answer is Answer.NONE:
        return ""
    if verdict.silence is not Silence.NONE:
        return str(SILENCES[verdict.silence])
    if verdict.answered_at is None:
        return str(_("La réponse automatique attend un modem."))
    return str(_("Réponse automatique envoyée à %(time)s.", time=clock(verdict.answered_at)))
