"""Ten characters were enough, whatever they were, and parallel tries passed the limit of wrong passwords."""

import pytest

from db.journal.audit import entries
from db.models.accounts import SignInTry
from db.models.people import Neighbourhood
from db.people.accounts import passwords
from db.people.accounts.passwords import FREE, FREE_OF_ADDRESS, FREE_OF_MANY, LONGEST_WAIT, MANY_OF_NAME, know_device
from plp.services.accounts.rights import add_account
from plp.services.accounts.signing_in import TooManyTries, authenticate, check_password
from rules.refusals import Refusal
from tests.support.people import later
from tests.support.processes import running, wrong_passwords

PASSWORD = "correct horse battery"
DESK, HOME = "192.0.2.7", "198.51.100.9"
ZONE = ("Police locale Seraing/Neupré", "5278", "Rotheux-Rimière", "Anne Dubois")


@pytest.fixture
def accounts(database, now):
    for name in ("Anne", "Luc"):
        add_account(name, ["officer"], PASSWORD, "test", now)


def refused(name, address, now, times):
    """So many wrong passwords at once; returns how many were looked at."""
    looked = 0
    for _ in range(times):
        try:
            assert authenticate(name, "a wrong password", address, now) is None
            looked += 1
        except TooManyTries:
            pass
    return looked


@pytest.mark.parametrize(
    "password",
    [
        "fourteen chars",
        "passwordpassword",
        "motdepassemotdepasse",
        "123456789012345",
        "azertyuiopqsdfgh",
        "aaaaaaaaaaaaaaaaaaaa",
        "policelocaleseraing",
        "Police Seraing 2026",
        "Seraing-Neupre-5278",
        "RotheuxRimiere2026",
        "anne dubois police",
        "PoliceLocaleSeraingNeupré5278!",
    ],
)
def test_what_a_guesser_tries_first_is_no_password(password):
    with pytest.raises(Refusal):
        check_password(password, ZONE)


@pytest.mark.parametrize(
    "password",
    [
        "quatre mots faciles à retenir",
        "lampe girafe mardi",
        "quatre girafes à Seraing",
        "xK9.qz-Lm2.vTr5",
        "ééééà çùôî 7 girafes",
    ],
)
def test_what_is_long_and_unlike_others_is_one(password):
    check_password(password, ZONE)


def test_with_a_second_factor_eight_characters_are_enough():
    check_password("x9Kq2mPz", ZONE, second_factor=True)
    for password in ("x9Kq2mP", "password", "Seraing1", "azerty12", "Neupre2026"):
        with pytest.raises(Refusal):
            check_password(password, ZONE, second_factor=True)


@pytest.mark.slow
def test_the_zone_s_neighbourhoods_are_its_words(database, now):
    add_account("Luc", ["officer"], "Bois-Mimosa-Bois-1", "test", now)
    Neighbourhood.create(name="Bois de Mimosa")
    with pytest.raises(
        Refusal,
        match="Mot de passe trop facile à deviner : courant, répétitif,",
    ):
        add_account("Anne", ["officer"], "Bois-Mimosa-Bois-1", "test", now)


@pytest.mark.slow
@pytest.mark.usefixtures("accounts")
def test_wrong_passwords_cost_a_growing_wait_that_is_told(now):
    assert refused("Anne", DESK, now, 20) == FREE
    with pytest.raises(TooManyTries, match="Attendez 15\u00a0s, puis") as told:
        authenticate("Anne", PASSWORD, DESK, now)
    assert told.value.values["wait_s"] == 15
    at, waits = now, []
    for _ in range(9):
        with pytest.raises(TooManyTries) as told:
            authenticate("Anne", PASSWORD, DESK, at)
        waits.append(told.value.values["wait_s"])
        at = later(at, told.value.values["wait_s"])
        assert refused("Anne", DESK, at, 3) == 1
    assert waits == [15, 30, 60, 120, 240, 480, 900, 900, LONGEST_WAIT.total_seconds()]
    assert authenticate("Anne", PASSWORD, DESK, later(at, 900)).name == "Anne"
    assert refused("Anne", DESK, later(at, 900), 20) == FREE


@pytest.mark.usefixtures("accounts")
def test_a_colleague_at_the_same_address_is_not_kept_out(now):
    assert refused("Anne", DESK, now, 20) == FREE
    assert authenticate("Luc", PASSWORD, DESK, now).name == "Luc"


