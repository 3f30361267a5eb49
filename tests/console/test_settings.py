"""Paramètres: the zone's rules, its name, the drill group; what is wrong is said, what is right is kept."""

import pytest

from db.alerts.planned import drill_group
from db.engine.clock import utc_now
from db.engine.connection import connected
from db.people.zone import Policy, policy, zone
from plp.services.accounts.rights import add_account
from tests.console.conftest import PASSWORD, words
from tests.support.accounts import long_known
from tests.support.people import person

RULES = {"approval": "typed"}
ZONE = {"name": "Police locale d'Essai", "code": "9999", "emergency": "112", "phone": "02/000 00 00"}


def rules():
    with connected():
        return policy()


def test_the_rules_are_saved(admin):
    answer = admin.post("/settings/policy", RULES | {"mail_always": "yes"})
    assert "Les règles de la zone sont enregistrées" in words(admin.follow(answer))
    assert rules() == Policy(mail_always=True)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"approval": ""}, "Choisissez la confirmation exigée : aucune, nombre à taper, ou validation par un collègue"),
        ({"approval": "second"}, "au moins deux policiers"),
    ],
)
def test_what_could_not_be_lived_with_is_said(admin, wrong, said):
    answer = admin.post("/settings/policy", RULES | wrong)
    assert answer.status_code == 400
    assert said in words(answer)
    assert rules() == Policy()


def test_a_second_person_once_there_are_two_officers(admin):
    with connected():
        for name in ("Anne", "Benoît"):
            add_account(name, ["officer"], PASSWORD, "test", utc_now())
        long_known()
    admin.post("/settings/policy", RULES | {"approval": "second"})
    assert rules().approval == "second"


def test_the_zone_is_saved_and_every_page_shows_it(admin):
    admin.post("/settings/zone", ZONE)
    with connected():
        assert zone().name == "Police locale d'Essai"
    assert "Urgence : 112 · 02/000 00 00" in words(admin.get("/settings"))
    for missing in ("name", "emergency"):
        assert admin.post("/settings/zone", ZONE | {missing: " "}).status_code == 400


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"emergency": "n"}, "« n » n'est pas un numéro d'urgence"),
        ({"phone": "list.csv"}, "« list.csv » n'est pas un numéro de téléphone"),
        ({"code": "Seraing"}, "« Seraing » n'est pas un code de zone"),
    ],
)
def test_the_zone_is_read_by_the_rules_of_config_ini(admin, wrong, said):
    answer = admin.post("/settings/zone", ZONE | wrong)
    assert (answer.status_code, said in words(answer)) == (400, True)
    with connected():
        assert zone().name != ZONE["name"]


def test_the_technician_among_the_useful_numbers_can_be_called(admin):
    entry = {"service": "Technicien de garde", "purpose": "", "contact": "list.csv"}
    answer = admin.post("/directory/add", entry)
    assert (answer.status_code, "ne contient pas de numéro de téléphone" in words(answer)) == (400, True)
    assert admin.post("/directory/add", entry | {"contact": "Luc, 0470 00 00 01."}).status_code == 303


def test_the_drill_group_is_composed_by_search(admin):
    with connected():
        person(1, utc_now())
        person(2, utc_now(), mobile="", email="nom2@example.org")
        add_account("Chef", ["admin"], None, "test", utc_now(), mobile="0470 00 00 77")
    found = words(admin.get("/settings/drill-group?search=Nom"))
    assert "Prénom1 Nom001" in found
    assert "sans GSM" in found
    admin.post("/settings/drill-group", {"add": "member/1", "search": "Nom"})
    assert admin.post("/settings/drill-group", {"add": "member/2"}).status_code == 400
    assert admin.post("/settings/drill-group", {"add": "member/x"}).status_code == 400
    with connected():
        [entry] = drill_group()
    assert "Prénom1 Nom001" in words(admin.get("/settings/drill-group"))
    assert "1 personne reçoit les exercices" in words(admin.get("/settings"))
    admin.post("/settings/drill-group", {"remove": str(entry.id)})
    with connected():
        assert drill_group() == []
