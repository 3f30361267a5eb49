"""The balance of a card, asked by a person: kept for the page, and never before an alert."""

import pytest

from db.models.zone import AuditEntry
from db.modems import commands
from modem.errors import CommandError, ModemTimeout, PortGone
from tests.support.people import order, person

IMSI = "206010000000001"


@pytest.fixture
def asked(ready, now):
    commands.keep_ussd_code(IMSI, "*123#")
    ready.driver.codes = []

    def answer(code):
        ready.driver.codes.append(code)
        if isinstance(ready.driver.says, Exception):
            raise ready.driver.says
        return ready.driver.says

    ready.driver.says = "Solde : 12,50 €"
    ready.driver.ussd = answer
    return lambda: commands.ask("box", "a", "ussd", "anne", now)


def told(imsi=IMSI):
    answer = commands.answer_to("box", "a", "ussd", imsi)
    return answer and (answer.state, answer.text)


def test_a_balance_is_asked_once_and_kept_for_its_card(ready, asked):
    asked()
    ready.step(1.1)
    ready.step(1.1)
    assert (ready.driver.codes, told(), commands.open_requests("box", "a")) == (
        ["*123#"],
        ("done", "Solde : 12,50 €"),
        [],
    )
    assert told(imsi="206010000000002") is None
    assert "12,50" not in str([entry.detail for entry in AuditEntry.select()])


@pytest.mark.parametrize(
    ("error", "state"), [(CommandError("AT+CUSD 2"), "refused"), (ModemTimeout("AT+CUSD"), "silent")]
)
def test_no_answer_is_said_and_the_modem_goes_on(ready, asked, error, state, now):
    ready.driver.says = error
    asked()
    ready.step(1.1)
    assert (told(), ready.card().state) == ((state, ""), "ready")
    person(1, now)
    placed = order(now)
    ready.run()
    assert ready.counts(placed) == {"sent": 1}


def test_a_modem_that_is_lost_meanwhile_is_not_asked_again(ready, asked):
    ready.driver.says = PortGone("it is gone")
    asked()
    ready.step(1.1)
    assert (told(), commands.open_requests("box", "a")) == (("silent", ""), [])


def test_an_alert_goes_first(ready, asked, now):
    ready.driver.registered = False
    person(1, now)
    placed = order(now)
    asked()
    ready.step(10.1)  # the modem is looked at
    for _ in range(5):
        ready.step(1.1)
    assert (ready.driver.codes, told()) == ([], None)
    ready.driver.registered = True
    for _ in range(20):
        ready.step(1.1)
    assert (ready.counts(placed), ready.driver.codes) == ({"sent": 1}, ["*123#"])


def test_what_waits_for_an_alert_does_not_look_at_the_network_more_often(ready, asked, now, monkeypatch):
    ready.driver.registered = False
    person(1, now)
    order(now)
    asked()
    ready.step(10.1)
    looks, registration = [], ready.driver.registration
    monkeypatch.setattr(ready.driver, "registration", lambda: (looks.append(now), registration())[1])
    for _ in range(10):
        ready.step(1.1)
    assert len(looks) <= 6, "every two seconds, as of any modem without a network"


def test_a_modem_that_is_not_open_says_so(bench, now):
    bench.present = False
    commands.ask("box", "a", "ussd", "anne", now)
    bench.step()
    assert told(imsi="") == ("not_ready", "")
