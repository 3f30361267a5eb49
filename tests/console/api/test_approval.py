"""A program's order meets the zone's policy too: 202, and nothing goes out before a person agrees in the console."""

import pytest

from base.settings.values import SendingSettings
from db.alerts.queue.claim import claim_part
from db.engine.clock import utc_now
from db.engine.connection import connected
from db.models.policy import ZonePolicy
from tests.console.alerts import scene
from tests.console.api.scene import program
from tests.support.people import approve


@pytest.fixture
def officer(client, ready_modem):
    ready_modem()
    scene.people()
    with connected():
        ZonePolicy.create(approval="second")
    return program(client)


def test_it_is_accepted_and_waits(officer):
    answer = officer.order(idempotency_key="k")
    assert (answer.status_code, answer.json["state"], answer.json["recipients"]) == (202, "awaiting_approval", 5)
    again = officer.order(idempotency_key="k")
    assert (again.status_code, again.json["id"]) == (202, answer.json["id"])
    with connected():
        assert claim_part(scene.SENDER, utc_now()) is None
        for name in ("Benoît", "Chloé"):  # nobody is known to have ordered it
            assert claim_part(scene.SENDER, utc_now()) is None
            approve(answer.json["id"], name, 5, SendingSettings(undo_seconds=0), utc_now())
        assert claim_part(scene.SENDER, utc_now()) is not None
    assert officer.get(f"/api/v1/broadcasts/{answer.json['id']}").json["state"] == "sending"
