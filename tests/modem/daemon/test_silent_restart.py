"""The worker and its driver at a simulated modem that restarts without a word (tests/support/virtual.py)."""

import pytest

from db.alerts.progress.progress import progress
from tests.modem.daemon.lives import PEOPLE, had, told, wrong
from tests.support.inbound import received_texts
from tests.support.people import order, people
from tests.support.silent_restarts import AGAIN_WITHIN_S, MEMBERS, Restart, begin, play


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


# One of each kind; tests/soak/test_silent_restarts.py draws hundreds.
KINDS = {
    "text mode": Restart("default", True, at_s=4.0, deaf_s=2.5),
    "text mode, with echo and words": Restart("sim800", True, True, ("Call Ready", "SMS Ready"), at_s=9.0, deaf_s=3.0),
    "text mode, sooner than a question comes": Restart("default", True, at_s=2.0, deaf_s=0.01, per_minute=60),
    "text mode, short, between two that are far apart": Restart("ec25", True, at_s=5.4, deaf_s=0.6, per_minute=20),
    "text mode, late commands": Restart("e173", True, at_s=3.0, deaf_s=5.0, refusal=517, late_s=25.0),
    "text mode, at rest": Restart("ec25", True, at_s=-30.0, deaf_s=20.0),
    "PDU mode": Restart("ec25", False, at_s=6.0, deaf_s=0.8),
    "PDU mode, at rest, late commands": Restart(
        "sim800", False, True, at_s=-12.0, deaf_s=9.0, refusal=314, late_s=20.0
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_whoever_got_nothing_is_not_told_as_sent(database, now, monkeypatch, kind):
    people(MEMBERS, now)
    life = begin(now, monkeypatch, KINDS[kind], seed=1)
    try:
        outcome = play(life, KINDS[kind])
    finally:
        life.close()
    assert (outcome.told, outcome.doubled, outcome.unnamed) == (0, 0, 0)
    assert outcome.again_s <= AGAIN_WITHIN_S
    assert outcome.text_came
    assert outcome.later_delivered
