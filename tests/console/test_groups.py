"""A neighbourhood's Google Group: who is in its list, who may take it, and who stands in for the coordinator."""

import csv
import io
from pathlib import Path

import pytest

from console.people.groups import COLUMNS
from db.engine.clock import utc_now
from db.engine.connection import connected
from db.journal.audit import entries
from tests.console.conftest import words
from tests.support.people import person, place


@pytest.fixture
def here(app):
    now = utc_now()
    with connected():
        person(1, now, "Plainevaux", email="a@example.org", mail_group=True)
        person(2, now, "Plainevaux", email="b@example.org", mail_group=True)
        person(3, now, "Plainevaux", email="non@example.org")
        return place("Plainevaux", now)


def test_addresses_to_paste_and_the_journal_knows(admin, here):
    page = admin.get(f"/groups/{here}")
    assert "2 adresses" in words(page)
    assert "1 autre adresse, sans consentement." in words(page)
    assert "a@example.org" not in page.text
    taken = admin.post(f"/groups/{here}/addresses")
    assert "a@example.org\nb@example.org" in taken.text
    assert "a@example.org, b@example.org" in taken.text
    assert "non@example.org" not in taken.text
    with connected():
        (entry,) = [entry for entry in entries() if entry.action == "group_exported"]
    assert (entry.actor, entry.subject, entry.detail) == ("Test admin", str(here), {"addresses": 2})


def test_the_file_has_google_s_columns(admin, here):
    assert "adresse du groupe" in words(admin.post(f"/groups/{here}/members.csv"))
    admin.post(f"/groups/{here}", {"deputy": "", "group_address": "plp@googlegroups.com"})
    answer = admin.post(f"/groups/{here}/members.csv")
    rows = list(csv.reader(io.StringIO(answer.text)))
    assert rows[0] == ["Group Email [Required]", "Member Email", "Member Type", "Member Role"]
    assert rows[1:] == [
        ["plp@googlegroups.com", "a@example.org", "USER", "MEMBER"],
        ["plp@googlegroups.com", "b@example.org", "USER", "MEMBER"],
    ]
    guide = (Path(__file__).parents[2] / "docs" / "mail.md").read_text(encoding="utf-8")
    assert ",".join(COLUMNS) in guide


def test_the_deputy_is_chosen_where_the_neighbourhood_is(admin, here):
    assert f'href="/groups/{here}"' in admin.get(f"/neighbourhoods/{here}").text
    with connected():
        deputy = person(4, utc_now(), "Plainevaux", email="d@example.org")
        elsewhere = person(5, utc_now(), "Rotheux", email="e@example.org")
    assert "Modifications enregistrées" in words(admin.follow(admin.post(f"/groups/{here}", {"deputy": str(deputy)})))
    assert f'<option value="{deputy}" selected>' in admin.get(f"/groups/{here}").text
    answer = admin.post(f"/groups/{here}", {"deputy": str(elsewhere), "group_address": ""})
    assert answer.status_code == 400
    assert "Choisissez un membre de ce quartier" in words(answer)
    answer = admin.post(f"/groups/{here}", {"deputy": "", "group_address": "<b>"})
    assert "n'est pas une adresse" in words(answer)


def test_an_officer_takes_the_list_and_changes_nothing(sign_in, here):
    officer = sign_in("officer")
    assert "Adresses e-mail à coller" in words(officer.get(f"/groups/{here}"))
    assert "group_address" not in officer.get(f"/groups/{here}").text
    assert officer.post(f"/groups/{here}", {"deputy": ""}).status_code == 403
    assert officer.post(f"/groups/{here}/addresses").status_code == 200
    assert officer.get(f"/groups/{here}/addresses").status_code == 405
    assert officer.get("/groups/999").status_code == 404
