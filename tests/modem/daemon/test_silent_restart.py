"""The worker and its driver at a simulated modem that restarts without a word (tests/support/virtual.py)."""

import pytest

from db.alerts.progress.progress import progress
from tests.modem.daemon.lives import PEOPLE, had, told, wrong
from tests.support.inbound import received_texts
from tests.support.people import order


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
