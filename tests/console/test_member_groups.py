"""Groups of members in the console: made, filled, chosen for an alert that reaches exactly those who agreed."""

import re

import pytest

from db.engine.base import tuples
from db.engine.clock import utc_now
from db.engine.connection import connected
from db.models.broadcasts import Message
from db.people.member_groups import member_groups
from plp.services.people.groups import put_into_group, save_group
from tests.console.conftest import words
from tests.support.people import mobile, person, place


@pytest.fixture
def people(app):
    now = utc_now()
    with connected():
        return [
            person(1, now, "Limal"),
            person(2, now, "Bierges", sms=False),
            person(3, now, "Bierges", street="Rue Haute"),
            person(4, now, "Limal"),
        ]


def made(admin, **values):
    answer = admin.post("/member-groups/add", {"name": "Commerçants"} | values)
    assert answer.status_code == 303, words(answer)
    return answer.headers["Location"]


def test_a_group_is_made_filled_renamed_and_deleted(admin, people):
    group = made(admin)
    assert "Aucun membre dans ce groupe" in words(admin.get(group))
    assert 'name="member"' in admin.get(f"{group}?search=Nom001").text
    admin.post(f"{group}/people", {"member": [people[0]], "do": "in"})
    answer = admin.post(f"{group}/numbers", {"numbers": f"{mobile(2)}\n0470 99 99 99"})
    assert "1 numéro n'est celui d'aucun membre" in words(answer)
    assert "0470 99 99 99</textarea>" in answer.text
    assert "2 membres · 1 téléphone" in words(admin.get(group))
    admin.post(f"{group}/people", {"member": [people[0]], "do": "out"})
    assert "Prénom1" not in words(admin.get(group))
    assert admin.post(f"{group}/edit", {"name": "Magasins"}).status_code == 303
    assert "existe déjà" in words(admin.post("/member-groups/add", {"name": "magasins"}))
    assert "Ses membres restent dans la liste." in words(admin.get(group))
    admin.post(f"{group}/delete")
    assert admin.get(group).status_code == 404


def test_a_search_of_a_long_street_tells_how_many_it_shows_and_where_they_live(admin, people, monkeypatch):
    group = made(admin)
    found = words(admin.get(f"{group}?search=Rue Haute"))
    assert "1 membre trouvé." in found
    assert "Rue Haute, Bierges" in found
    monkeypatch.setattr("console.people.member_groups._MATCHES_SHOWN", 3)
    assert "3 premiers membres sur 4. Précisez la recherche." in words(admin.get(f"{group}?search=Nom00"))


def test_a_group_by_rule(admin, people):
    with connected():
        here = place("Limal", utc_now())
    wrong = admin.post("/member-groups/add", {"name": "X", "rule": "yes", "where": "some", "streets": "Rue de Rien"})
    assert "Rue inconnue" in words(wrong)
    assert "Rue de Rien</textarea>" in wrong.text
    group = made(admin, rule="yes", where="some", neighbourhood=here, streets="rue haute (Bierges)", since="2020-01-31")
    assert "3 membres" in words(admin.get(group))
    form = admin.get(f"{group}/edit").text
    assert 'value="2020-01-31"' in form
    assert re.search(rf'name="neighbourhood" value="{here}" checked', form)
    assert admin.post(f"{group}/numbers", {"numbers": mobile(4)}).status_code in (302, 404)
    assert "3 membres" in words(admin.get(group))


def test_a_members_record_has_their_groups(admin, people):
    group = made(admin)
    record = f"/members/{people[0]}"
    assert "Groupes" in words(admin.get(record))
    admin.post(f"/member-groups/of-member/{people[0]}", {"group": group.rpartition("/")[2]})
    assert 'name="group" value="1" checked' in admin.get(record).text
    admin.post(f"/member-groups/of-member/{people[0]}", {})
    with connected():
        assert [card.members for card in member_groups()] == [0]


@pytest.mark.parametrize("where", ["/alerts", "/drills"])
def test_an_alert_to_a_group_and_a_neighbourhood_reaches_each_once(sign_in, people, ready_modem, where):
    ready_modem()
    with connected():
        put_into_group(save_group(None, "Commerçants", None, "test", utc_now()), people[:3], "test", utc_now())
    officer = sign_in("officer")
    assert "Commerçants" in words(officer.get(f"{where}/new"))
    draft = {"text": "Vol en cours rue Haute à Limal. Appelez le 101.", "audience": "some", "nonce": "n" * 24}
    draft |= {"group": "Commerçants", "neighbourhood": "Limal", "when": "now"}
    assert "3 personnes" in words(officer.post(f"{where}/measure", draft))
    page = officer.post(f"{where}/confirm", draft)
    assert "groupe Commerçants" in words(page)
    assert 'name="group" value="Commerçants"' in page.text
    sent = officer.post(f"{where}/send", draft | {"typed": "3" if where == "/alerts" else "EXERCICE", "guarded": "yes"})
    assert sent.status_code == 303, words(sent)
    with connected():
        numbers = [msisdn for (msisdn,) in tuples(Message.select(Message.msisdn).order_by(Message.id))]
    assert sorted(numbers) == [mobile(1), mobile(3), mobile(4)]
    assert "groupe Commerçants" in words(officer.get(sent.headers["Location"]))
