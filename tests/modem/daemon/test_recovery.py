"""A modem that fails in every way that needs no person, with a clock that a test moves."""

from dataclasses import replace
from datetime import timedelta

import pytest

from db.models.modem_records import ModemSample
from db.models.zone import AuditEntry
from db.modems import commands, sims
from modem import errors
from modem.daemon.policy.recovery_steps import Ladder
from modem.daemon.policy.sim_health import Condition, Hold
from tests.modem.daemon.bench import Bench
from tests.modem.daemon.fake import IDENTITY
from tests.support.people import LONG, Text, mobile, order, person

pytestmark = pytest.mark.usefixtures("database")


def silenced(bench):
    bench.driver.silent = True
    bench.driver.trouble["*"] = [errors.ModemTimeout("AT+CMGS (prompt)") for _ in range(99)]


def until(bench, state, at_most_s=600):
    """Step twice a second until the modem stands so; returns the seconds it took."""
    for half_seconds in range(2 * at_most_s):
        if bench.worker.status.state == state:
            return half_seconds / 2
        bench.step(0.5)
    raise AssertionError(f"still {bench.worker.status.state}: {bench.worker.status.sentence}")


def test_the_ladder_goes_down_and_up():
    ladder = Ladder()
    assert [ladder.down().step for _ in range(9)] == [
        "reopen",
        "reopen",
        "restart",
        "reopen",
        "usb_reset",
        "reopen",
        "give_up",
        "give_up",
        "give_up",
    ]
    ladder.up()
    assert ladder.down().step == "reopen"


def test_a_hung_modem_goes_down_the_ladder_and_its_work_through_the_other(ready, now):
    other = Bench(now, name="b", imsi="206010000000002")
    other.clock = ready.clock
    for number in range(5):
        person(number, now)
    placed = order(now)
    silenced(ready)
    ready.step()
    assert until(ready, "out_of_service") < 120
    assert (ready.driver.resets, ready.usb_resets) == (1, 1)
    assert "redémarrages" in ready.card().sentence
    assert ready.driver.taken == []
    other.worker.step(other.clock.now)
    other.run()
    assert other.counts(placed) == {"sent": 5}
    assert [entry.action for entry in AuditEntry.select() if entry.action.startswith("modem_")] == [
        "modem_out_of_service"
    ]


def test_out_of_service_it_still_comes_back_by_itself(ready, now):
    silenced(ready)
    person(1, now)
    placed = order(now)
    ready.step()
    until(ready, "out_of_service")
    ready.driver.silent, ready.driver.trouble = False, {}
    assert until(ready, "ready") <= 60
    ready.run()
    assert ready.counts(placed) == {"sent": 1}


def test_a_modem_that_works_again_for_a_minute_stands_at_the_top(ready, now):
    ready.driver.silent = True
    ready.driver.events = []
    ready.worker._watching.soon()
    ready.driver.registration = _raises(errors.ModemTimeout("AT+CREG?"))
    for _ in range(30):
        ready.step(0.5)
    resets = ready.driver.resets
    assert resets == 1
    ready.driver.silent = False
    del ready.driver.registration
    until(ready, "ready")
    for _ in range(150):
        ready.step(0.5)
    ready.driver.silent = True
    ready.driver.registration = _raises(errors.ModemTimeout("AT+CREG?"))
    ready.step(11)
    ready.step(2)
    assert ready.driver.resets == resets  # reopened first, not restarted
    ready.step(3)
    assert (ready.driver.resets, ready.usb_resets) == (resets + 1, 0)  # and then restarted, as from the top


def test_a_person_who_resumes_it_does_not_wait_for_its_patience(bench, now):
    bench.driver.opening = [errors.SimMissing("no SIM in the modem") for _ in range(7)]
    while bench.driver.opening:
        bench.step(10)
    assert bench.card().state == "no_sim"
    bench.step(10)
    assert bench.card().state == "no_sim"  # the next look is a minute after the last
    commands.ask("box", "a", "resume", "anne", now)
    bench.step(1.1)
    assert bench.card().state == "ready"


def test_a_modem_is_expected_to_be_away_after_a_restart(ready, now):
    commands.ask("box", "a", "restart", "anne", now)
    ready.step(1.1)
    assert (ready.driver.resets, ready.card().state) == (1, "starting")
    ready.present = False
    for _ in range(100):
        ready.step(0.5)
    assert ready.card().state == "starting"
    for _ in range(30):
        ready.step(0.5)
    assert ready.card().state == "absent"
    ready.present = True
    assert until(ready, "ready") <= 1


