"""The table of members as an admin uses it: filters in the address, ticks, exports."""

import pytest

from db.engine.clock import utc_now
from db.engine.connection import connected
from db.people.members.listing import member, members
from tests.console.conftest import words
from tests.support.people import person

pytestmark = pytest.mark.usefixtures("seeded")


@pytest.fixture
def people(admin):
    with connected():
        now = utc_now()
        return [person(1, now, "Ehein"), person(2, now, "Ehein", language="nl"), person(3, now, "Rotheux")]


def test_filters_stand_in_the_address_and_on_the_page(admin, people):
    page = admin.get("/members?language=nl&order=added")
    assert "1 membre" in words(page)
    assert 'value="added" selected' in page.text
    assert "3 membres" in words(admin.get("/members?language=xx&delivery=nonsense&since=yesterday&group=99"))


def test_ticked_members_are_changed_and_those_found_too(admin, people):
    answer = admin.post("/members/together", {"member": people[:1], "change": "language:de", "search": "Nom"})
    assert "search=Nom" in answer.location
    assert "1 membre modifié." in words(admin.follow(answer))
    admin.post("/members/together", {"everyone": "yes", "change": "role:coordinator", "language": "nl"})
    with connected():
        assert [member(one).language for one in people] == ["de", "nl", "fr"]
        assert [member(one).role for one in people] == ["member", "coordinator", "member"]


@pytest.mark.parametrize(
    ("form", "told"),
    [
        ({"change": "language:de"}, "Cochez d'abord"),
        ({"member": ["1"], "change": "language:xx"}, "Choisissez d'abord"),
        ({"member": ["1"], "change": "sms:yes"}, "Choisissez d'abord"),
        ({"member": ["1"], "change": "neighbourhood:999"}, "Choisissez d'abord"),
        ({"member": ["1", "2", "3"], "change": "merge"}, "exactement deux"),
        ({"member": ["x", "²"], "change": "merge"}, "Cochez d'abord"),
    ],
)
def test_what_cannot_be_done_is_said(admin, people, form, told):
    assert told in words(admin.follow(admin.post("/members/together", form)))


def test_two_are_made_one(admin, people):
    asked = admin.post("/members/together", {"member": people[:2], "change": "merge"})
    page = words(admin.follow(asked))
    with connected():
        kept, gone = member(people[0]), member(people[1])
        assert members().total == 3
    assert f"Fiche conservée : {kept.name}, " in page
    assert f"Fiche supprimée : {gone.name}, " in page
    assert f"Fusionnés en un membre : {kept.name}." in words(admin.follow(admin.post(asked.location)))
    with connected():
        assert members().total == 2
    assert admin.get(asked.location).status_code == 404
    assert "deux membres différents" in words(admin.follow(admin.post(f"/members/merge/{people[0]}/{people[0]}")))


@pytest.mark.parametrize(("kind", "begins"), [("csv", "\ufeff".encode()), ("xlsx", b"PK")])
def test_what_is_filtered_is_exported(admin, people, kind, begins):
    answer = admin.post("/members/export", {"language": "nl", "format": kind})
    assert answer.data.startswith(begins)
    assert f"membres.{kind}" in answer.headers["Content-Disposition"]
    if kind == "csv":
        assert len(answer.data.splitlines()) == 2
