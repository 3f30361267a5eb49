"""Whom the house forgets: what they wrote, what was answered, and what was still to be, on both databases."""

from datetime import timedelta

import pytest

from base.settings.values import MailSettings
from db.inbound.inbox.answers import answers_of, mark_reply_sent, owed_replies
from db.inbound.inbox.items import items_of
from db.inbound.inbox.threads import threads
from db.inbound.replies.judging import save_verdict
from db.mail.enqueue import enqueue_letter, send_as
from db.mail.values import Copy, Letter
from db.models.mail import InboundMail, InboxAnswer, Mail, SeenMail
from db.models.modem_records import InboundMessage, InboundPart
from db.people.members.listing import member, neighbourhoods
from plp.services.forgetting import forget_member
from plp.services.inbox import handle, take
from plp.services.people.neighbourhoods import save_neighbourhood
from plp.services.people.saving import save_member
from rules.members import MemberDraft
from rules.refusals import Refusal
from rules.replies.values import Answer, Meaning, Silence
from tests.support.inbox import STRANGER, mail, pointed_to_station, replied, text
from tests.support.people import later, mobile, person

pytestmark = pytest.mark.usefixtures("database")

DAY = timedelta(days=1)
ADDRESS = "luc@example.org"


@pytest.fixture
def luc(now):
    """A member with a number and an address of their own; mail may be written."""
    send_as(MailSettings(sender="plp@example.be"))
    yield person(1, now - DAY, email=ADDRESS)
    send_as(None)


def test_what_somebody_wrote_and_what_was_to_be_answered_goes_with_them(now, luc):
    wrote = [text(now, mobile(1), "Ici Luc"), mail(now, ADDRESS, sender_name="Luc", reply_to="luc@example.net")]
    others = [text(later(now, 1), STRANGER), mail(later(now, 1), "anne@example.org")]
    take(wrote, "Anne", now)
    for ref in (*wrote, *others):
        pointed_to_station(ref, "Anne", now)
    replied(wrote[1], "Bonjour Luc", "nonce", "Anne", now)
    save_verdict(wrote[0].id, now, Meaning.OTHER, "fr", Answer.NOT_READ, Silence.NONE)
    forget_member(luc, "anne", later(now, 9))
    assert items_of(wrote) == []
    assert [item.ref for item in items_of(others)] == others
    assert len(threads("all").rows) == 2
    assert {owed.item.ref for owed in owed_replies()} == set(others)
    assert answers_of(wrote) == []
    assert (InboxAnswer.select().count(), InboundPart.select().count()) == (2, 1)


def test_an_answer_that_is_about_to_leave_finds_nothing_to_answer(now, luc):
    replied(mail(now, ADDRESS), "Bonjour Luc", "nonce", "Anne", now)
    (owed,) = owed_replies()
    forget_member(luc, "anne", now)
    assert not mark_reply_sent(owed.id, "Bonjour Luc", letter=1)


def test_mail_to_the_address_ends_whether_it_names_the_member_or_not(now, luc):
    copies = [Copy("1", ADDRESS, "Luc", "Bonjour Luc", member_id=luc), Copy("2", ADDRESS, "Luc", "Bonjour Luc")]
    enqueue_letter(Letter("answer", "Re:"), [*copies, Copy("3", "anne@example.org", "Anne", "Bonjour")], now)
    forget_member(luc, "anne", now)
    rows = [(row.state, row.address, row.text) for row in Mail.select().order_by(Mail.key)]
    assert rows[:2] == [("cancelled", "", "")] * 2
    assert rows[2] == ("queued", "anne@example.org", "Bonjour")


def test_what_somebody_else_shares_stays_until_they_go_too(now, luc):
    draft = MemberDraft("Zoé", "Nom", mobile(1), ADDRESS, "fr", neighbourhoods()[0].id)
    zoe = save_member(None, draft, "test", now, number_shared=True)
    wrote = [text(now, mobile(1)), mail(now, ADDRESS)]
    forget_member(luc, "anne", now)
    assert len(items_of(wrote)) == 2
    forget_member(zoe, "anne", now)
    assert items_of(wrote) == []


def test_what_came_from_a_reference_address_is_the_neighbourhood_s(now, luc):
    save_neighbourhood(neighbourhoods()[0].id, "Plainevaux", ADDRESS.upper(), "test", now)
    ref = mail(now, ADDRESS)
    forget_member(luc, "anne", now)
    assert len(items_of([ref])) == 1


def test_the_mailbox_does_not_bring_it_again(now, luc):
    mail(now, ADDRESS)
    forget_member(luc, "anne", now)
    assert (InboundMail.select().count(), SeenMail.select().count()) == (0, 1)


def test_a_call_for_help_is_nobody_s_to_erase_before_an_officer_saw_it(now, luc):
    ref = text(now, mobile(1), "Au feu")
    save_verdict(ref.id, now, Meaning.ALARM, "fr")
    with pytest.raises(
        Refusal,
        match="Un SMS urgent de cette personne n'est pas traité : un",
    ):
        forget_member(luc, "anne", now)
    assert member(luc) is not None
    handle([ref], "Anne", now)
    forget_member(luc, "anne", now)
    assert (member(luc), InboundMessage.select().count()) == (None, 0)
