"""Whose data are kept and not used: nothing is sent to them, nothing brings them back but the end of that."""

import pytest

from base.settings.values import MailSettings
from db.alerts.incidents.left_out import people_left_out
from db.bulletins.groups import group, readers_of
from db.bulletins.values import BulletinDraft
from db.inbound.replies.leaving import apply_start, apply_stop
from db.journal import audit
from db.mail.enqueue import enqueue_letter, send_as
from db.mail.readers import address_now
from db.mail.values import Copy, Letter
from db.models.broadcasts import Message, Part
from db.models.mail import Mail
from db.operations.plan_b import roll
from db.people.audience import Audience, recipients
from db.people.members.listing import member
from db.people.members.welcome import due_welcome_mails
from plp.services.orders.audiences import resolve
from plp.services.people.care import restrict_member
from plp.services.people.saving import save_member
from rules.members import MemberDraft
from rules.refusals import Refusal
from rules.replies.values import Leaving
from rules.states import PartState
from tests.support.people import later, mobile, order, person, place, ready_modem
from tests.support.rosters import import_members

pytestmark = pytest.mark.usefixtures("database")


def of(number, now, **changes):
    values = {"sms": True, "mail_group": True, "email": f"m{number}@example.org"} | changes
    return person(number, now, **values)


def reached(now):
    return {one.msisdn for one in recipients(resolve(Audience(everyone=True)))}


def test_nothing_goes_to_them_and_what_waited_is_cancelled(now):
    ready_modem("a", now)
    her = of(7, now)
    of(1, now)
    order(now)
    restrict_member(her, "anne", later(now, 1))
    assert reached(now) == {mobile(1)}
    states = {row.message.msisdn: row.state for row in Part.select(Part, Message).join(Message)}
    assert states == {mobile(7): PartState.CANCELLED, mobile(1): PartState.QUEUED}
    assert group(place("Plainevaux", now)).addresses == ("m1@example.org",)
    assert {one.mobile for one in roll()} == {mobile(1)}
    card = member(her)
    assert (card.mobile, card.restricted_at, card.sms) == (mobile(7), later(now, 1), False)
    assert audit.newest("member_restricted").subject == str(her)
    with pytest.raises(Refusal):
        restrict_member(her, "anne", later(now, 2))


def test_no_form_no_list_and_no_sms_brings_them_back(now):
    her = of(7, now)
    restrict_member(her, "anne", later(now, 1))
    at = place("Plainevaux", now)
    save_member(her, MemberDraft("Prénom7", "Nom007", mobile(7), "m7@example.org", "fr", at), "anne", later(now, 2))
    row = f"prénom;nom;gsm;quartier;consent_sms\nPrénom7;Nom007;{mobile(7)};Plainevaux;oui\n"
    import_members(row.encode(), "list.csv", "anne", later(now, 3))
    apply_start(mobile(7), later(now, 4), later(now, 4))
    assert reached(now) == set()


def test_afterwards_they_agree_to_what_they_agreed_to_before(now):
    her, other = of(7, now), of(8, now, sms=False)
    for each in (her, other):
        restrict_member(each, "anne", later(now, 1))
        restrict_member(each, "anne", later(now, 2), lift=True)
    assert reached(now) == {mobile(7)}
    assert (member(her).sms, member(her).mail_group, member(her).restricted_at) == (True, True, None)
    assert (member(other).sms, member(other).mail_group) == (False, True)


def test_a_stop_in_between_counts_afterwards_too(now):
    her = of(7, now)
    restrict_member(her, "anne", later(now, 1))
    assert apply_stop(mobile(7), later(now, 2), later(now, 2), later(now, 2)) is Leaving.LEFT
    apply_start(mobile(7), later(now, 3), later(now, 3))
    at = place("Plainevaux", now)
    again = MemberDraft("Prénom7", "Nom007", mobile(7), "m7@example.org", "fr", at, sms=True)
    save_member(her, again, "anne", later(now, 4))
    assert reached(now) == set()
    restrict_member(her, "anne", later(now, 5), lift=True)
    assert (member(her).sms, member(her).mail_group) == (False, True)


def test_no_mail_goes_to_them_either(now):
    send_as(MailSettings(sender="plp@example.be"))
    here = place("Plainevaux", now)
    values = {"role": "coordinator", "mobile": "", "email": "c@example.org"}
    her = person(7, now, **values)
    save_member(None, MemberDraft("Luc", "Nom", "", "l@example.org", "fr", here), "test", now, welcome=True)
    ready_modem("a", now)
    of(1, now)
    alert = order(now).id
    (mail,) = enqueue_letter(Letter("alert", "x"), [Copy("1", "c@example.org", "", "x", member_id=her)], now)
    everywhere = BulletinDraft("tactical", (), everywhere=True)
    assert [reader.address for reader in readers_of(everywhere).people] == ["c@example.org"]
    assert address_now(Mail.get_by_id(mail)) == "c@example.org"
    restrict_member(her, "anne", later(now, 1))
    assert readers_of(everywhere).people == ()
    assert address_now(Mail.get_by_id(mail)) == ""
    assert [one.address for one in people_left_out(alert)] == ["l@example.org"]
    assert [due.member.email for due in due_welcome_mails(later(now, 2))] == ["l@example.org"]
