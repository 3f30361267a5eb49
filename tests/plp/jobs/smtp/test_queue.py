"""The queue: who may move a mail, once, and what a dead process leaves."""

from contextlib import suppress
from datetime import timedelta

import pytest

from db.mail.claim import (
    LEASE,
    apply_bounce,
    claim_mail,
    expire_overdue,
    mail_due,
    mail_server,
    mail_servers,
    mark_accepted,
    mark_domain_waits,
    mark_handed,
    mark_later,
    mark_refused,
    mark_server_down,
    mark_server_up,
    recover_mail,
)
from db.mail.enqueue import PATIENCE, enqueue_letter
from db.mail.listing import mail_counts, oldest_waiting_at, waiting_domains
from db.mail.readers import erase_mail_of
from db.mail.values import Enclosure
from db.models.mail import Mail, MailDomain
from db.models.people import Member
from db.models.zone import AuditEntry
from db.operations.machine import apply_jump
from plp.services.forgetting import forget_member
from plp.services.mails import cancel_mail, retry_expired, retry_mail
from plp.services.people.neighbourhoods import save_neighbourhood
from rules.mail import MAIL_TRANSITIONS, MailState
from rules.refusals import Refusal
from tests.plp.jobs.smtp.letters import copy, letter, post
from tests.plp.jobs.smtp.looks import card
from tests.support.people import later, person

pytestmark = pytest.mark.usefixtures("database")

NO_PACE = timedelta(0)
MINUTE = timedelta(minutes=1)


def claim(now, host="box", pace=NO_PACE):
    return claim_mail(host, now, pace)


def often_in_doubt(held, now):
    Mail.update(handed_at=now, doubts=2).where(Mail.id == held.id).execute()
    recover_mail(now + LEASE)


def withdrawn(now):
    Member.update(email=None).execute()
    claim(now)


# Who moves a mail that was claimed once and stands in any state afterwards.
WRITERS = {
    "claim": lambda held, now: claim(now),
    "accepted": lambda held, now: mark_accepted(held, "250 ok", now),
    "refused": lambda held, now: mark_refused(held, "unknown", "550", now),
    "later": lambda held, now: mark_later(held, "busy", "450", now + MINUTE, now),
    "too late": lambda held, now: mark_later(held, "busy", "450", now, now + PATIENCE),
    "recover": lambda held, now: recover_mail(now + LEASE),
    "recover, often in doubt": lambda held, now: often_in_doubt(held, now),
    "overdue": lambda held, now: expire_overdue("unreachable", now + PATIENCE),
    "bounce": lambda held, now: apply_bounce(held.id, True, "550", now),
    "retry": lambda held, now: retry_mail(held.id, "anne", now),
    "retry all": lambda held, now: retry_expired("anne", now),
    "cancel": lambda held, now: cancel_mail(held.id, "anne", now),
    "erase": lambda held, now: erase_mail_of([Mail.get_by_id(held.id).member_id], now),
    "withdrawn": lambda held, now: withdrawn(now),
}


@pytest.mark.slow
@pytest.mark.both
def test_every_writer_moves_a_mail_as_the_table_says_and_together_they_do_all_of_it(now):
    member_id = person(1, now, email=copy(1).address)
    found = set()
    for name, write in WRITERS.items():
        for source in MailState:
            Mail.delete().execute()
            Member.update(email=copy(1).address).execute()
            mail_id = enqueue_letter(letter(), [copy(1, key=name, member_id=member_id)], now)[0]
            held = claim(now)
            released = {} if source is MailState.SENDING else {"holder": None}
            Mail.update(state=source, next_at=now, perhaps_twice=True, **released).execute()
            with suppress(Refusal):
                write(held, now)
            target = Mail.get_by_id(mail_id).state
            if target is not source:
                found.add((source, target))
    assert found == {(source, target) for source, targets in MAIL_TRANSITIONS.items() for target in targets}


