"""One worker, step by step: each thing that a modem may do, and what the database says afterwards."""

from dataclasses import replace
from datetime import timedelta

import pytest
from peewee import OperationalError

from db.alerts.queue.recovery import recover
from db.models.broadcasts import Message
from db.models.people import Member
from db.modems import commands
from modem import errors
from modem.driver.base.interface import LateReceipt, PortLost, Registration
from tests.modem.daemon.bench import Bench
from tests.modem.daemon.fake import IDENTITY
from tests.support.people import LONG, SENDING, Text, cancel_broadcast, mobile, order, person, release_broadcast

pytestmark = pytest.mark.usefixtures("database")


def test_it_opens_and_shows_what_it_found(bench):
    assert bench.step()
    card = bench.card()
    assert (card.state, card.sentence, card.model, card.operator, card.signal_dbm) == (
        "ready",
        "",
        "Huawei E173",
        "Proximus",
        -71,
    )
    assert not card.simulated


def test_a_sim_of_the_test_network_is_a_simulator(now):
    bench = Bench(now, imsi="001010000000001")
    bench.run()
    assert bench.card().simulated


def test_it_sends_all_and_rests(ready, now):
    for number in range(3):
        person(number, now)
    placed = order(now)
    ready.run()
    assert [part.msisdn for part in ready.driver.taken] == [mobile(n) for n in range(3)]
    assert ready.counts(placed) == {"sent": 3}
    assert ready.driver.holds == [True, False]
    assert ready.driver.taken[0].validity == timedelta(hours=4)


def test_parts_carry_what_the_pdu_needs(ready, now):
    person(1, now)
    order(now, text=LONG)
    ready.run()
    assert [(part.text, part.seq, part.total) for part in ready.driver.taken] == [
        ("un", 1, 3),
        ("DEUX", 2, 3),
        ("trois", 3, 3),
    ]
    assert len({part.reference for part in ready.driver.taken}) == 1


def test_an_absent_port_is_a_state_and_comes_back(bench, now):
    bench.present = False
    assert not bench.step()
    assert bench.card().state == "absent"
    bench.present = True
    assert not bench.step(0.4)
    assert bench.step(0.2)
    assert bench.card().state == "ready"


@pytest.mark.parametrize(
    ("error", "state", "words"),
    [
        (errors.PortBusy("/dev/x", "ModemManager (pid 812)"), "faulty", "ModemManager (pid 812)"),
        (errors.PortGone("/dev/x"), "absent", "branchez-le"),
        (errors.NotManaged("none"), "absent", "mmcli -L"),
        (errors.NotAllowed("no"), "faulty", "polkit"),
        (errors.PortError("no"), "faulty", "udev"),
        (errors.ModemTimeout("AT"), "faulty", "ne répond pas (AT)"),
        (errors.SimMissing("none"), "no_sim", "Pas de carte SIM"),
        (errors.PinRequired("pin", 3), "pin", "pin_file"),
        (errors.PukRequired("puk"), "pin", "PUK"),
        (errors.CmeError("AT+CFUN", 100), "faulty", "CME 100"),
    ],
)
def test_trouble_at_opening_is_told_and_tried_again_with_patience(bench, error, state, words):
    bench.driver.opening = [error] * 3
    assert not bench.step()
    assert (bench.card().state, words in bench.card().sentence) == (state, True)
    tries = 0
    while bench.card().state != "ready":
        bench.step(0.5)
        tries += 1
        assert tries < 40
    assert bench.card().sentence == ""


def test_a_modem_of_modemmanagers_has_no_at_commands_from_the_start(now):
    assert Bench(now, driver="modemmanager").worker.status.lacks == "at"


def test_the_row_says_for_the_doctor_what_is_missing(bench):
    bench.driver.open = lambda before: replace(IDENTITY, lacks=("smsc", "reports"))
    bench.driver.registration = lambda: Registration(False, None, None, "denied")
    bench.run()
    assert (bench.card().lacks, bench.card().unregistered) == ("smsc reports", "denied")
    bench.driver.registration = lambda: Registration(True, "4G", "20601")
    bench.step(2.1)
    assert bench.card().unregistered == ""


