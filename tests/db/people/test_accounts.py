"""Who may sign in: links that work once, passwords, roles, tokens, and nothing of them in clear in the file."""

import pytest

from db.journal import audit
from db.models.accounts import Account
from db.people.accounts.accounts import TOLD_ROLES, accounts, admin_exists, identity, readers, unmailed
from plp.services.accounts.links import add_token, link_owner
from plp.services.accounts.rights import add_account
from plp.services.accounts.signing_in import authenticate, change_password, token_bearer
from rules.refusals import Refusal
from tests.support.accounts import issue_link, redeem_link, set_email, set_roles
from tests.support.people import later

pytestmark = pytest.mark.usefixtures("database")

PASSWORD = "correct horse battery"
OTHER = "staple gun and glue"
HERE = "192.0.2.7"


@pytest.fixture
def admin(now):
    return redeem_link(issue_link(now), "anne", PASSWORD, now)


def test_the_first_link_makes_the_first_admin(now):
    assert not admin_exists()
    token = issue_link(now)
    assert link_owner(token, now)[0] is None
    made = redeem_link(token, " anne ", PASSWORD, now)
    assert (made.name, made.roles) == ("anne", {"admin", "officer", "technician"})
    assert admin_exists()
    assert authenticate("anne", PASSWORD, HERE, now) == made
    assert identity(made.id) == made


def test_a_link_works_once(now):
    token = issue_link(now)
    redeem_link(token, "anne", PASSWORD, now)
    for use in (lambda: link_owner(token, now), lambda: redeem_link(token, "luc", PASSWORD, now)):
        with pytest.raises(Refusal, match="a déjà servi"):
            use()


def test_the_first_admin_s_link_ends_when_there_is_one(now, admin):
    token = issue_link(now)
    with pytest.raises(Refusal):
        redeem_link(token, "luc", PASSWORD, now)
    assert [card.name for card in accounts()] == ["anne"]


def test_a_refused_password_leaves_the_link_usable(now):
    token = issue_link(now)
    with pytest.raises(Refusal, match="au moins 15"):
        redeem_link(token, "anne", "short", now)
    assert accounts() == []
    assert redeem_link(token, "anne", PASSWORD, now).name == "anne"


def test_links_expire_and_newer_ones_end_older_ones(now):
    old, new = issue_link(now), issue_link(now, hours=1)
    with pytest.raises(Refusal, match="n'est pas valable"):
        link_owner(old, now)
    assert link_owner(new, later(now, 3599))
    with pytest.raises(Refusal, match="expiré"):
        link_owner(new, later(now, 3600))
    with pytest.raises(Refusal, match="expiré"):
        redeem_link(new, "anne", PASSWORD, later(now, 3600))


@pytest.mark.parametrize("token", ["", "x", "é" * 40, "' OR 1=1 --", "x" * 10_000])
def test_an_unknown_link_opens_nothing(now, token):
    issue_link(now)
    with pytest.raises(Refusal, match="n'est pas valable"):
        link_owner(token, now)


def test_an_account_s_link_sets_its_password_and_keeps_its_name_and_roles(now, admin):
    add_account("luc", ["officer"], None, "anne", now)
    assert authenticate("luc", "", HERE, now) is None
    token = issue_link(now, "luc")
    assert link_owner(token, now)[0] == "luc"
    found = redeem_link(token, "mallory", PASSWORD, now)
    assert (found.name, found.given_roles) == ("luc", {"officer"})
    with pytest.raises(Refusal, match="n'existe pas"):
        issue_link(now, "mallory")


def test_one_account_s_link_does_not_end_another_s(now, admin):
    add_account("luc", ["officer"], None, "anne", now)
    add_account("jan", ["officer"], None, "anne", now)
    first = issue_link(now, "luc")
    issue_link(now, "jan")
    assert link_owner(first, now)[0] == "luc"


