"""Three hundred members of whom thirteen have no mobile: by SMS, by mail at once, or by a call; and who got it how."""

import re

import pytest

from base.settings.values import MailSettings, Settings
from db.alerts.incidents.roads import roads
from db.alerts.progress.progress import progress
from db.engine.clock import utc_now
from db.engine.connection import connected, writing
from db.mail.enqueue import send_as
from db.models.broadcasts import Message
from db.models.mail import Mail
from db.models.people import Member
from plp.jobs.bulletins import mail_alerts
from tests.console.alerts.scene import NEAR, modem_does, send
from tests.console.conftest import words
from tests.support.four_states import Four, in_sentences
from tests.support.people import person

pytestmark = pytest.mark.slow

MEMBERS, WITHOUT_MOBILE, WITHOUT_MAIL = 300, 13, 2


@pytest.fixture
def officer(ready_modem, sign_in, settings):
    """All in one neighbourhood; of the thirteen, eleven gave an address, one of the others a landline."""
    mail = MailSettings(sender="plp@example.be")
    send_as(mail)
    ready_modem()
    now = utc_now()
    with connected(), writing():
        first = Member.get_by_id(person(0, now, NEAR, mobile="", landline="+3242001122"))
        person(1, now, NEAR, mobile="", second_number="+3242001133")
        for number in range(2, WITHOUT_MOBILE):
            person(number, now, NEAR, mobile="", email=f"nom{number}@example.org")
        for number in range(WITHOUT_MOBILE, MEMBERS):
            person(number, now, NEAR)
    assert first.landline == "+3242001122"
    yield sign_in("officer"), Settings(path=settings.path, folder=settings.folder, mail=mail)
    send_as(None)


def test_nobody_is_left_out_and_the_account_says_who_was_reached_how(officer):
    page, settings = officer
    by_sms = MEMBERS - WITHOUT_MOBILE
    assert send(page, typed=by_sms).status_code == 303
    # before the jobs have queued the mails, the page tells nobody to call eleven people who are about to get one
    assert "E-mails envoyés : 0 sur 11. 2 personnes à appeler." in words(page.get("/alerts/1"))
    modem_does(["sent"] * by_sms)
    with connected():
        assert mail_alerts(settings, utc_now())
        assert Message.select().count() == 287
        assert Mail.select().count() == 11
    alert = page.get("/alerts/1")
    assert "13 personnes sans GSM : pas de SMS. E-mails envoyés : 0 sur 11. 2 personnes à appeler." in words(alert)
    assert "Prénom0 Nom000 Plainevaux · 04 200 11 22" in words(alert)
    assert "Prénom1 Nom001 Plainevaux · 04 200 11 33" in words(alert)
    assert alert.text.count("Noter comme appelé") == WITHOUT_MAIL
    with connected():
        first = Member.get(Member.last_name == "Nom000").id
    back = page.post("/alerts/1/called", {"member": first})
    assert back.location == "/alerts/1#left-out"
    with connected():
        Mail.update(state="accepted").execute()
    ticked = words(page.get("/alerts/1"))
    assert "1 personne à appeler." in ticked
    assert "Prénom0 Nom000 Plainevaux · 04 200 11 22 · appel à" in ticked
    live = page.client.get("/alerts/1/answers", headers={"HX-Request": "true"})
    assert "1 personne à appeler." in words(live)
    assert live.text.count('id="status"') == 1
    account = page.get("/alerts/1/dossier?names=yes")
    assert "12 reçus sur 300 (11 e-mails, 1 appel) · 287 envoyés, sans accusé" in words(account)
    assert in_sentences(account.text) == [Four(12, 287, 0, 1)]
    table = account.text.partition("moyen et heure")[2].partition("</table>")[0]
    ways = {way: table.count(f"<td>{way}</td>") for way in ("SMS", "e-mail", "téléphone")}
    assert ways == {"SMS": 287, "e-mail": 11, "téléphone": 1}
    assert table.count("<td>non alerté</td><td>à appeler</td>") == 1
    assert "appel par Test officer" in table
    page.post("/alerts/1/called", {"member": first, "done": "no"})
    assert "2 personnes à appeler." in words(page.get("/alerts/1"))


def test_only_who_is_left_out_is_ticked_off(officer):
    page, _settings = officer
    assert send(page, typed=MEMBERS - WITHOUT_MOBILE).status_code == 303
    with connected():
        reached = Member.get(Member.last_name == "Nom020").id
    modem_does([])  # its undo seconds are over
    refused = page.post("/alerts/1/called", {"member": reached})
    assert "n'est plus à prévenir par téléphone" in words(page.get(refused.location))


def test_the_list_to_call_is_whole_and_each_page_can_be_ticked(ready_modem, sign_in):
    landlines = 231
    ready_modem()
    now = utc_now()
    with connected(), writing():
        person(500, now, NEAR)
        for number in range(landlines):
            values = {"role": "coordinator"} if number == landlines - 1 else {}
            person(number, now, NEAR, mobile="", landline=f"+3242{number:06}", **values)
    page = sign_in("officer")
    assert send(page, typed=1).status_code == 303
    modem_does(["sent"])
    assert f"Toute la liste : {landlines} personnes" in words(page.get("/alerts/1"))
    names, ticks = [], 0
    for number in range(1, 6):
        some = page.get(f"/alerts/1/calls?page={number}")
        names += re.findall(r"<strong>(Prénom\d+ Nom\d+)</strong>", some.text)
        ticks += some.text.count("Noter comme appelé")
    assert len(names) == len(set(names)) == ticks == landlines
    assert names[0].startswith(f"Prénom{landlines - 1} "), "the coordinator first"
    with connected():
        last = Member.get(Member.last_name == names[-1].split()[-1]).id
    back = page.post("/alerts/1/called", {"member": last, "page": "5"})
    assert back.location == "/alerts/1/calls?page=5"
    assert "appel à" in words(page.get(back.location))
    with connected():
        assert roads(progress(1, utc_now())).not_reached == landlines - 1