def test_without_a_network_it_waits_and_looks_again(bench, now):
    bench.driver.registered = False
    bench.run()
    assert bench.card().state == "not_registered"
    person(1, now)
    with pytest.raises(Exception, match="Pas de réseau"):
        order(now, kind="drill")
    bench.driver.registered = True
    assert not bench.step(1)
    bench.run()
    assert bench.card().state == "not_registered"
    bench.step(1.1)
    assert bench.card().state == "ready"


def test_a_number_that_is_no_mobile_is_never_dialled(ready, now):
    person(1, now)
    placed = order(now)
    for table, column in ((Message, Message.msisdn), (Member, Member.mobile)):
        table.update({column: "+3243304000"}).execute()
    ready.run()
    assert ready.driver.taken == []
    assert (ready.counts(placed), ready.reason(placed)) == ({"failed": 1}, "guard")


def test_a_permanent_refusal_fails_and_the_rest_goes_on(ready, now):
    person(1, now)
    person(2, now)
    placed = order(now)
    ready.driver.trouble[mobile(1)] = [errors.CmsError("AT+CMGS", 1)]
    ready.run()
    assert ready.counts(placed) == {"failed": 1, "sent": 1}
    assert ready.reason(placed) == "CMS 1"


def test_a_temporary_refusal_is_retried_after_the_others_and_then_fails(ready, now):
    person(1, now)
    person(2, now)
    placed = order(now)
    ready.driver.trouble[mobile(1)] = [errors.CmsError("AT+CMGS", 38)] * 3
    ready.run()
    assert ready.counts(placed) == {"queued": 1, "sent": 1}
    ready.step(61)
    ready.run()
    assert ready.counts(placed) == {"queued": 1, "sent": 1}
    ready.step(301)
    assert ready.counts(placed) == {"failed": 1, "sent": 1}


def test_a_refused_sim_is_suspended_and_its_work_moves_on(ready, now):
    other = Bench(now, name="b", imsi="206010000000002")
    other.run()
    for number in range(3):
        person(number, now)
    placed = order(now)
    ready.driver.trouble["*"] = [errors.CmsError("AT+CMGS", 21) for _ in range(2)]
    ready.run()
    assert ready.card().state == "suspended"
    assert ready.driver.taken == []
    other.step(16)
    other.run()
    assert other.counts(placed) == {"sent": 3}
    ready.step(17)
    ready.step()
    assert ready.worker.status.state == "ready"


def test_no_answer_is_unconfirmed_and_the_next_goes_out(ready, now):
    person(1, now)
    person(2, now)
    placed = order(now)
    silence = errors.SubmitUnconfirmed(20, submit=1)
    ready.driver.trouble[mobile(1)] = [silence]
    ready.driver.after = {silence}
    ready.run()
    assert ready.counts(placed) == {"unconfirmed": 1, "sent": 1}
    ready.driver.events = [LateReceipt(199, submit=9), LateReceipt(200, submit=1), LateReceipt(201, submit=1)]
    ready.run()
    assert ready.counts(placed) == {"sent": 2}


def test_an_unplug_after_the_pdu_is_unconfirmed_and_before_it_is_not(ready, now):
    for number in range(3):
        person(number, now)
    placed = order(now)
    silence = errors.SubmitUnconfirmed(1)
    silence.__cause__ = errors.PortGone("/dev/x")
    ready.driver.trouble[mobile(0)] = [silence]
    ready.driver.after = {silence}
    ready.run()
    assert ready.counts(placed) == {"unconfirmed": 1, "queued": 2}
    assert ready.card().state == "absent"
    ready.driver.trouble[mobile(1)] = [errors.PortGone("/dev/x")]
    ready.present = False
    ready.step(1)
    ready.present = True
    ready.step(1)
    ready.run()
    assert ready.counts(placed) == {"unconfirmed": 1, "queued": 2}
    ready.step(1)
    ready.run()
    assert ready.counts(placed) == {"unconfirmed": 1, "sent": 2}


def no_prompt(times):
    return [errors.ModemTimeout("AT+CMGS (prompt)") for _ in range(times)]


def test_a_modem_that_once_gave_no_prompt_and_answers_at_goes_on(ready, now):
    person(1, now)
    placed = order(now)
    ready.driver.trouble[mobile(1)] = no_prompt(1)
    closed = ready.driver.closed
    ready.run()
    assert ready.counts(placed) == {"sent": 1}
    assert ready.driver.closed == closed


