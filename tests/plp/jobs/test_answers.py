"""Answers to texts: in the writer's language, one part, once, never in a loop, and whole whenever the process dies."""

import logging
from dataclasses import replace
from datetime import timedelta

import pytest

from base.settings.values import MailSettings
from db.alerts.orders import enqueue
from db.alerts.queue.claim import claim_part
from db.alerts.queue.recovery import PREPARING_AT_MOST, delete_cut_short
from db.inbound.replies.thread import ringing
from db.journal import audit
from db.mail.enqueue import send_as
from db.models.broadcasts import Broadcast, Part
from db.models.mail import Mail
from db.models.modem_records import InboundMessage
from db.models.zone import AuditEntry
from db.people.accounts.accounts import accounts
from plp.jobs import autoreply, scheduler
from plp.jobs.autoreply import answer_texts
from plp.services.accounts.rights import add_account
from plp.services.people.saving import save_member
from rules.members import MemberDraft
from rules.replies.meaning import ANSWERS_PER_HOUR
from rules.replies.values import Meaning, Silence
from rules.states import PartState
from tests.plp.jobs.answering import (
    ADDRESS,
    HOUR,
    OWN,
    SETTINGS,
    STRANGER,
    answers,
    comes,
    cut_while_placing,
    is_done,
    members_alerted,
    wants_texts,
    went_back,
)
from tests.support.accounts import set_email
from tests.support.people import later, mobile, order, ready_modem

DAY = timedelta(days=1)


@pytest.fixture
def house(database, now):
    members_alerted(now)


def test_the_address_is_the_neighbourhood_s(house, now):
    comes("Qui êtes-vous ?", mobile(1), now)
    assert answer_texts(SETTINGS, now)
    assert not answer_texts(SETTINGS, now)
    assert went_back() == [
        (
            mobile(1),
            "Réponse automatique: ce numéro n'est pas suivi en permanence. Urgence: 101 ou 04/330 40 00. "
            f"Non urgent: votre coordinateur, {ADDRESS}",
        )
    ]


def test_an_answer_is_normal_work_that_no_ceiling_counts(house, now):
    comes("Bonjour", mobile(1), now)
    answer_texts(SETTINGS, now)
    urgent = order(now)
    modem = ready_modem("a", now)
    claimed = [claim_part(modem, now).broadcast_id for _ in range(3)]
    assert claimed[:2] == [urgent.id, urgent.id]
    assert Broadcast.get_by_id(claimed[2]).kind == "answer"


def test_at_most_one_answer_in_a_day_and_number(house, now):
    first = comes("Bonjour", mobile(1), now)
    answer_texts(SETTINGS, now)
    second = comes("Vous êtes là ?", mobile(1), later(now, 3600))
    other = comes("Hallo", mobile(2), later(now, 3600))
    answer_texts(SETTINGS, later(now, 3600))
    assert [answers(each).silence for each in (first, second, other)] == [Silence.NONE, Silence.REPEATED, Silence.NONE]
    ready_modem("a", now + DAY)
    third = comes("Toujours là ?", mobile(1), now + DAY)
    answer_texts(SETTINGS, now + DAY)
    assert answers(third).silence is Silence.NONE
    assert [number for number, _text in went_back()] == [mobile(1), mobile(2), mobile(1)]
    assert not any(is_done(each) for each in (first, second, other, third))


def test_a_stop_is_confirmed_once_even_after_another_answer(house, now):
    comes("Bonjour", mobile(1), now)
    comes("STOP", mobile(1), later(now, 1))
    answer_texts(SETTINGS, later(now, 1))
    again = comes("stop", mobile(1), later(now, 60))
    answer_texts(SETTINGS, later(now, 60))
    assert wants_texts(mobile(1)) == [False]
    assert [text[:10] for _number, text in went_back()] == ["Réponse au", "C'est noté"]
    assert (answers(again).silence, is_done(again)) == (Silence.REPEATED, True)
    modem = ready_modem("a", later(now, 60))
    out = [claim_part(modem, later(now, 60)) for _ in range(3)]
    # the answer that waited is cancelled with everything else to that number; the confirmation goes out
    assert [claim and claim.text[:10] for claim in out] == ["C'est noté", None, None]


def test_a_stop_is_not_confirmed_while_texts_still_go_to_the_number(house, now):
    draft = MemberDraft("Zoé", "Nom009", mobile(1), "", "fr", 1)
    text = comes("STOP", mobile(1), now)
    save_member(None, draft, "test", later(now, 600), number_shared=True)
    answer_texts(SETTINGS, later(now, 600))
    assert wants_texts(mobile(1)) == [False, True]
    assert (went_back(), is_done(text)) == ([], False)


def test_a_stop_ends_what_is_queued_and_the_alert_is_not_sent(house, now):
    waiting = order(now)
    comes("Stop svp", mobile(2), now)
    answer_texts(SETTINGS, now)
    states = {part.message.msisdn: part.state for part in Part.select().where(Part.broadcast == waiting.id)}
    assert states == {mobile(1): PartState.QUEUED, mobile(2): PartState.CANCELLED}
    assert went_back()[0][1].startswith("Genoteerd: u krijgt geen sms'en meer van Police locale Seraing/Neupré.")


