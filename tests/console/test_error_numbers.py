"""Figures for this machine alone, and errors that bear a number which the log has, and nobody's name."""

import re

import pytest

from db.engine.connection import connected
from plp.services.accounts.links import add_token
from tests.console.conftest import words
from tests.support.people import mobile

SECRET = f"{mobile(7)} Jeanne Dupont, rue de la Station"


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Real-IP": "192.0.2.7"},
        {"x-forwarded-host": "plp.example.be"},
        {"X-Forwarded-Proto": "https"},
        {"Via": "1.1 proxy"},
        {"Forwarded": "for=192.0.2.7"},
        {"CF-Connecting-IP": "192.0.2.7"},
        {"Host": "plp.example.be"},
        {"Host": "127.0.0.1.example.be:8080"},
    ],
)
def test_figures_behind_a_proxy_want_a_token(app, now, headers):
    client = app.test_client()
    assert client.get("/metrics", headers=headers).status_code == 401
    with connected():
        token = add_token("grafana", "technician", "test", now)
    assert client.get("/metrics", headers={**headers, "Authorization": f"Bearer {token}"}).status_code == 200


def test_figures_through_an_nginx_that_adds_no_header_want_a_token(app):
    client = app.test_client()
    assert client.get("/metrics", environ_overrides={"SERVER_PROTOCOL": "HTTP/1.0"}).status_code == 401


@pytest.mark.parametrize("host", ["localhost", "localhost:8080", "127.0.0.1:8080", "[::1]:8080"])
def test_figures_on_this_machine_want_none(app, host):
    assert app.test_client().get("/metrics", headers={"Host": host}).status_code == 200


def fails(*_args, **_kwargs):
    try:
        raise KeyError(SECRET)
    except KeyError as error:
        raise ValueError(f"cannot read {SECRET}") from error


def test_an_error_page_bears_a_number_that_the_log_has(app, admin, caplog, monkeypatch):
    monkeypatch.setattr("console.admin.journal.journal_page", fails)
    answers = [admin.get("/journal") for _ in range(2)]
    numbers = [re.search(r"Code d'assistance : 500-([0-9a-f]{8})", words(answer))[1] for answer in answers]
    assert numbers[0] != numbers[1]
    for number in numbers:
        assert f"number {number}: journal.journal" in caplog.text
    assert "ValueError" in caplog.text
    assert "KeyError" in caplog.text
    assert "in fails" in caplog.text  # where to look
    assert_nobody(caplog, *answers)


def test_an_error_of_the_api_too(app, caplog, monkeypatch):
    monkeypatch.setattr("console.api.routes.readiness", fails)
    answer = app.test_client().get("/readyz")
    assert answer.status_code == 500
    number = re.search(r"sous le numéro ([0-9a-f]{8})\.", answer.json["error"])[1]
    assert f"number {number}: api.readyz" in caplog.text
    assert_nobody(caplog, answer)


def test_a_mistake_of_the_visitor_has_no_number(admin):
    assert "Code d'assistance : 404 " in words(admin.get("/nulle-part")) + " "


def assert_nobody(caplog, *answers):
    said = caplog.text + "".join(answer.text for answer in answers)
    for part in ("Dupont", "Station", mobile(7)):
        assert part not in said
