"""The form of an alert: text with live count, and people; one about something past becomes the draft of a bulletin."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from flask import abort, redirect, render_template, request, url_for
from flask_babel import gettext as _

from console.alerts.blueprint import blueprint, broadcast_at
from console.alerts.writing.counter import language_counts, language_name, measured, served, without_forcing
from console.alerts.writing.draft import (
    Draft,
    draft_like,
    draft_of_template,
    empty_draft,
    is_late,
    typed_draft,
    with_marks,
    with_questions,
)
from console.alerts.writing.places import LONGEST_PLACE, around, choice_of
from console.alerts.writing.questions import typed_questions
from console.i18n.labels import first_sentence
from console.i18n.translate import said
from console.people.neighbourhoods import zone_map
from console.web import form_fields
from console.web.acting import actor
from console.web.pages import Served
from db.alerts.incidents.incidents import Incident, open_incidents
from db.alerts.templates import template, templates, wordings
from db.bulletins.values import BulletinDraft, Words
from db.engine.clock import utc_now
from db.inbound.replies.judging import untold_numbers
from db.people.geography import spot_of
from db.people.member_groups import member_groups
from db.people.members.cards import NeighbourhoodCard
from db.people.members.listing import neighbourhoods
from modem.sms.composition import normalise
from plp.services.bulletins.drafts import save_draft
from plp.services.bulletins.relaying import new_number_texts
from plp.services.texts import judged
from rules.collation import spelled
from rules.languages import TRAITS
from rules.orders.texts import MAIN_LANGUAGE
from rules.orders.warning import ICON_OF_THE_END, TemplateCard, framed
from rules.refusals import Refusal
from rules.replies.poll import offered

SAME_EVENT = timedelta(minutes=30)
# The kind of bulletin that describes what was seen; the officer chooses another one on the next page.
CATEGORY = "operational"
_LONGEST_TITLE, _LONGEST_QUESTION = 60, 100

for _known in (language_counts, language_name, served, member_groups, zone_map):
    blueprint.add_app_template_global(_known)


@blueprint.get("/types", may="send_alerts")
def types() -> Served:
    """Every ready-made alert and drill, and the free text: which one, before any field."""
    return render_template("alerts/types.html", tiles=templates())


@blueprint.get("/new", may="send_alerts")
def compose() -> Served:
    """An empty form, a ready-made alert (`?template=3`), an earlier one (`?from=12`), or about a new number of ours."""
    earlier, ready_made = form_fields.number("from"), form_fields.number("template")
    if earlier:
        shown = broadcast_at(earlier)
        if shown.drill:
            return redirect(url_for("drills.compose", **{"from": earlier}))  # type: ignore[arg-type]
        return compose_page(_elsewhere(draft_like(shown)))
    if form_fields.line("about") == "number":
        # To all members: a number of ours that they do not know; it wakes nobody.
        texts = new_number_texts(untold_numbers())
        draft = replace(empty_draft(), text=texts.pop(MAIN_LANGUAGE), whom="all", quiet="spare")
        return compose_page(with_marks(replace(draft, others=tuple(texts.items()))))
    if ready_made is None:
        return compose_page(empty_draft())
    card = template(ready_made) or abort(404)
    if card.kind == "drill":
        return redirect(url_for("drills.compose", template=ready_made))
    return compose_page(draft_of_template(card, utc_now()))


def _elsewhere(draft: Draft) -> Draft:
    """The same for other neighbourhoods (`?neighbourhood=Ehein&where=rue Haute`), to which a correction moved it."""
    names = tuple(form_fields.cleaned(name, LONGEST_PLACE) for name in request.args.getlist("neighbourhood"))
    if not names:
        return draft
    where = form_fields.cleaned(request.args.get("where", ""), LONGEST_PLACE) or names[0]
    whom = replace(draft, whom="some", neighbourhoods=names, groups=(), streets=())
    spot = spot_of(where)
    return replace(whom, where=where, near=names[0], near_street=spot.street, placed=choice_of(spot))


@blueprint.post("/new", may="send_alerts")
def compose_again() -> Served:
    """The form with what was typed: back from confirming, counted without script, or changed by one of its buttons."""
    draft, do = typed_draft(), request.form.get("do", "")
    if do == "unask":
        return compose_page(with_questions(draft, {}))
    if do != "ask":
        return compose_page(changed(draft, do))
    try:
        return compose_page(with_questions(draft, typed_questions(draft.texts)))
    except Refusal as refusal:
        return compose_page(draft, said(refusal))


@blueprint.post("/measure", may="send_alerts")
def measure() -> Served:
    draft = typed_draft()
    return render_template(
        "alerts/measured.html",
        draft=draft,
        measure=measured(draft, utc_now()),
        findings=judged(draft.texts, drill=False),
        around=_around(neighbourhoods()),
        just_alerted=just_alerted(draft, utc_now()),
    )


def _around(places: Sequence[NeighbourhoodCard]) -> dict[str, list[str]]:
    return around(tuple((place.id, place.name) for place in places))


def changed(draft: Draft, do: str) -> Draft:
    """The draft after a button: characters replaced, the zone's words put in, the text taken from its form."""
    free = replace(draft, template=None, answers=(), unfilled=(), asked=())
    if do == "replace":
        others = tuple((language, without_forcing(text)) for language, text in draft.others)
        return replace(free, text=without_forcing(draft.text), others=others)
    if do == "several":
        return replace(draft, one_language=False)
    if do == "free":
        return free if draft.begun else with_marks(free)
    return _begun_or_ended(draft, do == "prefix") if do in ("prefix", "closing") else draft


