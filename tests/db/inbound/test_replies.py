"""STOP and START by SMS, OK to an alert, verdicts: by the service centre's clock, once, on both databases."""

from datetime import timedelta

import pytest
from peewee import SqliteDatabase

from db.alerts.automatic.answer import place_answer
from db.alerts.queue.claim import claim_part
from db.alerts.queue.marks import mark_pdu_started, mark_sent
from db.engine.base import database
from db.inbound.received import apply_inbound, forget_inbound_before, give_up_incomplete
from db.inbound.replies.judging import (
    answers_since,
    begin_verdict,
    save_verdict,
    unheard,
    unjudged,
    verdicts,
    was_answered,
)
from db.inbound.replies.leaving import apply_start, apply_stop, left_by_text
from db.inbound.replies.owed import mark_answered, mark_silent, owed_answers
from db.inbound.replies.senders import apply_own_numbers, sender_card, texts_sent_lately
from db.inbound.replies.thread import answered_message, apply_ok, replies
from db.inbound.replies.told import admins_with_mail, out_on
from db.models.answers import AlertReply, InboundVerdict
from db.models.broadcasts import Message, Part
from db.models.modem_records import InboundMessage
from db.models.people import Consent, Member
from db.models.zone import AuditEntry
from db.people.accounts.accounts import accounts, add_account
from db.people.accounts.addresses import set_email
from db.people.members.listing import neighbourhoods
from db.people.members.saving import MemberDraft, save_member
from plp.rules.refusals import Refusal
from plp.rules.replies.values import Answer, Interpretation, Leaving, Meaning, Silence
from plp.rules.states import PartState
from tests.db.inbound.test_inbox import CARD, Concatenated, comes
from tests.db.inbound.test_inbox import Text as Delivered
from tests.support.people import Text, mobile, order, person, place, ready_modem

pytestmark = pytest.mark.usefixtures("database")

SECOND, MINUTE, HOUR, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
STRANGER = "+32470099001"
NOT_READ = Interpretation(Meaning.OTHER, "fr", Answer.NOT_READ)


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
    assert apply_stop(mobile(1), now, now) is Leaving.LEFT
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
    assert apply_stop(mobile(1), now, now) is Leaving.LEFT
    assert consents(mobile(1)) == [(False, "inbound"), (False, "inbound")]
    assert out_on(mobile(1)) == ["Prénom1 Nom001 (Plainevaux)", "Prénom2 Nom002 (Rotheux)"]
    assert apply_start(mobile(1), now + MINUTE, now + MINUTE) is Leaving.BACK
    assert consents(mobile(1)) == [(True, "inbound"), (True, "inbound")]


def test_a_stop_that_leaves_somebody_on_the_number_confirms_nothing(now):
    """The STOP lay on the SIM while an admin added the second person of this phone."""
    person(1, now - DAY)
    draft = MemberDraft("Zoé", "Nom002", mobile(1), "", "nl", place("Rotheux", now))
    save_member(None, draft, "test", now - 10 * MINUTE, number_shared=True)
    ready_modem("a", now)
    order(now)
    assert apply_stop(mobile(1), now - HOUR, now) is Leaving.LATER_SAID
    assert consents(mobile(1)) == [(False, "inbound"), (True, "form")]
    assert [part.state for part in Part.select()] == [PartState.QUEUED]


def test_a_start_of_who_agreed_on_a_form_changes_nothing(now):
    person(1, now - DAY)
    assert apply_start(mobile(1), now, now) is Leaving.AS_IT_WAS
    row = Consent.get(Consent.channel == "sms")
    assert (row.given, row.how, row.who, row.at) == (True, "form", "test", now - DAY)
    assert apply_stop(mobile(1), now + HOUR, now + HOUR) is Leaving.LEFT


def test_a_start_takes_back_only_what_a_text_took(now):
    person(1, now - DAY)
    draft = MemberDraft("Prénom2", "Nom002", mobile(1), "", "nl", place("Rotheux", now), sms=False)
    save_member(None, draft, "test", now - DAY, number_shared=True)
    apply_stop(mobile(1), now, now)
    assert consents(mobile(1)) == [(False, "inbound"), (False, "form")]
    assert apply_start(mobile(1), now + MINUTE, now + MINUTE) is Leaving.BACK
    assert consents(mobile(1)) == [(True, "inbound"), (False, "form")]
    assert apply_start(mobile(1), now + HOUR, now + HOUR) is Leaving.NOT_THEIRS


