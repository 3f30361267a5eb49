"""Members for programs: what a scope opens, what a page would refuse, and what nobody may read."""

import pytest

from db.engine.clock import utc_now
from db.engine.connection import connected
from db.journal import audit
from db.models.people import Consent, Forgotten, Member
from plp.services.forgetting import forget_member
from plp.services.people.care import restrict_member
from tests.console.alerts import scene
from tests.console.api.document import told
from tests.console.api.scene import program
from tests.support.people import mobile

ALL = "/api/v1/members"
ONE = f"{ALL}/{{member_id}}"
SCOPES = ("members:read", "members:write", "members:erase")
NEW = {"first_name": "Ada", "last_name": "Lamy", "mobile": "0470 00 00 42", "neighbourhood": scene.NEAR}


@pytest.fixture
def keeper(client, app):
    scene.people()
    return program(client, "admin", scopes=SCOPES)


def names(answer):
    return [member["last_name"] for member in answer.json["members"]]


def test_the_list_in_pages_is_whole_and_the_journal_has_who_read_it(keeper):
    first = keeper.get(f"{ALL}?limit=4")
    assert told(ALL, "get", first)
    rest = keeper.get(f"{ALL}?limit=4&after={first.json['next']}")
    assert (len(names(first)), len(names(rest)), rest.json["next"]) == (4, 2, None)
    assert len(set(names(first) + names(rest))) == 6
    with connected():
        read = list(audit.since(utc_now().replace(year=2000), ["members_exported"]))
    assert [(entry.actor, entry.detail["members"]) for entry in read] == [("API programme", 6)]


def test_a_member_is_added_shown_changed_and_erased(keeper):
    added = keeper.post(ALL, NEW)
    assert (added.status_code, added.json["mobile"], added.json["sms"]) == (201, "+32470000042", True)
    assert told(ALL, "post", added)
    path = added.location
    changed = keeper.patch(path, {"email": "Ada@example.org", "sms": False})
    assert (changed.status_code, changed.json["email"], changed.json["state"]) == (200, "ada@example.org", "opted_out")
    assert changed.json["last_name"] == "Lamy"
    assert told(ONE, "patch", changed)
    assert keeper.get(path).json == changed.json
    with connected():
        how = {row.how for row in Consent.select().where(Consent.member == added.json["id"])}
    assert how == {"api"}
    gone = keeper.delete(f"{path}?requester=person")
    assert (gone.status_code, gone.data) == (204, b"")
    assert keeper.get(path).status_code == keeper.delete(path).status_code == 404


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"mobile": "04 330 40 00"}, "mobile"),
        ({"email": "=cmd()"}, "email"),
        ({"language": "xx"}, "language"),
        ({"role": "king"}, "role"),
        ({"neighbourhood": "Ailleurs"}, "neighbourhood"),
        ({"first_name": "", "last_name": ""}, "last_name"),
        ({"id": 7}, "id"),
        ({"last_name": "x" * 101}, "last_name"),
    ],
)
def test_a_field_that_a_form_would_refuse_is_refused_by_name(keeper, change, field):
    for answer in (keeper.post(ALL, NEW | change), keeper.patch(f"{ALL}/1", change)):
        assert (answer.status_code, answer.json["code"], answer.json["field"]) == (400, "field", field)


def test_a_number_that_somebody_has_is_refused_without_telling_whose(keeper):
    answer = keeper.post(ALL, NEW | {"mobile": mobile(1)})
    assert (answer.status_code, answer.json["code"], answer.json["field"]) == (409, "number_taken", "mobile")
    assert "Prénom1" not in answer.text
    assert "Nom001" not in answer.text
    assert keeper.post(ALL, NEW | {"mobile": mobile(1), "number_shared": True}).status_code == 201


def test_a_refusal_repeats_no_number_and_no_address(keeper):
    for change, said in (({"mobile": "0470 00 00 4"}, "0470"), ({"email": "ada at example.org"}, "ada")):
        answer = keeper.post(ALL, NEW | change)
        assert (answer.status_code, answer.json["field"]) == (400, next(iter(change)))
        assert said + " " not in answer.text
        assert "00 00" not in answer.text


def test_a_program_brings_nobody_back_who_was_forgotten(keeper):
    with connected():
        forget_member(1, "test", utc_now())
    refused = keeper.post(ALL, NEW | {"mobile": mobile(0)})
    assert (refused.status_code, "supprimée" in refused.json["error"]) == (400, True)
    with connected():
        assert Forgotten.select().exists()


def test_whose_data_are_kept_and_not_used_are_not_there(keeper):
    with connected():
        restrict_member(1, "test", utc_now())
    assert "Nom000" not in keeper.get(ALL).text
    assert keeper.get(f"{ALL}/1").status_code == keeper.patch(f"{ALL}/1", {"sms": True}).status_code == 404
    with connected():
        assert not Consent.select().where(Consent.member == 1, Consent.given).exists()


def test_a_stop_that_comes_meanwhile_is_not_written_over(keeper, monkeypatch):
    from console.api import members

    def stopped(*args, **kwargs):
        Consent.update(given=False).where(Consent.member == 1, Consent.channel == "sms").execute()
        return save(*args, **kwargs)

    save = members.save_member
    monkeypatch.setattr(members, "save_member", stopped)
    answer = keeper.patch(f"{ALL}/1", {"street": "Rue Haute"})
    assert (answer.status_code, answer.json["code"]) == (409, "overtaken")
    with connected():
        assert Member.get_by_id(1).street == ""


@pytest.mark.parametrize("scope", SCOPES)
def test_a_scope_opens_its_own_and_nothing_else(keeper, scope):
    other = program(keeper.client, "admin", scope, [scope])
    asked = {
        "members:read": other.get(f"{ALL}/1"),
        "members:write": other.patch(f"{ALL}/1", {"street": "Rue Haute"}),
        "members:erase": other.delete(f"{ALL}/1"),
    }
    assert {name: answer.status_code for name, answer in asked.items() if answer.status_code < 400}.keys() == {scope}
    assert all(answer.json["code"] == "scope" for name, answer in asked.items() if name != scope)
