"""By which road people were told of an alert, as each page says it: while it is sent, after it, and after a stop."""

from db.engine.connection import connected
from db.models.zone import Modem
from tests.console.alerts.scene import PEOPLE, mails_are, modem_does, sent
from tests.console.conftest import words


def pages(officer, number):
    return {address: words(officer.get(address)) for address in (f"/alerts/{number}", "/", "/wall")}


def test_nobody_is_said_to_be_missed_before_the_alert_was_sent(officer, mail):
    number = sent(officer)
    for address, page in pages(officer, number).items():
        assert "6 pas encore alertés" in page, address
        assert "non alerté" not in page, address
    modem_does(["sent"] * PEOPLE)
    mails_are("queued", mail)
    assert "5 par SMS · 1 pas encore alerté" in words(officer.get(f"/alerts/{number}"))
    mails_are("accepted", mail)
    for address in (f"/alerts/{number}", "/", "/wall", f"/alerts/{number}/dossier"):
        assert "5 par SMS · 1 par e-mail · tous alertés" in words(officer.get(address)), address


def test_a_road_that_nobody_took_is_not_named(officer):
    number = sent(officer)
    modem_does(["sent"] * (PEOPLE - 1) + ["CMS 1"])
    for address in (f"/alerts/{number}", "/", "/wall", f"/alerts/{number}/dossier"):
        page = words(officer.get(address))
        assert "4 par SMS · 2 non alertés" in page, address
        assert "par e-mail" not in page, address


def test_an_alert_that_mails_alone_told_stays_on_home_after_its_stop(officer, mail):
    with connected():
        Modem.delete().execute()
    number = sent(officer, no_sms="yes")
    mails_are("accepted", mail)
    officer.post(f"/alerts/{number}/cancel")
    page, home, wall = pages(officer, number).values()
    line = "1 par e-mail · 5 non alertés"
    assert line in page
    assert line in home
    assert line in wall
    assert "par Test officer à" in home
    assert f'href="/alerts/{number}/follow-up?kind=end"' in officer.get("/").text
    assert "Feedback à envoyer" in home
    officer.post(f"/alerts/{number}/close")
    assert "Aucune alerte ouverte." in words(officer.get("/"))


def test_an_alert_that_told_nobody_leaves_home_with_its_stop(officer, mail):
    with connected():
        Modem.delete().execute()
    number = sent(officer, no_sms="yes")
    mails_are("queued", mail)
    officer.post(f"/alerts/{number}/cancel")
    home = words(officer.get("/"))
    assert "Aucune alerte ouverte." in home
    assert "Feedback à envoyer" not in home
