"""Checks of a draft, before it is shown for confirmation and again before it goes out."""

from flask_babel import gettext as _

from console.alerts.writing.draft import Draft
from console.alerts.writing.languages import language_name
from plp.rules.refusals import Refusal
from plp.rules.text_guard import TextFinding
from plp.services.texts import checked


class StaleTexts(Refusal):
    """One language's text was changed and another's was not."""


def outgoing(draft: Draft) -> tuple[dict[str, str], tuple[TextFinding, ...]]:
    """The texts by language, and findings of the guard that the officer may accept. Raises Refusal as `checked` does,
    and for a missing answer: of a ready-made alert, when it happened, why an SMS about something over.
    """
    require_filled(draft)
    return checked(draft.texts, draft.audience, draft.drill, draft.one_language)


def require_filled(draft: Draft) -> None:
    """Raise Refusal while the form wants an answer that no program is asked for."""
    if not draft.drill:
        _require_urgent(draft)
    if stale := [each for each in draft.stale if each not in draft.kept]:
        raise StaleTexts(
            "Vous avez changé un texte, mais pas celui-ci : {languages}. Changez-le aussi, ou vérifiez encore une fois "
            "pour le garder tel quel.",
            languages=", ".join(language_name(each) for each in stale),
        )
    if draft.unfilled:
        raise Refusal("Remplissez d'abord : {fields}.", fields=", ".join(draft.unfilled))


def _require_urgent(draft: Draft) -> None:
    if not draft.when:
        raise Refusal(_("L'heure du texte est passée depuis plus de 15 minutes : dites si c'est encore en cours."))
    if draft.when == "earlier" and not draft.late_because:
        raise Refusal(
            _("C'est arrivé il y a plus de 15 minutes : faites-en un bulletin, ou dites pourquoi un SMS quand même.")
        )
