"""What must hold before a draft is shown for confirmation, and again before it goes out."""

from flask_babel import gettext as _

from console.alerts.writing.draft import Draft
from console.alerts.writing.guarding import GUARD_WORDS, found_in
from console.alerts.writing.languages import texts_to_send
from plp.rules.refusals import Refusal
from plp.rules.text_guard import TextFinding


def outgoing(draft: Draft) -> tuple[dict[str, str], tuple[TextFinding, ...]]:
    """The texts by language, and what the guard found in them that the officer may send all the same.

    Raises Refusal with what is missing: an answer to a ready-made alert, a language's text, when it happened, why an
    SMS about what is over; or, of a drill, with words that would make people take it for an alert.
    """
    _require_urgent(draft)
    texts = texts_to_send(draft)
    found = found_in(draft, texts)
    if draft.drill:
        require_unmistakable(found)
    return texts, found


def require_unmistakable(found: tuple[TextFinding, ...]) -> None:
    """Raise Refusal where people would take a drill for an alert."""
    stopping = next((each for each in found if each.blocks), None)
    if stopping is not None:
        title, advice = GUARD_WORDS[stopping.kind]
        told = _("%(what)s : « %(excerpt)s ». %(advice)s", what=title, excerpt=stopping.excerpt, advice=advice)
        raise Refusal("{sentence}", sentence=told)


def remarks(draft: Draft, kinds: list[str], reason: str) -> tuple[tuple[str, object], ...]:
    """What stands beside the order in the audit: what the officer answered for, and why where a reason was asked."""
    all_of_them: tuple[tuple[str, object], ...] = (
        ("guard", kinds),
        ("guard_reason", reason),
        ("one_language", draft.one_language),
        ("late", draft.late_because if draft.when == "earlier" else ""),
    )
    return tuple((name, value) for name, value in all_of_them if value)


def _require_urgent(draft: Draft) -> None:
    if draft.drill:
        return
    if not draft.when:
        raise Refusal(_("Dites quand c'est arrivé : un SMS est pour ce qui est en cours ou vient d'arriver."))
    if draft.when == "earlier" and not draft.late_because:
        raise Refusal(
            _("C'est arrivé il y a plus de 15 minutes : faites-en un bulletin, ou dites pourquoi un SMS quand même.")
        )