@pytest.mark.parametrize(
    ("password", "words"),
    [
        ("", "au moins 15"),
        (
            "anne anne anne anne",
            "Mot de passe trop facile à deviner : courant, répétitif, ou",
        ),
        ("x" * 1001, "trop long"),
    ],
)
def test_weak_passwords_are_refused(now, password, words):
    with pytest.raises(Refusal, match=words):
        add_account("anne", ["officer"], password, "test", now)
    assert accounts() == []


@pytest.mark.parametrize(("name", "password"), [("anne", OTHER), ("Anne", OTHER), ("luc", PASSWORD), ("", "")])
def test_the_wrong_name_or_password_is_nobody(now, admin, name, password):
    assert authenticate(name, password, HERE, now) is None
    last = audit.entries()[0]
    assert (last.actor, last.action, last.detail) == ("anonymous", "sign_in_refused", {"wait_s": None, "address": HERE})
    assert last.subject == (name.lower() if name != "luc" else "")


def test_a_new_password_ends_the_old_one(now, admin):
    change_password(admin, PASSWORD, OTHER, HERE, now)
    assert authenticate("anne", PASSWORD, HERE, now) is None
    assert authenticate("anne", OTHER, HERE, now) == admin
    with pytest.raises(Refusal, match="Ancien mot de passe incorrect"):
        change_password(admin, PASSWORD, "something quite else", HERE, now)


def test_an_inactive_account_is_nobody(now, admin):
    Account.update(active=False).where(Account.id == admin.id).execute()
    assert identity(admin.id) is None
    assert authenticate("anne", PASSWORD, HERE, now) is None
    assert not admin_exists()
    assert identity(999) is None


@pytest.mark.parametrize("name", ["", "  ", "x" * 61, "a\x00b", "a\nb", "a\u202eb"])
def test_a_name_is_visible_and_short(now, name):
    with pytest.raises(Refusal, match="de 1 à 60"):
        add_account(name, ["officer"], PASSWORD, "test", now)


def test_accounts_are_listed_and_names_are_unique(now, admin):
    add_account("Luc", ["officer", "coordinator"], None, "anne", now, mobile="0470/00.00.09")
    with pytest.raises(Refusal, match="existe déjà"):
        add_account("Luc ", ["officer"], None, "anne", now)
    with pytest.raises(Refusal, match="liégeoise"):
        add_account("jan", ["officer"], None, "anne", now, mobile="04 330 40 00")
    cards = {card.name: card for card in accounts()}
    assert set(cards) == {"anne", "Luc"}
    assert (cards["Luc"].given_roles, cards["Luc"].mobile) == ({"officer", "coordinator"}, "+32470000009")
    assert (cards["Luc"].has_password, cards["anne"].has_password) == (False, True)


@pytest.mark.parametrize(("roles", "words"), [([], "au moins un "), (["king", "admin"], "Rôle inconnu : king")])
def test_roles_are_of_the_list(now, admin, roles, words):
    with pytest.raises(Refusal, match=words):
        add_account("luc", roles, None, "anne", now)
    with pytest.raises(Refusal, match=words):
        set_roles(admin.id, roles, "anne", now)
    assert identity(admin.id).roles == admin.roles


def test_roles_change_and_the_audit_tells(now, admin):
    luc = add_account("luc", ["officer"], PASSWORD, "anne", now)
    set_roles(luc, ["technician", "admin", "admin"], "anne", later(now, 5))
    assert identity(luc).roles == {"technician", "admin"}
    entry = audit.entries()[0]
    assert (entry.at, entry.actor, entry.action, entry.subject) == (later(now, 5), "anne", "roles_changed", "luc")
    assert entry.detail == {"roles": ["admin", "technician"], "lost": ["officer"]}
    set_roles(admin.id, ["officer"], "anne", now)
    assert identity(admin.id).given_roles == {"officer"}
    with pytest.raises(Refusal, match="n'existe plus"):
        set_roles(999, ["officer"], "anne", now)


def test_the_last_admin_stays_one(now, admin):
    with pytest.raises(Refusal, match="au moins un administrateur"):
        set_roles(admin.id, ["officer"], "anne", now)
    set_roles(admin.id, ["admin"], "anne", now)
    assert admin_exists()


