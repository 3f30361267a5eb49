"""Correct or end an alert: a text to those who have the alert or may have it."""

import hashlib
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, replace

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from console.alerts.blueprint import blueprint, broadcast_at, to_progress
from console.alerts.following.beside import NOTHING_ASKED, Question, answer, asked, question_values, require_shown
from console.alerts.writing.composing import changed
from console.alerts.writing.confirming import StaleTexts, require_whole
from console.alerts.writing.counter import Measure, measured
from console.alerts.writing.draft import Draft, draft_like, draft_of_filled, typed_draft, with_marks
from console.i18n.labels import first_sentence
from console.i18n.translate import said
from console.second_factor import proof
from console.web import form_fields
from console.web.acting import actor, request_now, settings
from console.web.pages import Served
from db.alerts.incidents.left_out import without_mobile_of
from db.alerts.orders.chosen import filled_by
from db.alerts.orders.earlier import newest_order
from db.alerts.orders.follow_up import has_anybody, reached, untouched
from db.alerts.progress.progress import Progress
from db.alerts.progress.threads import standing_follow_up
from db.alerts.templates import template, wordings
from db.alerts.values import Filled, FollowUpOrder
from db.engine.clock import utc_now
from db.modems.forecast import forecast
from db.people.zone import policy
from modem.sms.composition import normalise
from plp.letters.rendering import STARTS
from plp.services.broadcasts import pause
from plp.services.orders.beside import beside_before, correct_and_alert
from plp.services.orders.following_up import (
    FOLLOWED,
    follow_up_findings,
    followed_before,
    follows_late,
    require_follow_up_answered,
)
from plp.services.texts import Answers, arriving
from rules.orders.agreement import ProofWanted, WrongCount, needs_second
from rules.orders.texts import MAIN_LANGUAGE, FollowUp
from rules.orders.warning import Wording
from rules.refusals import Duplicate, Overtaken, Refusal
from rules.text_guard import FindingsRefused

# Of an end of alert: what stands before and after it leaves so many characters.
LONGEST_SUBJECT = 50
_KINDS: dict[str, FollowUp] = {"correction": "correction", "end": "end"}


@dataclass(frozen=True, slots=True)
class _Facts:
    """The form's facts. `have_it` counts, by the language of their text, those who have the original or may have it, by
    SMS or otherwise; `rest` those who received nothing. `for_rest`: they get the corrected alert with the same press.
    `late`: it needs the same agreement as an alert. `latest` is the text that they received last; `filled` the
    ready-made alert that it was made from. `question` is about
    neighbourhoods that the typed place names and nobody alerted.
    """

    original: Progress
    latest: Progress
    filled: Filled | None
    kind: FollowUp
    have_it: dict[str, int]
    rest: dict[str, int]
    for_rest: bool
    late: bool
    question: Question

    @property
    def readers(self) -> dict[str, int]:
        """Number of people who get a text now, by language."""
        return dict(Counter(self.have_it) + Counter(self.rest)) if self.for_rest else self.have_it

    @property
    def counts(self) -> bool:
        """True when the officer must type the number of people, as for an alert that needs approval."""
        return self.late and policy().approval != "none"

    @property
    def second(self) -> bool:
        """True when a second person must approve, as for an alert."""
        return self.late and needs_second(policy().approval, "drill" if self.original.drill else "alert", self.people)

    @property
    def people(self) -> int:
        return sum(self.readers.values())

    @property
    def ended(self) -> bool:
        return self.kind == "end" and self.original.followed == "end"

    @property
    def whole(self) -> bool:
        """True when the form proposes the whole alert: for a ready-made one, or when somebody received nothing yet."""
        return bool(self.rest) or self.filled is not None

    @property
    def proposed(self) -> Draft:
        """The draft to begin with; an end names its alert by the first words of the text that people received last."""
        texts = {MAIN_LANGUAGE: ""} | draft_like(
            self.latest if self.latest.kind == "correction" else self.original
        ).texts
        if not self.whole:
            main, words = STARTS[MAIN_LANGUAGE], wordings()
            about = {language: _about(text, words[language]) for language, text in texts.items()}
            texts = {
                language: f"{about.get(language, about[MAIN_LANGUAGE]) if self.kind == 'end' else ''}"
                f"{STARTS.get(language, main)[self.kind]} "
                for language in (MAIN_LANGUAGE, *self.readers)
            }
        nonce, text = form_fields.new_nonce(), texts.pop(MAIN_LANGUAGE)
        draft = Draft(text, "", (), self.original.drill, nonce, tuple(texts.items()), follow_up=self.kind)
        return with_marks(draft_of_filled(self.filled, draft) if self.filled else draft)


def _about(text: str, words: Wording) -> str:
    """« Cambriolage: rue Haute, 21h40. », the first sentence of a text, so short that an end stays one SMS."""
    first = first_sentence(text.removeprefix(normalise(words.prefix)), LONGEST_SUBJECT).rstrip("…")
    return f"{first}. " if first else ""


