"""A foreign page or link led away after signing in, planted a draft, or filled in a form of ours."""

import pytest

from tests.console.alerts.scene import draft
from tests.console.conftest import PASSWORD, words

FOREIGN = [
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Sec-Fetch-Site": "cross-site"},
    # another port of this machine
    {"Sec-Fetch-Site": "same-site", "Origin": "http://localhost:8000"},
]


@pytest.mark.parametrize(
    "asked",
    [
        "////evil.example",
        "///evil.example",
        "//evil.example",
        "/\\evil.example",
        "\\/evil.example",
        "https:evil.example",
        "https:/evil.example",
        "/\t/evil.example",
        "/\n/evil.example",
        " //evil.example",
        "evil.example",
    ],
)
def test_signing_in_leads_nowhere_else(stranger, admin, asked):
    for path, form, where in (
        ("/login", {"name": "Test admin", "password": PASSWORD}, {"next": asked}),
        ("/language", {"language": "nl", "next": asked}, None),
    ):
        assert stranger.post(path, form, page="/login", query_string=where).location == "/"
        stranger.post("/logout", page="/account") if path == "/login" else None


@pytest.mark.parametrize("headers", FOREIGN)
@pytest.mark.parametrize("signed_in", [False, True])
def test_a_foreign_page_plants_no_draft(sign_in, stranger, headers, signed_in):
    browser = sign_in("officer") if signed_in else stranger
    planted = draft(text="Évacuez la rue de la Station")
    page = browser.client.post("/alerts/new", data=planted, headers=headers)
    assert page.status_code in (400, 401)
    assert "Station" not in page.text


@pytest.mark.parametrize("headers", FOREIGN)
def test_nor_through_the_sign_in_page(stranger, headers):
    form = {"name": "x", "password": "y", "kept_path": "/alerts/new", "kept.text": "Évacuez la rue de la Station"}
    page = stranger.client.post("/login", data=form, headers=headers)
    assert page.status_code == 400
    assert "Station" not in page.text


@pytest.mark.parametrize(
    "headers", [{}, {"Origin": "http://localhost"}, {"Sec-Fetch-Site": "same-origin", "Origin": "http://localhost"}]
)
def test_a_page_of_ours_keeps_it(stranger, headers):
    page = stranger.client.post("/alerts/new", data=draft(), headers=headers)
    assert "Votre texte est conservé : vous le retrouverez après connexion" in words(page)


def test_a_link_fills_in_no_field_of_a_form(admin):
    # The page that a link opened posts its form to the same address, with all that stands in it.
    address = "/directory/add?service=Urgences&contact=0900+12+345"
    admin.post(address, {"service": "Police Secours bis", "contact": "101"}, page=address)
    page = words(admin.get("/directory"))
    assert "Police Secours bis" in page
    assert "0900" not in page
