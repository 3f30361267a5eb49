"""The worker and its driver at a simulated modem that restarts without a word (tests/support/virtual.py)."""

import pytest

from db.alerts.progress.progress import progress
from db.models.broadcasts import Message, Part
from db.modems.status import beat
from tests.support.inbound import received_texts
from tests.support.people import order, person
from tests.support.virtual import Life, World

PEOPLE = 6


@pytest.fixture
def life(database, now, monkeypatch):
    """`life(profile, *faults)` → a ready modem with people to be told."""
    lives = []

    def begun(profile="default", *faults, **options):
        world = World(now, monkeypatch)
        world.switch_on(profile, *faults, **options)
        begun = Life(world)
        lives.append(begun)
        assert begun.live(90, lambda: begun.is_ready)
        beat("box", "modem", 1, world.utc)
        for number in range(PEOPLE):
            person(number, world.utc)
        return begun

    yield begun
    for one in lives:
        one.close()


def told(placed):
    """Numbers by the state in which they are shown."""
    states = {}
    for part in Part.select().join(Message).where(Part.broadcast == placed.id):
        states.setdefault(part.state, set()).add(part.message.msisdn)
    return states


def had(life):
    return {line["to"] for line in life.world.modem.phone.network.messages.lines}


def wrong(life, placed):
    """Shown as sent, and the network never had it."""
    states = told(placed)
    return (states.get("sent", set()) | states.get("delivered", set())) - had(life)


@pytest.mark.parametrize("profile", ["default", "sim800", "e173"])
def test_a_silent_restart_into_text_mode_at_rest(life, profile):
    one = life(profile, "textmode", submit_s=0.5)
    one.world.modem.brown_out(3.0)
    one.live(5)
    placed = order(one.world.utc)
    one.live(60)
    assert wrong(one, placed) == set()
    assert set(told(placed)) == {"delivered"}
    assert all(number.startswith("+324") for number in had(one))


@pytest.mark.parametrize("moment", [0.0, 0.3, 0.7, 1.1, 1.9, 2.6])
def test_a_silent_restart_into_text_mode_within_an_alert(life, moment):
    one = life("default", "textmode", submit_s=0.8)
    placed = order(one.world.utc)
    one.world.at(one.world.now + moment, lambda: one.world.modem.brown_out(2.5))
    one.live(120)
    assert wrong(one, placed) == set()
    assert len(had(one)) >= PEOPLE - 1
    assert "failed" not in told(placed)
    assert all(number.startswith("+324") for number in had(one))


def test_reports_and_texts_come_again_after_a_restart_in_pdu_mode(life):
    one = life("default")
    one.world.modem.brown_out(3.0)
    one.live(40)
    one.world.modem.phone.expect_text("+32470000009", "STOP", one.world.now)
    one.live(5)
    assert [text.text for text in received_texts()] == ["STOP"]
    placed = order(one.world.utc)
    one.live(30)
    assert set(told(placed)) == {"delivered"}
    assert progress(placed.id, one.world.utc).counts["delivered"] == PEOPLE


@pytest.mark.parametrize("refusal", ["517/25", "314/25", "0/25", "500/25"])
@pytest.mark.parametrize("mode", ["textmode", ""])
def test_commands_about_sms_that_come_late(life, refusal, mode):
    one = life("default", f"sms-late:{refusal}", *filter(None, [mode]))
    placed = order(one.world.utc)
    one.live(60)
    assert (set(told(placed)), wrong(one, placed)) == ({"delivered"}, set())