@pytest.mark.parametrize("died", ["begin_verdict", "save_verdict", "mark_handled", "place_answer", "mark_answered"])
def test_killed_anywhere_it_happens_once(house, now, monkeypatch, died):
    class PowerCut(BaseException):
        pass

    def cut(*_args, **_kwargs):
        raise PowerCut

    comes("STOP", mobile(1), now)
    with monkeypatch.context() as broken:
        broken.setattr(autoreply if hasattr(autoreply, died) else autoreply.judging, died, cut)
        with pytest.raises(PowerCut):
            answer_texts(SETTINGS, now)
    # all of the verdict or nothing of it
    assert wants_texts(mobile(1)) == [died in ("begin_verdict", "save_verdict", "mark_handled")]
    for _ in range(3):
        answer_texts(SETTINGS, later(now, 5))
    assert wants_texts(mobile(1)) == [False]
    assert len(went_back()) == 1
    assert AuditEntry.select().where(AuditEntry.action == "consent_changed").count() == 1


def test_an_answer_that_a_power_cut_left_half_written_is_written_anew(house, now, monkeypatch):
    text = comes("STOP", mobile(1), now)
    with cut_while_placing(monkeypatch):
        answer_texts(SETTINGS, now)
    answer_texts(SETTINGS, later(now, 5))
    assert answers(text).answered_at is None
    assert went_back() == []
    ready_modem("a", later(now, 66))
    answer_texts(SETTINGS, later(now, 66))
    assert (answers(text).answered_at, len(went_back())) == (later(now, 66), 1)


def test_an_answer_that_housekeeping_deleted_half_written_is_written_anew(house, now, monkeypatch):
    """The clock was set forwards between its two transactions."""
    write = enqueue.BroadcastWriter.fill

    def after_housekeeping(*arguments):
        delete_cut_short(now + 2 * PREPARING_AT_MOST)
        return write(*arguments)

    comes("STOP", mobile(1), now)
    with monkeypatch.context() as broken:
        broken.setattr(enqueue.BroadcastWriter, "fill", after_housekeeping)
        answer_texts(SETTINGS, now)
    assert went_back() == []
    answer_texts(SETTINGS, later(now, 5))
    assert [number for number, _text in went_back()] == [mobile(1)]


def test_a_text_that_has_the_number_of_a_forgotten_one_is_answered(house, now):
    first = comes("Bonjour", STRANGER, now)
    answer_texts(SETTINGS, now)
    InboundMessage.delete().execute()
    again = now + DAY
    ready_modem("a", again)
    second = comes("STOP", mobile(1), again)
    if second != first:
        pytest.skip("PostgreSQL counts on")
    answer_texts(SETTINGS, again)
    assert [number for number, _text in went_back()] == [STRANGER, mobile(1)]


def test_an_answer_waits_for_a_modem_but_not_for_ever(house, now):
    ready_modem("a", now, state="absent")
    first = comes("Bonjour", mobile(1), now)
    second = comes("Goedendag", mobile(2), later(now, 23 * 3600))
    answer_texts(SETTINGS, later(now, 1))
    assert went_back() == []
    back = later(now, 25 * 3600)
    ready_modem("a", back)
    answer_texts(SETTINGS, back)
    assert [number for number, _text in went_back()] == [mobile(2)]
    assert (answers(first).silence, answers(second).answered_at) == (Silence.OLD, back)


def test_a_text_that_lay_on_the_sim_for_days_is_not_answered_but_counts(house, now):
    old = comes("Bonjour", mobile(1), now, sent_at=now - 25 * HOUR)
    left = comes("STOP", mobile(2), now, sent_at=now - 23 * HOUR + timedelta(hours=-2))
    answer_texts(SETTINGS, now)
    assert went_back() == []
    assert (answers(old).silence, is_done(old)) == (Silence.OLD, False)
    # they agreed a day ago, by the form; a STOP counts from when it came, the service centre may be days behind
    assert (wants_texts(mobile(2)), is_done(left)) == ([False], True)


@pytest.mark.slow
def test_a_storm_is_answered_up_to_the_ceiling_and_the_rest_is_read(house, now):
    ids = [comes("Qui êtes-vous ?", f"+324710{number:05}", now) for number in range(ANSWERS_PER_HOUR + 5)]
    stop = comes("STOP", mobile(1), now)
    while answer_texts(SETTINGS, now):
        pass
    silent = [each for each in ids if answers(each).silence is Silence.CEILING]
    assert len(silent) == 5
    assert not any(is_done(each) for each in ids)
    assert answers(stop).silence is Silence.NONE
    assert len(went_back()) == ANSWERS_PER_HOUR + 1
    next_hour = comes("Bonjour", STRANGER, later(now, 3601))
    answer_texts(SETTINGS, later(now, 3601))
    assert answers(next_hour).silence is Silence.NONE


