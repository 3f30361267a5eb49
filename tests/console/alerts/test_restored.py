"""An alert that is held because the database is an older copy: the page says why, who may have it, and what to do."""

from datetime import timedelta

import pytest

from console.api.openapi import DOCUMENT
from console.i18n.labels import moment
from db.alerts.orders.holding import hold_of
from db.alerts.progress.progress import progress
from db.engine.clock import utc_now
from db.engine.connection import connected, writing
from db.journal import audit
from db.models.broadcasts import Message
from db.models.zone import AuditEntry
from db.operations.lineage import hold_after_restore, position
from plp.services.contract_json import progress_shape
from tests.console.alerts.scene import modem_does, people, sent
from tests.console.conftest import words
from tests.support.journal import take_guards_away

HELD = "Aucun SMS n'est envoyé sans votre décision"


@pytest.fixture
def officer(sign_in, ready_modem):
    ready_modem()
    people()
    return sign_in("officer")


@pytest.fixture
def restored(officer):
    """Five people: one is known to have it, two may, two certainly have nothing. Returns the broadcast."""
    number = sent(officer)
    modem_does(["sent"])
    with connected():
        reach = [message.id for message in Message.select().order_by(Message.id)][2]
        noted = position()._replace(progress=99)
        assert hold_after_restore(noted, (), {number: reach, number + 7: 99}, True, utc_now()) == 1
    return number


def test_the_page_says_why_and_who_may_have_it(officer, restored):
    page = words(officer.get(f"/alerts/{restored}")).replace("\xa0", " ").replace("\u202f", " ")
    assert HELD in page
    assert "Ancienne copie de la base de données : les derniers envois n'y figurent pas" in page
    assert "2 personnes ont peut-être déjà reçu ce message : " in page
    assert "2 personnes n'ont certainement rien reçu" in page
    assert words(officer.get(f"/alerts/{restored}/people")).count("peut-être déjà envoyé") == 2
    assert "Envoyer aux 2 personnes non atteintes" in page
    assert "Envoyer maintenant à 4 personnes" in page
    assert "Abandonner l'envoi" in page
    assert "Le serveur s'est arrêté. L'alerte rédigée à" not in page


def test_the_api_tells_it_as_its_document_says(restored):
    with connected():
        shown = progress_shape(progress(restored, utc_now()), utc_now(), hold_of(restored))
    described = DOCUMENT["components"]["schemas"]["Broadcast"]["properties"]
    assert set(shown) <= set(described)
    assert set(shown["hold"]) == set(described["hold"]["properties"])
    assert shown["hold"] == {"reason": "restored", "may_have": 2, "nothing": 2}


def test_the_header_counts_what_is_gone(officer, restored):
    home = words(officer.get("/"))
    assert (
        "Ancienne copie de la base de données : les derniers envois n'y figurent pas" in home
    )  # of which day is unknown
    assert "1 envoi plus récent est absent" in home


def test_the_header_says_of_when_an_older_copy_is(officer):
    sent(officer)
    now = utc_now()
    with connected():
        take_guards_away()
        AuditEntry.update(at=now - timedelta(hours=30)).execute()
        audit.record(now - timedelta(hours=29), "anne", "member_added", "1")
        hold_after_restore(position()._replace(progress=99), (), {}, True, now)
    home = words(officer.get("/"))
    assert f"Ancienne copie de la base de données, du {moment(now - timedelta(hours=29))}" in home


def test_the_header_says_what_a_restored_backup_lacks(officer):
    now = utc_now()
    lost = {"made_at": (now - timedelta(days=2)).isoformat(), "gone": 2, "gone_texts": 340, "dropped": 57}
    with connected():
        hold_after_restore(None, (), {}, True, now, backup=lost)
    home = words(officer.get("/"))
    assert f"Ancienne copie de la base de données, du {moment(now - timedelta(days=2))}" in home
    assert "2 envois plus récents sont absents" in home
    assert "340 SMS plus récents sont absents" in home
    assert "57 entrées du journal sont perdues" in home


def test_only_the_rest_is_sent_to(officer, restored):
    officer.post(f"/alerts/{restored}/release", {"rest": "yes"}, page=f"/alerts/{restored}")
    page = words(officer.get(f"/alerts/{restored}"))
    assert HELD not in page
    assert "2 en attente" in page
    assert "Non confirmés : trace des envois perdue par la base de données. SMS peut-être reçus par" in page


def test_nothing_more_is_sent(officer, restored):
    officer.post(f"/alerts/{restored}/expire", page=f"/alerts/{restored}")
    page = words(officer.get(f"/alerts/{restored}"))
    assert "Renvoyer aux non confirmés (2)" in page
    assert "0 reçu sur 6 · 1 envoyé, sans accusé · 0 en attente · 5 à prévenir autrement" in page


def test_where_nobody_knows_all_may_have_it(officer):
    number = sent(officer)
    with connected(), writing():
        hold_after_restore(None, (), {}, True, utc_now())
    page = words(officer.get(f"/alerts/{number}"))
    assert "Le registre des envois manque : cette base de données est peut-être une copie plus ancienne" in page
    assert "5 personnes ont peut-être déjà reçu ce message" in page
    assert "qui n'ont rien reçu" not in page
