"""Signalements: the list, one of them with its facts and its outcome, and those about an alert."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import get_locale, ngettext
from flask_babel import gettext as _

from console.i18n.labels import TIP_OUTCOMES, count, labels
from console.i18n.translate import reworded, said
from console.inbox.blueprint import conversation_at
from console.web import form_fields
from console.web.acting import actor, attempt, attempted, done, settings
from console.web.pages import Pages, Served
from console.web.roles import can
from db.alerts.progress.progress import Progress
from db.engine.clock import utc_now
from db.inbound.inbox.items import Ref, items_of
from db.inbound.tips import TipCard, TipDraft, TipFilter, tip, tip_of, tips, tips_about, tips_fitting
from plp.services.tips import decide, forget_teller, kinds, make_tip, save_tip, teller_answer, tie, untie
from rules.calendar import LOCAL
from rules.refusals import Refusal
from rules.tips import LONGEST_PV, LONGEST_STREET, LONGEST_WORDS, OUTCOMES, USEFUL

blueprint = Pages("tips", "/tips")

STANDINGS = labels("tip_standings")
PER_PAGE = 50


def _named_tip() -> TipCard | None:
    """The tip that the address or the form names, if it names one."""
    tip_id = form_fields.number("tip")
    return (tip(tip_id) or abort(404)) if tip_id else None


@blueprint.get("", may="handle_tips")
def listing() -> str:
    """The list, below one of them where it was chosen; a form that was refused is shown as it was typed."""
    card, typed, now = _named_tip(), request.method == "POST", utc_now()
    standing = "" if typed else form_fields.line("standing", 20)
    chosen = TipFilter(standing if standing in STANDINGS or standing in OUTCOMES else "open")
    if not typed:
        place, kind = form_fields.number("neighbourhood"), form_fields.number("kind")
        chosen = replace(chosen, neighbourhood_id=place, kind_id=kind)
    page = tips(chosen, now, form_fields.number("page", 1) or 1, PER_PAGE)
    return render_template(
        "inbox/tips.html",
        page=page,
        quotes=quotes_of(page.rows),
        chosen=chosen,
        card=card,
        item=next(iter(items_of([card.ref])), None) if card and card.ref else None,
        answer=teller_answer(card, settings().mail) if card else None,
        form=form_fields.typed() if typed else _shown(card, now),
        typed=typed,
        kind_options=[(kind.id, reworded(kind.title)) for kind in kinds()],
        standings=STANDINGS | {code: TIP_OUTCOMES[code][0] for code in OUTCOMES},
        limits={"words": LONGEST_WORDS, "street": LONGEST_STREET, "pv": LONGEST_PV},
    )


def _shown(card: TipCard | None, now: datetime) -> dict[str, Any]:
    """The fields of the form, of a tip or of a new one."""
    at = (card.at if card else now).astimezone(LOCAL)
    shown: dict[str, Any] = {"day": f"{at:%Y-%m-%d}", "hour": f"{at:%H:%M}", "told_by": "other"}
    if card:
        shown["told_by"] = card.told_by
        shown |= {"neighbourhood": card.neighbourhood_id, "kind": card.kind_id}
        shown |= {"street": card.street, "words": card.words, "pv": card.pv}
    return shown


@blueprint.post("/from/<channel>/<int:number>", may="handle_tips")
def make(channel: str, number: int) -> Served:
    ref, _conversation = conversation_at(channel, number)
    made = _("Signalement créé. Indiquez la suite dès qu'elle est connue.")
    return _to(attempt(lambda: make_tip(ref, actor(), utc_now()), made))


@blueprint.form("/save", listing, may="handle_tips", methods=["POST"])
def save() -> Served:
    """Add a tip, or change the one that the form names."""
    card, at = _named_tip(), form_fields.moment("day", "hour")
    # The form has no seconds: the time that it showed is kept as it was.
    if card and card.at.replace(second=0, microsecond=0) == at:
        at = card.at
    draft = TipDraft(
        at=at,
        told_by=form_fields.line("told_by", 20),
        neighbourhood_id=form_fields.number("neighbourhood"),
        street=form_fields.line("street", LONGEST_STREET + 1),
        kind_id=form_fields.number("kind"),
        words=form_fields.line("words", LONGEST_WORDS + 1),
        pv=form_fields.line("pv", LONGEST_PV + 1),
    )
    contact, language = form_fields.line("contact", 100), get_locale().language
    nonce = form_fields.typed_nonce()
    saved = save_tip(card.id if card else None, draft, contact, language, nonce, actor(), utc_now())
    return done(_("Signalement enregistré."), "tips.listing", tip=saved)


@blueprint.post("/<int:tip_id>/outcome", may="handle_tips")
def outcome(tip_id: int) -> Served:
    """The outcome and, unless the box is not ticked, the answer to whoever reported it: one press."""
    chosen, seen = form_fields.line("outcome", 20), form_fields.line("seen", 20)
    try:
        kind = decide(tip_id, chosen, seen, form_fields.ticked("answer"), settings().mail, actor(), utc_now())
    except Refusal as refusal:
        flash(said(refusal), "failed")
        return _to(tip_id)
    sentence = _("Suite enregistrée.") if kind is None else _("Suite enregistrée, réponse en cours d'envoi.")
    return done(sentence, "tips.listing", tip=tip_id)


@blueprint.post("/<int:tip_id>/teller", may="handle_tips")
def no_teller(tip_id: int) -> Served:
    """Delete the link of a tip to a person who does not want to be known."""
    sentence = _("L'auteur n'est plus lié à ce signalement.")
    return attempted(lambda: forget_teller(tip_id, actor(), utc_now()), sentence, "tips.listing", tip=tip_id)


@blueprint.post("/<int:tip_id>/untie", may="handle_tips")
def untie_now(tip_id: int) -> Served:
    sentence = _("Signalement détaché de l'alerte.")
    return attempted(lambda: untie(tip_id, actor(), utc_now()), sentence, "tips.listing", tip=tip_id)


@blueprint.post("/alert/<int:alert_id>", may="handle_tips")
def tie_now(alert_id: int) -> Served:
    """The ticked suggestions are about this alert, the officer confirms."""
    if tied := attempt(lambda: tie(alert_id, form_fields.numbers("tip"), actor(), utc_now())):
        flash(ngettext("%(num)s signalement rattaché.", "%(num)s signalements rattachés.", tied), "done")
    return redirect(url_for("alerts.progress", broadcast_id=alert_id, _anchor="tips"), 303)


def _to(tip_id: int | None) -> Served:
    return redirect(url_for("tips.listing", tip=tip_id), 303)


@blueprint.app_template_global()
def tips_of_alert(alert: Progress) -> dict[str, Any] | None:
    """Counts of the tips about an alert, in words, with those to confirm; None for whoever may not read them."""
    if not can("see_tips") or alert.kind != "alert":
        return None
    cards = tips_about(alert.id)
    return {"words": counted(alert, cards), "cards": cards, "fitting": tips_fitting(alert.id)}


@blueprint.app_template_global()
def quotes_of(cards: Iterable[TipCard]) -> dict[Ref, str]:
    """The text of the messages that these tips were made from."""
    return {item.ref: item.text for item in items_of([card.ref for card in cards if card.ref])}


def counted(alert: Progress, cards: list[TipCard]) -> str:
    """« 4 signalements en 20 min, 1 utile »; empty for none."""
    if not cards:
        return ""
    minutes = max(1, round((cards[-1].at - alert.created_at) / timedelta(minutes=1)))
    useful = sum(card.outcome in USEFUL for card in cards)
    words = ngettext(
        "%(n)s signalement en %(minutes)s min",
        "%(n)s signalements en %(minutes)s min",
        len(cards),
        n=count(len(cards)),
        minutes=count(minutes),
    )
    helped = ngettext("%(n)s utile", "%(n)s utiles", useful, n=count(useful))
    return f"{words}, {helped}"


blueprint.add_app_template_global(tip_of)
