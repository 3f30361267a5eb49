"""Codes of an app and recovery codes: each is taken once, and a copy of the database makes none."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import islice

import pytest
from pyotp import TOTP

from db.engine.connection import connected
from db.journal.audit import entries
from db.models.accounts import TotpSecret
from db.people.accounts.accounts import identity
from db.people.accounts.factors import Seal, factors
from plp.services.accounts import signing_in
from plp.services.accounts.rights import add_account, remove_second_factor
from plp.services.accounts.signing_in import (
    TooManyTries,
    add_key,
    change_password,
    confirm_app,
    offered_secret,
    prove,
    recovery_codes,
    remove_factor,
    use_key,
)
from rules.people import Actor
from rules.refusals import Refusal

pytestmark = pytest.mark.usefixtures("database")

SEAL = Seal("a key that stands outside the database")
LAPTOP = "192.0.2.7"
SELF = Actor("account", "Agent Marchal", LAPTOP)


@pytest.fixture
def officer(now):
    return identity(add_account("Agent Marchal", ["officer"], "quatre mots faciles à retenir", "test", now))


@pytest.fixture
def secret(officer, now):
    """Of an app that is set up; its first code was taken a minute ago."""
    offered = offered_secret(officer.id, SEAL)
    before = now - timedelta(minutes=1)
    confirm_app(officer, TOTP(offered).at(before), SELF, SEAL, before)
    return offered


def test_an_app_counts_once_a_code_of_it_was_typed(officer, now):
    offered = offered_secret(officer.id, SEAL)
    assert offered_secret(officer.id, SEAL) == offered  # a reload shows the same drawing
    assert not factors(officer.id)
    with pytest.raises(Refusal, match="Code incorrect"):
        confirm_app(officer, "000000" if TOTP(offered).at(now) != "000000" else "000001", SELF, SEAL, now)
    codes = confirm_app(officer, TOTP(offered).at(now), SELF, SEAL, now)
    assert len(set(codes)) == 10
    assert factors(officer.id).app
    with pytest.raises(Refusal, match="Application déjà activée"):
        offered_secret(officer.id, SEAL)


def test_a_code_is_taken_once_within_a_step_before_or_after(officer, secret, now):
    code = TOTP(secret).at(now)
    late = now + timedelta(seconds=20)
    assert prove(officer, f" {code[:3]} {code[3:]} ", LAPTOP, SEAL, late)
    assert not prove(officer, code, LAPTOP, SEAL, late)
    assert not prove(officer, TOTP(secret).at(now - timedelta(seconds=30)), LAPTOP, SEAL, late)  # an older one
    assert prove(officer, TOTP(secret).at(now + timedelta(seconds=30)), LAPTOP, SEAL, late)
    assert not prove(officer, TOTP(secret).at(now + timedelta(minutes=5)), LAPTOP, SEAL, late)


def test_two_at_once_with_one_code_are_let_in_once(officer, secret, now):
    code = TOTP(secret).at(now)

    def enter(_number):
        with connected():
            return prove(officer, code, LAPTOP, SEAL, now)

    with ThreadPoolExecutor(4) as four:
        assert sorted(four.map(enter, range(4))) == [False, False, False, True]


def test_nobody_waits_for_the_database_while_recovery_codes_are_hashed(officer, now, monkeypatch):
    held = []

    def hashed_code(code):
        held.append(TotpSecret._meta.database.in_transaction())
        return code

    monkeypatch.setattr(signing_in, "hashed", hashed_code)
    codes = confirm_app(officer, TOTP(offered_secret(officer.id, SEAL)).at(now), SELF, SEAL, now)
    assert (len(codes), factors(officer.id).recovery_left) == (10, 10)
    assert held == [False] * 10


def test_a_recovery_code_is_taken_once(officer, secret, now):
    code, other, *_ = recovery_codes(officer, SELF, now)
    assert prove(officer, code.lower(), LAPTOP, SEAL, now)
    assert not prove(officer, code, LAPTOP, SEAL, now)
    assert factors(officer.id).recovery_left == 9
    assert entries(1)[0].action == "factor_refused"
    recovery_codes(officer, SELF, now)
    assert not prove(officer, other, LAPTOP, SEAL, now)  # those of before are over


def test_codes_are_not_guessed(officer, secret, now):
    wrong = (f"{number:06}" for number in range(10) if f"{number:06}" != TOTP(secret).at(now))
    for code in islice(wrong, 5):
        assert not prove(officer, code, LAPTOP, SEAL, now)
    with pytest.raises(TooManyTries):  # nor does the right one pass then
        prove(officer, TOTP(secret).at(now), LAPTOP, SEAL, now)


def test_a_copy_of_the_database_makes_no_codes(officer, secret, now):
    sealed = TotpSecret.get().sealed
    assert secret not in sealed
    assert Seal("another key").open(sealed) is None
    assert not prove(officer, TOTP(secret).at(now), LAPTOP, Seal("another key"), now)


def test_whoever_lost_everything_begins_anew(officer, secret, now):
    add_key(officer, "clé", b"credential", 0, SELF, now)
    remove_second_factor(officer.id, Actor("account", "Chef"), now)
    assert not factors(officer.id)
    assert factors(officer.id).recovery_left == 0
    assert (entries(1)[0].actor, entries(1)[0].subject) == ("Chef", "Agent Marchal")


def test_an_app_is_removed_and_another_set_up(officer, secret, now):
    remove_factor(officer, None, SELF, now)
    assert offered_secret(officer.id, SEAL) != secret


@pytest.mark.parametrize(
    ("before", "signed", "right"), [(0, 0, True), (0, 1, True), (5, 6, True), (5, 5, False), (5, 4, False)]
)
def test_a_copied_key_is_noticed_by_its_count(officer, now, before, signed, right):
    add_key(officer, "clé", b"credential", before, SELF, now)
    assert use_key(officer, b"credential", signed, LAPTOP, now) is right
    assert not use_key(officer, b"another", signed, LAPTOP, now)


def test_with_a_second_factor_a_shorter_password_is_enough(officer, secret, now):
    with pytest.raises(Refusal, match="au moins 8"):
        change_password(officer, "quatre mots faciles à retenir", "k7#Tq", LAPTOP, now)
    change_password(officer, "quatre mots faciles à retenir", "x9Kq2mPz", LAPTOP, now)
