"""Answers to texts: in the writer's language, one part, once, never in a loop, and whole whenever the process dies."""

import logging
from dataclasses import replace
from datetime import timedelta

import pytest

from db.alerts.queue.claim import claim_part
from db.engine.connection import bind, connected
from db.inbound.inbox.items import items_of
from db.inbound.inbox.marks import handle, take
from db.inbound.inbox.threads import threads
from db.inbound.inbox.values import Ref
from db.inbound.received import apply_inbound
from db.inbound.replies.alarms import ringing
from db.inbound.replies.judging import verdicts
from db.inbound.replies.thread import replies
from db.mail.sender import send_as
from db.models.broadcasts import Broadcast, Part
from db.models.mail import Mail
from db.models.modem_records import InboundMessage
from db.models.zone import AuditEntry, DirectoryEntry
from db.people.accounts.accounts import accounts, add_account
from db.people.accounts.addresses import set_email
from db.people.members.saving import MemberDraft, save_member
from db.people.stations import proximity_station
from db.people.zone import ZoneCard
from db.settings.values import MailSettings
from modem.sms.composition import count
from plp.jobs.autoreply import judging
from plp.jobs.autoreply.judging import answer_texts
from plp.jobs.autoreply.texts import answer_text
from plp.jobs.scheduler import loop
from plp.rules.replies.loop_guard import ANSWERS_PER_HOUR
from plp.rules.replies.meaning import read
from plp.rules.replies.values import Answer, Meaning, SenderCard, Silence
from plp.rules.states import PartState
from tests.conftest import seed
from tests.db.inbound.test_inbox import CARD, Concatenated
from tests.db.inbound.test_inbox import Text as Delivered
from tests.plp.jobs.answering import (
    ADDRESS,
    HOUR,
    OWN,
    SETTINGS,
    STRANGER,
    alert,
    comes,
    cut_while_placing,
    is_done,
    wants_texts,
    went_back,
)
from tests.support.people import later, mobile, order, person, place, ready_modem

LANGUAGES = ("fr", "nl", "de", "en")
HOUSE = ZoneCard("Police locale Seraing/Neupré", "5278", "101", "04/330 40 00")
STATION = "04/330 58 71"
MEMBER = SenderCard(True, "fr", "plp.quartier.30@example.org".rjust(30, "x"), False)
NOBODY = SenderCard(False, "", "", False)
DAY = timedelta(days=1)


# what is written


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("answer", [Answer.NOT_READ, Answer.STOPPED, Answer.STARTED])
@pytest.mark.parametrize("sender", [MEMBER, NOBODY], ids=["member", "stranger"])
def test_one_part_that_says_whom_to_call(language, answer, sender):
    text = answer_text(answer, language, sender, HOUSE, STATION)
    counted = count(text.text)
    assert (counted.encoding, counted.parts) == ("gsm7", 1)
    assert "101" in text.text
    assert "04/330 40 00" in text.text
    assert "{" not in text.text


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_member_gets_the_address_and_a_stranger_the_station(language):
    mine = answer_text(Answer.NOT_READ, language, MEMBER, HOUSE, STATION).text
    theirs = answer_text(Answer.NOT_READ, language, NOBODY, HOUSE, STATION).text
    assert MEMBER.reference_address in mine
    assert STATION not in mine
    assert STATION in theirs
    assert "@" not in theirs


def test_a_member_without_an_address_is_told_the_station():
    sender = SenderCard(True, "nl", "", False)
    assert STATION in answer_text(Answer.NOT_READ, "nl", sender, HOUSE, STATION).text


@pytest.mark.parametrize("answer", [Answer.NOT_READ, Answer.STOPPED, Answer.STARTED])
@pytest.mark.parametrize("zone", ["Œ" * 40, "Z" * 120, "警察"])
def test_what_does_not_fit_is_left_out_before_the_numbers_are(answer, zone):
    long = SenderCard(True, "fr", "a" * 64 + "@" + "b" * 60 + ".example.org", False)
    text = answer_text(answer, "fr", long, ZoneCard(zone, "", "101", "04/330 40 00"), "9" * 100)
    assert (count(text.text).encoding, count(text.text).parts) == ("gsm7", 1)
    assert "101 ou 04/330 40 00" in text.text


