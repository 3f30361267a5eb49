"""The conversations and one in full; taking, answering and ending one; the unsubscriptions of a burst."""

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from console.i18n.translate import said
from console.inbox.blueprint import blueprint, conversation_at, named, seen, sharing_words
from console.web import form_fields
from console.web.acting import FORM, actor, settings
from console.web.pages import Served
from db.alerts.progress.progress import RecipientRow, recipients
from db.bulletins.relay import bulletin_of_mail
from db.engine.clock import utc_now
from db.inbound.inbox.answers import answers_of
from db.inbound.inbox.items import Item, Ref, is_group, items_of, neighbourhood_at, person_of, station_address
from db.inbound.inbox.threads import FILTERS, newest_item, threads
from db.inbound.mailbox import mailbox_troubles
from db.inbound.replies.judging import answer_orders
from db.inbound.replies.leaving import out_on
from db.inbound.replies.thread import held_stops
from db.inbound.tips import tip_of
from db.mail.enqueue import mail_configured
from db.mail.listing import mail_cards
from db.people.zone import officer_of, station_of
from plp.services import inbox
from plp.services.inbox import StoppedReader, can_be_answered, decide_held_stops
from rules.refusals import Refusal
from rules.text_guard import FindingsRefused, TextFinding

PER_PAGE = 50
# What the officer has to confirm of an SMS; None for nothing, empty for what no word of it is the cause of.
Confirm = tuple[TextFinding, ...] | None


@blueprint.get("", may="answer_members")
def messages() -> Served:
    chosen = _chosen()
    return render_template(
        "inbox/inbox.html",
        inbox=threads(chosen, form_fields.number("page", 1) or 1, PER_PAGE),
        chosen=chosen,
        newest=_shown(newest_item()),
        troubles=mailbox_troubles(),
    )


@blueprint.get("/live", may="answer_members", live=True)
def live() -> str:
    """The live part of the list: a notice once something newer came."""
    newest = newest_item()
    before = request.args.get("newest", "")
    return render_template(
        "inbox/news.html", chosen=_chosen(), newest=before, is_newer=newest is not None and _shown(newest) != before
    )


@blueprint.get("/<channel>/<int:number>", may="answer_members")
def thread(channel: str, number: int) -> Served:
    ref, conversation = conversation_at(channel, number)
    inbox.open_messages(conversation, actor(), utc_now())
    return conversation_page(ref, conversation)


@blueprint.get("/<channel>/<int:number>/live", may="answer_members", live=True)
def thread_live(channel: str, number: int) -> str:
    """The live part of a conversation: a notice once something newer came."""
    ref, conversation = conversation_at(channel, number)
    before = request.args.get("newest", "")
    return render_template(
        "inbox/thread_news.html", ref=ref, newest=before, is_newer=_shown(conversation[-1]) != before
    )


def conversation_page(
    ref: Ref, conversation: list[Ref], refusal: str = "", written: str = "", confirm: Confirm = None
) -> str:
    """The page of a conversation; `written` is a reply that was refused, with the reason as a sentence."""
    items = items_of(conversation)
    answers = answers_of(conversation)
    mails = {item.answers_mail for item in items if item.answers_mail} | {one.letter for one in answers if one.letter}
    person = person_of(items[-1])
    answerable = [item for item in items if can_be_answered(item)]
    letter_to = next((item for item in reversed(answerable) if item.ref.channel == "mail"), None)
    station_for = _station_for(answerable, {answer.ref for answer in answers})
    station_to = station_address(station_for) if station_for else ""
    return render_template(
        "inbox/thread.html",
        ref=ref,
        items=items,
        person=person,
        opened=[item for item in items if item.is_open],
        answers=answers,
        mails=mail_cards(mails),
        relays={mail: relay for mail in mails if (relay := bulletin_of_mail(mail)) is not None},
        texts={answer.broadcast: recipients(answer.broadcast).rows for answer in answers if answer.broadcast},
        automatic=_automatic(items),
        tips={card.ref: card for card in tip_of(conversation)},
        newest=named(conversation[-1]),
        letter_to=letter_to,
        letter_shared=_sharing(letter_to.answer_to) if letter_to else "",
        **_text_form(answerable, confirm),
        station_for=station_for,
        station_to=station_to,
        station_shared=_sharing(station_to),
        station=station_of(person.neighbourhood),
        officer=officer_of(person.neighbourhood),
        mail_possible=mail_configured(settings().mail),
        refusal=refusal,
        written=written,
    )


def _text_form(answerable: list[Item], confirm: Confirm) -> dict[str, object]:
    """Values of the form for an SMS, which goes to the newest text that can be answered."""
    text_to = next((item for item in reversed(answerable) if item.ref.channel == "sms"), None)
    return {
        "text_to": text_to,
        "text_stopped": out_on(text_to.sender) if text_to else [],
        "findings": confirm or (),
        "asks": confirm is not None,
    }


