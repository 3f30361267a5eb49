"""In the console: a second admin for the rules, refused pages in the journal, accounts from start to end."""

import re

from db.engine.clock import utc_now
from db.engine.connection import connected
from db.journal.audit import newest
from db.models.accounts import Account, AccountRole
from db.people.accounts.accounts import accounts
from db.people.zone import policy
from plp.services.accounts.links import add_token
from plp.services.accounts.rights import account_card, add_account
from rules.people import SETTLED_AFTER
from tests.console.conftest import PASSWORD, words
from tests.support.accounts import long_known

SEEN = re.compile(r'name="seen" value="([0-9a-f]+)"')
RULES = {"approval": "none", "mail_always": "yes"}


def card_of(name):
    with connected():
        return account_card(name)


def last(action):
    with connected():
        return newest(action)


def test_the_rules_page_asks_a_second_admin(sign_in):
    ada, eve = sign_in("admin"), sign_in("admin", "technician")
    assert "Validation demandée : un autre administrateur doit valider la modification" in words(
        ada.follow(ada.post("/settings/policy", RULES))
    )
    with connected():
        assert policy().approval == "typed"
    assert "Vous êtes l'auteur de la demande : un collègue doit la valider avec son propre compte" in words(
        ada.get("/settings")
    )
    assert ada.post("/settings/policy/second", {"do": "agree"}).status_code == 409
    todo = "Règles de la zone : validation demandée par Test admin"
    assert (todo in words(ada.get("/")), todo in words(eve.get("/"))) == (False, True)
    seen = words(eve.get("/settings"))
    assert "Demandée par Test admin" in seen
    assert "E-mail avec chaque alerte, en plus du SMS : oui" in seen
    eve.post("/settings/policy/second", {"do": "agree"})
    with connected():
        assert (policy().approval, policy().mail_always) == ("none", True)
    ada.post("/settings/policy", RULES | {"approval": "typed"})
    assert "Aucune modification" in words(ada.follow(ada.post("/settings/policy/second", {"do": "drop"})))


def test_a_page_that_shows_another_change_or_account_agrees_to_nothing(sign_in):
    ada, eve = sign_in("admin"), sign_in("admin", "technician")
    ada.post("/settings/policy", {"approval": "typed", "mail_always": "yes"})
    read = SEEN.search(eve.get("/settings").text)[1]
    ada.post("/settings/policy", RULES)
    stale = eve.post("/settings/policy/second", {"do": "agree", "seen": read})
    assert (stale.status_code, "relisez avant de valider" in words(stale)) == (409, True)
    with connected():
        assert policy().approval == "typed"
        number = add_account("Jean", ["officer"], PASSWORD, "Test admin", utc_now())
    read = SEEN.search(eve.get(f"/accounts/{number}").text)[1]
    ada.post(f"/accounts/{number}/delete")
    with connected():
        number = add_account("Tim", ["officer"], PASSWORD, "Test admin", utc_now())
    assert eve.post(f"/accounts/{number}/confirm", {"seen": read}).status_code == 409
    read = SEEN.search(eve.get(f"/accounts/{number}").text)[1]
    assert eve.post(f"/accounts/{number}/confirm", {"seen": read}).status_code == 303


def test_a_refused_page_is_in_the_journal_with_who_and_from_where(sign_in):
    coordinator = sign_in("coordinator")
    assert coordinator.get("/accounts", environ_base={"REMOTE_ADDR": "192.0.2.9"}).status_code == 403
    entry = last("access_refused")
    assert (entry.actor, entry.subject, entry.detail) == (
        "Test coordinator",
        "accounts.accounts",
        {"address": "192.0.2.9"},
    )