@pytest.mark.parametrize("other", ["no password yet", "inactive"])
def test_an_admin_who_cannot_sign_in_is_no_other_admin(now, admin, other):
    luc = add_account("luc", ["admin"], None if other == "no password yet" else PASSWORD, "anne", now)
    if other == "inactive":
        Account.update(active=False).where(Account.id == luc).execute()
    with pytest.raises(Refusal, match="au moins un administrateur"):
        set_roles(admin.id, ["officer"], "anne", now)
    assert admin_exists()
    # and who cannot sign in may lose the role
    set_roles(luc, ["officer"], "anne", now)


def test_tokens_name_a_program_and_its_role(now):
    token = add_token(" centrale ", "officer", "anne", now)
    bearer = token_bearer(token, now)
    assert (bearer.name, bearer.role) == ("centrale", "officer")
    for unknown in ("", "plp_", token[:-1], token + "x", token.upper()):
        assert token_bearer(unknown, now) is None
    with pytest.raises(Refusal, match="existe déjà"):
        add_token("centrale", "admin", "anne", now)
    with pytest.raises(Refusal, match="Rôle inconnu : coordinator"):
        add_token("autre", "coordinator", "anne", now)
    with pytest.raises(Refusal, match="Donnez un nom"):
        add_token(" \x00", "officer", "anne", now)


@pytest.mark.sqlite
def test_no_secret_is_in_the_file(now, database):
    link = issue_link(now)
    redeem_link(link, "anne", PASSWORD, now)
    second = issue_link(now, "anne")
    token = add_token("centrale", "officer", "anne", now)
    authenticate("anne", "a wrong password", HERE, now)
    token_bearer(token, now)
    files = [path for path in database.parent.iterdir() if path.name.startswith(database.name)]
    assert {path.suffix for path in files} >= {".db", ".db-wal"}
    written = b"".join(path.read_bytes() for path in files)
    assert b"$argon2id$" in written
    assert b"centrale" in written
    for secret in (link, second, token, token.removeprefix("plp_"), PASSWORD, "a wrong password"):
        assert secret.encode() not in written


def test_the_case_of_a_name_keeps_nobody_out(now):
    add_account("Élodie", ["officer"], PASSWORD, "test", now)
    for typed in ("Élodie", "élodie", "ELODIE", " Elodie "):
        signed_in = authenticate(typed, PASSWORD, HERE, now)
        assert signed_in is not None
        assert signed_in.name == "Élodie"
    with pytest.raises(Refusal, match="existe déjà"):
        add_account("elodie", ["officer"], PASSWORD, "test", now)


def test_technicians_and_admins_are_told_where_they_have_an_address(now):
    luc = add_account("luc", ["technician"], None, "anne", now, email=" luc@example.org ")
    add_account("jan", ["officer"], None, "anne", now, email="jan@example.org")
    add_account("piet", ["admin", "technician"], None, "anne", now)
    assert [(reader.name, reader.email) for reader in readers(*TOLD_ROLES)] == [("luc", "luc@example.org")]
    assert unmailed() == ["piet"]
    set_email(luc, "", "anne", now)
    set_email(luc, "", "anne", now)
    assert readers(*TOLD_ROLES) == []
    assert unmailed() == ["luc", "piet"]
    changes = [entry for entry in audit.entries() if entry.action == "account_email_changed"]
    assert [(entry.subject, entry.detail) for entry in changes] == [("luc", {})]


@pytest.mark.parametrize("email", ["luc", "luc@", "luc@example.org, jan@example.org"])
def test_what_is_no_address_is_refused(now, email):
    with pytest.raises(Refusal, match="n'est pas une adresse e-mail"):
        add_account("luc", ["technician"], None, "anne", now, email=email)
    luc = add_account("luc", ["technician"], None, "anne", now)
    with pytest.raises(Refusal, match="n'est pas une adresse e-mail"):
        set_email(luc, email, "anne", now)
