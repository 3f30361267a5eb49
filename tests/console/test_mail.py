"""Courrier: what waits and why, what a person may do, and what a technician does not read."""

from datetime import timedelta

import pytest

from base.settings.values import MailSettings
from db.engine.clock import utc_now
from db.engine.connection import connected
from db.mail.claim import (
    claim_mail,
    expire_overdue,
    mark_accepted,
    mark_domain_waits,
    mark_later,
    mark_refused,
    mark_server_down,
    mark_server_up,
)
from db.mail.enqueue import enqueue_letter, send_as
from db.mail.listing import mail_cards
from db.mail.values import Copy, Letter
from db.models.accounts import Account
from plp.services.mails import cancel_mail
from tests.console.conftest import words

NO_PACE = timedelta(0)
HOSTILE = '<script>alert(1)</script> "é" 🚨'


@pytest.fixture
def mails(app):
    """Three mails: to Anne, to Luc, and one with a hostile subject."""
    send_as(MailSettings(sender="plp@zone.example.be"))
    with connected():
        to = [Copy(f"k{n}", f"{name}@example.org", name.title(), "texte") for n, name in enumerate(("anne", "luc"))]
        ids = enqueue_letter(Letter("bulletin", "Vol à Plainevaux"), to, utc_now())
        ids += enqueue_letter(Letter("alarm", HOSTILE), [Copy("k9", "tech@example.org", "", "texte")], utc_now())
    return ids


def refused(reply="550 5.1.1 <anne@example.org> unknown"):
    """The next mail is refused for ever; returns its id."""
    with connected():
        claim = claim_mail("box", utc_now(), NO_PACE)
        mark_refused(claim, "unknown", reply, utc_now())
        return claim.id


def test_nothing_yet(sign_in):
    page = words(sign_in("technician").get("/mail"))
    assert "Aucun e-mail." in page
    assert "[mail] from est vide" in page


def test_what_waits_and_when_it_is_tried(sign_in, mails):
    technician = sign_in("technician")
    page = technician.get("/mail")
    assert "En attente 3" in words(page)
    assert "<script>alert" not in page.text
    assert "a•••@example.org" in words(page)
    assert "anne@example.org" not in page.text
    assert "Anne" not in page.text
    with connected():
        claim = claim_mail("box", utc_now(), NO_PACE)
        later = utc_now() + timedelta(minutes=7)
        mark_later(claim, "busy", "451 4.7.1 try later", later, utc_now(), perhaps_taken=True)
        mark_domain_waits("example.org", "busy", "451 4.7.1 try later", later)
    page = words(technician.get("/mail/live?view=waiting"))
    assert "Refus temporaire du serveur : 451 4.7.1 try later. Prochaine tentative à" in page.replace("\u00a0", " ")
    assert "peut-être reçu deux fois" in page
    assert "example.org : refus temporaire du serveur : 451 4.7.1 try later ; prochaine tentative à" in page
    assert "Les autres e-mails sont envoyés" in page


def test_nothing_to_say_is_said_in_every_language(sign_in, mails):
    technician = sign_in("technician")
    with connected():
        Account.update(language="de").execute()
    page = words(technician.get("/mail"))
    assert "wartend" in page
    assert "Content-Type" not in page


def test_an_admin_sees_whom_it_is_for(admin, mails):
    assert "Anne anne@example.org" in words(admin.get("/mail"))


def test_a_server_in_trouble_and_well_again(sign_in, mails):
    technician, now = sign_in("technician"), utc_now()
    with connected():
        mark_server_down("box", "mx.example.be:587", "login", "535 no", now + timedelta(minutes=4), now)
    page = words(technician.get("/mail"))
    assert "mx.example.be:587 n'accepte plus les e-mails depuis le" in page
    assert "([mail] user, password_file) : 535 no. Prochaine tentative à" in page
    assert "L'envoi de SMS continue." in page
    with connected():
        mark_server_up("box", "mx.example.be:587", now)
    assert "mx.example.be:587 accepte les e-mails." in words(technician.get("/mail"))


