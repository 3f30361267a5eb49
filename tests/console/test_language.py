"""Which language the console speaks, the switch in its header, and French sentences from elsewhere in that language."""

from datetime import UTC, datetime

import pytest
from flask_babel import force_locale, ngettext

from console.i18n.labels import day, moment
from console.i18n.translate import reworded, said
from db.engine.connection import connected
from plp.services.accounts.rights import set_language
from rules.refusals import Refusal
from rules.sentences import coded
from tests.console.conftest import Browser, words

PROOF = {"fr": "Mot de passe", "nl": "Wachtwoord", "de": "Passwort", "en": "Password"}


def language_of(answer):
    return answer.text.split('<html lang="')[1][:2]


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "fr"),
        ("de-BE,de;q=0.9,en;q=0.5", "de"),
        ("nl", "nl"),
        ("es,en;q=0.8", "en"),
        ("es", "fr"),
        ("\u00e9;q=x,,", "fr"),
    ],
)
def test_a_stranger_is_spoken_to_as_their_browser_asks(stranger, header, language):
    page = stranger.get("/login", headers={"Accept-Language": header})
    assert language_of(page) == language
    assert PROOF[language] in words(page)


def test_the_switch_stays_on_the_page_and_lasts(stranger):
    answer = stranger.post("/language", {"language": "de", "next": "/login?next=/members"})
    assert answer.location == "/login?next=/members"
    assert language_of(stranger.get("/login", headers={"Accept-Language": "nl"})) == "de"
    assert 'aria-current="true">Deutsch' in stranger.get("/login").text


@pytest.mark.parametrize("elsewhere", ["https://example.org/", "//example.org", "/\\example.org", ""])
def test_the_switch_leads_nowhere_else(stranger, elsewhere):
    assert stranger.post("/language", {"language": "nl", "next": elsewhere}).location == "/"


def test_only_the_four_languages_are_taken(stranger):
    assert stranger.post("/language", {"language": "es"}).status_code == 400
    assert stranger.post("/language", {}).status_code == 400


def test_an_account_keeps_its_language_on_every_machine(app, sign_in):
    officer = sign_in("officer")
    officer.post("/language", {"language": "nl", "next": "/"})
    elsewhere = sign_in("officer")
    assert language_of(elsewhere.get("/", headers={"Accept-Language": "de"})) == "nl"


def test_a_signed_in_page_asks_the_account_and_not_the_browser(officer_in_german):
    assert language_of(officer_in_german.get("/", headers={"Accept-Language": "en"})) == "de"


@pytest.fixture
def officer_in_german(app, sign_in) -> Browser:
    officer = sign_in("officer")
    officer.post("/language", {"language": "de"})
    return officer


def test_programs_always_get_french(client):
    answer = client.get("/api/v1/modems", headers={"Accept-Language": "de"})
    assert answer.status_code == 401
    assert "jeton" in answer.get_data(as_text=True)


def test_an_unknown_language_of_an_account_is_french(app, sign_in):
    officer = sign_in("officer")
    with connected():
        set_language(1, "tlh")
    assert language_of(officer.get("/")) == "fr"


def test_nought_is_singular_in_french(app):
    with app.test_request_context():
        assert [ngettext("%(num)s SMS lu", "%(num)s SMS lus", n) for n in (0, 1, 2)] == [
            "0 SMS lu",
            "1 SMS lu",
            "2 SMS lus",
        ]


def test_what_a_fresh_database_starts_with_is_read_in_the_language_of_who_reads(app):
    with app.test_request_context():
        assert reworded("Cambriolage en cours") == "Cambriolage en cours"
        with force_locale("de"):
            assert "inbruch" in reworded("Cambriolage en cours")
            assert [reworded(words) for words in ("Fuite chez nous {x}", "")] == ["Fuite chez nous {x}", ""]


def test_a_refusal_is_said_with_its_values_whatever_they_look_like(app):
    refusal = Refusal("Le quartier « {name} » existe déjà.", name="{name} %(x)s <b>")
    with app.test_request_context():
        assert said(refusal) == str(refusal)
        with force_locale("nl"):
            assert "{name} %(x)s <b>" in said(refusal)
            assert said(refusal) != str(refusal)


def test_a_refusal_s_value_that_is_a_sentence_is_said_too(app):
    refusal = Refusal("Aucun envoi : {why}", why=coded("not_ready_no_modem"))
    with app.test_request_context(), force_locale("en"):
        assert "modem" in said(refusal)
        assert "aucun" not in said(refusal)


def test_german_writes_the_number_of_a_day_as_an_ordinal(app):
    at = datetime(2026, 11, 25, 13, 2, tzinfo=UTC)
    for language, written, short in (
        ("de", "25. November 2026", "25. Nov. 2026, 14:02"),
        ("nl", "25 november 2026", "25 nov 2026, 14:02"),
    ):
        with app.test_request_context(), force_locale(language):
            assert (day(at), moment(at)) == (written, short)