def _begun_or_ended(draft: Draft, begun: bool) -> Draft:
    """Each text with the zone's first words, or its last ones."""
    words = wordings().values()
    kept = {own.language: replace(own, closing="") if begun else replace(own, prefix="") for own in words}
    others = tuple((language, framed(text, kept[language])) for language, text in draft.others)
    return replace(draft, text=framed(draft.text, kept[MAIN_LANGUAGE]), others=others)


def just_alerted(draft: Draft, now: datetime) -> Incident | None:
    """The newest open alert of the last half hour of the same place or text: two officers may write of one event."""
    here, text, place = {*draft.neighbourhoods, draft.near} - {""}, normalise(draft.text), spelled(draft.where)
    for incident in open_incidents(now):
        is_near = here & incident.neighbourhoods or _is_same_place(place, spelled(incident.place))
        if now - incident.alert.created_at < SAME_EVENT and (is_near or incident.alert.text == text):
            return incident
    return None


def _is_same_place(one: str, other: str) -> bool:
    """True for « rue Haute » and « rue Haute 12, Ehein », as `spelled` leaves them."""
    return bool(one.strip() and other.strip()) and (one in other or other in one)


def _ending(card: TemplateCard | None) -> Sequence[Incident]:
    """The open alerts to choose from, when a form of an end is opened, until « Envoyer une nouvelle alerte »."""
    if request.method != "GET" or request.args.get("other") or card is None or card.icon != ICON_OF_THE_END:
        return ()
    return [incident for incident in open_incidents(utc_now()) if incident.alert.went_out]


def compose_page(draft: Draft, sentence: str = "") -> str:
    """The page, with `sentence` when what was pressed is not possible; the text is always kept."""
    now, places = utc_now(), neighbourhoods()
    known = {place.name for place in places}
    if not sentence and any(name not in known for name in draft.neighbourhoods):
        sentence = _("Un quartier choisi n'existe plus : vérifiez les destinataires.")
    measure = measured(draft, now)
    card = template(draft.template) if draft.template is not None else None
    return render_template(
        "alerts/compose.html",
        draft=draft,
        card=card,
        unended=_ending(card),
        words=wordings()[MAIN_LANGUAGE],
        open_languages=[missing.language for missing in measure.missing],
        measure=measure,
        asks_when=draft.when == "earlier" or is_late(draft, now),
        findings=judged(draft.texts, drill=False) if draft.text else (),
        neighbourhoods=places,
        around=_around(places),
        just_alerted=just_alerted(draft, now),
        sentence=sentence,
        usual_choices={language: ", ".join(traits["choices"]) for language, traits in TRAITS.items()},
        asks=bool(offered(draft.text)),
    )


@blueprint.post("/bulletin", may="send_alerts")
def as_bulletin() -> Served:
    """Save the bulletin's draft and go to its page; nothing is sent. The same form makes one draft only."""
    draft = typed_draft()
    try:
        number = save_draft(None, _bulletin(draft), draft.nonce, actor(), utc_now())
    except Refusal as refusal:
        return compose_page(draft, said(refusal)), 400
    return redirect(url_for("bulletins.edit", bulletin_id=number), 303)


def _bulletin(draft: Draft) -> BulletinDraft:
    chosen = set(draft.neighbourhoods)
    return BulletinDraft(
        category=CATEGORY,
        texts=tuple(
            Words(language, first_sentence(text, _LONGEST_TITLE), text) for language, text in draft.texts.items()
        ),
        everywhere=draft.whom == "all" or not chosen,
        neighbourhood_ids=tuple(place.id for place in neighbourhoods() if place.name in chosen),
    )