def test_what_was_refused_comes_first_and_is_tried_again(sign_in, mails):
    technician, mail_id = sign_in("technician"), refused()
    page = words(technician.get("/mail"))
    assert "À décider 1" in page
    assert "Adresse inexistante, selon le serveur : 550 5.1.1 <•••@example.org> unknown." in page.replace("\u00a0", " ")
    done = technician.post(f"/mail/{mail_id}", {"do": "retry", "view": "trouble"}, page="/mail")
    assert done.status_code == 303
    assert "Nouvelle tentative d'envoi en cours." in words(technician.get(done.location))
    with connected():
        assert mail_cards([mail_id])[mail_id].state == "queued"


def test_what_waits_may_be_stopped_once(sign_in, mails):
    technician = sign_in("technician")
    technician.post(f"/mail/{mails[0]}", {"do": "cancel"}, page="/mail")
    with connected():
        assert mail_cards(mails)[mails[0]].state == "cancelled"
    assert "peut-être" not in words(technician.get("/mail?view=all")).split("Signification des états")[0]
    again = technician.post(f"/mail/{mails[0]}", {"do": "cancel"}, page="/mail")
    assert "E-mail déjà envoyé ou annulé : rechargez la page" in words(technician.get(again.location))
    gone = technician.post("/mail/999", {"do": "retry"}, page="/mail")
    assert "n'existe plus" in words(technician.get(gone.location))


def test_what_was_stopped_in_doubt_may_have_been_read(sign_in, mails):
    with connected():
        claim_mail("box", utc_now(), NO_PACE)  # an alarm, which nobody stops
        claim = claim_mail("box", utc_now(), NO_PACE)
        mark_later(claim, "doubt", "reset", utc_now(), utc_now(), perhaps_taken=True)
        cancel_mail(claim.id, "anne", utc_now())
    assert "peut-être reçu" in words(sign_in("technician").get("/mail?view=all"))


def test_after_a_long_outage_all_is_tried_again_at_one_press(sign_in, mails):
    with connected():
        expire_overdue("unreachable", utc_now() + timedelta(days=2))
    technician = sign_in("technician")
    assert "Réessayer tous les e-mails non envoyés (3)" in words(technician.get("/mail"))
    done = technician.post("/mail/expired", page="/mail")
    assert "3 e-mails à nouveau en attente." in words(technician.get(done.location))
    with connected():
        assert {card.state for card in mail_cards(mails).values()} == {"queued"}


def test_what_may_have_arrived_is_decided_one_by_one(sign_in, mails):
    with connected():
        doubtful = claim_mail("box", utc_now(), NO_PACE)
        mark_later(doubtful, "doubt", "reset", utc_now(), utc_now(), perhaps_taken=True)
        expire_overdue("unreachable", utc_now() + timedelta(days=2))
    technician = sign_in("technician")
    page = words(technician.get("/mail"))
    assert "Réessayer tous les e-mails non envoyés (2)" in page
    assert "1 e-mail abandonné, peut-être reçu" in page
    done = technician.post("/mail/expired", page="/mail")
    assert "2 e-mails à nouveau en attente." in words(technician.get(done.location))
    with connected():
        assert mail_cards(mails)[doubtful.id].state == "expired"
    assert "Réessayer tous les e-mails non envoyés (" not in words(technician.get("/mail?view=trouble"))
    technician.post(f"/mail/{doubtful.id}", {"do": "retry"}, page="/mail")
    with connected():
        assert mail_cards(mails)[doubtful.id].state == "queued"


def test_what_left_is_not_offered_again(sign_in, mails):
    with connected():
        for _ in mails:
            mark_accepted(claim_mail("box", utc_now(), NO_PACE), "250 2.0.0 Ok: queued as 4B1D", utc_now())
    page = sign_in("technician").get("/mail?view=accepted")
    assert "accepté par le serveur" in words(page)
    assert "Réessayer" not in words(page)


def test_metrics_count_mail_and_name_nobody(app, mails):
    refused()
    with connected():
        mark_server_down("box", "mx.example.be:587", "login", "535 no", utc_now(), utc_now())
    page = app.test_client().get("/metrics").text
    assert 'plp_mail{state="queued"} 2.0' in page
    assert 'plp_mail{state="refused"} 1.0' in page
    assert 'plp_mail_server_up{host="box"} 0.0' in page
    assert "plp_mail_oldest_waiting_seconds" in page
    assert "example.org" not in page