def test_our_own_sims_ring_nobody_and_get_nothing(house, now):
    texts = [comes(words, OWN, later(now, number)) for number, words in enumerate(("Au feu !", "STOP", "Bonjour"))]
    answer_texts(SETTINGS, later(now, 5))
    assert went_back() == []
    assert ringing(now) == []
    assert all(is_done(each) for each in texts)


def test_a_text_on_which_we_fail_keeps_no_other_waiting(house, now, monkeypatch, caplog):
    def fails(text, _lately=(), _answers=()):
        if "poison" in text:
            raise ValueError(text)
        return read(text)

    read = autoreply.read
    monkeypatch.setattr(autoreply, "read", fails)
    broken = comes("un texte poison secret", mobile(1), now)
    comes("STOP", mobile(2), later(now, 1))
    answer_texts(SETTINGS, later(now, 1))
    assert wants_texts(mobile(2)) == [False]
    assert (answers(broken).meaning, is_done(broken)) == (Meaning.OTHER, False)
    assert "secret" not in caplog.text
    assert mobile(1) not in caplog.text


def test_nothing_personal_is_logged(house, now, caplog):
    caplog.set_level(logging.DEBUG, logger="jobs")
    caplog.set_level(logging.DEBUG, logger="db")
    for words in ("Bonjour secret", "STOP secret", "STOP", "Feu secret"):
        comes(words, mobile(1), now)
    answer_texts(SETTINGS, now)
    assert "secret" not in caplog.text
    assert mobile(1) not in caplog.text
    details = " ".join(f"{row.subject} {row.detail}" for row in AuditEntry.select())
    assert mobile(1) not in details


def test_the_loop_of_the_jobs_judges_first(house, now):
    comes("STOP", mobile(1), now)
    assert scheduler.STEPS[0][0] == "answers"
    assert scheduler.step(SETTINGS, now)
    assert wants_texts(mobile(1)) == [False]


# who is told


@pytest.fixture
def mail():
    """This process may write mail."""
    settings = MailSettings(sender="plp@example.org")
    send_as(settings)
    yield settings
    send_as(None)


@pytest.mark.slow
def test_the_admins_get_one_mail_with_the_name_and_without_the_number(house, now, mail):
    draft = MemberDraft("Jeanne", "Nom009", mobile(1), "", "fr", 1)
    save_member(None, draft, "test", now - DAY, number_shared=True)
    add_account("Anne", ["admin"], "quatre mots à retenir", "test", now)
    set_email(accounts()[0].id, "anne@example.org", "test", now)
    told = replace(SETTINGS, mail=mail)
    comes("STOP", mobile(1), now)
    comes("stop", mobile(1), later(now, 1))
    answer_texts(told, later(now, 2))
    # The other mail tells Anne that an address was set for her account.
    (row,) = Mail.select().where(Mail.text.contains("Nom009"))
    assert row.address == "anne@example.org"
    assert "Prénom1 Nom001 (Plainevaux) et Jeanne Nom009 (Plainevaux)" in " ".join(row.text.split())
    for form in (mobile(1), "0470 00 00 01"):
        assert form not in row.text
    assert wants_texts(mobile(1)) == [False, False]


def test_who_comes_and_goes_costs_the_admins_one_mail_a_day(house, now, mail):
    add_account("Anne", ["admin"], "quatre mots à retenir", "test", now)
    set_email(accounts()[0].id, "anne@example.org", "test", now)
    told = replace(SETTINGS, mail=mail)
    for round_ in range(6):
        comes("START" if round_ % 2 else "STOP", mobile(1), later(now, round_))
        answer_texts(told, later(now, round_))
    assert Mail.select().where(Mail.text.contains("Nom001")).count() == 1
    comes("STOP", mobile(1), later(now, 90_000))
    answer_texts(told, later(now, 90_000))
    assert Mail.select().where(Mail.text.contains("Nom001")).count() == 2
    assert wants_texts(mobile(1)) == [False]


@pytest.mark.slow
def test_a_mail_that_cannot_be_written_keeps_nobody_on_the_list(house, now):
    add_account("Anne", ["admin"], "quatre mots à retenir", "test", now)
    set_email(accounts()[0].id, "anne@example.org", "test", now)
    send_as(None)  # configured, and yet this process may not
    told = replace(SETTINGS, mail=MailSettings(sender="plp@example.org"))
    comes("STOP", mobile(1), now)
    answer_texts(told, now)
    assert wants_texts(mobile(1)) == [False]


# loops


@pytest.mark.parametrize("restored", ["backup_restored", "database_restored"])
def test_a_text_from_before_a_backup_was_put_back_counts_and_is_not_answered_again(house, now, restored):
    came = comes("STOP", mobile(1), now)
    audit.record(later(now, 2), "test", restored)
    answer_texts(SETTINGS, later(now, 3))
    assert (went_back(), answers(came).silence) == ([], Silence.OLD)
    assert wants_texts(mobile(1)) == [False]
    comes("Bonjour", mobile(2), later(now, 4))
    answer_texts(SETTINGS, later(now, 5))
    assert [number for number, _text in went_back()] == [mobile(2)]