def _station_for(answerable: list[Item], answered: set[Ref]) -> Item | None:
    """The message that the station's answer would go to: the newest, where nobody answered it yet."""
    newest = answerable[-1] if answerable else None
    return newest if newest is not None and newest.ref not in answered else None


def _automatic(items: list[Item]) -> dict[int, list[RecipientRow]]:
    """Text → the outcome of its automatic answer; nothing for an answer that waits or was erased long ago."""
    answered = [(item.ref.id, item.at) for item in items if item.verdict and item.verdict.answered_at]
    sent = {text: recipients(order).rows for text, order in answer_orders(answered).items()}
    return {text: rows for text, rows in sent.items() if rows}


def _sharing(address: str) -> str:
    return sharing_words(neighbourhood_at(address), is_group(address))


def _chosen() -> str:
    chosen = request.args.get("filter", "")
    return chosen if chosen in FILTERS else "open"


def _shown(ref: Ref | None) -> str:
    return named(ref) if ref else ""


@blueprint.post("/<channel>/<int:number>/take", may="answer_members")
def take_now(channel: str, number: int) -> Served:
    """« Traiter ce message », or « Reprendre le traitement » when somebody else had taken it."""
    ref, conversation = conversation_at(channel, number)
    opened = [item for item in items_of(seen(conversation)) if item.is_open]
    others = {item.taken_by for item in opened if item.taken_by and item.taken_by != actor()}
    inbox.take([item.ref for item in opened], actor(), utc_now())
    if others:
        flash(_("Vous reprenez ce message, traité jusqu'ici par %(name)s.", name=", ".join(sorted(others))))
    else:
        flash(_("Vous traitez ce message."))
    return _back(ref)


@blueprint.post("/<channel>/<int:number>/done", may="answer_members")
def done(channel: str, number: int) -> Served:
    """« Traité »: back to what is still to be read."""
    _ref, conversation = conversation_at(channel, number)
    inbox.handle(seen(conversation), actor(), utc_now())
    flash(_("Message traité."))
    return redirect(url_for("inbox.messages"), 303)


@blueprint.post("/<channel>/<int:number>/reopen", may="answer_members")
def reopen_now(channel: str, number: int) -> Served:
    ref, conversation = conversation_at(channel, number)
    inbox.reopen(seen(conversation), actor(), utc_now())
    flash(_("Message à traiter."))
    return _back(ref)


@blueprint.post("/<channel>/<int:number>/reply", endpoint="reply", may="answer_members")
@blueprint.post("/<channel>/<int:number>/text", endpoint="reply_text", may="answer_members")
@blueprint.post("/<channel>/<int:number>/station", endpoint="station", may="answer_members")
def answer(channel: str, number: int) -> Served:
    """An e-mail or one SMS in the officer's words, or « Renvoyer vers le commissariat »; a refused text stays there."""
    ref, conversation = conversation_at(channel, number)
    way, nonce = request.path.rpartition("/")[2], form_fields.line("nonce", 40)
    written = form_fields.paragraphs("reply", 20_000 if way == "reply" else 1_000)
    try:
        if way == "reply":
            inbox.reply_by_mail(ref, written, nonce, settings().mail, actor(), utc_now())
            sentence = _("Réponse en cours d'envoi, message traité.")
        elif way == "text":
            inbox.reply_by_text(ref, written, form_fields.ticked("accepted"), nonce, actor(), utc_now())
            sentence = _("Réponse par SMS en cours d'envoi, message traité.")
        else:
            inbox.point_to_station(ref, settings().mail, actor(), utc_now())
            sentence = _("Renvoi vers le commissariat en cours d'envoi, message traité.")
    except (FindingsRefused, StoppedReader) as refusal:
        findings = refusal.findings if isinstance(refusal, FindingsRefused) else ()
        return conversation_page(ref, conversation, said(refusal), written, findings), 400
    except Refusal as refusal:
        return conversation_page(ref, conversation, said(refusal), written), 400
    inbox.handle(seen(conversation), actor(), utc_now())
    flash(sentence)
    return _back(ref)


def _back(ref: Ref) -> Served:
    return redirect(url_for("inbox.thread", channel=ref.channel, number=ref.id), 303)


@blueprint.route("/stops", methods=FORM, may="decide_stops")
def stops() -> Served:
    """Decide only on those that the page showed and that were ticked; another person's decision is kept."""
    if request.method != "POST":
        return render_template("inbox/stops.html", held=held_stops())
    leave = request.form.get("decision") == "apply"
    decided = decide_held_stops(set(form_fields.numbers("stop")), leave, actor(), utc_now())
    if leave:
        done_words = ngettext("%(num)s désinscription effectuée.", "%(num)s désinscriptions effectuées.", decided)
    else:
        done_words = ngettext("%(num)s demande refusée.", "%(num)s demandes refusées.", decided)
    flash(done_words if decided else _("Aucune modification : cochez au moins une demande en attente."))
    return redirect(url_for("inbox.stops"), 303)


blueprint.add_app_template_global(held_stops)
