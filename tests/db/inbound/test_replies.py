"""STOP and START by SMS, OK to an alert, verdicts: by the service centre's clock, once, on both databases."""

from datetime import timedelta

import pytest

from db.alerts.queue.claim import claim_part
from db.alerts.queue.marks import mark_pdu_started, mark_sent
from db.inbound.received import forget_inbound_before
from db.inbound.replies.judging import (
    apply_own_numbers,
    sender_card,
    texts_sent_lately,
    unjudged,
)
from db.inbound.replies.leaving import apply_start, apply_stop, left_by_text, out_on
from db.inbound.replies.thread import answered_message, apply_ok, replies
from db.models.broadcasts import Message, Part
from db.models.modem_records import AlertReply
from db.models.people import Consent, Member
from db.models.zone import AuditEntry
from db.people.accounts.accounts import accounts, readers
from db.people.members.listing import neighbourhoods
from plp.services.accounts.rights import add_account
from plp.services.people.saving import save_member
from rules.members import MemberDraft
from rules.replies.values import Leaving
from rules.states import PartState
from tests.support.accounts import set_email
from tests.support.inbox import comes
from tests.support.people import Text, mobile, order, person, place, ready_modem

pytestmark = pytest.mark.usefixtures("database")

SECOND, MINUTE, HOUR, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
STRANGER = "+32470099001"


def consents(number):
    rows = Consent.select().join(Member).where(Member.mobile == number, Consent.channel == "sms").order_by(Member.id)
    return [(row.given, row.how) for row in rows]


def form(number, sms, now):
    """An admin changes what member `number` agreed to."""
    member = Member.get(Member.mobile == mobile(number))
    draft = MemberDraft("Prénom", "Nom", mobile(number), "", "fr", neighbourhoods()[0].id, sms=sms)
    save_member(member.id, draft, "anne", now, number_shared=True)


def text(now, sender=STRANGER, words="Bonjour"):
    comes(now, sender, words)
    return unjudged()[-1]


# STOP and START


def test_a_stop_ends_what_is_queued_in_the_same_moment(now):
    person(1, now - DAY)
    person(2, now - DAY)
    ready_modem("a", now)
    alert = order(now)
    assert apply_stop(mobile(1), now, now, now) is Leaving.LEFT
    assert consents(mobile(1)) == [(False, "inbound")]
    states = {part.message.msisdn: part.state for part in Part.select().where(Part.broadcast == alert.id)}
    assert states == {mobile(1): PartState.CANCELLED, mobile(2): PartState.QUEUED}
    recorded = [row.action for row in AuditEntry.select().where(AuditEntry.actor == "plp").order_by(AuditEntry.id)]
    assert recorded[-2:] == ["consent_changed", "queued_parts_cancelled"]
    assert left_by_text(now - HOUR) == [(1, "Prénom1 Nom001", now)]
    assert left_by_text(now + HOUR) == []


def test_both_who_share_a_number_leave_and_come_back(now):
    person(1, now - DAY)
    draft = MemberDraft("Prénom2", "Nom002", mobile(1), "", "nl", place("Rotheux", now))
    save_member(None, draft, "test", now - DAY, number_shared=True)
    assert apply_stop(mobile(1), now, now, now) is Leaving.LEFT
    assert consents(mobile(1)) == [(False, "inbound"), (False, "inbound")]
    assert out_on(mobile(1)) == ["Prénom1 Nom001 (Plainevaux)", "Prénom2 Nom002 (Rotheux)"]
    assert apply_start(mobile(1), now + MINUTE, now + MINUTE) is Leaving.BACK
    assert consents(mobile(1)) == [(True, "inbound"), (True, "inbound")]


def test_a_stop_that_leaves_somebody_on_the_number_confirms_nothing(now):
    """The STOP waited for a person while an admin added the second person of this phone."""
    person(1, now - DAY)
    draft = MemberDraft("Zoé", "Nom002", mobile(1), "", "nl", place("Rotheux", now))
    save_member(None, draft, "test", now - 10 * MINUTE, number_shared=True)
    ready_modem("a", now)
    order(now)
    assert apply_stop(mobile(1), now - HOUR, now - HOUR, now) is Leaving.LATER_SAID
    assert consents(mobile(1)) == [(False, "inbound"), (True, "form")]
    assert [part.state for part in Part.select()] == [PartState.QUEUED]


def test_a_start_of_who_agreed_on_a_form_changes_nothing(now):
    person(1, now - DAY)
    assert apply_start(mobile(1), now, now) is Leaving.AS_IT_WAS
    row = Consent.get(Consent.channel == "sms")
    assert (row.given, row.how, row.who, row.at) == (True, "form", "test", now - DAY)
    assert apply_stop(mobile(1), now + HOUR, now + HOUR, now + HOUR) is Leaving.LEFT


