"""Hostile text in every form: never a crash, never markup, never a control character kept."""

import io

import pytest

from console.web import form_fields
from db.engine.clock import utc_now
from db.engine.connection import connected
from plp.services.people.neighbourhoods import save_neighbourhood
from tests.console.conftest import PASSWORD
from tests.console.hostile import TEXTS, check
from tests.support.sampling import sampled

FORMS = {
    "/ready-made/add": [
        "title",
        "icon",
        "kind",
        "text_fr",
        "text_nl",
        "field_name_0",
        "field_label_0",
        "field_choices_0",
    ],
    "/ready-made/1": [
        "title",
        "icon",
        "kind",
        "text_fr",
        "text_nl",
        "field_name_0",
        "field_label_0",
        "field_choices_0",
    ],
    "/ready-made/words": ["prefix_fr", "closing_fr", "prefix_nl", "closing_de"],
    "/members/add": ["first_name", "last_name", "mobile", "email", "language", "role", "neighbourhood_id"],
    "/neighbourhoods/add": ["name", "reference_address"],
    "/neighbourhoods/1": ["name", "reference_address"],
    "/directory/add": ["service", "purpose", "contact"],
    "/directory/1": ["service", "purpose", "contact"],
    "/accounts/add": ["name", "mobile", "role"],
    "/accounts/1": ["role"],
    "/account": ["password", "new_password", "new_password_again"],
    "/login": ["name", "password", "next"],
    "/settings/policy": ["approval"],
    "/settings/zone": ["name", "code", "emergency", "phone"],
    "/settings/drill-group": ["add", "remove", "search"],
}
GOOD = {
    "title": "Vol",
    "text_fr": "Vol {lieu}.",
    "field_name_0": "lieu",
    "field_label_0": "Ajoutez une rue ou un quartier : chacun saura s'il est concerné",
    "approval": "typed",
    "emergency": "101",
    "first_name": "Anne",
    "last_name": "Dumont",
    "mobile": "0470 12 34 56",
    "email": "anne@example.org",
    "language": "fr",
    "role": "member",
    "neighbourhood_id": "1",
    "name": "Plainevaux",
    "reference_address": "plp@example.org",
    "service": "Prévention",
    "purpose": "conseils",
    "contact": "04/330 04 90",
    "password": PASSWORD,
    "new_password": "un tout autre secret",
    "new_password_again": "un tout autre secret",
}
LISTS = ["/ready-made", "/members", "/neighbourhoods", "/directory", "/accounts", "/journal", "/"]


@pytest.mark.slow
@pytest.mark.parametrize("kind", sampled(TEXTS, 3))
def test_every_field_of_every_form(app, admin, kind):
    text = TEXTS[kind].encode("utf-8", "surrogatepass")
    with connected():
        save_neighbourhood(None, "Rotheux", "", "test", utc_now())
    for path, fields in FORMS.items():
        token = admin.token()
        for field in fields:
            form = {name: GOOD.get(name, "") for name in fields} | {field: text, "csrf_token": token}
            check(admin.client.post(path, data=form))
            if admin.get("/account").status_code == 302:
                pytest.fail(f"{path} {field} signed the admin out")
    for path in LISTS:
        check(admin.get(path))


@pytest.mark.slow
@pytest.mark.parametrize("kind", sampled(TEXTS, 3))
def test_every_query(admin, kind):
    text = TEXTS[kind][:5000].encode("utf-8", "surrogatepass")
    for path in ("/members", "/members/add", "/login", "/setup/x"):
        check(admin.client.get(path, query_string={"search": text, "neighbourhood": text, "page": text, "next": text}))


@pytest.mark.slow
@pytest.mark.parametrize("kind", sampled(TEXTS, 3))
def test_names_of_files(admin, kind):
    name = TEXTS[kind][:200].encode("utf-8", "replace").decode()
    content = io.BytesIO("nom,prénom,gsm,quartier\nDumont,Anne,0470123456,Rotheux\n".encode())
    answer = admin.post("/members/import", {"file": (content, name)})
    check(answer)
    if answer.status_code == 302:
        check(admin.follow(answer))


def test_what_is_cleaned():
    assert form_fields.cleaned(" a\x00\u202eb\r\n\tc ", 100) == "ab\r\n\tc"
    assert form_fields.cleaned("abcdef", 3) == "abc"


@pytest.mark.parametrize(("text", "number"), [("7", 7), ("", None), ("²", None), ("-1", None), ("1" * 30, None)])
def test_numbers_of_a_form(app, text, number):
    with app.test_request_context("/?n=" + text):
        assert form_fields.number("n") == number
