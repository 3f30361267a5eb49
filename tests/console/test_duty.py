"""The page of the duty roster, as the admin keeps it and others read it."""

import pytest

from db.engine.clock import utc_now
from db.engine.connection import connected
from db.people.accounts.accounts import add_account
from db.people.duty import roster
from tests.console.conftest import words

NIGHT = {"days": ["1", "2", "3", "4", "5"], "from": "18:00", "until": "8h00", "first_day": "", "last_day": "2026-12-31"}


@pytest.fixture
def luc(app):
    with connected():
        return add_account("luc", ["technician"], None, "test", utc_now(), "0470 12 34 56")


def test_the_admin_adds_a_shift_and_takes_it_out(admin, luc):
    assert "En cas de panne, sont appelés : luc." in words(admin.get("/duty"))
    page = words(admin.follow(admin.post("/duty/add", NIGHT | {"account": str(luc), "turn": "2"})))
    assert "La garde est enregistrée." in page
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