def test_a_start_takes_back_only_what_a_text_took(now):
    person(1, now - DAY)
    draft = MemberDraft("Prénom2", "Nom002", mobile(1), "", "nl", place("Rotheux", now), sms=False)
    save_member(None, draft, "test", now - DAY, number_shared=True)
    apply_stop(mobile(1), now, now, now)
    assert consents(mobile(1)) == [(False, "inbound"), (False, "form")]
    assert apply_start(mobile(1), now + MINUTE, now + MINUTE) is Leaving.BACK
    assert consents(mobile(1)) == [(True, "inbound"), (False, "form")]
    assert apply_start(mobile(1), now + HOUR, now + HOUR) is Leaving.NOT_THEIRS


def test_who_was_taken_out_by_an_admin_does_not_come_back_by_text(now):
    person(1, now - DAY)
    form(1, False, now - HOUR)
    assert apply_start(mobile(1), now, now) is Leaving.NOT_THEIRS
    assert apply_stop(mobile(1), now, now, now) is Leaving.AS_IT_WAS
    assert apply_start(mobile(1), now, now) is Leaving.NOT_THEIRS
    assert consents(mobile(1)) == [(False, "form")]


@pytest.mark.parametrize(("ago", "left"), [(2 * HOUR, False), (66 * MINUTE, False), (64 * MINUTE, True), (-HOUR, True)])
def test_an_old_stop_does_not_undo_a_later_yes(now, ago, left):
    """Agreed an hour ago, on paper; in the five minutes before, the STOP counts."""
    person(1, now - HOUR)
    assert apply_stop(mobile(1), now - ago, now - ago, now) is (Leaving.LEFT if left else Leaving.LATER_SAID)
    assert consents(mobile(1))[0][0] is not left


@pytest.mark.parametrize("behind", [6 * HOUR, 300 * DAY])
def test_a_stop_counts_from_when_it_came_where_the_service_centre_is_hours_behind(now, behind):
    person(1, now - MINUTE)  # a list that was read a minute ago
    assert apply_stop(mobile(1), now - behind, now, now) is Leaving.LEFT
    assert consents(mobile(1)) == [(False, "inbound")]


@pytest.mark.parametrize("by_text", [False, True])
def test_a_stop_counts_when_our_clock_was_set_back_after_the_yes(now, by_text):
    person(1, now)
    if by_text:
        apply_stop(mobile(1), now, now, now)
        apply_start(mobile(1), now + SECOND, now + SECOND)
    behind = now - HOUR
    assert apply_stop(mobile(1), now + MINUTE, behind, behind) is Leaving.LEFT
    assert consents(mobile(1)) == [(False, "inbound")]


def test_a_stop_counts_that_came_while_our_clock_had_begun_anew(now):
    person(1, now)
    begun_anew = now - timedelta(days=20_000)
    assert apply_stop(mobile(1), now + MINUTE, begun_anew, now + HOUR) is Leaving.LEFT
    assert consents(mobile(1)) == [(False, "inbound")]


@pytest.mark.parametrize("order_read", [("STOP", "START"), ("START", "STOP")])
@pytest.mark.parametrize("last", ["STOP", "START"])
def test_the_last_word_counts_in_whatever_order_they_are_read(now, order_read, last):
    person(1, now - 2 * DAY)
    apply_stop(mobile(1), now - DAY, now - DAY, now - DAY)
    apply_start(mobile(1), now - DAY + MINUTE, now - DAY + MINUTE)
    written = {"STOP": now, "START": now}
    written[last] = now + SECOND
    for word in order_read:
        if word == "STOP":
            apply_stop(mobile(1), written[word], now + HOUR, now + HOUR)
        else:
            apply_start(mobile(1), written[word], now + HOUR)
    assert consents(mobile(1)) == [(last == "START", "inbound")]


def test_a_service_centre_in_the_future_settles_nothing_there(now):
    person(1, now - DAY)
    assert apply_stop(mobile(1), now + 365 * DAY, now, now) is Leaving.LEFT
    assert apply_start(mobile(1), now + MINUTE, now + MINUTE) is Leaving.BACK


