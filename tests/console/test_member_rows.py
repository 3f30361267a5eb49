"""A row of the table of members, changed where it stands: the same checks, the journal, and an undo."""

import re

import pytest

from db.engine.clock import utc_now
from db.engine.connection import connected
from db.inbound.replies.leaving import apply_stop
from db.journal.audit import entries
from db.models.people import MembersAct
from db.people.members.listing import member, neighbourhoods
from tests.console.conftest import words
from tests.support.people import mobile, person, place


@pytest.fixture
def anne(admin):
    with connected():
        place("Rotheux", utc_now())
        return person(1, utc_now(), email="anne@example.org", street="Rue Haute", landline="04 372 11 77")


def card(member_id):
    with connected():
        return member(member_id)


def typed(member_id, **changes):
    """The fields of the row's form as it is shown."""
    now = card(member_id)
    shown = " ".join(each.channel for each in now.consents if each.given) or "nothing"
    whole = {"last_name": now.last_name, "first_name": now.first_name, "mobile": now.mobile, "email": now.email or ""}
    whole |= {"language": now.language, "neighbourhood_id": now.neighbourhood_id, "sms": "yes", "shown": shown}
    return whole | changes


def test_without_scripts_the_row_leads_to_the_member_s_page(admin, anne):
    page = admin.get("/members").text
    link = re.search(r'<a class="plp-quiet" href="([^"]+)" hx-get="([^"]+)"', page)
    assert link.groups() == (f"/members/{anne}", f"/members/{anne}/row?edit=yes")
    form = admin.get(link[2]).text
    assert re.findall(r'form="row-\d+" name="(\w+)"', form) == [
        "last_name", "first_name", "language", "mobile", "email", "mail_group", "neighbourhood_id", "sms"
    ]  # fmt: skip
    assert "<html" not in form


def test_each_field_is_changed_and_the_rest_stays(admin, anne):
    with connected():
        rotheux = next(each.id for each in neighbourhoods() if each.name == "Rotheux")
    changes = {"last_name": "Neuve", "mobile": "0470 00 00 99", "neighbourhood_id": rotheux, "language": "de"}
    answer = admin.post(f"/members/{anne}/row", typed(anne, **changes, mail_group="yes"))
    assert "Neuve Prénom1" in words(answer)
    assert "enregistré" in words(answer)
    after = card(anne)
    assert (after.last_name, after.mobile, after.neighbourhood) == ("Neuve", "+32470000099", "Rotheux")
    assert (after.language, after.sms, after.mail_group) == ("de", True, True)
    assert (after.street, after.landline, after.email) == ("Rue Haute", "+3243721177", "anne@example.org")
    with connected():
        entry = next(each for each in entries() if each.action == "member_changed")
    assert "470000099" not in str(entry)
    assert "table" in str(entry)


def test_a_change_is_taken_back(admin, anne):
    saved = admin.post(f"/members/{anne}/row", typed(anne, language="nl", sms=""))
    assert card(anne).state == "opted_out"
    (undo,) = re.findall(r'action="(/members/acts/\d+/undo)"', saved.text)
    assert "1 membres rétablis" in words(admin.follow(admin.post(undo)))
    assert (card(anne).language, card(anne).state) == ("fr", "active")


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"mobile": "04 372 11 77"}, "GSM"),
        ({"email": "<script>"}, "adresse e-mail"),
        ({"last_name": "", "first_name": ""}, "Il manque le nom"),
        ({"neighbourhood_id": "99999"}, "Choisissez un quartier"),
    ],
)
def test_what_cannot_be_taken_is_said_in_the_row_and_nothing_is_kept(admin, anne, changes, sentence):
    answer = admin.post(f"/members/{anne}/row", typed(anne, language="de", **changes))
    assert answer.status_code == 400
    assert sentence in words(answer)
    assert "<script>" not in answer.text
    assert 'value="de" selected' in answer.text
    assert card(anne).language == "fr"
    with connected():
        assert MembersAct.select().count() == 0


def test_a_shared_number_is_asked_about(admin, anne):
    with connected():
        other = person(2, utc_now())
    form = typed(other, mobile=mobile(1))
    refused = admin.post(f"/members/{other}/row", form)
    assert 'name="number_shared"' in refused.text
    assert admin.post(f"/members/{other}/row", form | {"number_shared": "yes"}).status_code == 200
    assert card(other).mobile == mobile(1)


def test_a_stop_that_comes_meanwhile_is_not_undone(admin, anne):
    form = typed(anne, last_name="Neuve")
    with connected():
        apply_stop(mobile(1), utc_now(), utc_now(), utc_now())
    assert admin.post(f"/members/{anne}/row", form).status_code == 409
    assert (card(anne).state, card(anne).last_name) == ("opted_out", "Nom001")