def test_a_claim_is_one_s_own_and_carries_everything(now):
    file = Enclosure("plan.png", "image/png", b"\x89PNG")
    mail_id = post(now, 1, reply_to="zone@example.be", in_reply_to="a@b", enclosures=(file,))[0]
    assert mail_due(now)
    held = claim(now)
    assert (held.id, held.attempts, held.domain) == (mail_id, 1, "example.org")
    assert (held.letter.enclosures, held.letter.in_reply_to) == ([file], "<a@b>")
    assert (held.letter.reply_to, held.letter.kind) == ("zone@example.be", "bulletin")
    assert claim(now) is None
    assert not mail_due(now)
    assert mark_handed(held, now)
    assert mark_accepted(held, "250 2.0.0 Ok: queued as AB12", later(now, 2))
    assert (card(mail_id).state, card(mail_id).accepted_at) == ("accepted", later(now, 2))
    assert (card(mail_id).reason, card(mail_id).reply) == ("accepted", "250 2.0.0 Ok: queued as AB12")
    assert not mark_accepted(held, "250 ok", now)


def test_alarms_go_first_and_welcomes_last(now):
    for number, kind in enumerate(("welcome", "bulletin", "alarm")):
        post(now, number, kind=kind)
    assert [claim(now).letter.kind for _ in range(3)] == ["alarm", "bulletin", "welcome"]


def test_temporary_refusals_end_after_a_day_with_a_last_try_at_its_end(now):
    mail_id = post(now)[0]
    held = claim(now)
    mark_later(held, "busy", "451 4.7.1 <x@example.org> later", now + PATIENCE * 2, now)
    assert (card(mail_id).state, card(mail_id).next_at) == ("queued", now + PATIENCE)
    assert (card(mail_id).reason, card(mail_id).reply) == ("busy", "451 4.7.1 <•••@example.org> later")
    last = claim(now + PATIENCE)
    mark_later(last, "busy", "451 4.7.1 later", now + PATIENCE + MINUTE, now + PATIENCE)
    assert (card(mail_id).state, card(mail_id).attempts) == ("expired", 2)


def test_a_lost_claim_writes_nothing(now):
    mail_id = post(now)[0]
    first = claim(now)
    assert recover_mail(now + LEASE) == 1
    second = claim(now + LEASE)
    assert not mark_handed(first, now + LEASE)
    assert not mark_accepted(first, "250 ok", now + LEASE)
    assert not mark_later(first, "busy", "", now, now)
    assert card(mail_id).state == "sending"
    assert mark_refused(second, "unknown", "550 5.1.1 no", now + LEASE)


@pytest.mark.parametrize(("handed", "twice"), [(False, False), (True, True)])
def test_what_a_dead_process_held_is_taken_up_again(now, handed, twice):
    mail_id = post(now)[0]
    held = claim(now)
    if handed:
        mark_handed(held, now)
    assert recover_mail(later(now, 1)) == 0
    assert recover_mail(later(now, 1), "other") == 0
    assert recover_mail(later(now, 1), "box") == 1
    assert (card(mail_id).state, card(mail_id).perhaps_twice) == ("queued", twice)
    again = claim(later(now, 1))
    assert (again.message_id, again.queued_at) == (held.message_id, held.queued_at)
    # the next attempt begins without the doubt of the last one, which stays shown
    recover_mail(later(now, 2), "box")
    assert card(mail_id).reason == "restart"
    assert card(mail_id).perhaps_twice is twice


@pytest.mark.parametrize("dies", [False, True])
def test_what_may_have_arrived_three_times_waits_for_a_person(now, dies):
    mail_id = post(now)[0]
    for _ in range(3):
        held = claim(now)
        mark_handed(held, now)
        if dies:
            recover_mail(now, "box")
        else:
            mark_later(held, "doubt", "reset", now, now, perhaps_taken=True)
    assert claim(now) is None
    assert (card(mail_id).state, card(mail_id).reason, card(mail_id).perhaps_twice) == ("expired", "doubt_often", True)
    retry_mail(mail_id, "anne", now)
    mark_later(claim(now), "doubt", "reset", now, now, perhaps_taken=True)
    assert card(mail_id).state == "queued"


