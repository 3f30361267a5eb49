"""`plp modem selftest`: what it waits for, and in which words it says what is missing."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from db.alerts.queue.claim import claim_part
from db.alerts.queue.marks import mark_failed
from db.engine.clock import utc_now
from db.engine.connection import bind, connected
from db.modems import status
from db.modems.proof import last_proof
from plp.cli import modem
from plp.cli.main import main
from plp.cli.modem import INBOUND as COME_BACK
from plp.cli.modem import RECEIPT as SENT
from plp.cli.modem import REPORT as RECEIVED
from tests.support.inbound import received_texts
from tests.support.journal import copied
from tests.support.proofs import NUMBERS, card, seated, take

RECEIPT, REPORT, INBOUND = map(str, (SENT, RECEIVED, COME_BACK))


class Test:
    """Self-tests of the modem `a`: before each look the next deed is done, and after the last one time is over."""

    __test__ = False

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder, self._deeds = folder, list[Callable[[], object]]()
        self._give_up = lambda: monkeypatch.setattr(modem, "PATIENCE", timedelta())
        monkeypatch.setattr(modem.time, "sleep", lambda _s: (self._deeds.pop(0) if self._deeds else self._give_up)())
        with connected():
            self.sender = seated("a", utc_now())

    def run(self, *deeds: Callable[[], object]) -> tuple[int, list[str], str]:
        """Its status, its stages, and what it says at last."""
        self._deeds = list(deeds)
        done = CliRunner().invoke(main, ["--config", str(self.folder / "config.ini"), "modem", "selftest", "a"])
        if not done.stdout:
            return done.exit_code, [], done.stderr
        _first, *stages, last = done.stdout.splitlines()
        return done.exit_code, [stage[10:] for stage in stages], last

    def take(self) -> None:
        self.taken = take(self.sender, utc_now())


@pytest.fixture
def test(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seeded: Path) -> Test:
    monkeypatch.setenv("PLP_DEMO", "0")
    (tmp_path / "config.ini").write_text("[database]\nhost = box\n[sending]\nduty_phone = +32470000099\n")
    (tmp_path / "var").mkdir()
    copied(seeded, tmp_path / "var" / "plp.db")
    bind("sqlite:///var/plp.db", tmp_path)
    return Test(tmp_path, monkeypatch)


@pytest.fixture
def own(test):
    """Its modem's number stands in config.ini."""
    with (test.folder / "config.ini").open("a") as config:
        config.write(f"[modem:a]\nnumber = {NUMBERS['a']}\n")
    return test


def test_all_three_come_and_it_is_no_text_for_anybody(own):
    came = own.run(own.take, lambda: own.taken.report(utc_now()), lambda: own.taken.deliver("a", utc_now()))
    assert came == (0, [RECEIPT, REPORT, INBOUND], "Le modem a envoie et reçoit.")
    with connected():
        assert received_texts() == []
        assert last_proof(card("a", utc_now())).state == "proven"


def test_the_duty_phone_sends_nothing_back(test):
    came = test.run(test.take, lambda: test.taken.report(utc_now()))
    assert came == (0, [RECEIPT, REPORT], "Le modem a envoie.")


def test_one_that_nobody_takes_is_stopped(own):
    def lose_the_network() -> None:
        row = {"state": "not_registered", "sentence": "Pas de réseau : vérifiez l'antenne."}
        status.save_modem("box", "a", row, utc_now())

    code, stages, last = own.run(lose_the_network)
    assert (code, stages, "Pas de réseau : vérifiez l'antenne. Lancez « plp modem doctor »." in last) == (1, [], True)
    with connected():
        assert claim_part(own.sender, utc_now()) is None


def test_one_that_waits_behind_others_says_so(own):
    assert "encore en attente" in own.run()[2]


def test_a_refusal_ends_it_at_once(own):
    assert "a refusé" in own.run(lambda: mark_failed(claim_part(own.sender, utc_now()), "CMS 21", utc_now()))[2]


def test_what_is_missing_after_the_receipt(own):
    assert "ni accusé de réception" in own.run(own.take)[2]


def test_it_was_delivered_and_did_not_come_back(own):
    code, stages, last = own.run(own.take, lambda: own.taken.report(utc_now()))
    assert (code, stages, "n'est pas le numéro de cette carte SIM" in last) == (1, [RECEIPT, REPORT], True)


def test_it_could_not_be_delivered(own):
    assert "non reçu par lui-même" in own.run(own.take, lambda: own.taken.report(utc_now(), "undelivered", 0x41))[2]


def test_it_needs_a_number_and_a_modem_that_is_ready(test):
    config = test.folder / "config.ini"
    config.write_text("[database]\nhost = box\n")
    assert "duty_phone" in test.run()[2]
    with connected():
        status.save_modem("box", "a", {"state": "pin", "sentence": "La carte SIM demande son code PIN."}, utc_now())
    assert "n'est pas prêt : La carte SIM demande" in test.run()[2]