def test_so_is_a_token_without_the_role(client, app):
    with connected():
        token = add_token("tableau", "technician", "test", utc_now())
    answer = client.post("/api/v1/broadcasts", json={}, headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 403
    entry = last("access_refused")
    assert (entry.actor, entry.subject, entry.detail) == ("API tableau", "api.order", {"address": "127.0.0.1"})


def test_a_closed_account_is_refused_at_its_next_request(sign_in, admin):
    luc = sign_in("officer")
    assert luc.get("/").status_code == 200
    number = card_of("Test officer").id
    assert "fermé ; ses sessions" in words(admin.follow(admin.post(f"/accounts/{number}/close")))
    assert luc.get("/").location.startswith("/login")
    assert "Rouvrir le compte" in words(admin.get(f"/accounts/{number}"))
    admin.post(f"/accounts/{number}/reopen")
    assert luc.get("/").location.startswith("/login")
    sign_in("officer")


def test_mobile_and_address_are_changed_afterwards_and_the_account_is_deleted(sign_in, admin):
    sign_in("officer")
    number = card_of("Test officer").id
    form = {"role": "officer", "mobile": "0470 00 00 09", "email": "luc@example.org"}
    admin.post(f"/accounts/{number}", form)
    card = card_of("Test officer")
    assert (card.mobile, card.email) == ("+32470000009", "luc@example.org")
    assert 'value="0470 00 00 09"' in admin.get(f"/accounts/{number}").text
    assert admin.post(f"/accounts/{number}", form | {"mobile": "x"}).status_code == 400
    assert "reste dans le journal" in words(admin.get(f"/accounts/{number}"))
    admin.post(f"/accounts/{number}/delete")
    with connected():
        assert [card.name for card in accounts()] == ["Test admin"]
    assert admin.post(f"/accounts/{card_of('Test admin').id}/delete").status_code == 409


def test_an_account_without_a_role_reaches_its_own_page_and_the_way_out_only(sign_in, admin):
    luc = sign_in("officer")
    admin.post(f"/accounts/{card_of('Test officer').id}", {})
    assert card_of("Test officer").roles == set()
    assert [luc.get(path).status_code for path in ("/", "/directory", "/account")] == [403, 403, 200]
    assert luc.post("/logout").status_code == 302


def test_a_second_admin_confirms_a_password_set_by_anothers_link(sign_in, admin):
    sign_in("officer")
    number = card_of("Test officer").id
    shown = admin.post(f"/accounts/{number}/link").text
    link = shown[shown.index("/setup/") :].split("<")[0].strip()
    browser = sign_in("coordinator")
    password = {"password": "encore quatre mots à retenir", "password_again": "encore quatre mots à retenir"}
    assert browser.post(link, password, page=link).status_code == 302
    assert card_of("Test officer").password_by == "Test admin"
    assert admin.post(f"/accounts/{number}/confirm").status_code == 409
    assert f'action="/accounts/{number}/confirm"' not in admin.get(f"/accounts/{number}").text
    eve = sign_in("admin", "technician")
    with connected():  # the roles of both are old: whoever gave them stands behind neither
        AccountRole.update(given_at=utc_now() - SETTLED_AFTER).execute()
    assert "lien créé par Test admin" in words(eve.get(f"/accounts/{number}"))
    eve.post(f"/accounts/{number}/confirm")
    assert card_of("Test officer").approves_from_at is None


def test_tokens_are_listed_with_their_end_and_revoked(admin, client):
    with connected():
        token = add_token("centrale", "officer", "test", utc_now())
    auth = {"Authorization": f"Bearer {token}"}
    assert "jamais" in words(admin.get("/tokens"))
    assert client.get("/api/v1/modems", headers=auth).status_code == 200
    assert "jamais" not in words(admin.get("/tokens"))
    assert "Jeton révoqué : le programme n'a plus accès" in words(admin.follow(admin.post("/tokens/1/revoke")))
    assert client.get("/api/v1/modems", headers=auth).status_code == 401
    assert admin.post("/tokens/999999/revoke").status_code == 404


def test_every_admin_reads_on_the_first_page_whose_role_of_officer_waits(sign_in):
    ada, eve = sign_in("admin"), sign_in("admin", "technician")
    made = {"name": "Tim", "role": ["technician"]}
    assert ada.post("/accounts/add", made).status_code == 200
    ada.post(f"/accounts/{card_of('Tim').id}", {"role": ["technician", "officer"]})
    todo = "Rôle de policier à confirmer : Tim, donné par Test admin"
    assert all(todo in words(browser.get("/")) for browser in (ada, eve))
    page = f"/accounts/{card_of('Tim').id}"
    assert "Vous êtes l'auteur" in words(ada.get(page))
    eve.post(f"{page}/confirm")
    assert "officer" in card_of("Tim").roles
    assert todo not in words(ada.get("/"))


def test_an_admin_who_did_not_make_the_account_is_asked_to_confirm_it(sign_in):
    ada, eve = sign_in("admin"), sign_in("admin", "technician")
    with connected():
        made_by_ada = {"maker": "Test admin"}
        add_account("Tim", ["officer"], PASSWORD, "test", utc_now())
        long_known()
        Account.update(made_by_ada).where(Account.name == "Tim").execute()
    todo = "Compte à confirmer : Tim, ouvert par Test admin"
    assert (todo in words(ada.get("/")), todo in words(eve.get("/"))) == (False, True)
    page = f"/accounts/{card_of('Tim').id}"
    assert "Confirmer ce compte" in words(eve.get(page))
    eve.post(f"{page}/confirm")
    assert todo not in words(eve.get("/"))