blueprint.add_app_template_test(lambda original: can_follow(original), "followable")


@blueprint.get("/<int:broadcast_id>/follow-up", may="send_alerts")
def compose_follow_up(broadcast_id: int) -> Served:
    facts = _facts(broadcast_id, for_rest=True)
    if facts.original.follows and (facts.kind == "end" or facts.original.kind == "corrected"):
        # It is the alert that ends or is corrected, for all who have it.
        return redirect(url_for("alerts.compose_follow_up", broadcast_id=facts.original.follows, kind=facts.kind))
    if not has_anybody(broadcast_id):
        flash(_("Cet envoi n'a alerté personne : arrêtez-le, puis envoyez le bon texte comme alerte."), "failed")
        return redirect(url_for("alerts.progress", broadcast_id=broadcast_id))
    return _page(facts, facts.proposed)


@blueprint.post("/<int:broadcast_id>/follow-up/begin", may="send_alerts")
def pause_and_correct(broadcast_id: int) -> Served:
    """Pause the broadcast and show the form: the wrong text reaches no more people, even if nothing is sent."""
    _followable(broadcast_id)
    with suppress(Refusal):  # it is at its end, or paused already
        pause(broadcast_id, request_now())
    return redirect(url_for("alerts.compose_follow_up", broadcast_id=broadcast_id, kind="correction"), 303)


@blueprint.post("/<int:broadcast_id>/follow-up/measure", may="send_alerts")
def measure_follow_up(broadcast_id: int) -> Served:
    facts, draft = _posted(broadcast_id)
    now = utc_now()
    measure = measured(draft, now)
    parts = _parts(facts, measure)
    return "".join(
        (
            render_template("alerts/counted.html", **_counted(facts, draft, measure)),
            render_template("alerts/ahead.html", parts=parts, forecast=forecast(parts, now), beside=True),
            render_template("alerts/also.html", beside=True, **question_values(facts.question, facts.original.id)),
            render_template(
                "alerts/follow_whom.html", beside=True, facts=facts, question=facts.question, measure=measure
            ),
        )
    )


@blueprint.post("/<int:broadcast_id>/follow-up", may="send_alerts")
def send_follow_up(broadcast_id: int) -> Served:
    """Stop the rest and send it. The same form twice leads to the same broadcast."""
    facts, draft = _posted(broadcast_id)
    if (do := request.form.get("do")) in ("count", "replace", "free"):
        return _page(facts, changed(draft, do))
    before = followed_before(_key(facts, draft), utc_now(), facts.for_rest)
    if before is not None and beside_before(_order(facts, draft), answer(facts.question, draft), utc_now()):
        # What was taken is shown, whatever has changed since: to say that nothing went out would be false.
        return to_progress(before)
    again = request.form.get("again") == "yes"
    try:
        require_shown(facts.question)
        require_follow_up_answered(_texts(facts, draft), (), draft.drill, facts.for_rest, _answers())
        if facts.ended and not again:
            return _page(facts, draft, _("Aucun SMS n'a été envoyé : cette alerte est déjà clôturée.")), 409
        if facts.whole and draft.untouched:
            return _page(
                facts, draft, _("Aucun SMS n'a été envoyé : ce texte est identique à celui de l'alerte. Modifiez-le.")
            ), 409
        require_whole(draft, facts.readers)
        return to_progress(_placed(facts, draft))
    except Refusal as refusal:
        return _refused(facts, draft, refusal)


def _refused(facts: _Facts, draft: Draft, refusal: Refusal) -> Served:
    if isinstance(refusal, StaleTexts):
        draft = replace(draft, kept=draft.stale)
    status = 400 if isinstance(refusal, WrongCount | FindingsRefused) else 409
    seen = newest_order() if isinstance(refusal, Overtaken) else None
    page = _page(facts, draft, said(refusal), ask_again=isinstance(refusal, Duplicate), seen=seen)
    return page, 401 if isinstance(refusal, ProofWanted) else status


def _placed(facts: _Facts, draft: Draft) -> int:
    """Place the correction and, where facts for, the corrected alert to those who have nothing; and the alert to the
    neighbourhoods ticked."""
    beside = answer(facts.question, draft)
    order = replace(_order(facts, draft), again=request.form.get("again") == "yes")
    corrected, alert = correct_and_alert(
        _texts(facts, draft),
        facts.original,
        order,
        settings().sending,
        utc_now(),
        _answers(),
        proof.hand(),
        beside,
        for_rest=facts.for_rest,
    )
    if alert is not None:
        names = ", ".join(beside.alerted)
        if broadcast_at(alert).state == "awaiting_approval":
            flash(_("Alerte à %(names)s : un collègue doit la valider avant l'envoi.", names=names))
        else:
            flash(_("Alerte aussi envoyée à %(names)s.", names=names))
    return corrected


