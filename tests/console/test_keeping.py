"""An ended session: the draft goes through the sign-in page and comes back, and nothing goes out by the way."""

import html
import re

import pytest

from tests.console.alerts.scene import FAR, TEXT, broadcasts, draft, people, send
from tests.console.conftest import PASSWORD, words

HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)">')
WRITTEN = {
    "text_nl": "Diefstal «x» & 'y'",
    "audience": "some",
    "neighbourhood": [FAR],
    "when": "earlier",
    "late_because": "vu tard",
}


@pytest.fixture
def officer(sign_in, ready_modem):
    ready_modem()
    people()
    return sign_in("officer")


def hidden(page):
    """The hidden fields of the page's main form, as a browser sends them."""
    form = page.text.split("<main")[1].split("<form")[1]
    fields = {}
    for name, value in HIDDEN.findall(form):
        fields.setdefault(html.unescape(name), []).append(html.unescape(value))
    return fields


def sign_in_again(stranger, page, password=PASSWORD):
    return stranger.client.post("/login", data={**hidden(page), "name": "Test officer", "password": password})


@pytest.mark.parametrize("path", ["/alerts/new", "/alerts/confirm", "/alerts/send", "/alerts/try"])
def test_a_draft_comes_back_after_signing_in(officer, stranger, path):
    ended = stranger.client.post(path, data=draft(**WRITTEN, typed="2"))
    assert ended.status_code in (400, 401)
    assert "Votre texte est conservé : vous le retrouverez après connexion" in words(ended)
    resumed = sign_in_again(stranger, ended)
    assert resumed.status_code == 200
    assert "Aucun SMS ni e-mail n'a été envoyé." in words(resumed)
    back = stranger.client.post("/alerts/new", data=hidden(resumed))
    assert back.status_code == 200
    assert f">\n{TEXT}</textarea>" in back.text
    assert html.escape(WRITTEN["text_nl"], quote=False) in back.text.replace("&#39;", "'")
    assert f'value="{html.escape(FAR)}"'.replace("&#x27;", "&#39;") in back.text
    assert "vu tard" in back.text
    assert broadcasts() == 0


def test_a_wrong_password_does_not_lose_it(officer, stranger):
    ended = stranger.client.post("/alerts/send", data=draft(**WRITTEN))
    again = sign_in_again(stranger, ended, "pas le bon du tout")
    assert again.status_code == 401
    assert TEXT in html.unescape(again.text)
    resumed = sign_in_again(stranger, again)
    assert TEXT in html.unescape(resumed.text)


def test_somebody_else_s_sign_in_in_another_tab_keeps_the_draft_too(officer):
    old = officer.token()
    officer.client.post("/logout", data={"csrf_token": old})
    officer.post("/login", {"name": "Test officer", "password": PASSWORD}, page="/login")
    page = officer.client.post("/alerts/send", data={**draft(typed="5"), "csrf_token": old})
    assert page.status_code == 400
    assert "Reprendre le texte" in words(page)
    assert broadcasts() == 0


def test_a_new_password_elsewhere_ends_the_session_and_not_the_draft(officer):
    token = officer.token()
    with officer.client.session_transaction() as session:
        session["_user_id"] = "1.another-key"
    page = officer.client.post("/alerts/send", data={**draft(typed="5"), "csrf_token": token})
    assert page.status_code == 401
    assert "Votre texte est conservé : vous le retrouverez après connexion" in words(page)
    assert broadcasts() == 0


def test_a_correction_comes_back_as_a_page_and_is_not_sent(officer, stranger):
    number = int(send(officer).location.rsplit("/", 1)[1])
    form = {"text": "CORRECTION. Rien.", "kind": "correction", "nonce": "a-nonce-of-a-correction"}
    ended = stranger.client.post(f"/alerts/{number}/follow-up", data=form)
    resumed = sign_in_again(stranger, ended)
    fields = hidden(resumed)
    assert fields["do"] == ["count"]
    assert f'action="/alerts/{number}/follow-up"' in resumed.text
    back = stranger.client.post(f"/alerts/{number}/follow-up", data=fields)
    assert back.status_code == 200
    assert "CORRECTION. Rien." in back.text
    assert broadcasts() == 1


def test_what_is_no_draft_is_shown_to_be_copied(officer, stranger):
    ended = stranger.client.post(
        "/members/add", data={"first_name": "Un prénom bien long", "password": "secret-secret"}
    )
    assert "Copiez le texte ci-dessous, reconnectez-vous, puis recommencez" in words(ended)
    assert "secret-secret" not in ended.text


@pytest.mark.parametrize(
    "path", ["/accounts/add", "https://example.org/", "//example.org", "/alerts/1/cancel", "", "/alerts/send"]
)
def test_the_door_carries_nothing_to_where_no_draft_may_go(officer, stranger, path):
    token = stranger.token("/login")
    form = {"csrf_token": token, "name": "Test officer", "password": PASSWORD, "kept_path": path, "kept.text": "x"}
    answer = stranger.client.post("/login", data=form)
    assert answer.status_code == 302