@pytest.mark.slow
@pytest.mark.usefixtures("accounts")
def test_many_addresses_do_not_try_one_name_for_ever_nor_keep_its_owner_out(now):
    authenticate("Anne", PASSWORD, DESK, now)
    looked = sum(refused("Anne", f"203.0.113.{n}", now, 4) for n in range(50))
    assert looked == MANY_OF_NAME + (50 - MANY_OF_NAME // 4) * FREE_OF_MANY
    assert authenticate("Anne", PASSWORD, DESK, now).name == "Anne"
    assert authenticate("Anne", PASSWORD, HOME, now).name == "Anne", "nor from where she never was"


@pytest.mark.usefixtures("accounts")
def test_in_a_browser_that_is_known_the_mistakes_of_others_at_its_address_do_not_count(now):
    know_device("Anne", "a browser", now)
    assert refused("Anne", DESK, now, 20) == FREE
    assert authenticate("Anne", PASSWORD, DESK, now, "a browser").name == "Anne"
    with pytest.raises(TooManyTries):
        authenticate("Anne", PASSWORD, DESK, now, "another browser")
    assert refused("Luc", DESK, now, 20) == FREE, "and is known for its owner alone"
    with pytest.raises(TooManyTries):
        authenticate("Luc", PASSWORD, DESK, now, "a browser")


@pytest.mark.usefixtures("accounts")
def test_a_network_of_ipv6_is_one_place(now):
    assert sum(refused("Anne", f"2001:db8::{n:x}", now, 1) for n in range(20)) == FREE
    assert refused("Anne", "2001:db8:0:1::1", now, 1) == 1


@pytest.mark.usefixtures("accounts")
def test_a_try_that_is_held_back_leaves_its_name_in_the_log(now, caplog):
    refused("anne", DESK, now, FREE + 1)
    refused("a password typed into the wrong field", HOME, now, FREE + 1)
    assert caplog.messages == [
        f"{DESK}: too many tries to sign in as Anne",
        f"{HOME}: too many tries to sign in as nobody that is known",
    ]


@pytest.mark.slow
@pytest.mark.usefixtures("accounts")
def test_one_address_does_not_try_all_names(now):
    authenticate("Luc", PASSWORD, DESK, now)
    looked = sum(refused(f"name {n}", DESK, now, 4) for n in range(20))
    assert looked == FREE_OF_ADDRESS
    with pytest.raises(TooManyTries):
        authenticate("Anne", PASSWORD, DESK, now)
    assert authenticate("Luc", PASSWORD, DESK, now).name == "Luc"
    assert authenticate("Anne", PASSWORD, HOME, now).name == "Anne"
    assert authenticate("Anne", PASSWORD, DESK, later(now, 3600)).name == "Anne"


@pytest.mark.usefixtures("accounts")
def test_a_name_that_nobody_has_is_treated_like_any_other(now, monkeypatch):
    verified = []

    class Spy(type(passwords._hasher)):
        def verify(self, stored, typed):
            verified.append(stored.split("$")[3])
            return super().verify(stored, typed)

    monkeypatch.setattr(passwords, "_hasher", Spy(time_cost=1, memory_cost=8, parallelism=1))
    passwords._nobody.cache_clear()
    add_account("Piet", ["officer"], None, "test", now)
    for name in ("Anne", "Nobody Here", "Piet"):
        assert refused(name, HOME, now, 9) == FREE
        with pytest.raises(TooManyTries, match="Attendez 15\u00a0s"):
            authenticate(name, "x", HOME, now)
    assert verified == ["m=8,t=1,p=1"] * 3 * FREE
    passwords._nobody.cache_clear()


@pytest.mark.usefixtures("accounts")
def test_of_tries_at_once_the_later_may_be_counted_first(now):
    """Each request takes its time before its turn: the one that came first then began the count anew."""
    looked = sum(refused("Anne", DESK, later(now, -turn / 100), 1) for turn in range(20))
    assert looked == FREE


@pytest.mark.usefixtures("accounts")
def test_a_clock_that_was_set_back_begins_the_count_anew(now):
    assert refused("Anne", DESK, now, FREE + 1) == FREE
    assert refused("Anne", DESK, later(now, -600), 1) == 1


@pytest.mark.usefixtures("accounts")
def test_the_journal_says_which_account_and_when_the_wait_begins(now):
    refused("anne", DESK, now, 9)
    newest, before = entries()[:2]
    assert (newest.action, newest.subject, newest.detail) == (
        "sign_in_refused",
        "Anne",
        {"wait_s": 15, "address": DESK},
    )
    assert before.detail == {"wait_s": None, "address": DESK}
    assert all(len(row.name_digest) in (0, 64) for row in SignInTry.select())


@pytest.mark.slow  # two processes, each of which reads the whole product
@pytest.mark.usefixtures("accounts")
def test_parallel_tries_in_two_processes_pass_no_limit(tmp_path):
    with running(wrong_passwords, tmp_path, [(25,), (25,)]) as finish:
        assert sum(finish()) == FREE
    assert len([each for each in entries() if each.action == "sign_in_refused"]) == FREE
