"""What protects every page: headers, tokens, the key, and error pages that tell and keep."""

import re
import stat
from dataclasses import replace
from functools import wraps
from pathlib import Path

import pytest

import console
from console.web.app import create_app
from db.engine.connection import connected
from db.engine.files import SECRET_KEY
from db.models.zone import Zone
from plp.serving import secret_key
from rules.refusals import Refusal
from tests.console.alerts.scene import people
from tests.console.conftest import words

TEMPLATES = Path(console.__file__).parent / "templates"
BAND = "Démonstration : aucun SMS n'est réellement envoyé."


@pytest.mark.parametrize("path", ["/login", "/nothing", "/members", "/static/plp.css"])
def test_every_answer_carries_the_headers(stranger, path):
    answer = stranger.get(path)
    answer.close()
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert ("no-store" in answer.headers["Cache-Control"]) == (not path.startswith("/static"))


def test_the_cookie_is_for_this_browser_only(stranger):
    cookie = stranger.get("/login").headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Expires" not in cookie
    assert "Secure" not in cookie


@pytest.mark.slow
def test_under_tls_the_cookie_never_travels_in_the_clear(settings, app, tmp_path):
    tls = replace(settings, console=replace(settings.console, certificate=tmp_path / "c", key=tmp_path / "k"))
    answer = create_app(tls).test_client().get("/login", base_url="https://localhost")
    assert "Secure" in answer.headers["Set-Cookie"]


STOPPED = (
    *(r"\sstyle\s*=", r"<style", r"\son[a-z]+\s*=", r"hx-on", r"javascript:", r"\bjs:"),
    *(r"<script(?![^>]*\ssrc=)", r'(src|href)="(https?:)?//'),
)


def templates():
    """The text of each, by its path."""
    found = {str(path.relative_to(TEMPLATES)): path.read_text(encoding="utf-8") for path in TEMPLATES.rglob("*.html")}
    assert len(found) > 100
    return found.items()


def test_templates_hold_nothing_that_the_policy_would_stop():
    written = [(name, re.sub(r"{%.*?%}|{{.*?}}", "", text)) for name, text in templates()]
    assert [(name, what) for name, text in written for what in STOPPED if re.search(what, text)] == []
    assert [name for name, text in templates() if re.search(r"\|\s*safe\b|autoescape", text)] == []


def test_every_form_that_writes_carries_a_token():
    writing = [(name, text) for name, text in templates() if re.search(r'<form[^>]*method="post"', text)]
    assert len(writing) > 20
    assert [name for name, text in writing if "token()" not in text] == []


def test_without_a_token_nothing_is_written_and_what_was_typed_is_kept(admin):
    draft = "Vol avec violence rue de la Station <b>"
    answer = admin.client.post("/directory/add", data={"service": draft, "contact": "101", "password": "secret phrase"})
    assert answer.status_code == 400
    assert "Aucun envoi ni enregistrement n'a été effectué." in words(answer)
    assert "Vol avec violence rue de la Station &lt;b&gt;" in answer.text
    assert "secret phrase" not in answer.text
    assert "Vol avec" not in words(admin.get("/directory"))


def test_a_foreign_token_is_no_token(admin, stranger):
    answer = admin.client.post("/directory/add", data={"csrf_token": stranger.token(), "service": "x", "contact": "y"})
    assert answer.status_code == 400


def test_a_live_part_of_a_page_does_not_turn_into_the_sign_in_page(stranger):
    answer = stranger.get("/status", headers={"HX-Request": "true"})
    assert answer.status_code == 401
    assert "Votre session a expiré. Reconnectez-vous dans un nouvel onglet. Votre texte reste sur cette page" in words(
        answer
    )
    assert "<html" not in answer.text
    assert "hx-trigger" not in answer.text, "the poll must end"


@pytest.mark.parametrize(
    ("method", "path", "status", "sentence"),
    [
        ("GET", "/nothing", 404, "Page introuvable"),
        ("GET", "/members/999999", 404, "Page introuvable"),
        ("DELETE", "/members", 405, "recommencez depuis le menu"),
    ],
)
def test_errors_say_what_to_do(admin, method, path, status, sentence):
    answer = admin.client.open(path, method=method, headers={"X-CSRFToken": admin.token()})
    assert answer.status_code == status
    assert sentence in words(answer)


