"""What a modem was handed before its port was opened, and may answer still."""

import pytest

from modem import errors
from tests.modem.daemon.bench import Bench
from tests.support.people import mobile, order, person

pytestmark = pytest.mark.usefixtures("database")


@pytest.mark.parametrize(
    ("settings", "waits_s"), [({}, 45), ({"submit_timeout_s": 5}, 5), ({"driver": "modemmanager"}, 0)]
)
def test_after_a_crash_a_modem_is_given_time_to_answer_what_it_had(now, settings, waits_s):
    """The first submit of a dialogue would be taken for the one that its modem answers. ModemManager knows better."""
    before = Bench(now, **settings)
    before.step()
    person(1, now)
    placed = order(now)
    silence = errors.SubmitUnconfirmed(1)
    before.driver.trouble[mobile(1)], before.driver.after = [silence], {silence}
    before.run()
    person(2, now)
    order(now, again=True)
    again = Bench(before.clock.now, **settings)
    again.step()
    assert again.card().state == ("starting" if waits_s else "ready")
    if waits_s:
        again.step(waits_s - 0.5)
        assert again.card().state == "starting"
    again.step(1)
    again.run()
    assert again.card().state == "ready"
    assert mobile(2) in again.driver.tried
    assert again.counts(placed) == {"unconfirmed": 1}