def test_who_was_taken_out_by_an_admin_does_not_come_back_by_text(now):
    person(1, now - DAY)
    form(1, False, now - HOUR)
    assert apply_start(mobile(1), now, now) is Leaving.NOT_THEIRS
    assert apply_stop(mobile(1), now, now) is Leaving.AS_IT_WAS
    assert apply_start(mobile(1), now, now) is Leaving.NOT_THEIRS
    assert consents(mobile(1)) == [(False, "form")]


@pytest.mark.parametrize(("ago", "left"), [(2 * HOUR, False), (66 * MINUTE, False), (64 * MINUTE, True), (-HOUR, True)])
def test_an_old_stop_does_not_undo_a_later_yes(now, ago, left):
    """Agreed an hour ago, on paper; the clocks may be five minutes apart, and then the STOP counts."""
    person(1, now - HOUR)
    assert apply_stop(mobile(1), now - ago, now) is (Leaving.LEFT if left else Leaving.LATER_SAID)
    assert consents(mobile(1))[0][0] is not left


@pytest.mark.parametrize("order_read", [("STOP", "START"), ("START", "STOP")])
@pytest.mark.parametrize("last", ["STOP", "START"])
def test_the_last_word_counts_in_whatever_order_they_are_read(now, order_read, last):
    person(1, now - 2 * DAY)
    apply_stop(mobile(1), now - DAY, now - DAY)
    apply_start(mobile(1), now - DAY + MINUTE, now - DAY + MINUTE)
    written = {"STOP": now, "START": now}
    written[last] = now + SECOND
    for word in order_read:
        (apply_stop if word == "STOP" else apply_start)(mobile(1), written[word], now + HOUR)
    assert consents(mobile(1)) == [(last == "START", "inbound")]


def test_a_service_centre_in_the_future_settles_nothing_there(now):
    person(1, now - DAY)
    assert apply_stop(mobile(1), now + 365 * DAY, now) is Leaving.LEFT
    assert apply_start(mobile(1), now + MINUTE, now + MINUTE) is Leaving.BACK


def test_strangers_and_users(now):
    add_account("Anne", ["officer"], "quatre mots à retenir", "test", now, mobile=STRANGER)
    assert apply_stop(STRANGER, now, now) is Leaving.USER
    assert apply_stop("+32470099002", now, now) is Leaving.STRANGER
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


def test_a_text_waits_for_one_verdict(now):
    card = text(now)
    assert begin_verdict(card, now)
    save_verdict(card.id, NOT_READ, now)
    assert unjudged() == []
    assert not begin_verdict(card, now)
    assert verdicts([card.id, 999])[card.id].meaning is Meaning.OTHER


def test_a_text_with_a_gap_is_judged_when_given_up_and_again_when_whole(now):
    def part(seq, at):
        assert apply_inbound(CARD, Delivered(STRANGER, f"<{seq}>", now, Concatenated(7, seq, 2)), False, at)

    part(1, now)
    assert unjudged() == []
    give_up_incomplete(now + DAY)
    (card,) = unjudged()
    assert begin_verdict(card, now + DAY)
    save_verdict(card.id, NOT_READ, now + DAY)
    mark_answered(card.id, now + DAY)
    assert unjudged() == []
    part(2, now + 2 * DAY)
    (whole,) = unjudged()
    assert (whole.id, whole.text) == (card.id, "<1><2>")
    assert not begin_verdict(card, now + 2 * DAY)
    assert begin_verdict(whole, now + 2 * DAY)
    save_verdict(card.id, Interpretation(Meaning.ALARM, "fr", Answer.NOT_READ, Silence.REPEATED), now + 2 * DAY)
    found = verdicts([card.id])[card.id]
    # what went out stays said
    assert (found.meaning, found.silence, found.answered_at) == (Meaning.ALARM, Silence.NONE, now + DAY)
    assert unjudged() == []


def test_a_text_that_misses_a_part_is_looked_into_once_per_part_and_judged_in_the_end(now):
    def part(seq, at):
        assert apply_inbound(CARD, Delivered(STRANGER, f"<{seq}>", now, Concatenated(7, seq, 3)), False, at)

    part(1, now)
    assert unheard(now + 59 * SECOND) == []
    (half,) = unheard(now + MINUTE)
    assert begin_verdict(half, now + MINUTE)
    assert unheard(now + MINUTE) == []
    part(2, now + HOUR)
    assert not begin_verdict(half, now + HOUR)
    (more,) = unheard(now + HOUR)
    assert unjudged() == []
    give_up_incomplete(now + DAY)
    assert not begin_verdict(more, now + DAY)
    assert unheard(now + DAY) == []
    assert [card.id for card in unjudged()] == [more.id]


