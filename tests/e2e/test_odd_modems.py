"""Boxes with modems that no manual describes, end to end: twin cards, and a PIN before everything."""

import pytest

from db.engine.clock import utc_now
from db.modems.status import modem_cards
from plp.services.modems import enter_pin
from tests.e2e.box import eventually

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

TWIN_IMSI = "001019000000042"
LONG = "Vol avec violence rue de la Station, deux auteurs en fuite vers la gare. " * 5


def test_no_message_of_three_parts_is_split_over_twin_cards(make_box):
    box = make_box("a", "b")
    for name in "ab":
        box.start_simulator(name, "--imsi", TWIN_IMSI, "--submit-ms", "20")
    box.import_members(40)
    box.start("modem")
    eventually("both ready", lambda: box.ready_modems() == 2)
    sent = box.send(LONG)
    eventually("all delivered", lambda: box.counts(sent) == {"delivered": 40})
    went = {name: {record["to"] for record in box.log(name)} for name in "ab"}
    assert sum(len(box.log(name, tpdus=True)) for name in "ab") == 120
    assert (went["a"] & went["b"], len(went["a"] | went["b"])) == (set(), 40)
    assert min(len(numbers) for numbers in went.values()) > 0


def test_a_modem_that_tells_no_tries_is_opened_by_a_person(make_box):
    box = make_box("a")
    faults = ("--fault", "locked,radio-off:4,nofinal:+CPIN,urc@0.1")
    box.start_simulator("a", "--sim", "pin", "--pin", "0000", *faults)
    box.import_members(3)
    box.start("modem")
    eventually("it asks for its PIN", lambda: box.modem_states() == {"a": "pin"})
    box.plp("modem", "doctor", "a", status=1)
    with box.reading():
        (card,) = modem_cards(utc_now())
        assert "pin_file" in card.sentence
        enter_pin(card, "0000", card.host, "Tech", utc_now())
    eventually("it is ready", lambda: box.ready_modems() == 1)
    sent = box.send("Rue fermée.")
    eventually("all delivered", lambda: box.counts(sent) == {"delivered": 3})
