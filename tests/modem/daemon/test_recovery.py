"""A modem that fails in every way that needs no person, with a clock that a test moves."""

from dataclasses import replace
from datetime import timedelta

import pytest

from db.models.modem_records import ModemSample
from db.models.zone import AuditEntry
from db.modems import commands, sims
from modem import errors
from modem.daemon.policy.sim_health import Condition, Hold
from modem.sms.message import StatusReport
from tests.modem.daemon.bench import Bench
from tests.modem.daemon.fake import IDENTITY
from tests.modem.daemon.rungs import raises, refusing, until
from tests.support.people import LONG, mobile, order, person

pytestmark = pytest.mark.usefixtures("database")


def silenced(bench):
    bench.driver.silent = True
    bench.driver.trouble["*"] = [errors.ModemTimeout("AT+CMGS (prompt)") for _ in range(99)]


def test_a_hung_modem_goes_down_the_ladder_and_its_work_through_the_other(ready, now):
    other = Bench(now, name="b", imsi="206010000000002")
    for number in range(5):
        person(number, now)
    placed = order(now)
    silenced(ready)
    ready.step()
    assert until(ready, "out_of_service") < 120
    assert (ready.driver.resets, ready.usb_resets) == (1, 1)
    assert "redémarrage" in ready.card().sentence
    assert ready.driver.taken == []
    other.clock.now = ready.clock.now
    other.step()
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


def test_a_modem_that_hangs_or_is_away_is_on_no_network(ready, now):
    assert (ready.card().operator, ready.card().technology) != (None, None)
    silenced(ready)
    ready.driver.registration = raises(errors.ModemTimeout("AT+CREG?"))
    until(ready, "faulty")
    assert (ready.card().operator, ready.card().technology, ready.card().signal_dbm) == (None, None, None)


def test_a_modem_that_works_again_for_a_minute_stands_at_the_top(ready, now):
    ready.driver.silent = True
    ready.driver.events = []
    ready.worker._watching.soon()
    ready.driver.registration = raises(errors.ModemTimeout("AT+CREG?"))
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
    ready.driver.registration = raises(errors.ModemTimeout("AT+CREG?"))
    ready.step(11)
    ready.step(2)
    assert ready.driver.resets == resets  # reopened first, not restarted
    ready.step(3)
    assert (ready.driver.resets, ready.usb_resets) == (resets + 1, 0)  # and then restarted, as from the top


@pytest.mark.parametrize("verb", ["resume", "try"])
def test_a_person_who_resumes_it_does_not_wait_for_its_patience(bench, now, verb):
    bench.driver.opening = [errors.SimMissing("no SIM in the modem") for _ in range(7)]
    while bench.driver.opening:
        bench.step(10)
    assert bench.card().state == "no_sim"
    bench.step(10)
    assert bench.card().state == "no_sim"  # the next look is a minute after the last
    commands.ask("box", "a", verb, "anne", now)
    bench.step(1.1)
    assert bench.card().state == "ready"


def test_tries_that_people_ask_for_do_not_begin_the_ladder_anew(ready, now):
    silenced(ready)
    person(1, now)
    order(now)
    ready.step()
    for seconds in range(400):
        if seconds % 10 == 0:
            commands.ask("box", "a", "try", "anne", ready.clock.now)
        ready.step(0.5)
    assert (ready.driver.resets >= 1, ready.usb_resets >= 1) == (True, True)


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


@pytest.mark.slow
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


@pytest.mark.slow
def test_a_modem_that_never_answers_a_submit_is_restarted_too(ready, now):
    for number in range(30):
        person(number, now)
    order(now)
    unanswered(ready)
    until(ready, "out_of_service")
    for _ in range(60):
        ready.step(60)
    assert (ready.driver.resets, ready.usb_resets) == (1, 1)


@pytest.mark.slow
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
    ready.driver.registration = raises(errors.ModemTimeout("AT+CREG?"))
    closed = ready.driver.closed
    ready.step(11)
    ready.step()
    assert ready.driver.closed == closed
    ready.step()
    assert ready.driver.closed == closed + 1
    assert ready.card().state == "faulty"


def test_a_swapped_sim_waits_until_a_technician_accepts_it(ready, now):
    person(1, now)
    ready.driver.identity = replace(ready.driver.identity, imsi="206010000000009")
    ready.driver.events = []
    commands.ask("box", "a", "restart", "anne", now)
    ready.step(1.1)
    until(ready, "quarantined")
    with pytest.raises(Exception, match="Nouvelle carte SIM dans ce modem"):
        order(now, kind="drill")
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
    told, ready.driver.registration = ready.driver.registration, raises(errors.PortGone("another card"))
    ready.step(11)
    ready.driver.registration = told
    assert until(ready, "quarantined") <= 1
    (card,) = sims.waiting_cards()
    assert card.imsi == "206010000000009"


def test_a_sim_that_is_changed_while_a_report_waits_for_the_database_sends_nothing(ready, now):
    person(1, now)
    placed = order(now)
    told = ready.driver.registration

    def persist(write):
        ready.clock.forward(90)
        ready.driver.identity = replace(ready.driver.identity, imsi="206010000000009")
        ready.driver.registration = raises(errors.PortGone("another card"))
        return write()

    ready.persist_next = persist
    ready.driver.events = [StatusReport(7, mobile(1), now, 0)]
    ready.step()
    ready.step()
    ready.driver.registration = told
    until(ready, "quarantined")
    assert (ready.driver.taken, ready.counts(placed)) == ([], {"queued": 1})


@pytest.mark.parametrize("seconds", [12, -7200])
def test_a_modem_whose_looks_are_slow_or_see_the_clock_set_back_sends_all_the_same(ready, now, seconds):
    person(1, now)
    placed = order(now)
    told = ready.driver.registration

    def look():
        ready.clock.forward(seconds)
        return told()

    ready.driver.registration = look
    for _ in range(4):
        ready.step(11)
    assert ready.counts(placed) == {"sent": 1}


def test_a_sim_that_is_taken_out_of_the_open_modem_is_told(ready, now):
    ready.driver.registration = raises(errors.SimMissing("no SIM in the modem"))
    ready.driver.opening = [errors.SimMissing("no SIM in the modem") for _ in range(99)]
    ready.step(11)
    assert ready.card().state == "no_sim"


def test_our_own_simulator_is_never_quarantined(now):
    bench = Bench(now, device="sim")
    sims.apply_seen("box", "a", IDENTITY.imei, "001010000000001", None, now)
    bench.run()
    assert bench.card().state == "ready"


def test_a_transcript_is_saved_on_request(ready, now):
    commands.ask("box", "a", "transcript", "anne", now)
    ready.step(1.1)
    assert ready.transcripts == 1
    assert commands.open_requests("box", "a") == []


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


def test_the_log_says_what_became_of_a_modem_that_is_lost(ready, now, caplog):
    person(1, now)
    order(now)
    ready.driver.trouble[mobile(1)] = [errors.PortGone("a")]
    ready.run()
    assert "modem a: absent (PortGone: a)" in caplog.messages