def test_a_modem_that_gives_no_prompt_at_all_is_set_up_anew_and_the_part_loses_nothing(ready, now):
    person(1, now)
    placed = order(now)
    ready.driver.trouble[mobile(1)] = no_prompt(3)
    ready.run()
    assert ready.counts(placed) == {"queued": 1}
    assert ready.card().state == "faulty"
    assert ready.transcripts == 1
    ready.step(2)
    ready.run()
    assert ready.counts(placed) == {"sent": 1}


def test_a_lost_port_is_given_back(ready):
    """Held, its name could not come back."""
    closed = ready.driver.closed
    ready.driver.events = [PortLost()]
    ready.step()
    assert (ready.card().state, ready.driver.closed) == ("absent", closed + 1)


def test_a_lost_port_is_noticed_without_asking(ready):
    ready.driver.events = [PortLost()]
    ready.step()
    assert ready.card().state == "absent"


def test_normal_work_is_paced_and_urgent_work_is_not(now):
    bench = Bench(now, messages_per_minute=20)
    bench.run()
    for number in range(3):
        person(number, now)
    slow = order(now, priority="normal")
    bench.run()
    assert bench.counts(slow) == {"queued": 2, "sent": 1}
    assert 0 < bench.worker.idle_s(bench.clock.now) <= 1.0
    urgent = order(now, text=Text("Autre", "gsm7", ("Autre",)))
    bench.run()
    assert bench.counts(urgent) == {"sent": 3}
    bench.step(3.7)
    bench.run()
    assert bench.counts(slow) == {"queued": 1, "sent": 2}


def test_a_stop_holds_at_the_next_part(ready, now):
    for number in range(3):
        person(number, now)
    placed = order(now)
    ready.step()
    cancel_broadcast(placed.id, "test", now)
    ready.run()
    # also for the one that was already claimed with the receipt before it
    assert ready.counts(placed) == {"sent": 1, "cancelled": 2}
    assert len(ready.driver.taken) == 1


def test_held_back_after_an_outage(ready, now):
    person(1, now)
    placed = order(now)
    recover(now + timedelta(hours=1), timedelta(minutes=30))
    ready.run()
    assert ready.driver.taken == []
    release_broadcast(placed.id, "test", SENDING, now)
    ready.run()
    assert ready.counts(placed) == {"sent": 1}


def test_a_restart_is_asked_of_the_modem_once_although_nothing_can_be_written(ready, now, monkeypatch):
    commands.ask("box", "a", "restart", "anne", now)
    with monkeypatch.context() as patched:
        patched.setattr("db.modems.commands.mark_done", _away)
        for _ in range(3):
            with pytest.raises(OperationalError):
                ready.step(1.1)
    assert ready.driver.resets == 0
    ready.step(1.1)
    ready.step(1.1)
    assert ready.driver.resets == 1


def _away(*_):
    raise OperationalError("disk I/O error")


def test_a_refusal_of_the_modem_is_not_read_as_one_of_the_network(ready, now):
    person(1, now)
    placed = order(now)
    ready.driver.trouble[mobile(1)] = [errors.CmeError("AT+CMGS", 30)]
    ready.run()
    assert (ready.counts(placed), ready.reason(placed)) == ({"queued": 1}, "CME 30")


def test_a_clock_that_is_set_back_does_not_stop_the_modem(ready, now):
    ready.present = False
    ready.driver.events = [PortLost()]
    ready.step()
    ready.clock.now = now - timedelta(hours=2)
    ready.present = True
    ready.run()
    assert ready.worker.status.state == "ready"


def test_a_suspended_sim_stays_so_when_its_modem_comes_back(ready, now):
    for number in range(4):
        person(number, now)
    order(now)
    ready.driver.trouble["*"] = [errors.CmsError("AT+CMGS", 21) for _ in range(3)]
    ready.run()
    ready.step(1)
    ready.driver.events = [PortLost()]
    ready.step()
    ready.step(1)
    assert ready.worker.status.state == "suspended"
    ready.driver.events = [PortLost()]
    ready.driver.identity = replace(ready.driver.identity, imsi="206010000000009")
    ready.step(1)
    ready.step(1)
    assert ready.worker.status.state == "quarantined"  # another card answers for itself, and for nothing before it
