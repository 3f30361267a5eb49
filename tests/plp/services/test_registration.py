"""The code of a registration: one part, and what nobody confirms is gone after a day with its number."""

from datetime import timedelta

import pytest

from db.alerts.queue.claim import claim_part
from db.alerts.queue.marks import mark_pdu_started, mark_sent
from db.models.broadcasts import Broadcast, BroadcastText, Message, Part
from db.models.modem_records import SimRecipient
from db.models.people import Registration
from modem.sms.composition import count
from plp.letters.rendering import SMS
from plp.services.forgetting import forget_member
from plp.services.people.proposals import code_text, confirm_registration, forget_unconfirmed, propose_registration
from rules.members import MemberDraft
from tests.support.people import mobile, order, person, ready_modem

pytestmark = pytest.mark.usefixtures("database")

DAY = timedelta(days=1, seconds=1)


def draft(number=7, **changes):
    return MemberDraft("Luc", "Dupont", mobile(number), "luc@example.org", "fr", 0, **changes)


def code():
    return BroadcastText.select().order_by(BroadcastText.id.desc()).get().body[:6]


def goes_out(sender, now):
    claim = claim_part(sender, now)
    mark_pdu_started(claim, now)
    mark_sent(claim, 1, sender, now)
    return claim


@pytest.mark.parametrize("language", SMS)
@pytest.mark.parametrize("zone", ["Police locale Seraing/Neupré", "Zone à œuvrer", "Z" * 120])
def test_the_code_is_one_part_in_every_language(language, zone):
    text = code_text("000123", language, zone).text
    assert (count(text).encoding, count(text).parts) == ("gsm7", 1)
    assert text.startswith("000123")
    assert len(text) > 20


def test_an_alert_overtakes_it(now):
    sender = ready_modem("a", now)
    propose_registration(draft(), now)
    person(1, now)
    alert = order(now).id
    assert claim_part(sender, now).broadcast_id == alert


def test_it_comes_too_late(now):
    ready_modem("a", now)
    token = propose_registration(draft(), now)
    assert not confirm_registration(token, code(), now + timedelta(hours=1))
    assert not confirm_registration("", "", now)
    assert confirm_registration(token, code(), now + timedelta(minutes=59))
    # The same press twice is no mistake.
    assert confirm_registration(token, "", now + timedelta(hours=2))


def test_what_nobody_confirms_is_gone_after_a_day_with_its_number(now):
    sender = ready_modem("a", now)
    propose_registration(draft(), now)
    goes_out(sender, now)
    assert SimRecipient.select().count() == 1
    assert not forget_unconfirmed(now + timedelta(hours=23))
    assert forget_unconfirmed(now + DAY)
    tables = (Registration, Broadcast, BroadcastText, Message, Part, SimRecipient)
    assert [table.select().count() for table in tables] == [0] * len(tables)
    assert not forget_unconfirmed(now + DAY)


def test_one_that_waits_for_an_admin_stays(now):
    ready_modem("a", now)
    token = propose_registration(draft(), now)
    confirm_registration(token, code(), now)
    assert not forget_unconfirmed(now + DAY)


def test_what_went_to_a_member_on_that_number_stays(now):
    sender = ready_modem("a", now)
    person(7, now)
    order(now)
    goes_out(sender, now)
    propose_registration(draft(), now)
    forget_unconfirmed(now + DAY)
    assert [row.msisdn for row in Message.select()] == [mobile(7)]
    assert SimRecipient.select().count() == 1


def test_it_goes_with_the_member_who_is_forgotten(now):
    ready_modem("a", now)
    member_id = person(7, now)
    token = propose_registration(draft(), now)
    confirm_registration(token, code(), now)
    forget_member(member_id, "test", now)
    assert Registration.select().count() == 0