def test_a_zone_without_a_number_of_its_own():
    text = answer_text(Answer.NOT_READ, "fr", NOBODY, ZoneCard("Zone", "", "101", ""), "")
    assert text.text == "Réponse automatique: votre SMS n'est pas lu. Urgent: 101."


@pytest.mark.usefixtures("database")
def test_the_station_is_the_directory_s():
    assert proximity_station().contact == STATION
    DirectoryEntry.update(service="Wijkpolitie Neupré", contact="04/1").where(
        DirectoryEntry.service.contains("Proximité")
    ).execute()
    assert proximity_station().contact == "04/1"
    DirectoryEntry.delete().where(DirectoryEntry.contact == "04/1").execute()
    assert proximity_station() is None


# the house


@pytest.fixture
def house(database, now):
    """Two members whom an alert reached an hour ago, and a modem."""
    place("Plainevaux", now - DAY, ADDRESS)
    person(1, now - DAY)
    person(2, now - DAY, language="nl")
    ready_modem("a", now)
    alert(now - HOUR)
    ready_modem("a", now)


def answers(inbound_id):
    return verdicts([inbound_id])[inbound_id]


def test_the_address_is_the_neighbourhood_s(house, now):
    comes("Qui êtes-vous ?", mobile(1), now)
    assert answer_texts(SETTINGS, now)
    assert not answer_texts(SETTINGS, now)
    assert went_back() == [
        (
            mobile(1),
            "Réponse automatique: votre SMS n'est pas lu. Urgent: 101 ou 04/330 40 00. "
            f"Sinon, votre coordinateur: {ADDRESS}",
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
    save_member(None, draft, "test", later(now, -600), number_shared=True)
    text = comes("STOP", mobile(1), now, sent_at=now - HOUR)
    answer_texts(SETTINGS, now)
    assert wants_texts(mobile(1)) == [False, True]
    assert (went_back(), is_done(text)) == ([], False)


def test_a_stop_ends_what_is_queued_and_the_alert_is_not_sent(house, now):
    waiting = order(now)
    comes("Stop svp", mobile(2), now)
    answer_texts(SETTINGS, now)
    states = {part.message.msisdn: part.state for part in Part.select().where(Part.broadcast == waiting.id)}
    assert states == {mobile(1): PartState.QUEUED, mobile(2): PartState.CANCELLED}
    assert went_back()[0][1].startswith("Genoteerd: u krijgt geen sms meer van Police locale Seraing/Neupré.")


@pytest.mark.parametrize("died", ["begin_verdict", "save_verdict", "mark_handled", "place_answer", "mark_answered"])
def test_killed_anywhere_it_happens_once(house, now, monkeypatch, died):
    class PowerCut(BaseException):
        pass

    def cut(*_args, **_kwargs):
        raise PowerCut

    comes("STOP", mobile(1), now)
    with monkeypatch.context() as broken:
        broken.setattr(judging, died, cut)
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
    # they agreed a day ago, by the form: after that STOP was written
    assert (wants_texts(mobile(2)), is_done(left)) == ([True], False)
    comes("STOP", mobile(1), now, sent_at=now - 23 * HOUR)
    answer_texts(SETTINGS, now)
    assert wants_texts(mobile(1)) == [False]


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

    read = judging.read
    monkeypatch.setattr(judging, "read", fails)
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
    assert loop.STEPS[0][0] == "answers"
    assert loop.step(SETTINGS, now)
    assert wants_texts(mobile(1)) == [False]


# who is told


@pytest.fixture
def mail():
    """This process may write mail."""
    settings = MailSettings(sender="plp@example.org")
    send_as(settings)
    yield settings
    send_as(None)


def test_the_admins_get_one_mail_with_the_name_and_without_the_number(house, now, mail):
    draft = MemberDraft("Jeanne", "Nom009", mobile(1), "", "fr", 1)
    save_member(None, draft, "test", now - DAY, number_shared=True)
    add_account("Anne", ["admin"], "quatre mots à retenir", "test", now)
    set_email(accounts()[0].id, "anne@example.org", "test", now)
    told = replace(SETTINGS, mail=mail)
    comes("STOP", mobile(1), now)
    comes("stop", mobile(1), later(now, 1))
    answer_texts(told, later(now, 2))
    (row,) = Mail.select()
    assert row.address == "anne@example.org"
    assert "Prénom1 Nom001 (Plainevaux) et Jeanne Nom009 (Plainevaux)" in " ".join(row.text.split())
    for form in (mobile(1), "0470 00 00 01"):
        assert form not in row.text
    assert wants_texts(mobile(1)) == [False, False]


def test_a_mail_that_cannot_be_written_keeps_nobody_on_the_list(house, now, caplog):
    add_account("Anne", ["admin"], "quatre mots à retenir", "test", now)
    set_email(accounts()[0].id, "anne@example.org", "test", now)
    send_as(None)  # configured, and yet this process may not
    told = replace(SETTINGS, mail=MailSettings(sender="plp@example.org"))
    comes("STOP", mobile(1), now)
    answer_texts(told, now)
    assert wants_texts(mobile(1)) == [False]
    assert "mail to the admins" in caplog.text


# loops


def test_a_gateway_that_answers_everything_gets_one_answer(house, now):
    """It says something else each time, and never that it is a machine."""
    comes("Bienvenue au club de pétanque", STRANGER, now)
    seen = 0
    for turn in range(1, 50):
        moment = later(now, 4 * turn)
        answer_texts(SETTINGS, moment)
        fresh = went_back()[seen:]
        seen += len(fresh)
        for _ in fresh:
            comes(f"Message {turn} reçu, partie de boules à {turn} h", STRANGER, moment)
        if not fresh:
            break
    assert (seen, turn) == (1, 2)


def test_a_gateway_that_sends_back_what_it_got_gets_one_answer(house, now):
    comes("Bonjour", STRANGER, now)
    answer_texts(SETTINGS, now)
    ((_number, text),) = went_back()
    for turn in range(5):
        echo = comes(f"Fwd: {text}" if turn % 2 else text, STRANGER, now + (turn + 1) * DAY / 2)
        ready_modem("a", now + (turn + 1) * DAY / 2)
        answer_texts(SETTINGS, now + (turn + 1) * DAY / 2)
        assert answers(echo).silence in (Silence.ECHO, Silence.AUTOMATIC)
    assert len(went_back()) == 1


@pytest.mark.parametrize("asked", ["STOP", "START"])
def test_our_own_answer_that_comes_back_days_later_is_known_by_what_was_sent(house, now, asked):
    comes(asked, mobile(1), now)
    answer_texts(SETTINGS, now)
    ((_number, ours),) = went_back()
    after = now + 9 * DAY
    ready_modem("a", after)
    echo = comes(f"{ours}\n> {ours}", mobile(1), after)
    answer_texts(SETTINGS, after)
    assert (answers(echo).silence, is_done(echo), len(went_back())) == (Silence.ECHO, True, 1)
    quoted = comes(f"Message du 0470: {ours}", mobile(1), after)
    answer_texts(SETTINGS, after)
    assert (answers(quoted).silence, is_done(quoted), len(went_back())) == (Silence.AUTOMATIC, False, 1)


@pytest.mark.sqlite
@pytest.mark.parametrize(
    ("first", "answered"),
    [("Bonjour, il y a quelqu'un ?", {"one": 1, "two": 0}), ("STOP", {"one": 1, "two": 1})],
)
def test_two_houses_that_answer_each_other_end_by_themselves(tmp_path, now, first, answered):
    """Each has the other's number among its members; somebody starts with one text."""
    numbers = {"one": "+32470000701", "two": "+32470000702"}
    homes = {}
    for name, number in numbers.items():
        homes[name] = tmp_path / name
        homes[name].mkdir()
        seed("sqlite:///plp.db", homes[name])
        bind("sqlite:///plp.db", homes[name])
        with connected():
            other = next(n for n in numbers.values() if n != number)
            ready_modem("a", now)
            person(1, now - DAY, mobile=other)
    said = dict.fromkeys(numbers, 0)
    post = [("one", first, numbers["two"])]
    for turn in range(20):
        if not post:
            break
        where, words, sender = post.pop()
        bind("sqlite:///plp.db", homes[where])
        with connected():
            comes(words, sender, later(now, turn))
            before = len(went_back())
            answer_texts(SETTINGS, later(now, turn))
            for number, text in went_back()[before:]:
                said[where] += 1
                other = next(name for name, own in numbers.items() if own == number)
                post.append((other, text, numbers[where]))
    assert post == []
    assert said == answered


def test_a_call_for_help_that_asks_for_no_answer_rings_and_stays_open(house, now):
    words = "Au secours, mon mari a une arme. Ne répondez pas à ce SMS, il lit mon téléphone"
    text = comes(words, mobile(1), now)
    answer_texts(SETTINGS, now)
    assert [each.inbound_id for each in ringing(now)] == [text]
    assert not is_done(text)
    assert went_back() == []
    (item,) = items_of([Ref("sms", text)])
    assert not item.is_automatic
    assert [reply.inbound_id for reply in replies(answers(text).broadcast_id).others] == [text]


@pytest.mark.parametrize(
    "words",
    ["Message automatique : feu rue 3", "Automatic reply: help, fire", "Out of office, inbraak", "Freemsg: Feuer"],
)
def test_a_word_of_alarm_rings_whoever_seems_to_have_written(words):
    assert read(words).meaning is Meaning.ALARM
    assert read(words).author == "perhaps_machine"


def half(sender, now, words, seq, total=2):
    assert apply_inbound(CARD, Delivered(sender, words, now, Concatenated(7, seq, total)), False, now)


@pytest.mark.parametrize("seen", [take, handle])
def test_half_a_call_for_help_rings_after_a_minute_and_again_with_the_rest(house, now, seen):
    half(mobile(1), now, "Au secours, il y a le feu, des gens sont au premier étage et ", 1)
    answer_texts(SETTINGS, later(now, 59))
    assert ringing(later(now, 59)) == []
    answer_texts(SETTINGS, later(now, 61))
    (rings,) = ringing(later(now, 61))
    assert went_back() == []
    seen([Ref("sms", rings.inbound_id)], "anne", later(now, 70))
    assert ringing(later(now, 70)) == []
    half(mobile(1), later(now, 90), "mes enfants aussi", 2)
    ready_modem("a", later(now, 90))
    answer_texts(SETTINGS, later(now, 92))
    assert [each.text[-5:] for each in ringing(later(now, 92))] == ["aussi"]
    assert [number for number, _text in went_back()] == [mobile(1)]


@pytest.mark.parametrize("seen", [take, handle])
def test_the_rest_of_a_text_that_was_seen_rings(house, now, seen):
    half(mobile(1), now, "Bonjour, je voulais vous dire que ", 1)
    answer_texts(SETTINGS, later(now, 61))
    (item,) = threads().rows
    assert not ringing(now)
    seen([item.last.ref], "anne", later(now, 70))
    half(mobile(1), later(now, 90), "il y a le feu au numéro 12", 2)
    answer_texts(SETTINGS, later(now, 92))
    assert [each.inbound_id for each in ringing(later(now, 92))] == [item.last.ref.id]
    assert [card.is_alarm for card in threads().rows] == [True]


def test_half_a_text_that_cannot_be_read_keeps_no_other_waiting(house, now, monkeypatch):
    half(mobile(1), now, "poison ", 1)
    comes("STOP", mobile(2), later(now, 62))
    monkeypatch.setattr(judging, "listen", lambda *_args: 1 / 0)
    answer_texts(SETTINGS, later(now, 62))
    assert wants_texts(mobile(2)) == [False]
    assert not answer_texts(SETTINGS, later(now, 63))
