"""Correct an alert, or end it: a text of its own, to those who have the alert or may have it."""

import hashlib
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from console import typed
from console.alerts.confirming import typed_count, wrong_count
from console.alerts.draft import Draft, typed_draft
from console.alerts.guard import Finding
from console.alerts.guarding import GUARD_WORDS, found_in
from console.alerts.languages import language_name
from console.alerts.measure import measured
from console.alerts.sending import to_progress
from console.alerts.space import blueprint, found, sender
from console.nonce import new_nonce
from console.ordering import follow_up
from console.said import said
from console.session import actor
from db.clock import utc_now
from db.forecast import forecast
from db.outbox import (
    MAIN_LANGUAGE,
    FollowUp,
    followed_before,
    follows_late,
    pause_broadcast,
    reached,
)
from db.outbox.approval import needs_second
from db.policy import policy
from db.progress import Progress
from db.refusals import Duplicate, Refusal

_KINDS: dict[str, FollowUp] = {"correction": "correction", "end": "end"}
# What the officer finds written, in the reader's language, never the officer's, and may write otherwise. The words
# before it, which say what it is, are put in by the server.
PROPOSED: dict[FollowUp, dict[str, str]] = {
    "correction": {
        "fr": "Ne tenez pas compte du SMS précédent.",
        "nl": "Hou geen rekening met de vorige sms.",
        "de": "Beachten Sie die vorige SMS nicht.",
        "en": "Please disregard the previous text.",
    },
    "end": {
        "fr": "Tout est revenu à la normale.",
        "nl": "Alles is weer normaal.",
        "de": "Alles ist wieder normal.",
        "en": "All is back to normal.",
    },
}


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the form is about. `readers` would get it, by the language of the text that they got. `late`: it needs what
    an alert needs.
    """

    original: Progress
    kind: FollowUp
    readers: dict[str, int]
    late: bool

    @property
    def counts(self) -> bool:
        """Whether the number of people is typed, as for an alert."""
        return self.late and policy().approval != "none"

    @property
    def second(self) -> bool:
        """Whether another person will be asked, as for an alert."""
        return self.late and needs_second("drill" if self.original.drill else "alert", self.people)

    @property
    def people(self) -> int:
        return sum(self.readers.values())

    @property
    def ended(self) -> bool:
        """Whether this would be a second end of the same alert."""
        return self.kind == "end" and self.original.followed == "end"

    def unchanged(self, draft: Draft) -> tuple[str, ...]:
        """The languages that somebody reads and whose proposal stayed while the officer wrote another one otherwise."""
        texts, proposed = draft.texts, {language: text.strip() for language, text in self.proposed.items()}
        there = [language for language in proposed if language in self.readers or language == MAIN_LANGUAGE]
        same = [language for language in there if texts.get(language, "").strip() == proposed[language]]
        return tuple(language for language in same if language in self.readers) if len(same) < len(there) else ()

    @property
    def proposed(self) -> dict[str, str]:
        """A text for each of them; the main language's always, as who has no text of their own gets that."""
        words = PROPOSED[self.kind]
        return {
            language: f"{words.get(language, words[MAIN_LANGUAGE])} " for language in (MAIN_LANGUAGE, *self.readers)
        }


@blueprint.get("/<int:broadcast_id>/follow-up")
@sender
def compose_follow_up(broadcast_id: int) -> ResponseReturnValue:
    """The text box, with a text proposed, and whom it goes to."""
    asked = _asked(broadcast_id)
    if asked.kind == "end" and asked.original.follows:
        # It is the alert that ends, for all who have it.
        return redirect(url_for("alerts.compose_follow_up", broadcast_id=asked.original.follows, kind="end"))
    if not asked.people:
        flash(_("Cet envoi n'a atteint personne : il n'y a rien à corriger."), "failed")
        return redirect(url_for("alerts.progress", broadcast_id=broadcast_id))
    texts = asked.proposed
    return _page(asked, _draft(asked.original, asked.kind, texts.pop(MAIN_LANGUAGE), new_nonce(), tuple(texts.items())))


@blueprint.post("/<int:broadcast_id>/follow-up/begin")
@sender
def pause_and_correct(broadcast_id: int) -> ResponseReturnValue:
    """While the officer writes nobody more gets what is wrong; who goes back without sending finds it paused."""
    found(broadcast_id)
    with suppress(Refusal):  # it is at its end, or paused already
        pause_broadcast(broadcast_id, actor(), utc_now())
    return redirect(url_for("alerts.compose_follow_up", broadcast_id=broadcast_id, kind="correction"), 303)


