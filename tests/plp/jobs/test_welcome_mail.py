"""The welcome mail: by the channels agreed to, with everything that is promised, and once.

The promise: docs/reference/mission.md, "What flows, and how".
"""

from dataclasses import replace

import pytest

from base.settings.values import MailSettings, ModemSettings, Settings
from db.inbound.replies.judging import apply_own_numbers
from db.mail.enqueue import send_as
from db.models.mail import Mail, MailEnclosure
from db.models.people import Member
from db.people.members.welcome import OWED_FOR, due_welcome_mails
from db.people.zone import zone
from plp.jobs import welcome
from plp.jobs.welcome import send_welcome_mails, send_welcomes, vcard, welcome_letter
from plp.letters.rendering import WELCOME
from tests.support.people import SENDING, later, mobile, person, place, ready_modem

LANGUAGES = ("fr", "nl", "de", "en")
MAIL = MailSettings(sender="plp@example.be")
SIM = mobile(900)


@pytest.fixture
def house(database):
    send_as(MAIL)
    yield Settings(
        path=database.parent / "config.ini",
        folder=database.parent,
        mail=MAIL,
        modems=(ModemSettings("a", number=SIM), ModemSettings("b")),
    )
    send_as(None)


def newcomer(number, now, **changes):
    place("Plainevaux", now, "plp.plainevaux@example.org")
    member_id = person(number, now, **{"email": f"m{number}@example.org", **changes})
    Member.update(welcome_requested_at=now).where(Member.id == member_id).execute()
    return member_id


def words(text):
    return " ".join(text.split())


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_says_all_that_a_member_must_know(house, now, language):
    newcomer(1, now, language=language)
    assert send_welcome_mails(house, now)
    mail = Mail.select().get()
    assert (mail.address, mail.name) == ("m1@example.org", "Prénom1 Nom001")
    said = WELCOME[language]
    for body in (words(mail.text), words(mail.html)):
        for wanted in (
            "plp.plainevaux@example.org",
            "101",
            "04/330 40 00",
            "0470 00 09 00",
            "STOP",
            "COC",
            "Plainevaux",
        ):
            assert wanted in body
        for title in ("urgent_title", "calm_title", "gets_title", "rights_title", "leave_title"):
            assert said[title] in body or said[title].replace("'", "&#39;") in body
    assert "{" not in mail.text
    assert 'href="mailto:plp.plainevaux@example.org"' in mail.html
    card = MailEnclosure.select().get()
    assert (card.filename, card.media_type) == ("plp.vcf", "text/vcard")
    assert f"TEL;TYPE=CELL:{SIM}" in bytes(card.content).decode()


def test_the_languages_say_the_same_things():
    assert {frozenset(said) for said in WELCOME.values()} == {frozenset(WELCOME["fr"])}
    assert set(WELCOME) == set(LANGUAGES)
    assert all(len({said[key] for said in WELCOME.values()}) == 4 for key in WELCOME["fr"])


def test_without_a_mobile_by_mail_only_and_it_says_what_is_missing(house, now):
    ready_modem("a", now)
    newcomer(1, now, mobile="")
    assert not send_welcomes(SENDING, now)
    assert send_welcome_mails(house, now)
    text = words(Mail.select().get().text)
    assert "Sans numéro de GSM, vous ne recevez pas les SMS d'urgence" in text
    assert "STOP" not in text
    assert MailEnclosure.select().count() == 0


def test_who_left_the_texts_is_not_told_of_them(house, now):
    newcomer(1, now, sms=False)
    send_welcome_mails(house, now)
    assert "STOP" not in Mail.select().get().text


def test_both_channels_each_once(house, now):
    ready_modem("a", now)
    newcomer(1, now)
    assert send_welcome_mails(house, now)
    assert send_welcomes(SENDING, now)
    assert not send_welcome_mails(house, later(now, 1))
    assert not send_welcomes(SENDING, later(now, 1))
    assert Mail.select().count() == 1


def test_a_crash_between_queue_and_note_sends_nothing_twice(house, now, monkeypatch):
    class PowerCut(Exception):
        pass

    def cut(*_):
        raise PowerCut

    newcomer(1, now)
    with monkeypatch.context() as broken:
        broken.setattr(welcome.welcome, "mark_welcome_mailed", cut)
        with pytest.raises(PowerCut):
            send_welcome_mails(house, now)
    assert Mail.select().count() == 0
    assert send_welcome_mails(house, later(now, 3600))
    assert not send_welcome_mails(house, later(now, 3600))
    assert Mail.select().count() == 1


def test_nobody_is_greeted_without_mail_or_after_a_month(house, now):
    newcomer(1, now)
    assert not send_welcome_mails(replace(house, mail=MailSettings()), now)
    assert len(due_welcome_mails(now)) == 1
    assert due_welcome_mails(now + OWED_FOR) == []


def test_nobody_is_greeted_who_was_not_to_be(house, now):
    person(1, now, email="m1@example.org")
    assert not send_welcome_mails(house, now)


def test_the_contact_reaches_people_first_and_is_read_by_a_phone(database):
    house = replace(zone(), name="Zone; de « Seraing », Neupré")
    lines = vcard(house, (SIM, mobile(901)), "Urgence : 101; toujours").split("\r\n")
    assert lines[:2] == ["BEGIN:VCARD", "VERSION:3.0"]
    assert lines[-2:] == ["END:VCARD", ""]
    phones = [line for line in lines if line.startswith("TEL")]
    assert phones == ["TEL:043304000", f"TEL;TYPE=CELL:{SIM}", f"TEL;TYPE=CELL:{mobile(901)}"]
    (name,) = (line for line in lines if line.startswith("N:"))
    assert name.count(";") == 1
    assert "NOTE:Urgence : 101\\; toujours" in lines


def test_an_unknown_language_and_no_address_are_no_obstacle(house, now):
    place("Ehein", now)
    member = newcomer(1, now, neighbourhood_id=place("Ehein", now))
    (due,) = due_welcome_mails(now)
    due = replace(due, member=replace(due.member, language="it"))
    letter, copy = welcome_letter(due, zone(), ())
    assert letter.subject == "Bienvenue au PLP Ehein"
    assert "Votre coordinateur vous donnera son adresse." in copy.text
    assert copy.member_id == member


def test_the_contact_has_the_numbers_of_every_machine(house, now):
    apply_own_numbers("other", {"c": mobile(902), "d": SIM})
    newcomer(1, now)
    send_welcome_mails(house, now)
    content = bytes(MailEnclosure.select().get().content).decode()
    assert [line for line in content.splitlines() if line.startswith("TEL;")] == [
        f"TEL;TYPE=CELL:{SIM}",
        f"TEL;TYPE=CELL:{mobile(902)}",
    ]