def test_results_that_never_come_set_the_modem_up_anew(ready, now):
    """Three lost results are no accident: whatever goes out through this modem would be unconfirmed."""
    for number in range(10):
        person(number, now)
    placed = order(now)
    lost = [errors.SubmitUnconfirmed(20) for _ in range(3)]
    ready.driver.trouble["*"] = list(lost)
    ready.driver.after = set(lost)
    ready.run()
    assert ready.counts(placed) == {"unconfirmed": 3, "queued": 7}
    assert ready.card().state == "faulty"
    until(ready, "ready")
    ready.run()
    assert ready.counts(placed) == {"unconfirmed": 3, "sent": 7}


def unanswered(bench, cause=None):
    """From now on each PDU goes out and nothing comes back; `cause` is what became of the port."""

    def submit(part, on_pdu_start):
        on_pdu_start()
        raise errors.SubmitUnconfirmed(15) from cause

    bench.driver.submit = submit


@pytest.mark.parametrize("cause", [None, errors.PortGone("it browned out")])
def test_a_modem_that_never_answers_a_submit_does_not_eat_the_queue(ready, now, cause):
    """It answers AT, or it comes back each time: neither makes the messages known that it took."""
    for number in range(30):
        person(number, now)
    placed = order(now)
    unanswered(ready, cause)
    until(ready, "out_of_service")
    for _ in range(120):
        ready.step(60)
    assert ready.counts(placed)["unconfirmed"] <= 12
    assert ready.card().state == "out_of_service"
    assert "alimentation" in ready.card().sentence
    # one for each try that failed, and those grow rare
    assert 1 <= AuditEntry.select().where(AuditEntry.action == "modem_out_of_service").count() <= 6


def test_a_modem_that_never_answers_a_submit_is_restarted_too(ready, now):
    for number in range(30):
        person(number, now)
    order(now)
    unanswered(ready)
    until(ready, "out_of_service")
    for _ in range(60):
        ready.step(60)
    assert (ready.driver.resets, ready.usb_resets) == (1, 1)


def test_every_second_submit_without_an_answer_is_too_many(ready, now):
    for number in range(30):
        person(number, now)
    placed = order(now)
    lost = [errors.SubmitUnconfirmed(15) for _ in range(30)]
    for number in range(0, 30, 2):
        ready.driver.trouble[mobile(number)] = [lost[number]]
    ready.driver.after = set(lost)
    ready.run()
    assert ready.card().state == "paused"
    assert ready.counts(placed) == {"unconfirmed": 5, "sent": 4, "queued": 21}
    ready.driver.trouble = {}
    until(ready, "ready")
    ready.run()
    assert ready.counts(placed) == {"unconfirmed": 5, "sent": 25}


def test_a_sim_that_is_out_of_service_stays_so_when_its_answers_get_lost(now):
    condition = Condition()
    condition.hold = barred = Hold("out_of_service", "barred")
    for _ in range(3):
        condition.unanswered(now)
    assert condition.hold is barred


def test_a_trial_without_an_answer_is_not_followed_by_another_at_once(now):
    condition = Condition()
    condition.hold = Hold("out_of_service", "barred", None, now)
    assert condition.lowest_lane(now) == 0
    condition.unanswered(now)
    assert condition.lowest_lane(now + timedelta(seconds=29)) is None
    assert condition.lowest_lane(now + timedelta(seconds=30)) == 0


def test_a_modem_that_answers_at_and_nothing_else_is_set_up_anew(ready):
    ready.driver.registration = _raises(errors.ModemTimeout("AT+CREG?"))
    closed = ready.driver.closed
    ready.step(11)
    ready.step()
    assert ready.driver.closed == closed
    ready.step()
    assert ready.driver.closed == closed + 1
    assert ready.card().state == "faulty"


def refusing(bench, numbers, code, times=1):
    for number in numbers:
        bench.driver.trouble[mobile(number)] = [errors.CmsError("AT+CMGS", code) for _ in range(times)]