@blueprint.post("/<int:broadcast_id>/follow-up/measure")
@sender
def measure_follow_up(broadcast_id: int) -> ResponseReturnValue:
    """The live count alone."""
    draft = _typed(found(broadcast_id), _kind())
    return render_template("alerts/counted.html", measure=measured(draft, utc_now()))


@blueprint.post("/<int:broadcast_id>/follow-up")
@sender
def send_follow_up(broadcast_id: int) -> ResponseReturnValue:
    """Stop the rest and send it. The same form twice leads to the same broadcast."""
    asked = _asked(broadcast_id)
    draft = _typed(asked.original, asked.kind)
    if request.form.get("do") == "count":
        return _page(asked, draft)
    before = followed_before(_key(asked, draft), utc_now())
    if before is not None:
        # What was taken is shown, whatever has changed since: to say that nothing went out would be false.
        return to_progress(before)
    again = request.form.get("again") == "yes"
    try:
        if asked.counts and typed_count() != asked.people:
            return _page(asked, draft, wrong_count(asked.people)), 400
        if _told(asked, draft) and not typed.ticked("guarded"):
            return _page(asked, draft, _("Rien n'est parti. Dites que ce qui est signalé est voulu, ou corrigez.")), 400
        if asked.ended and not again:
            return _page(asked, draft, _("Rien n'est parti : la fin de cette alerte est déjà annoncée.")), 409
        if set(asked.unchanged(draft)) - set(request.form.get("unchanged", "").split(",")):
            return _page(asked, draft, _unchanged_words(asked.unchanged(draft)), unchanged=True), 409
        placed = follow_up(
            _texts(asked, draft), asked.original, asked.kind, actor(), utc_now(), _key(asked, draft), again
        )
    except Duplicate as refusal:
        return _page(asked, draft, said(refusal), ask_again=True), 409
    except Refusal as refusal:
        return _page(asked, draft, said(refusal)), 409
    return to_progress(placed)


def _asked(broadcast_id: int) -> _Asked:
    original, kind = found(broadcast_id), _kind()
    readers = Counter(person.language for person in reached(broadcast_id))
    return _Asked(original, kind, dict(readers), follows_late(broadcast_id, utc_now()))


def _kind() -> FollowUp:
    return _KINDS.get(request.values.get("kind", "")) or abort(400)


def _texts(asked: _Asked, draft: Draft) -> dict[str, str]:
    """By language, of those who would get it; one that was emptied falls back to the main text."""
    written = draft.texts
    return {language: text for language, text in written.items() if language in {MAIN_LANGUAGE, *asked.readers}}


def _told(asked: _Asked, draft: Draft) -> list[Finding]:
    """What the officer answers for. That an alert was a drill is what a correction may have to say."""
    return [each for each in found_in(draft, _texts(asked, draft)) if each.asks and not each.blocks]


def _typed(original: Progress, kind: FollowUp) -> Draft:
    """The text of the form."""
    draft = typed_draft()
    return _draft(original, kind, draft.text, draft.nonce, draft.others)


def _draft(original: Progress, kind: FollowUp, text: str, nonce: str, others: tuple[tuple[str, str], ...]) -> Draft:
    """Of a drill it stays one."""
    return Draft(text, None, (), original.drill, nonce, others, follow_up=kind)


def _unchanged_words(languages: tuple[str, ...]) -> str:
    named = ", ".join(language_name(language) for language in languages)
    return str(
        _(
            "Rien n'est encore parti. Texte qui n'a pas changé : %(languages)s. Le corriger aussi ? "
            "Sinon, appuyez encore une fois : il part tel quel.",
            languages=named,
        )
    )


def _key(asked: _Asked, draft: Draft) -> str:
    digest = hashlib.sha256("\n".join(draft.texts.values()).encode()).hexdigest()[:32]
    return f"page/{draft.nonce}/{asked.kind}/{asked.original.id}/{digest}"


def _page(asked: _Asked, draft: Draft, sentence: str = "", ask_again: bool = False, unchanged: bool = False) -> str:
    now = utc_now()
    measure = measured(draft, now)
    return render_template(
        "alerts/follow_up.html",
        progress=asked.original,
        kind=asked.kind,
        asked=asked,
        people=asked.people,
        draft=draft,
        readers=asked.readers,
        measure=measure,
        findings=_told(asked, draft),
        GUARD_WORDS=GUARD_WORDS,
        forecast=forecast(max(asked.people, measure.parts_of(asked.readers)), now),
        sentence=sentence,
        ask_again=ask_again or asked.ended,
        unchanged=asked.unchanged(draft) if unchanged else (),
    )