def test_texts_are_found_by_an_index_however_many_were_judged(now):
    if not isinstance(database.obj, SqliteDatabase):
        pytest.skip("PostgreSQL reads a small table whole")
    query = InboundMessage.select(InboundMessage.id).where(InboundMessage.judged_at.is_null())
    plan = database.execute_sql(f"EXPLAIN QUERY PLAN {query.sql()[0]}").fetchall()
    assert "inbound_unjudged" in str(plan)


def test_one_answer_of_a_kind_in_a_day_and_how_many_in_the_house(now):
    first, second = text(now), None
    save_verdict(first.id, NOT_READ, now)
    second = text(now + HOUR, words="Encore moi")
    assert was_answered(STRANGER, Answer.NOT_READ, now + HOUR, apart_from=second.id)
    assert not was_answered(STRANGER, Answer.NOT_READ, now + HOUR, apart_from=first.id)
    assert not was_answered(STRANGER, Answer.STOPPED, now + HOUR, apart_from=second.id)
    assert not was_answered(mobile(1), Answer.NOT_READ, now + HOUR, apart_from=second.id)
    assert not was_answered(STRANGER, Answer.NOT_READ, now + DAY, apart_from=second.id)
    save_verdict(second.id, Interpretation(Meaning.OTHER, "fr", Answer.NOT_READ, Silence.REPEATED), now + HOUR)
    assert [answers_since(now + later) for later in (-HOUR, HOUR)] == [1, 0]


def test_an_answer_is_owed_until_it_is_out_or_given_up(now):
    first, second, third = (text(now + number * MINUTE, f"+3247009900{number}") for number in range(3))
    for card in (first, second):
        save_verdict(card.id, NOT_READ, now)
    save_verdict(third.id, Interpretation(Meaning.OTHER, "fr", Answer.NOT_READ, Silence.OLD), now)
    assert [(owed.inbound_id, owed.key) for owed in owed_answers()] == [
        (first.id, f"answer:{first.id}:{now.isoformat()}"),
        (second.id, f"answer:{second.id}:{(now + MINUTE).isoformat()}"),
    ]
    mark_answered(first.id, now)
    mark_silent(second.id, Silence.REFUSED)
    mark_silent(first.id, Silence.REFUSED)
    assert owed_answers() == []
    assert [verdicts([card.id])[card.id].silence for card in (first, second)] == [Silence.NONE, Silence.REFUSED]


def test_retention_takes_the_verdicts_along(now):
    card = text(now)
    save_verdict(card.id, NOT_READ, now)
    forget_inbound_before(now + DAY)
    assert not InboundVerdict.select().exists()


# who wrote


def test_a_member_has_a_language_and_an_address_a_stranger_neither(now):
    place("Rotheux", now, "rotheux@example.org")
    person(1, now, "Rotheux", language="nl")
    assert sender_card(mobile(1)) == sender_card(mobile(1)).__class__(True, "nl", "rotheux@example.org", False)
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
    assert [(card.name, card.email) for card in admins_with_mail()] == [
        ("Anne", "anne@example.org"),
        ("Zoé", "zoe@example.org"),
    ]


# the answer in the outbox


def test_an_answer_goes_to_whoever_wrote_and_is_known_again(now):
    modem = ready_modem("a", now)
    card = text(now)
    answer = Text("Non lu.", "gsm7", ("Non lu.",))
    first = place_answer(card.id, answer, "answer:1", HOUR, now)
    assert place_answer(card.id, answer, "answer:1", HOUR, now) == first
    claim = claim_part(modem, now)
    assert (claim.broadcast_id, claim.msisdn, claim.text) == (first, STRANGER, "Non lu.")
    assert claim_part(modem, now) is None


def test_who_left_is_still_told_so(now):
    person(1, now - DAY)
    modem = ready_modem("a", now)
    card = text(now, mobile(1), "STOP")
    apply_stop(mobile(1), now, now)
    place_answer(card.id, Text(), "answer:1", HOUR, now)
    assert claim_part(modem, now).msisdn == mobile(1)
    assert Message.get().member_id is not None


@pytest.mark.parametrize("sender", ["8850", "Proximus", "+33612345678", "0470000001", "+3243304000"])
def test_no_other_number_is_ever_answered(now, sender):
    ready_modem("a", now)
    card = text(now, sender)
    with pytest.raises(Refusal):
        place_answer(card.id, Text(), "answer:1", HOUR, now)
    with pytest.raises(Refusal, match="plus là"):
        place_answer(card.id + 1, Text(), "answer:2", HOUR, now)