def test_a_domain_gets_one_per_pace_and_keeps_no_other_waiting(now):
    enqueue_letter(letter(), [copy(n, address=f"n{n}@gmail.example") for n in (1, 2)], now)
    post(now, 3)
    pace = timedelta(seconds=2)
    assert claim(now, pace=pace).domain == "gmail.example"
    assert claim(now, "another", pace=pace).domain == "example.org"
    assert claim(later(now, 1), pace=pace) is None
    assert not mail_due(later(now, 1))
    assert claim(later(now, 2), pace=pace).domain == "gmail.example"


def test_an_alert_is_not_paced_and_keeps_the_pace_of_the_others(now):
    pace = timedelta(minutes=2)
    readers = [copy(n, key=f"alert/1/{n}", address=f"n{n}@gmail.example") for n in (1, 2, 3)]
    enqueue_letter(letter(kind="alert"), readers, now)
    enqueue_letter(letter(), [copy(4, address="n4@gmail.example")], now)
    assert [claim(now, pace=pace).address[:2] for _each in readers] == ["n1", "n2", "n3"]
    assert claim(now, pace=pace) is None
    mark_domain_waits("gmail.example", "busy", "450", later(now, 300))
    enqueue_letter(letter(kind="alert"), [copy(5, key="alert/2/5", address="n5@gmail.example")], now)
    assert claim(now, pace=pace) is None, "it asked for time"
    assert claim(later(now, 300), pace=pace).address[:2] == "n5"


def test_a_domain_that_refuses_waits_alone(now):
    enqueue_letter(letter(), [copy(n, address=f"n{n}@gmail.example") for n in (1, 2)], now)
    post(now, 3)
    held = claim(now)
    mark_later(held, "busy", "421 4.7.0 try again", later(now, 30), now)
    mark_domain_waits(held.domain, "busy", "421 4.7.0 try again", later(now, 60))
    assert [each.domain for each in waiting_domains(now)] == ["gmail.example"]
    assert claim(now).domain == "example.org"
    assert claim(later(now, 59)) is None
    again = claim(later(now, 60))
    assert (again.domain, again.domain_failures) == ("gmail.example", 1)
    mark_accepted(again, "250 ok", later(now, 60))
    assert MailDomain.get().failures == 0


def test_a_person_asks_for_it_again_or_stops_it(now):
    mail_id = post(now)[0]
    mark_refused(claim(now), "unknown", "550 5.1.1 no", now)
    with pytest.raises(Refusal, match="déjà envoyé ou annulé"):
        cancel_mail(mail_id, "anne", now)
    tomorrow = now + PATIENCE * 2
    retry_mail(mail_id, "anne", tomorrow)
    assert mark_later(claim(tomorrow), "busy", "450", later(tomorrow, 600), tomorrow)
    assert card(mail_id).state == "queued"
    mark_domain_waits("example.org", "busy", "450", later(tomorrow, 600))
    mark_server_down("box", "mx:25", "unreachable", "", later(tomorrow, 600), tomorrow)
    retry_mail(mail_id, "anne", later(tomorrow, 1))
    assert mail_due(later(tomorrow, 1))
    assert mail_server("box", "mx:25").next_at is None
    cancel_mail(mail_id, "anne", later(tomorrow, 2))
    assert card(mail_id).state == "cancelled"
    assert [entry.action for entry in AuditEntry.select()] == ["mail_retried", "mail_retried", "mail_cancelled"]
    for missing in (retry_mail, cancel_mail):
        with pytest.raises(Refusal, match="n'existe plus"):
            missing(999, "anne", now)


def test_what_is_on_its_way_is_not_sent_again(now):
    mail_id = post(now)[0]
    held = claim(now)
    with pytest.raises(Refusal, match="déjà envoyé"):
        retry_mail(mail_id, "anne", now)
    mark_accepted(held, "250 ok", now)
    with pytest.raises(Refusal, match="déjà envoyé"):
        retry_mail(mail_id, "anne", now)


def test_a_bad_address_is_not_tried_again(now):
    mail_id = enqueue_letter(letter(), [copy(1, address="nobody")], now)[0]
    with pytest.raises(Refusal, match="corrigez-la"):
        retry_mail(mail_id, "anne", now)


