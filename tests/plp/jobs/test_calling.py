"""People on duty are called one after the other, until one answers; nothing is doubled, and nothing is lost."""

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest

from db.inbound.received import mark_handled
from db.journal.audit import entries
from db.mail.enqueue import send_as
from db.models.accounts import Account
from db.models.mail import Mail
from db.models.policy import ZonePolicy
from db.operations.incidents import close_incident, open_incident
from db.operations.machine import note_time
from db.operations.summons import open_summonses, recent_summonses
from modem.sms.composition import count
from plp.jobs.alarms import calling
from plp.jobs.alarms.calling import MOST_CALLS_AN_HOUR, ROUNDS
from plp.jobs.autoreply import answer_texts
from plp.services.accounts.rights import add_account
from plp.services.orders.approving import refuse_broadcast
from tests.plp.jobs.alarm_looks import texts
from tests.plp.jobs.answering import SETTINGS, STRANGER, comes, cut_while_placing, is_done
from tests.plp.jobs.calling_scene import (
    ANNE,
    LUC,
    MAIL,
    MINUTE,
    both,
    called,
    on_duty,
    outcomes,
    step,
)
from tests.support.people import mobile, order, person, ready_modem

pytestmark = pytest.mark.usefixtures("database")

EVERY = SETTINGS.sending.duty_call_every
DISK = "Le disque de la machine box est presque plein : il reste 12 Mo."


@pytest.fixture
def duty(now):
    both(now)
    return ready_modem("a", now)


def alarm(now):
    """A citizen's text with a word of alarm, judged."""
    inbound = comes("Au secours, il y a le feu !", STRANGER, now)
    answer_texts(SETTINGS, now)
    return inbound


@pytest.mark.slow
def test_one_after_the_other_until_one_answers_ok(duty, now):
    alarm(now)
    step(now)
    assert ANNE not in called()  # a colleague at the console has a minute
    at = now + MINUTE
    step(at, hands_over=True)
    assert (called()[-1], outcomes(at)) == (ANNE, [("anne", "sent")])
    at += EVERY - timedelta(seconds=1)
    step(at, hands_over=True)
    assert LUC not in called()
    at += timedelta(seconds=1)
    step(at, hands_over=True)
    assert (called()[-1], outcomes(at)) == (LUC, [("anne", "no_answer"), ("luc", "sent")])
    # Anne woke up in the end: nobody is called after her.
    comes("Ok, je m'en occupe", mobile(77), at)
    comes("OK merci", ANNE, at + MINUTE)
    answer_texts(SETTINGS, at + MINUTE)
    assert outcomes(at) == [("anne", "answered"), ("luc", "sent")]
    (card,) = recent_summonses(at)
    assert (card.outcome, card.ended_by, card.ended_at) == ("answered", "anne", at + MINUTE)
    at += timedelta(hours=1)
    before = called()
    step(at)
    assert called() == before


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("OK", "answered"),
        ("ok j'y vais", "answered"),
        ("Oui, je me lève", "answered"),
        ("Ja ik kom", "answered"),
        ("👍", "answered"),
        ("OK mais je ne peux pas, je suis malade", ""),
        ("Ok ? C'est quoi ?", ""),
        ("Qui est-ce ?", ""),
        ("non", ""),
    ],
)
def test_what_takes_it_upon_oneself_and_what_does_not(duty, now, text, outcome):
    open_incident("disk", "box", DISK, now)
    step(now, hands_over=True)
    inbound = comes(text, ANNE, now + MINUTE)
    answer_texts(SETTINGS, now + MINUTE)
    assert recent_summonses(now)[0].outcome == outcome
    assert is_done(inbound) is bool(outcome)


@pytest.mark.tuesday
def test_an_sms_says_what_is_needed_in_one_part_and_names_no_citizen(duty, now):
    alarm(now)
    step(now + MINUTE)
    number, text = texts()[-1]
    assert number == ANNE
    assert text == (
        "PLP: SMS urgent d'un citoyen à 21h40, non traité. Ouvrez la console. Vous vous en chargez? Répondez OK."
    )
    assert count(text).parts == 1


