"""Asked by tests/languages/test_fifth_language.py of a copy of the product with one language more: Luxembourgish."""

import html
from dataclasses import replace

import pytest

from base.settings.values import ModemSettings
from db.engine.clock import utc_now
from db.engine.connection import connected
from db.models.broadcasts import BroadcastText
from db.models.mail import Mail
from db.models.people import Member
from db.people.zone import ZoneCard
from plp.jobs.autoreply import answer_texts
from plp.jobs.welcome import send_welcome_mails
from plp.letters.rendering import paper, registration_words
from rules.replies.meaning import meaning, read, takes_charge
from rules.replies.values import Meaning
from tests.console.alerts.scene import send
from tests.console.conftest import words
from tests.plp.jobs.answering import OWN, comes, wants_texts, went_back
from tests.support.people import mobile
from tests.support.rosters import import_members


def test_the_pages_offer_it_and_speak_it(stranger):
    page = stranger.get("/login")
    assert 'name="language" value="lb" lang="lb">Lëtzebuergesch</button>' in page.text
    stranger.post("/language", {"language": "lb", "next": "/login"})
    page = stranger.get("/login")
    assert '<html lang="lb"' in page.text
    assert "Umellen" in words(page)
    assert "Umellen" in words(stranger.get("/login", headers={"Accept-Language": "lb-LU,lb"}))


def test_a_list_calls_it_so(app):
    with connected():
        list_ = "prénom,nom,gsm,langue,quartier\nJos,Kayser,0470 12 34 56,Lëtzebuergesch,Plainevaux\n"
        import_members(list_.encode(), "list.csv", "test", utc_now())
        assert Member.get(Member.last_name == "Kayser").language == "lb"


def test_a_member_gets_the_ready_made_alert_in_it(officer):
    with connected():
        Member.update(language="lb").where(Member.mobile == mobile(1)).execute()
    answer = send(officer, text="", template=1, answer_lieu="rue Basse", answer_heure="21:40")
    assert answer.status_code == 303, words(answer)
    with connected():
        body = BroadcastText.get(BroadcastText.language == "lb").body
    assert body.startswith("Police Seraing/Neupré: Abroch: rue Basse, 21:40.")


@pytest.mark.usefixtures("posting")
def test_a_letter_and_a_mail_are_in_it(officer, app):
    now = utc_now()
    zone = ZoneCard("Police locale de Seraing", "5278", "101", "04/330 40 00")
    sheet = html.unescape(paper("registration.html", "lb", zone, now, words=registration_words("lb", zone)))
    assert "Aschreiwungsformulaire" in sheet
    assert "Lëtzebuergesch" in sheet
    with connected():
        change = {"language": "lb", "email": "jos@example.org", "welcome_requested_at": now}
        Member.update(**change).where(Member.mobile == mobile(1)).execute()
        assert send_welcome_mails(app.config["PLP_SETTINGS"], now)
        mail = Mail.get(Mail.address == "jos@example.org")
    assert "Noutruff" in mail.text
    assert "Noutruff" in mail.html


def test_stop_and_answers_are_understood(officer, app):
    assert meaning("Ofmellen w.e.g.") is Meaning.STOP
    assert meaning("jo, verstanen") is Meaning.OK
    assert takes_charge("Jo, ech kommen")
    assert read("Hëllef, Abriecher!").language == "lb"
    now = utc_now()
    settings = replace(app.config["PLP_SETTINGS"], modems=(ModemSettings("a", number=OWN),))
    with connected():
        Member.update(language="lb").where(Member.mobile == mobile(1)).execute()
        comes("OFMELLEN", mobile(1), now)
        answer_texts(settings, now)
        assert wants_texts(mobile(1)) == [False]
        assert next(text for number, text in went_back() if number == mobile(1)).startswith("Notéiert")