@pytest.mark.slow
def test_strangers_and_users(now):
    add_account("Anne", ["officer"], "quatre mots à retenir", "test", now, mobile=STRANGER)
    assert apply_stop(STRANGER, now, now, now) is Leaving.USER
    assert apply_stop("+32470099002", now, now, now) is Leaving.STRANGER
    assert apply_start("+32470099002", now, now) is Leaving.STRANGER
    person(1, now - DAY)
    assert apply_start(mobile(1), now, now) is Leaving.AS_IT_WAS


# which alert is answered


def sent(now, number=1, **changes):
    """An alert that the network took at `now`; its id."""
    modem = ready_modem("a", now)
    placed = order(now, Text(f"Texte {now}", "gsm7", (f"Texte {now}",)), **changes)
    while (claim := claim_part(modem, now)) is not None:
        mark_pdu_started(claim, now)
        mark_sent(claim, number, modem, now)
    return placed.id


def test_an_ok_is_for_the_last_alert_of_a_day(now):
    person(1, now - 3 * DAY)
    first = sent(now - 2 * DAY)
    second = sent(now - 3 * HOUR)
    third = sent(now)
    answered = [
        answered_message(mobile(1), now + later) for later in (-49 * HOUR, -47 * HOUR, -2 * HOUR, HOUR, 25 * HOUR)
    ]
    assert [found and found[1] for found in answered] == [None, first, second, third, None]
    assert answered_message(STRANGER, now) is None


def test_a_thumb_may_be_faster_than_the_receipt_but_not_than_the_alert(now):
    person(1, now - DAY)
    alert = sent(now)
    assert answered_message(mobile(1), now - 4 * MINUTE)[1] == alert
    assert answered_message(mobile(1), now - 6 * MINUTE) is None


def test_an_answer_may_come_before_the_receipt(now):
    person(1, now - DAY)
    modem = ready_modem("a", now)
    alert = order(now)
    mark_pdu_started(claim_part(modem, now), now)
    assert answered_message(mobile(1), now + MINUTE)[1] == alert.id


def test_what_was_never_sent_is_answered_by_nobody(now):
    person(1, now - DAY)
    ready_modem("a", now)
    order(now)
    assert answered_message(mobile(1), now + MINUTE) is None


def test_an_ok_counts_once_and_outlives_its_text(now):
    person(1, now - DAY)
    person(2, now - DAY)
    alert = sent(now)
    for number, later in ((1, MINUTE), (1, HOUR), (2, MINUTE)):
        apply_ok(*answered_message(mobile(number), now + later), now + later)
    found = replies(alert)
    assert (found.ok_total, [reply.name for reply in found.ok]) == (2, ["Prénom2 Nom002", "Prénom1 Nom001"])
    Message.update(member=None).where(Message.msisdn == mobile(1)).execute()
    assert {reply.name for reply in replies(alert).ok} == {"", "Prénom2 Nom002"}
    forget_inbound_before(now + DAY)
    assert replies(alert, limit=1).ok_total == AlertReply.select().count() == 2


# verdicts


# who wrote


def test_a_member_has_a_language_and_an_address_a_stranger_neither(now):
    place("Rotheux", now, "rotheux@example.org")
    person(1, now, "Rotheux", language="nl")
    card = sender_card(mobile(1))
    assert card == card.__class__(True, "nl", "rotheux@example.org", False, "Rotheux")
    assert not sender_card(STRANGER).is_member


def test_every_host_s_own_sims_are_known(now):
    apply_own_numbers("one", {"a": "+32470000900", "b": "+32470000901"})
    apply_own_numbers("two", {"a": "+32470000902"})
    apply_own_numbers("one", {"a": "+32470000903"})
    apply_own_numbers("one", {"a": "+32470000903"})
    own = [number for number in range(900, 905) if sender_card(f"+32470000{number}").is_own]
    assert own == [902, 903]


def test_what_went_out_within_a_day_is_known_again(now):
    person(1, now - 3 * DAY)
    sent(now - 25 * HOUR)
    recent = sent(now - HOUR)
    (body,) = texts_sent_lately(now)
    assert body == f"Texte {now - HOUR}"
    assert recent


@pytest.mark.slow
def test_admins_with_an_address_are_told(now):
    for name, roles in (
        ("Anne", ["admin"]),
        ("Tom", ["technician"]),
        ("Zoé", ["admin", "officer"]),
        ("Sans", ["admin"]),
    ):
        add_account(name, roles, "quatre mots à retenir", "test", now)
    for card in accounts():
        if card.name != "Sans":
            set_email(card.id, f"{card.name.lower().replace('é', 'e')}@example.org", "test", now)
    assert [(card.name, card.email) for card in readers("admin")] == [
        ("Anne", "anne@example.org"),
        ("Zoé", "zoe@example.org"),
    ]


# the answer in the outbox