def test_a_fault_is_told_in_its_own_words_and_keeps_the_way_to_answer(duty, now):
    open_incident("disk", "box", DISK + " Libérez de la place. " * 9, now)
    step(now)
    _number, text = texts()[-1]
    assert text.startswith("PLP INCIDENT: Le disque de la machine box")
    assert text.endswith("Répondez OK.")
    assert count(text).parts == 1


@pytest.mark.parametrize("language", ["fr", "nl", "de", "en"])
def test_every_language_is_one_part_and_an_ok_is_asked_for(duty, now, language):
    Account.update(language=language).execute()
    open_incident("disk", "box", DISK, now)
    step(now)
    text = texts()[-1][1]
    assert text.endswith("OK.")
    assert count(text).parts == 1


def test_quiet_faults_call_nobody(duty, now):
    open_incident("budget_near", "1/day", "La carte SIM est près de son plafond.", now)
    open_incident("ringing", "1", "Un SMS parle d'un danger.", now)
    step(now)
    assert texts() == []


def test_what_comes_meanwhile_joins_and_calls_nobody_twice(duty, now):
    open_incident("disk", "box", DISK, now)
    step(now)
    open_incident("process", "box/jobs", "Le service ne donne plus signe de vie.", now)
    step(now)
    assert called() == [ANNE]
    assert len(open_summonses()[0].subjects) == 2


def test_a_fault_that_is_over_calls_nobody_else(duty, now):
    open_incident("disk", "box", DISK, now)
    step(now, hands_over=True)
    close_incident("disk", "box", now + MINUTE)
    step(now + MINUTE)
    assert recent_summonses(now)[0].outcome == "over"
    at = now + EVERY
    step(at)
    assert called() == [ANNE]


def test_a_message_that_a_colleague_handles_calls_nobody(duty, now):
    inbound = alarm(now)
    mark_handled(inbound, now + timedelta(seconds=30))
    step(now + MINUTE)
    assert [number for number in called() if number in (ANNE, LUC)] == []


@pytest.mark.tuesday
def test_an_approval_calls_who_can_give_it(duty, now):
    ZonePolicy.create(approval="second")
    on_duty("tom", mobile(93), now, 1, ("technician",))
    person(1, now)
    placed = order(now, by="anne")
    at = now + MINUTE
    step(at, hands_over=True)
    assert called()[-1] == LUC
    assert "attend votre validation jusqu'à 21h55" in texts()[-1][1]
    refuse_broadcast(placed.id, "luc", "pas le bon quartier", at)
    step(at)
    assert recent_summonses(at)[0].outcome == "over"


def test_while_the_clock_is_behind_the_others_are_called_after_those_of_the_roster(duty, now):
    add_account("nora", ["officer"], None, "test", now, mobile(93))
    note_time(now + timedelta(days=30))
    alarm(now)
    at = now + MINUTE
    for expected in (ANNE, LUC, mobile(93)):
        step(at, hands_over=True)
        assert called()[-1] == expected
        at += EVERY


def test_an_approval_with_nobody_on_duty_who_can_give_it_calls_other_officers(now):
    ready_modem("a", now)
    ZonePolicy.create(approval="second")
    on_duty("anne", ANNE, now, 1)
    add_account("luc", ["officer"], None, "test", now, LUC)
    add_account("tom", ["technician"], None, "test", now, mobile(93))
    person(1, now)
    order(now, by="anne")
    step(now + MINUTE)
    assert called()[-1] == LUC


def test_without_a_roster_technicians_are_called_first_then_admins(now):
    ready_modem("a", now)
    add_account("ada", ["admin"], None, "test", now, ANNE)
    add_account("tom", ["technician"], None, "test", now, LUC)
    open_incident("disk", "box", DISK, now)
    step(now, hands_over=True)
    at = now + EVERY
    step(at, hands_over=True)
    assert called() == [LUC, ANNE]


def test_nobody_to_call_is_no_error(now):
    ready_modem("a", now)
    open_incident("disk", "box", DISK, now)
    step(now)
    assert texts() == []
    assert len(open_summonses()) == 1


