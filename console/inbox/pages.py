"""The list of conversations, and one conversation in full; both say when something newer came, and stay as they are."""

from flask import render_template, request
from flask.typing import ResponseReturnValue

from console.i18n.labels import GUARD_WORDS
from console.inbox import words
from console.inbox.blueprint import blueprint, found, named, officer
from console.web import form_fields
from console.web.acting import settings
from console.web.session import actor
from db.alerts.progress.progress import RecipientRow, recipients
from db.bulletins.relay import bulletin_of_mail
from db.engine.clock import utc_now
from db.inbound.inbox.answers import answers_of, can_be_answered
from db.inbound.inbox.items import items_of
from db.inbound.inbox.persons import is_group, neighbourhood_at, person_of, station_address
from db.inbound.inbox.threads import FILTERS, newest_item, threads
from db.inbound.inbox.values import Item, Ref
from db.inbound.mailbox.arrivals import mailboxes
from db.inbound.replies.leaving import out_on
from db.inbound.replies.owed import answer_orders
from db.mail.enqueue import mail_configured
from db.mail.listing import mail_cards
from db.operations.waking.summons import mark_opened
from db.people.zone import proximity_station
from plp.rules.text_guard import TextFinding

PER_PAGE = 50
# What the officer has to confirm of an SMS; None for nothing, empty for what no word of it is the cause of.
Confirm = tuple[TextFinding, ...] | None


@blueprint.get("")
@officer
def messages() -> ResponseReturnValue:
    chosen = _chosen()
    page = threads(chosen, form_fields.number("page", 1) or 1, PER_PAGE)
    return render_template(
        "inbox/inbox.html",
        inbox=page,
        chosen=chosen,
        newest=_shown(newest_item()),
        troubles=[card.trouble for card in mailboxes() if card.trouble],
        words=words,
    )


@blueprint.get("/live")
@officer
def live() -> ResponseReturnValue:
    """The live part of the list: a notice once something newer came."""
    newest = newest_item()
    before = request.args.get("newest", "")
    return render_template(
        "inbox/news.html", chosen=_chosen(), newest=before, is_newer=newest is not None and _shown(newest) != before
    )


@blueprint.get("/<channel>/<int:number>")
@officer
def thread(channel: str, number: int) -> ResponseReturnValue:
    ref, conversation = found(channel, number)
    mark_opened("message", [str(each.id) for each in conversation if each.channel == "sms"], actor(), utc_now())
    return conversation_page(ref, conversation)


@blueprint.get("/<channel>/<int:number>/live")
@officer
def thread_live(channel: str, number: int) -> ResponseReturnValue:
    """The live part of a conversation: a notice once something newer came."""
    ref, conversation = found(channel, number)
    before = request.args.get("newest", "")
    return render_template(
        "inbox/thread_news.html", ref=ref, newest=before, is_newer=_shown(conversation[-1]) != before
    )


def conversation_page(
    ref: Ref, conversation: list[Ref], refusal: str = "", written: str = "", confirm: Confirm = None
) -> str:
    """The page of a conversation; `written` is a reply that was refused, with the sentence that says why."""
    items = items_of(conversation)
    answers = answers_of(conversation)
    mails = {item.answers_mail for item in items if item.answers_mail} | {
        each.letter for each in answers if each.letter
    }
    answerable = [item for item in items if can_be_answered(item)]
    letter_to = next((item for item in reversed(answerable) if item.ref.channel == "mail"), None)
    station_for = _station_for(answerable, {each.ref for each in answers})
    station_to = station_address(station_for) if station_for else ""
    return render_template(
        "inbox/thread.html",
        ref=ref,
        items=items,
        person=person_of(items[-1]),
        opened=[item for item in items if item.is_open],
        answers=answers,
        mails=mail_cards(mails),
        relays={mail: relay for mail in mails if (relay := bulletin_of_mail(mail)) is not None},
        texts={each.broadcast: recipients(each.broadcast).rows for each in answers if each.broadcast},
        automatic=_automatic(items),
        newest=named(conversation[-1]),
        letter_to=letter_to,
        letter_shared=_sharing(letter_to.answer_to) if letter_to else "",
        **_text_form(answerable, confirm),
        station_for=station_for,
        station_to=station_to,
        station_shared=_sharing(station_to),
        station=proximity_station(),
        mail_possible=mail_configured(settings().mail),
        nonce=form_fields.new_nonce(),
        refusal=refusal,
        written=written,
        words=words,
    )


def _text_form(answerable: list[Item], confirm: Confirm) -> dict[str, object]:
    """Values of the form for an SMS, which goes to the newest text that can be answered."""
    text_to = next((item for item in reversed(answerable) if item.ref.channel == "sms"), None)
    return {
        "text_to": text_to,
        "text_stopped": out_on(text_to.sender) if text_to else [],
        "findings": confirm or (),
        "asks": confirm is not None,
        "GUARD_WORDS": GUARD_WORDS,
    }


def _station_for(answerable: list[Item], answered: set[Ref]) -> Item | None:
    """The message that the station's answer would go to: the newest, where nobody answered it yet."""
    newest = answerable[-1] if answerable else None
    return newest if newest is not None and newest.ref not in answered else None


def _automatic(items: list[Item]) -> dict[int, list[RecipientRow]]:
    """Text → what became of its automatic answer; nothing of one that waits, or that is long forgotten."""
    answered = [(item.ref.id, item.at) for item in items if item.verdict and item.verdict.answered_at]
    found = {text: recipients(order).rows for text, order in answer_orders(answered).items()}
    return {text: rows for text, rows in found.items() if rows}


def _sharing(address: str) -> str:
    return words.sharing_words(neighbourhood_at(address), is_group(address))


def _chosen() -> str:
    chosen = request.args.get("filter", "")
    return chosen if chosen in FILTERS else "open"


def _shown(ref: Ref | None) -> str:
    return named(ref) if ref else ""