def test_a_file_that_is_too_big_is_refused_in_words(admin):
    answer = admin.client.post("/members/import", data=b"x" * 9_000_000, content_type="multipart/form-data; boundary=x")
    assert answer.status_code == 413
    assert "La limite est de 8 Mo. Divisez la liste en plusieurs fichiers ou réduisez la photo" in words(answer)


def test_a_form_of_too_many_fields_where_none_is_taken_gets_a_page(stranger):
    fields = dict.fromkeys(map(str, range(1500)), "")
    answer = stranger.client.post("/nothing", data=fields, content_type="multipart/form-data")
    assert (answer.status_code, answer.mimetype) == (404, "text/html")


def test_a_crash_says_so_without_a_trace(app, admin, caplog):
    with connected():
        Zone.delete().execute()
        Zone.drop_table()
    answer = admin.get("/")
    assert answer.status_code == 500
    assert "Rechargez la page. Si l'erreur persiste, prévenez le technicien. L'envoi en cours continue" in words(answer)
    assert "Traceback" not in answer.text
    assert "sqlite" not in answer.text.lower()
    assert "a request failed" in caplog.text


def test_a_refusal_that_nobody_caught_is_told_as_such(app, admin, monkeypatch):
    endpoint = next(rule.endpoint for rule in app.url_map.iter_rules() if rule.rule == "/")

    @wraps(app.view_functions[endpoint])  # with the mark of who may open it
    def refuse(**_):
        raise Refusal("La base de données est d'une version plus ancienne : lancez « plp migrate ».")

    monkeypatch.setitem(app.view_functions, endpoint, refuse)
    answer = admin.get("/")
    assert answer.status_code == 409
    assert "plp migrate" in words(answer)


@pytest.mark.slow
@pytest.mark.parametrize("path", ["/login", "/nothing", "/setup/x"])
def test_the_demonstration_says_so_everywhere(settings, app, path):
    assert BAND in words(create_app(settings, demo=True).test_client().get(path))


@pytest.mark.slow
def test_the_demonstration_says_so_even_when_nothing_works(settings, app):
    client = create_app(settings, demo=True).test_client()
    with connected():
        Zone.drop_table()
    answer = client.get("/login")
    assert answer.status_code == 500
    assert BAND in words(answer)


def test_a_simulator_in_use_says_so_without_demo(stranger, ready_modem):
    assert BAND not in words(stranger.get("/login"))
    ready_modem("a", simulated=True)
    assert BAND in words(stranger.get("/login"))
    # beside a real one, some SMS do leave: the band would be false, and the light says how many modems do nothing
    ready_modem("b")
    people()
    assert BAND not in words(stranger.get("/login"))
    assert "2 modems, dont 1 simulé" in words(stranger.get("/login"))


def test_a_live_part_that_fails_leaves_the_page_as_it_was(client):
    answer = client.get("/nowhere", headers={"HX-Request": "true"})
    assert answer.status_code == 404
    assert answer.headers["HX-Reswap"] == "none"


def test_the_key_is_made_once_and_for_this_user_only(tmp_path):
    key = secret_key(tmp_path / "new")
    assert len(key) == 64
    assert secret_key(tmp_path / "new") == key
    assert stat.S_IMODE((tmp_path / "new" / SECRET_KEY).stat().st_mode) == 0o600
    assert [path.name for path in (tmp_path / "new").rglob("*.*")] == ["secret.key"]
    assert secret_key(tmp_path / "other") != key


@pytest.mark.parametrize("damage", [b"", b"short", b"\xff\xfe" * 40])
def test_a_damaged_key_refuses_to_start(tmp_path, damage):
    (tmp_path / SECRET_KEY).parent.mkdir()
    (tmp_path / SECRET_KEY).write_bytes(damage)
    with pytest.raises(Refusal, match=r"[Ll]a clé"):
        secret_key(tmp_path)
