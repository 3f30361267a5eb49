"""Whom an alert reached by which road, as each page says it: while it is sent, after it, and after a stop."""

from db.engine.connection import connected
from db.models.zone import Modem
from tests.console.alerts.scene import PEOPLE, mails_are, modem_does, reported, sent
from tests.console.conftest import words
from tests.support.four_states import Four, from_afar, in_sentences, on_home, on_map


def counted(officer, number):
    """The four of every page, which are the same."""
    page, home, wall = (officer.get(address).text for address in (f"/alerts/{number}", "/", "/wall"))
    told = [
        *in_sentences(page),
        *from_afar(page),
        *on_home(home).values(),
        *from_afar(wall),
        *in_sentences(officer.get("/alerts/").text),
        *in_sentences(officer.get(f"/alerts/{number}/dossier").text),
    ]
    assert len(told) == 6
    assert len({*told}) == 1, told
    for map_of in (page, home, wall):
        assert on_map(map_of) == (told[0].received, told[0].people)
    return told[0]


def test_each_person_is_in_one_state_from_the_order_to_the_last_report(officer, mail):
    number = sent(officer)
    assert counted(officer, number) == Four(0, 0, 6, 0)
    modem_does(["sent"] * PEOPLE)
    mails_are("queued", mail)
    assert counted(officer, number) == Four(0, 5, 1, 0)
    mails_are("accepted", mail)
    assert counted(officer, number) == Four(1, 5, 0, 0)
    reported(number, 3)
    assert counted(officer, number) == Four(4, 2, 0, 0)
    for address in (f"/alerts/{number}", "/alerts/", f"/alerts/{number}/dossier"):
        assert "4 reçus sur 6 (3 SMS, 1 e-mail)" in words(officer.get(address)), address


def test_a_road_that_nobody_took_is_not_named(officer):
    number = sent(officer)
    modem_does(["sent"] * (PEOPLE - 1) + ["CMS 1"])
    assert counted(officer, number) == Four(0, 4, 0, 2)
    for address in (f"/alerts/{number}", "/", "/wall", f"/alerts/{number}/dossier"):
        assert "e-mail)" not in words(officer.get(address)), address


def test_an_alert_that_mails_alone_told_stays_on_home_after_its_stop(officer, mail):
    with connected():
        Modem.delete().execute()
    number = sent(officer, no_sms="yes")
    mails_are("accepted", mail)
    officer.post(f"/alerts/{number}/cancel")
    assert counted(officer, number) == Four(1, 0, 0, 5)
    home = officer.get("/")
    assert "par Test officer à" in words(home)
    assert f'href="/alerts/{number}/follow-up?kind=end"' in home.text
    assert "Feedback à envoyer" in words(home)
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