@pytest.mark.slow
def test_a_network_that_is_out_pauses_the_modem_and_costs_nobody_a_try(ready, now):
    for number in range(10):
        person(number, now)
    placed = order(now)
    refusing(ready, range(10), 38, times=9)
    ready.run()
    assert ready.card().state == "paused"
    assert "un seul message" in ready.card().sentence
    # three tripped the breaker, two were tests
    assert ready.counts(placed) == {"queued": 10}
    for _ in range(240):
        ready.step(0.5)
        ready.run()
    assert ready.counts(placed) == {"queued": 10}
    ready.driver.trouble = {}
    for _ in range(1300):
        ready.step(0.5)
        ready.run()
    assert ready.counts(placed) == {"sent": 10}
    assert ready.card().state == "ready"


def test_dead_numbers_do_not_pause_the_modem(ready, now):
    """Every tenth number is answered with 38 whenever it is tried: they fail, the others are sent at once."""
    for number in range(50):
        person(number, now)
    placed = order(now)
    refusing(ready, range(0, 50, 10), 38, times=9)
    ready.run()
    assert ready.counts(placed) == {"sent": 45, "queued": 5}
    for _ in range(13):
        ready.step(30)
        ready.run()
        assert ready.card().state == "ready"
    assert ready.counts(placed) == {"sent": 45, "failed": 5}


def test_an_unregistered_modem_is_not_tested_with_a_message(ready, now):
    for number in range(5):
        person(number, now)
    placed = order(now)
    refusing(ready, range(3), 38)
    ready.step()
    ready.step()
    ready.driver.registered = False
    ready.run()
    assert ready.card().state == "not_registered"
    assert ready.driver.taken == []
    ready.driver.registered = True
    ready.step(3)
    ready.run()
    assert ready.counts(placed) == {"sent": 2, "queued": 3}


def test_another_bearer_is_tried_after_two_recipients_and_then_the_modem_is_out(ready, now):
    for number in range(6):
        person(number, now)
    placed = order(now)
    refusing(ready, range(2), 50)
    ready.run()
    assert (ready.driver.switches, ready.card().state) == (1, "paused")
    ready.step(1)
    ready.run()
    assert (ready.counts(placed), ready.card().state) == ({"sent": 4, "queued": 2}, "ready")
    ready.step(16)
    ready.run()
    assert ready.counts(placed) == {"sent": 6}
    order(now, text=Text("Autre", "gsm7", ("Autre",)))
    refusing(ready, range(6), 69, times=9)
    ready.run()
    ready.step(1)
    ready.run()
    assert (ready.driver.switches, ready.card().state) == (3, "out_of_service")


def test_a_single_recipient_is_tried_over_the_other_bearer_too(ready, now):
    person(1, now)
    placed = order(now)
    refusing(ready, [1], 50, times=2)
    for _ in range(3):
        ready.run()
        ready.step(16)
    assert (ready.driver.switches, ready.counts(placed)) == (1, {"sent": 1})


def test_350_twice_means_that_there_is_no_sms_here(ready, now):
    for number in range(3):
        person(number, now)
    placed = order(now)
    late = errors.SubmitUnconfirmed(135)
    late.__cause__ = errors.CmsError("AT+CMGS", 350)
    ready.driver.trouble = {mobile(0): [late], mobile(1): [errors.CmsError("AT+CMGS", 350)]}
    ready.driver.after = {late}
    ready.run()
    assert ready.card().state == "out_of_service"
    assert ready.counts(placed) == {"unconfirmed": 1, "queued": 2}


@pytest.mark.parametrize(("code", "state"), [(310, "no_sim"), (313, "no_sim"), (311, "pin"), (316, "pin")])
def test_a_card_that_fails_is_told_and_looked_at_again(ready, now, code, state):
    for number in range(3):
        person(number, now)
    placed = order(now)
    refusing(ready, range(2), code)
    ready.run()
    assert (ready.card().state, ready.counts(placed)) == (state, {"queued": 3})
    until(ready, "ready")
    ready.step(16)
    ready.run()
    assert ready.counts(placed) == {"sent": 3}


def test_a_card_that_fails_is_looked_at_also_where_one_recipient_alone_waits(ready, now):
    person(1, now)
    placed = order(now)
    refusing(ready, [1], 310, times=2)
    ready.run()
    ready.step(16)
    assert (ready.card().state, ready.counts(placed)) == ("no_sim", {"queued": 1})
    until(ready, "ready")
    ready.step(16)
    assert ready.counts(placed) == {"sent": 1}