def _order(facts: _Facts, draft: Draft) -> FollowUpOrder:
    return FollowUpOrder(
        facts.original.id,
        facts.kind,
        actor(),
        _key(facts, draft),
        filled=draft.filled,
        seen=form_fields.number("seen"),
    )


def _answers() -> Answers:
    """The form's answers; if a language's text is emptied, its readers get the main one."""
    return Answers(form_fields.ticked("guarded"), one_language=True)


def _facts(broadcast_id: int, for_rest: bool) -> _Facts:
    original, kind = _followable(broadcast_id), _KINDS.get(request.values.get("kind", "")) or abort(400)
    for_rest = for_rest and kind == "correction"
    have_it = Counter(person.language for person in reached(broadcast_id))
    have_it.update(without_mobile_of(broadcast_id, informed=True))
    rest = Counter(person.language for person in untouched(broadcast_id)) if kind == "correction" else Counter()
    if kind == "correction":
        rest.update(without_mobile_of(broadcast_id, informed=False))
    late = follows_late(broadcast_id, utc_now())
    later = standing_follow_up(broadcast_id)
    latest = broadcast_at(later.id) if later is not None else original
    filled = filled_by([latest.id]).get(latest.id) if kind == "correction" and not original.drill else None
    return _Facts(original, latest, filled, kind, dict(have_it), dict(rest), for_rest, late, NOTHING_ASKED)


def _posted(broadcast_id: int) -> tuple[_Facts, Draft]:
    """The facts and the draft of the form that was posted, with the neighbourhoods that its place names."""
    facts = _facts(broadcast_id, form_fields.ticked("rest"))
    draft = _typed(facts.original, facts.kind)
    if facts.kind != "correction":
        return facts, draft
    return replace(facts, question=asked(broadcast_id, draft)), draft


def _followable(broadcast_id: int) -> Progress:
    """The broadcast of an address; 404 for what is neither an alert nor a drill, nor followed one."""
    original = broadcast_at(broadcast_id)
    return original if can_follow(original) else abort(404)


def can_follow(original: Progress) -> bool:
    """True when this broadcast may be corrected or ended."""
    return original.follows is not None or original.kind in FOLLOWED


def _texts(facts: _Facts, draft: Draft) -> dict[str, str]:
    """Texts to place, by language: the main one, and those that somebody would get; none where one was emptied."""
    return {language: text for language, text in draft.texts.items() if language in {MAIN_LANGUAGE, *facts.readers}}


def _typed(original: Progress, kind: FollowUp) -> Draft:
    return replace(typed_draft(), whom="", neighbourhoods=(), drill=original.drill, follow_up=kind)


def _key(facts: _Facts, draft: Draft) -> str:
    digest = hashlib.sha256("\n".join(draft.texts.values()).encode()).hexdigest()[:32]
    return f"page/{draft.nonce}/{facts.kind}/{facts.original.id}/{digest}{'/all' if facts.for_rest else ''}"


def _counted(facts: _Facts, draft: Draft, measure: Measure) -> dict[str, object]:
    """Values of the live count, also of the texts `for_rest`; `read` is True for a language that somebody reads."""
    texts, main = draft.texts, draft.text.strip()
    written = {language for language, text in texts.items() if text.strip()}
    read = {language if language in written else MAIN_LANGUAGE for language in facts.readers} if main else {*texts}
    return {
        "draft": draft,
        "measure": measure,
        "for_rest": [
            (language, arriving(text, drill=draft.drill, kind="corrected", language=language))
            for language, text in (texts.items() if facts.for_rest and facts.rest else ())
        ],
        "read": read.__contains__,
    }


def _parts(facts: _Facts, measure: Measure) -> int:
    return max(facts.people, measure.parts_of(facts.readers))


def _asks_code(facts: _Facts) -> bool:
    late = facts.late and proof.is_due_for(facts.people, drill=facts.original.drill)
    return late or proof.is_due_for(facts.question.people)


def _page(facts: _Facts, draft: Draft, sentence: str = "", ask_again: bool = False, seen: int | None = None) -> str:
    now = utc_now()
    measure = measured(draft, now)
    parts = _parts(facts, measure)
    return render_template(
        "alerts/follow_up.html",
        **_counted(facts, draft, measure),
        seen=form_fields.number("seen", newest_order()) if seen is None else seen,
        progress=facts.original,
        kind=facts.kind,
        facts=facts,
        people=sum(facts.have_it.values()),
        rest=sum(facts.rest.values()),
        readers=facts.readers,
        findings=follow_up_findings(_texts(facts, draft), draft.drill, facts.for_rest),
        parts=parts,
        forecast=forecast(parts, now),
        sentence=sentence,
        ask_again=ask_again or facts.ended,
        asks_code=_asks_code(facts),
        card=template(draft.template) if draft.template is not None else None,
        **question_values(facts.question, facts.original.id),
    )
