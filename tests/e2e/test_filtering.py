"""Real processes: an operator takes an alert's texts and drops them; an incident opens, and the other SIM goes on."""

import time
from datetime import timedelta

import pytest

from db.engine.clock import utc_now
from db.engine.connection import writing
from db.models.broadcasts import Attempt, Broadcast, BroadcastText, Message, Part
from db.models.zone import Modem
from db.operations.incidents import open_incidents
from rules.states import PartState, Stage
from tests.e2e.box import eventually, mobile

pytestmark = pytest.mark.slow

PEOPLE, USUAL = 60, 40


def test_what_one_operator_drops_goes_by_the_other(make_box):
    box = make_box("a", "b")
    box.start_simulator("a", "--submit-ms", "500", "--report-ms", "400", "--fault", "filtered:all")
    box.start_simulator("b", "--submit-ms", "500", "--report-ms", "400")
    box.start("modem")
    box.start("jobs")
    box.import_members(PEOPLE)
    eventually("two ready modems", lambda: box.ready_modems() == 2)
    with box.reading():
        modems = list(Modem.select())  # whole: a write during a half-read query is refused after anybody's commit
        with writing():
            for modem in modems:
                reported_yesterday(modem)
    ordered = time.monotonic()
    alert = box.send("Cambriolage: rue Haute. Fermez.")
    eventually("an incident", lambda: filtered(box), every_s=0.5)
    print(f"an incident {time.monotonic() - ordered:.0f} s after the order")
    assert time.monotonic() - ordered < 60
    eventually("nobody waits", lambda: not box.counts(alert).keys() & {"queued", "sending"})
    eventually("all reports", lambda: box.counts(alert).get("delivered") == len(box.log("b")))
    assert len(box.log("b")) > PEOPLE * 0.6
    assert box.log("a") == []


def filtered(box):
    with box.reading():
        return [card for card in open_incidents() if card.kind == "filtered"]


def reported_yesterday(modem):
    """Texts of this SIM, each with its report half a second later."""
    at = utc_now() - timedelta(days=1)
    times = {"created_at": at, "release_at": at, "deadline_at": at + timedelta(hours=1)}
    drill = Broadcast.create(
        kind="drill", lane=1, stage=Stage.FINISHED, recipients=USUAL, audience="{}", fingerprint="",
        ordered_by="test", **times,
    )  # fmt: skip
    text = BroadcastText.create(broadcast=drill, body="Exercice.", encoding="gsm7", segments='["Exercice."]')
    for n in range(USUAL):
        message = Message.create(broadcast=drill, text=text, msisdn=mobile(n), reference=n, imsi=modem.imsi)
        part = Part.create(
            message=message, broadcast=drill, seq=1, ring=n, state=PartState.DELIVERED, sent_at=at,
            changed_at=at + timedelta(seconds=0.5),
        )  # fmt: skip
        Attempt.create(
            part=part, host=modem.host, modem=modem.name, imsi=modem.imsi, simulated=True, claimed_at=at,
            lease_until=at, pdu_started_at=at, ended_at=at, outcome="sent", reference=n,
        )  # fmt: skip