def test_a_corrected_address_is_used_and_a_neighbourhood_s_own_one_stays(now):
    member_id = person(1, now, email="faute@example.org")
    save_neighbourhood(None, "Ehein", "ehein@example.org", "anne", now)
    at_home, at_theirs = enqueue_letter(
        letter(),
        [
            copy(1, address="faute@example.org", member_id=member_id),
            copy(2, address="ehein@example.org", member_id=member_id),
        ],
        now,
    )
    for _ in range(2):
        mark_refused(claim(now), "unknown", "550 5.1.1 no", now)
    Member.update(email="juste@example.net").where(Member.id == member_id).execute()
    retry_mail(at_home, "anne", now)
    retry_mail(at_theirs, "anne", now)
    assert (card(at_home).address, card(at_theirs).address) == ("juste@example.net", "ehein@example.org")
    assert {claim(now).domain, claim(now).domain} == {"example.net", "example.org"}


def test_a_clock_that_is_set_neither_ages_nor_holds_mail(now):
    mail_id, other = post(now, 1, 2)
    back = timedelta(days=-3)
    mark_later(claim(now), "busy", "450", later(now, 300), now)
    mark_domain_waits("example.org", "busy", "450", later(now, 300))
    mark_server_down("box", "mx:25", "unreachable", "", later(now, 300), now)
    Mail.update(state=MailState.SENDING, holder="x/1", lease_until=now + LEASE).where(Mail.id == other).execute()
    apply_jump(back, now + back)
    assert not mail_due(now + back)
    assert mail_due(later(now, 300) + back)
    assert card(mail_id).next_at == later(now, 300) + back
    assert mail_server("box", "mx:25").next_at == later(now, 300) + back
    assert recover_mail(now + back) == 0
    assert recover_mail(now + back + LEASE) == 1


def test_all_that_expired_is_tried_again_at_once(now):
    post(now, 1, 2)
    assert expire_overdue("unreachable", now + PATIENCE) == 2
    assert retry_expired("anne", now + PATIENCE) == 2
    assert retry_expired("anne", now + PATIENCE) == 0
    assert mail_counts()["queued"] == 2
    assert oldest_waiting_at() == now


def test_a_server_s_outage_has_a_beginning_and_an_end(now):
    assert mail_server("box", "mx:25") is None
    mark_server_down("box", "mx:25", "unreachable", "refused", later(now, 15), now)
    mark_server_down("box", "mx:25", "silent", "timed out", later(now, 40), later(now, 20))
    known = mail_server("box", "mx:25")
    assert (known.failures, known.down_since_at, known.next_at) == (2, now, later(now, 40))
    assert (known.reason, known.reply) == ("silent", "timed out")
    assert mail_server("box", "other:25") is None
    mark_server_up("box", "mx:25", later(now, 50))
    assert [(each.failures, each.down_since_at, each.reason) for each in mail_servers(now)] == [(0, None, "")]
    assert mail_servers(now + timedelta(days=3)) == []
    mark_server_down("box", "mx:25", "unreachable", "", later(now, 90), later(now, 60))
    mark_server_down("box", "new:25", "unreachable", "", later(now, 90), later(now, 61))
    assert mail_server("box", "new:25").down_since_at == later(now, 61)


def test_who_is_forgotten_gets_nothing_more_and_leaves_nothing(now):
    member_id = person(1, now, email="anne@example.org")
    copies = [copy(n, address="anne@example.org", member_id=member_id) for n in (1, 2)]
    first, second = enqueue_letter(letter(), copies, now)
    held = claim(now)
    forget_member(member_id, "anne", now)
    assert (card(first).state, card(second).state) == ("sending", "cancelled")
    assert (card(first).address, card(first).name, Mail.get_by_id(first).text) == ("", "", "")
    # it was on its way when its reader was forgotten, and came back: it does not leave again
    mark_later(held, "busy", "450", now, now)
    assert claim(now) is None
    assert (card(first).state, card(first).reason) == ("cancelled", "erased")