def test_a_sms_that_waits_behind_an_alert_is_not_taken_for_no_answer(duty, now):
    open_incident("disk", "box", DISK, now)
    step(now)
    at = now + 3 * EVERY
    step(at)
    assert outcomes(at) == [("anne", "waiting")]


@pytest.mark.slow
def test_after_some_rounds_people_are_called_once_an_hour_and_never_without_end(duty, now):
    open_incident("disk", "box", DISK, now)
    at, moments = now, []
    while at < now + timedelta(hours=5):
        before = len(called())
        step(at, hands_over=True)
        moments += [at] * (len(called()) - before)
        at += EVERY
    assert len([each for each in moments if each < now + timedelta(hours=1)]) == 2 * ROUNDS <= MOST_CALLS_AN_HOUR
    assert {after - before for before, after in pairwise(moments[5:])} == {timedelta(hours=1)}
    assert len(moments) == 2 * ROUNDS + 4


@pytest.mark.slow
def test_all_summonses_together_have_a_ceiling(duty, now):
    quick = replace(SETTINGS, sending=replace(SETTINGS.sending, duty_call_every=timedelta(seconds=10)))
    at = now
    for number in range(MOST_CALLS_AN_HOUR + 3):
        open_incident("modem", f"box/{number}", f"Modem {number} en panne.", at)
        step(at, quick, hands_over=True)
        close_incident("modem", f"box/{number}", at)
        step(at, quick)
        at += timedelta(seconds=20)
    assert len(called()) == MOST_CALLS_AN_HOUR


def test_power_cut_between_note_and_sms_loses_and_doubles_nothing(duty, now, monkeypatch):
    open_incident("disk", "box", DISK, now)
    with cut_while_placing(monkeypatch):
        step(now)
    assert outcomes(now) == [("anne", "waiting")]
    # What was half written is housekeeping's; the call is still owed, and made once.
    at = now + 2 * MINUTE
    step(at, hands_over=True)
    assert called() == [ANNE]
    assert outcomes(at) == [("anne", "sent")]


def test_power_cut_between_sms_and_its_mark_calls_once(duty, now, monkeypatch):
    open_incident("disk", "box", DISK, now)
    with monkeypatch.context() as broken:
        broken.setattr(calling.summons, "mark_called", lambda *_args: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            calling.wake(SETTINGS, now)
    step(now + MINUTE, hands_over=True)
    assert called() == [ANNE]


def test_while_no_modem_can_send_they_are_written_to_at_once_and_called_when_one_can(now):
    both(now)
    send_as(MAIL)
    house = replace(SETTINGS, mail=MAIL)
    open_incident("no_modem", "", "Aucun modem n'est branché.", now)
    step(now, house, "absent")
    step(now + MINUTE, house, "absent")
    assert sorted(row.address for row in Mail.select()) == ["anne@example.org", "luc@example.org"]
    assert texts() == []
    # The modem is back, and so the fault is over: they hear of it all the same, in turn.
    at = now + 10 * MINUTE
    close_incident("no_modem", "", at)
    step(at, house, hands_over=True)
    assert texts() == [(ANNE, "PLP RÉSOLU: Aucun modem n'est branché. Vous vous en chargez? Répondez OK.")]
    at += EVERY
    step(at, house, hands_over=True)
    assert called() == [ANNE, LUC]
    at += EVERY
    step(at, house, hands_over=True)
    assert called() == [ANNE, LUC]
    assert recent_summonses(at)[0].outcome == "over"
    send_as(None)


def test_the_journal_has_every_step_and_no_number(duty, now):
    open_incident("disk", "box", DISK, now)
    step(now, hands_over=True)
    at = now + EVERY
    step(at, hands_over=True)
    comes("OK", LUC, at)
    answer_texts(SETTINGS, at)
    told = [(entry.action, entry.subject, str(entry.actor)) for entry in entries() if "summons" in entry.action]
    assert list(reversed(told)) == [
        ("summons_begun", "", "plp"),
        ("summons_called", "anne", "plp"),
        ("summons_no_answer", "anne", "plp"),
        ("summons_called", "luc", "plp"),
        ("summons_answered", "", "luc"),
    ]