def test_a_failure_of_the_modem_itself_sets_it_up_anew(ready, now):
    person(1, now)
    placed = order(now)
    refusing(ready, [1], 300, times=2)
    closed = ready.driver.closed
    ready.run()
    assert ready.driver.closed == closed
    ready.step(2.1)
    assert ready.driver.closed == closed + 1
    ready.step(10.1)
    ready.run()
    assert ready.counts(placed) == {"sent": 1}


def test_a_lost_service_centre_is_told_to_the_card_again(ready, now):
    person(1, now)
    placed = order(now)
    refusing(ready, [1], 330)
    ready.run()
    assert ready.driver.restored == 1
    ready.step(5.1)
    ready.run()
    assert ready.counts(placed) == {"sent": 1}


def test_a_validity_that_the_network_refuses_is_left_out_the_second_time(ready, now):
    person(1, now)
    placed = order(now)
    refusing(ready, [1], 199)
    ready.run()
    ready.step(2.1)
    ready.run()
    assert ready.counts(placed) == {"sent": 1}
    assert [part.validity for part in ready.driver.taken] == [None]


def test_a_swapped_sim_waits_until_a_technician_accepts_it(ready, now):
    person(1, now)
    ready.driver.identity = replace(ready.driver.identity, imsi="206010000000009")
    ready.driver.events = []
    commands.ask("box", "a", "restart", "anne", now)
    ready.step(1.1)
    until(ready, "quarantined")
    with pytest.raises(Exception, match="nouvelle dans ce modem"):
        order(now)
    commands.ask("box", "a", "resume", "anne", now)
    ready.step(1.1)
    ready.run()
    assert ready.card().state == "quarantined"  # resuming is not accepting
    (card,) = sims.waiting_cards()
    sims.accept(card.id, "anne", now)
    ready.step(1.1)
    ready.run()
    assert ready.card().state == "ready"
    placed = order(now)
    ready.run()
    assert ready.counts(placed) == {"sent": 1}


def test_a_sim_that_is_changed_under_the_open_port_is_quarantined_too(ready, now):
    ready.driver.identity = replace(ready.driver.identity, imsi="206010000000009")
    told, ready.driver.registration = ready.driver.registration, _raises(errors.PortGone("another card"))
    ready.step(11)
    ready.driver.registration = told
    assert until(ready, "quarantined") <= 1
    (card,) = sims.waiting_cards()
    assert card.imsi == "206010000000009"


def test_a_sim_that_is_taken_out_of_the_open_modem_is_told(ready, now):
    ready.driver.registration = _raises(errors.SimMissing("no SIM in the modem"))
    ready.driver.opening = [errors.SimMissing("no SIM in the modem") for _ in range(99)]
    ready.step(11)
    assert ready.card().state == "no_sim"


def test_our_own_simulator_is_never_quarantined(now):
    bench = Bench(now, device="sim")
    sims.apply_seen("box", "a", IDENTITY.imei, "001010000000001", None, now)
    bench.run()
    assert bench.card().state == "ready"


def test_a_transcript_is_saved_on_request(ready, now):
    asked = commands.ask("box", "a", "transcript", "anne", now)
    ready.step(1.1)
    assert ready.transcripts == 1
    assert commands.is_done(asked)


def test_a_modem_that_never_tells_its_signal_sends_all_the_same(bench, now):
    asked = []

    def silent():
        asked.append(bench.clock.now)
        raise errors.ModemTimeout("AT+CSQ")

    bench.driver.signal_dbm = silent
    bench.run()
    assert bench.card().state == "ready"
    for _ in range(6):
        bench.step(11)
    assert len(asked) == 1
    bench.step(600)
    assert len(asked) == 2
    bench.driver.silent = True
    bench.step(601)
    assert bench.card().state == "faulty"


def test_signal_and_technology_become_history(ready):
    assert [(sample.registered, sample.technology) for sample in ModemSample.select()] == [(True, "4G")]
    ready.driver.registered = False
    ready.step(11)
    assert [(sample.registered, sample.technology) for sample in ModemSample.select()] == [(True, "4G"), (False, None)]


def test_a_long_text_goes_on_after_a_pause(ready, now):
    person(1, now)
    placed = order(now, text=LONG)
    refusing(ready, [1], 42)
    ready.run()
    ready.step(31)
    ready.run()
    assert ready.counts(placed) == {"sent": 1}


def _raises(error):
    def method(*_):
        raise error

    return method
