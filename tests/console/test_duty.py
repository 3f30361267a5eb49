"""The page of the duty roster, as the admin keeps it and others read it."""

from datetime import UTC, datetime, timedelta

import pytest

from db.engine.clock import utc_now
from db.engine.connection import connected
from db.inbound.received import apply_inbound
from db.models.broadcasts import Broadcast
from db.models.policy import ZonePolicy
from db.operations.summons import (
    apply_causes,
    begin_call,
    end_summons,
    mark_call,
    mark_called,
    open_summonses,
    recent_summonses,
)
from db.people.duty import roster
from plp.services.accounts.rights import add_account
from plp.services.orders.automatic import place_alarm
from tests.console.conftest import words
from tests.plp.jobs.answering import Delivered
from tests.support.people import Text, mobile, order, person, ready_modem

NIGHT = {"days": ["1", "2", "3", "4", "5"], "from": "18:00", "until": "8h00", "first_day": "", "last_day": "2026-12-31"}


@pytest.fixture
def luc(app):
    with connected():
        return add_account("luc", ["technician"], None, "test", utc_now(), "0470 12 34 56")


def test_the_admin_adds_a_shift_and_takes_it_out(admin, luc):
    assert "En cas de panne, sont appelés : luc." in words(admin.get("/duty"))
    page = words(admin.follow(admin.post("/duty/add", NIGHT | {"account": str(luc), "turn": "2"})))
    assert "Garde enregistrée." in page
    assert "luc lundi – vendredi 18:00 – 08:00 (lendemain) – 31/12/2026 2" in page
    with connected():
        (shift,) = roster()
    page = words(admin.follow(admin.post(f"/duty/{shift.id}/delete")))
    assert "Le tableau est vide." in page


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"days": []}, "Choisissez au moins un jour de la semaine."),
        ({"from": "soir"}, "Donnez l'heure de début et l'heure de fin"),
        ({"last_day": "demain"}, "« demain » n'est pas une date"),
        ({"account": "0"}, "Cet utilisateur n'existe plus."),
    ],
)
def test_what_cannot_be_is_said_and_nothing_typed_is_lost(admin, luc, changes, sentence):
    answer = admin.post("/duty/add", NIGHT | {"account": str(luc)} | changes)
    assert answer.status_code == 400
    assert sentence in words(answer)
    assert 'value="8h00"' in answer.text
    with connected():
        assert roster() == []


def test_others_read_it_and_change_nothing(sign_in, luc):
    page = sign_in("technician").get("/duty")
    assert "De garde maintenant" in words(page)
    assert "/duty/add" not in page.text
    assert "0470" not in words(page)


def called(name, now, kind="incident", subject="disk:1"):
    """One call of `name` about something that lasts."""
    account = add_account(name, ["officer"], None, "test", now, mobile(91))
    apply_causes(kind, {subject}, now)
    (card,) = open_summonses()
    call = begin_call(card, account, name, now)
    order = place_alarm(mobile(91), Text(), f"call:{card.id}", now)
    mark_called(call, order, now)
    return call


@pytest.mark.parametrize("page", ["/duty", "/duty/calls", "/incidents/live"])
def test_the_calls_are_shown_with_what_came_of_each(sign_in, app, page):
    now = datetime(2026, 11, 24, 2, 12, tzinfo=UTC)
    with connected():
        ready_modem("a", now)
        call = called("anne", now)
        mark_call(call, "no_answer", now + timedelta(minutes=5))
    text = words(sign_in("technician").get(page))
    assert "Incident technique, 03:12 03:12 anne : pas de réponse" in text
    with connected():
        end_summons(open_summonses()[0].id, "answered", "luc", utc_now())
    assert "luc a répondu OK à" in words(sign_in("technician").get(page))


def test_the_page_of_incidents_ends_the_calls_about_them(sign_in, app):
    with connected():
        ready_modem("a", utc_now())
        called("anne", utc_now())
    technician = sign_in("technician")
    technician.get("/incidents/live")
    with connected():
        assert len(open_summonses()) == 1
    assert "l'a ouvert dans la console" in words(technician.get("/incidents"))
    with connected():
        assert open_summonses() == []


def test_reading_the_conversation_ends_the_calls_about_its_message(sign_in, app):
    now = utc_now()
    with connected():
        ready_modem("a", now)
        apply_inbound("206010000000001", Delivered("+32470099001", "Au secours !", now), False, now)
        called("anne", now, "message", "1")
    sign_in("officer").get("/inbox/sms/1")
    with connected():
        assert recent_summonses(now)[0].outcome == "opened"


def test_only_who_may_agree_ends_the_calls_by_opening_the_request(sign_in, app):
    now = utc_now()
    officer = sign_in("officer")
    with connected():
        ready_modem("a", now)
        ZonePolicy.create(approval="second")
        person(1, now)
        placed = order(now, by="Test officer")
        called("anne", now, "approval", str(placed.id))
    page = f"/alerts/{placed.id}/approve"
    assert officer.get(page).status_code == 200
    with connected():
        assert len(open_summonses()) == 1
        Broadcast.update(ordered_by="somebody").execute()
    assert "anne : SMS en attente" in words(officer.get(f"/alerts/{placed.id}"))
    officer.get(page)
    with connected():
        assert open_summonses() == []
