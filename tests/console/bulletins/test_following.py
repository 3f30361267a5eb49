"""Follow: who relayed, by what, and what an officer may do about those who did not."""

from datetime import timedelta

import pytest

from db.alerts.queue.recovery import close_done
from db.bulletins.relay import owed_mails
from db.engine.clock import utc_now
from db.engine.connection import connected
from db.models.bulletins import Bulletin, BulletinRelay
from db.models.mail import Mail
from db.models.people import Member
from plp.services.bulletins.relaying import mark_relayed
from rules.mail import MailState
from tests.console.alerts.scene import modem_does
from tests.console.bulletins import scene
from tests.console.bulletins.conftest import MAIL
from tests.console.conftest import words
from tests.support.people import order


@pytest.fixture
def made(officer):
    made = scene.sent(officer)
    scene.written(MAIL, utc_now())
    return made


def long_ago(hours=5):
    with connected():
        at = utc_now() - timedelta(hours=hours)
        BulletinRelay.update(created_at=at).execute()


def test_the_page_counts_neighbourhoods_and_names_what_was_left_out(officer, made):
    page = words(officer.get(f"/bulletins/{made}"))
    assert "Relayé dans 0 quartier sur 2" in page
    assert "e-mail en attente" in page
    assert "Bonsgnée : aucun coordinateur joignable" in page
    assert "Neuville : aucun coordinateur joignable" in page
    with connected():
        mark_relayed(scene.relay_ids(made)[0], "link", "", utc_now() + timedelta(minutes=11))
        mark_relayed(scene.relay_ids(made)[1], "mail", "", utc_now() + timedelta(minutes=11))
    live = officer.get(f"/bulletins/{made}/live")
    assert "Relayé dans 2 quartiers sur 2, médiane 11 min" in words(live)
    assert "par le lien de l'e-mail" in words(live)
    assert "par e-mail" in words(live)
    assert "<html" not in live.text
    assert "Relayé dans 2 quartiers sur 2" in words(officer.get("/bulletins/"))


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (MailState.ACCEPTED, "mail envoyé"),
        (MailState.REFUSED, "mail refusé"),
        (MailState.BOUNCED, "e-mail non distribué"),
        (MailState.EXPIRED, "e-mail non accepté"),
    ],
)
def test_what_became_of_each_mail_stands_beside_its_reader(officer, made, state, said):
    with connected():
        Mail.update(state=state, reason="unknown", reply="550 no such user", perhaps_twice=True).execute()
    page = words(officer.get(f"/bulletins/{made}/live"))
    assert said in page
    assert "Adresse inexistante, selon le serveur : 550 no such user." in page
    assert "peut-être reçu deux fois" in page


def test_whoever_was_written_to_later_is_offered_no_reminder_yet(officer, made):
    """A deputy gets the bulletin a day after it was sent: the page offers what the service takes."""
    with connected():
        Bulletin.update(sent_at=utc_now() - timedelta(hours=30)).execute()
    page = officer.get(f"/bulletins/{made}")
    assert "rappel possible à partir de" in words(page)
    assert "/nudge" not in page.text


def test_told_on_the_telephone_and_taken_back(officer, made):
    first = scene.relay_ids(made)[0]
    officer.post(f"/bulletins/{made}/relays/{first}/mark")
    page = words(officer.get(f"/bulletins/{made}"))
    assert "Relayé dans 1 quartier sur 2" in page
    assert "confirmé par téléphone (Test officer)" in page
    officer.post(f"/bulletins/{made}/relays/{first}/unmark")
    assert "Relayé dans 0 quartier sur 2" in words(officer.get(f"/bulletins/{made}"))


def test_a_reminder_once_in_a_while(officer, made, monkeypatch):
    first = scene.relay_ids(made)[0]
    officer.post(f"/bulletins/{made}/relays/{first}/nudge")
    assert "moins de 4 heures" in words(officer.get(f"/bulletins/{made}"))
    with connected():
        assert owed_mails() == []
    long_ago()
    officer.post(f"/bulletins/{made}/relays/{first}/nudge")
    assert "Rappel envoyé à" in words(officer.get(f"/bulletins/{made}"))
    with connected():
        assert [owed.kind for owed in owed_mails()] == ["nudge"]


def test_who_has_no_address_any_more_is_not_reminded_but_called(officer, made):
    first = scene.relay_ids(made)[0]
    long_ago()
    with connected():
        Member.update(email=None).where(Member.email == "anne@example.org").execute()
        Mail.update(state=MailState.ACCEPTED).execute()
    page = officer.get(f"/bulletins/{made}/live")
    assert "mail envoyé" in words(page)
    assert "sans adresse e-mail" in words(page)
    assert f"/relays/{first}/nudge" not in page.text
    officer.post(f"/bulletins/{made}/relays/{first}/nudge")
    assert "n'a plus d'adresse" in words(officer.get(f"/bulletins/{made}"))
    with connected():
        Mail.update(state=MailState.REFUSED).execute()
    page = words(officer.get(f"/bulletins/{made}/live"))
    assert page.count("sans adresse e-mail") == 1
    assert page.count("mail refusé") == 1


def test_a_relay_belongs_to_its_bulletin(officer, made):
    first = scene.relay_ids(made)[0]
    for path in (f"/bulletins/{made + 1}/relays/{first}/mark", f"/bulletins/{made}/relays/999/nudge"):
        assert officer.post(path).status_code == 404


def test_the_admin_looks_and_does_not_touch(officer, made, admin):
    page = admin.get(f"/bulletins/{made}")
    assert "Anne Dumont" in words(page)
    assert "/mark" not in page.text
    assert admin.post(f"/bulletins/{made}/relays/{scene.relay_ids(made)[0]}/mark").status_code == 403


def test_the_zone_says_how_long_the_deputy_waits(officer, admin):
    assert "Modifications enregistrées" in words(admin.follow(admin.post("/bulletins/deputy-after", {"hours": "6"})))
    assert 'value="6"' in admin.get("/bulletins/").text
    page = officer.get("/bulletins/")
    assert "deputy-after" not in page.text
    assert "Après 6 heures sans relais, le suppléant du quartier reçoit aussi le bulletin." in words(page)
    answer = admin.post("/bulletins/deputy-after", {"hours": "0"})
    assert answer.status_code == 400
    assert "de 1 à 336" in words(answer)


def test_the_alert_says_when_its_feedback_was_given(officer, ready_modem):
    ready_modem()
    with connected():
        alert = order(utc_now()).id
    modem_does(["sent"] * 3)
    with connected():
        close_done()
    assert "Envoyer un feedback aux coordinateurs" in words(officer.get(f"/alerts/{alert}"))
    assert "Rédiger le feedback : alerte du" in words(officer.get("/bulletins/choose"))
    scene.sent(officer, category="feedback", alert=str(alert))
    assert "Feedback envoyé le" in words(officer.get(f"/alerts/{alert}"))
    assert "Rédiger le feedback : alerte du" not in words(officer.get("/bulletins/choose"))
