"""A list that stays alive: coordinators learn of dead numbers, and members are asked whether they stay."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from base.settings.values import DatabaseSettings, MailSettings, Settings
from db.mail.enqueue import send_as
from db.models.broadcasts import Broadcast, BroadcastText, Message, Part
from db.models.mail import Mail, MailLetter
from db.models.modem_records import AlertReply
from db.people.members.dead_numbers import dead_numbers
from db.people.members.renewal import DueQuestion, open_renewal
from modem.sms.composition import count
from plp.jobs import welcome
from plp.jobs.autoreply import answer_texts
from plp.jobs.welcome import ask_renewal, question, watch_numbers
from plp.services.orders.shared import end_renewal
from plp.services.people.care import begin_renewal
from plp.services.people.demonstration import PLACES
from plp.services.people.saving import save_member
from rules.members import MemberDraft
from rules.refusals import OverBudget
from rules.states import PartState, Stage
from tests.support.inbox import mail, text
from tests.support.people import later, mobile, order, person, place, ready_modem

pytestmark = pytest.mark.usefixtures("database")

MONTH = timedelta(days=30)
POST = MailSettings(sender="plp@example.be")


@pytest.fixture
def house(monkeypatch):
    monkeypatch.setattr(welcome, "_looked_at", {})
    send_as(POST)
    return Settings(path=Path("config.ini"), folder=Path(), database=DatabaseSettings(host="box"), mail=POST)


def mails():
    rows = Mail.select(Mail, MailLetter).join(MailLetter).order_by(Mail.id)
    return [(row.address, row.letter.subject, row.text) for row in rows]


def refuse(now, *refused):
    ready_modem("a", now)
    placed = order(now, again=True)
    theirs = Message.select(Message.id).where(Message.msisdn.in_([mobile(number) for number in refused]))
    own = Part.broadcast == placed.id
    Part.update(state=PartState.DELIVERED, sent_at=now).where(own).execute()
    Part.update(state=PartState.FAILED, reason="CMS 1").where(own, Part.message.in_(theirs)).execute()
    Broadcast.update(stage=Stage.FINISHED).execute()


@pytest.mark.tuesday
@pytest.mark.slow
def test_a_coordinator_is_told_once_and_of_no_number(now, house):
    here = place("Plainevaux", now)
    coordinator = MemberDraft("Ida", "Coord", "", "ida@example.org", "nl", here, "coordinator")
    save_member(None, coordinator, "test", now)
    person(1, now, mail_group=True, email="m1@example.org")
    person(2, now)
    person(3, now, "Rotheux")  # nobody reads for it
    refuse(now, 1, 2, 3)
    for moment in (later(now, 900), later(now, 920), now + timedelta(days=1)):
        watch_numbers(house, moment)
    ((address, subject, body),) = mails()
    assert (address, subject) == ("ida@example.org", "BIN Plainevaux: te verbeteren nummers")
    assert "Prénom1 Nom001: nummer bestaat niet" in body
    assert "Andere betrokken leden: 1." in body
    assert "Prénom2" not in body
    assert "0470" not in body
    assert len(dead_numbers()) == 3
    refuse(now + timedelta(days=1), 3)
    watch_numbers(replace(house, mail=MailSettings()), now + timedelta(days=2))
    assert len(mails()) == 1


def test_the_list_follows_reports_within_a_look(now, house):
    person(1, now)
    refuse(now, 1)
    watch_numbers(replace(house, mail=MailSettings()), later(now, 900))
    assert [card.mobile for card in dead_numbers()] == [mobile(1)]


@pytest.mark.tuesday
@pytest.mark.parametrize("language", ["fr", "nl", "de", "en"])
@pytest.mark.parametrize("where", PLACES)
def test_the_question_is_one_part(language, where, now):
    due = DueQuestion(1, 1, "Anne", mobile(1), language, where, now, "key")
    counted = count(question(due))
    assert (counted.encoding, counted.parts) == ("gsm7", 1)
    assert "24/11/2026" in question(due)


def test_each_phone_is_asked_once_and_a_yes_counts_for_all_who_share_it(now, house):
    person(1, now)
    draft = MemberDraft("Zoé", "Nom", mobile(1), "", "fr", place("Plainevaux", now))
    save_member(None, draft, "test", now, number_shared=True)
    person(2, now, language="nl")
    ready_modem("a", now)
    begin_renewal(now + MONTH, "anne", now)
    while ask_renewal(house, now):
        pass
    texts = Message.select(Message.msisdn, BroadcastText.body).join(BroadcastText).tuples()
    assert sorted((number, body[:4]) for number, body in texts) == [(mobile(1), "PLP "), (mobile(2), "BIN ")]
    assert open_renewal().unasked == 0
    text(later(now, 60), mobile(1), "Oui merci")
    text(later(now, 60), mobile(2), "STOP")
    answer_texts(house, later(now, 61))
    card = open_renewal()
    assert (card.stay, card.leave, card.silent) == (2, 1, 0)


def test_a_yes_after_an_alert_is_to_the_alert(now, house):
    person(1, now)
    ready_modem("a", now)
    begin_renewal(now + MONTH, "anne", now)
    ask_renewal(house, now)
    order(later(now, 5))
    Part.update(state=PartState.SENT, sent_at=later(now, 6)).execute()
    text(later(now, 90), mobile(1), "OK")
    answer_texts(house, later(now, 91))
    assert (open_renewal().silent, AlertReply.select().count()) == (1, 1)


def test_without_a_modem_the_question_waits(now, house):
    person(1, now)
    begin_renewal(now + MONTH, "anne", now)
    assert not ask_renewal(house, now)
    assert open_renewal().unasked == 1


def test_who_took_the_agreement_back_meanwhile_is_left_to_a_person(now, house):
    her = person(1, now)
    person(2, now)
    ready_modem("a", now)
    begin_renewal(now + MONTH, "anne", now)
    draft = MemberDraft("Prénom1", "Nom001", mobile(1), "", "fr", place("Plainevaux", now), sms=False)
    save_member(her, draft, "anne", later(now, 1))
    ask_renewal(house, later(now, 2))
    card = open_renewal()
    assert (card.unreachable, card.unasked, card.silent) == (1, 0, 2)


def test_over_a_budget_the_question_waits(now, house, monkeypatch):
    def over(*_arguments):
        raise OverBudget("x")

    person(1, now)
    begin_renewal(now + MONTH, "anne", now)
    monkeypatch.setattr(welcome, "place_composed", over)
    assert not ask_renewal(house, now)
    assert open_renewal().unasked == 1


def test_one_who_was_asked_a_moment_ago_keeps_nobody_else_waiting(now, house):
    person(1, now)
    ready_modem("a", now)
    begin_renewal(now + MONTH, "anne", now)
    ask_renewal(house, now)
    end_renewal("anne", later(now, 5))
    person(2, now)
    begin_renewal(now + MONTH, "anne", later(now, 6))
    ask_renewal(house, later(now, 7))
    assert sorted(msisdn for (msisdn,) in Message.select(Message.msisdn).tuples()) == [mobile(1), mobile(2)]
    assert open_renewal().unasked == 1


@pytest.mark.tuesday
def test_who_has_no_mobile_is_asked_and_answers_by_mail(now, house):
    for number in (1, 2):
        draft = MemberDraft("Luc", f"Nom{number}", "", f"m{number}@example.org", "fr", place("Plainevaux", now))
        save_member(None, draft, "test", now)
    begin_renewal(now + MONTH, "anne", now)
    ask_renewal(house, now)
    assert not ask_renewal(house, now)
    assert [address for address, _subject, _body in mails()] == ["m1@example.org", "m2@example.org"]
    assert "répondez OUI à ce message avant le 24/12/2026" in " ".join(mails()[0][2].split())
    first, second = (row.id for row in Mail.select().order_by(Mail.id))
    mail(later(now, 60), "m1@example.org", "Oui, merci", answers_mail=first)
    mail(later(now, 60), "m2@example.org", "Qui êtes-vous ?", answers_mail=second)
    ask_renewal(house, later(now, 61))
    card = open_renewal()
    assert (card.stay, card.silent) == (1, 1)
