"""An officer's actions on a conversation: take it, mark it done, answer; and the unsubscriptions of a burst."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from console.i18n.translate import said
from console.inbox.blueprint import blueprint, found, officer, seen
from console.inbox.pages import conversation_page
from console.web import form_fields
from console.web.acting import settings
from console.web.roles import roles
from console.web.session import actor
from db.engine.clock import utc_now
from db.inbound.inbox.answers import can_be_answered, enqueue_reply, enqueue_station_answer
from db.inbound.inbox.items import items_of
from db.inbound.inbox.marks import handle, reopen, take
from db.inbound.inbox.persons import person_of
from db.inbound.inbox.values import Ref
from db.inbound.replies.held import held_stops
from db.mail.enqueue import MailOff, mail_configured
from plp.rules.refusals import Refusal
from plp.rules.text_guard import FindingsRefused
from plp.services.held_stops import decide_held_stops
from plp.services.texts import StoppedReader, reply_by_text

# Who leaves the list is also the admin's business: the members are theirs to keep.
decider = roles("officer", "admin")


@blueprint.post("/<channel>/<int:number>/take")
@officer
def take_now(channel: str, number: int) -> ResponseReturnValue:
    """« Je m'en occupe », also where somebody else said so before."""
    ref, conversation = found(channel, number)
    opened = [item for item in items_of(seen(conversation)) if item.is_open]
    others = {item.taken_by for item in opened if item.taken_by and item.taken_by != actor()}
    take([item.ref for item in opened], actor(), utc_now())
    if others:
        flash(_("Vous reprenez ce message, traité jusqu'ici par %(name)s.", name=", ".join(sorted(others))))
    else:
        flash(_("Vous traitez ce message."))
    return _back(ref)


@blueprint.post("/<channel>/<int:number>/done")
@officer
def done(channel: str, number: int) -> ResponseReturnValue:
    """« Traité »: back to what is still to be read."""
    _ref, conversation = found(channel, number)
    handle(seen(conversation), actor(), utc_now())
    flash(_("Message traité."))
    return redirect(url_for("inbox.messages"), 303)


@blueprint.post("/<channel>/<int:number>/reopen")
@officer
def reopen_now(channel: str, number: int) -> ResponseReturnValue:
    """Not done after all."""
    ref, conversation = found(channel, number)
    reopen(seen(conversation), actor(), utc_now())
    flash(_("Message à traiter."))
    return _back(ref)


@blueprint.post("/<channel>/<int:number>/reply")
@officer
def reply(channel: str, number: int) -> ResponseReturnValue:
    """An e-mail in the officer's words; refused words stay on the page."""
    ref, conversation = found(channel, number)
    written = form_fields.cleaned(request.form.get("reply", ""), 20_000)
    try:
        if ref.channel != "mail":
            raise Refusal("Seuls les e-mails reçoivent une réponse par e-mail.")
        if not mail_configured(settings().mail):
            raise MailOff
        enqueue_reply(ref, written, form_fields.line("nonce", 40), actor(), utc_now())
    except Refusal as refusal:
        return conversation_page(ref, conversation, said(refusal), written), 400
    handle(seen(conversation), actor(), utc_now())
    flash(_("Réponse en cours d'envoi, message traité."))
    return _back(ref)


@blueprint.post("/<channel>/<int:number>/text")
@officer
def reply_text(channel: str, number: int) -> ResponseReturnValue:
    """One SMS in the officer's words; refused words stay on the page, with what has to be confirmed."""
    ref, conversation = found(channel, number)
    written = form_fields.cleaned(request.form.get("reply", ""), 1_000)
    try:
        item = next((each for each in items_of([ref]) if can_be_answered(each)), None)
        if ref.channel != "sms" or item is None:
            raise Refusal("Impossible de répondre à cet expéditeur.")
        accepted, nonce = form_fields.ticked("accepted"), form_fields.line("nonce", 40)
        reply_by_text(ref, item.sender, written, person_of(item).language, accepted, nonce, actor(), utc_now())
    except (FindingsRefused, StoppedReader) as refusal:
        findings = refusal.found if isinstance(refusal, FindingsRefused) else ()
        return conversation_page(ref, conversation, said(refusal), written, findings), 400
    except Refusal as refusal:
        return conversation_page(ref, conversation, said(refusal), written), 400
    handle(seen(conversation), actor(), utc_now())
    flash(_("La réponse est envoyée par SMS, et le message est traité."), "done")
    return _back(ref)


@blueprint.post("/<channel>/<int:number>/station")
@officer
def station(channel: str, number: int) -> ResponseReturnValue:
    """« Pas une question de sécurité »: one press, one answer."""
    ref, conversation = found(channel, number)
    try:
        if ref.channel == "mail" and not mail_configured(settings().mail):
            raise MailOff
        enqueue_station_answer(ref, actor(), utc_now())
    except Refusal as refusal:
        return conversation_page(ref, conversation, said(refusal)), 400
    handle(seen(conversation), actor(), utc_now())
    flash(_("Renvoi vers le commissariat en cours d'envoi, message traité."))
    return _back(ref)


def _back(ref: Ref) -> ResponseReturnValue:
    return redirect(url_for("inbox.thread", channel=ref.channel, number=ref.id), 303)


@blueprint.get("/stops")
@decider
def stops() -> ResponseReturnValue:
    return render_template("inbox/stops.html", held=held_stops())


@blueprint.post("/stops")
@decider
def decide_stops() -> ResponseReturnValue:
    """Only those that the page showed and that were ticked; another person's decision stands."""
    chosen = set(form_fields.numbers("stop"))
    leave = request.form.get("decision") == "apply"
    done = decide_held_stops(chosen, leave, actor(), utc_now())
    if leave:
        told = ngettext("%(num)s désinscription effectuée.", "%(num)s désinscriptions effectuées.", done)
    else:
        told = ngettext("%(num)s demande refusée.", "%(num)s demandes refusées.", done)
    flash(told if done else _("Aucune modification : cochez au moins une demande en attente."))
    return redirect(url_for("inbox.stops"), 303)


blueprint.add_app_template_global(held_stops)
