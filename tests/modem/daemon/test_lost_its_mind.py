"""+CMS ERROR: 304 to PDUs that are right: a modem that lost its mind, or one text that every modem refuses."""

from datetime import timedelta

import pytest

from db.alerts.queue.blame import Refusals
from db.models.broadcasts import Attempt, Message, Part
from db.modems.status import beat
from modem.daemon.policy.blame import TRIES, verdict
from modem.errors import CmsError
from tests.modem.daemon.bench import Bench
from tests.modem.daemon.fleet import Fleet
from tests.modem.daemon.lives import PEOPLE, had, told, wrong
from tests.support.people import mobile, order, person

CODES = (302, 304, 305, 3870)
MANY = 16

pytestmark = pytest.mark.usefixtures("database")


def numbers(placed):
    return {state: len(whom) for state, whom in told(placed).items()}


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("profile", ["default", "sim800"])
def test_a_lone_modem_that_refuses_all_until_it_is_restarted(life, profile, code):
    one = life(profile, f"mad:{code}@=4", submit_s=0.5)
    placed = order(one.world.utc)
    assert one.live(180, lambda: set(told(placed)) == {"delivered"}), numbers(placed)
    assert wrong(one, placed) == set()
    assert len(one.world.modem.phone.network.messages.lines) == PEOPLE


def test_a_lone_modem_and_a_single_text(life):
    one = life("default", "mad@=1", submit_s=0.5)
    placed = order(one.world.utc)
    first = Part.select(Part.id).order_by(Part.id).limit(1)
    Part.update(state="cancelled").where(Part.id.not_in(first)).execute()
    assert one.live(120, lambda: "delivered" in told(placed)), numbers(placed)


def test_every_third_pdu_is_refused(life):
    one = life("default", "cms:304@33%", submit_s=0.5)
    placed = order(one.world.utc)
    assert one.live(240, lambda: set(told(placed)) == {"delivered"}), numbers(placed)
    assert wrong(one, placed) == set()


@pytest.mark.parametrize("code", CODES)
def test_a_number_that_is_always_refused_fails_and_nobody_else_waits(life, code):
    one = life("default", f"number:{mobile(2)}=cms:{code}", submit_s=0.5)
    placed = order(one.world.utc)
    assert one.live(30, lambda: len(had(one)) == PEOPLE - 1)
    assert one.live(180, lambda: numbers(placed) == {"delivered": PEOPLE - 1, "failed": 1}), numbers(placed)
    assert told(placed)["failed"] == {mobile(2)}


def test_a_modem_that_never_comes_to_its_mind_gives_nobody_up(life):
    one = life("default", "cms:304", submit_s=0.5)
    placed = order(one.world.utc)
    one.live(20 * 60)
    assert set(told(placed)) == {"queued"}
    one.world.modem.phone.faults.replace([])
    assert one.live(120, lambda: set(told(placed)) == {"delivered"}), numbers(placed)


# -- two modems -----------------------------------------------------------------------------------------------


def mad(bench):
    """Refuses every PDU until it is restarted."""
    submit = bench.driver.submit

    def refuse(part, on_pdu_start):
        if not bench.driver.resets:
            bench.clock.forward(1)
            raise CmsError("AT+CMGS", 304)
        return submit(part, on_pdu_start)

    bench.driver.submit = refuse


def test_the_other_modem_sends_what_one_refuses_and_that_one_comes_back(now):
    fleet = Fleet.ordered(now, 2, MANY, set(), 0)
    mad(fleet.benches[0])
    assert fleet.until_settled(timedelta(minutes=5)) is not None, fleet.counts()
    assert fleet.counts() == {"sent": MANY}
    assert len(fleet.taken()) == sum(len(bench.driver.taken) for bench in fleet.benches)
    assert fleet.benches[0].driver.resets == 1


@pytest.mark.parametrize("modems", [1, 2])
@pytest.mark.parametrize("dead", [{5, 12}, {8, 9}, {14, 15}, {13, 14, 15}], ids=str)
def test_numbers_that_every_modem_refuses_fail(now, modems, dead):
    fleet = Fleet.ordered(now, modems, MANY, dead, 304)
    assert fleet.until_settled(timedelta(minutes=10)) is not None, fleet.counts()
    assert fleet.counts() == {"sent": MANY - len(dead), "failed": len(dead)}
    # Where only such numbers are left, nothing else shows that it works.
    assert max(bench.driver.resets for bench in fleet.benches) <= 1


def test_two_modems_that_are_out_of_their_mind_give_nobody_up(now):
    fleet = Fleet.ordered(now, 2, MANY, set(), 0)
    for bench in fleet.benches:
        mad(bench)
    assert fleet.until_settled(timedelta(minutes=15)) is not None, fleet.counts()
    assert fleet.counts()["sent"] >= MANY - 1


def test_a_part_that_is_refused_twice_is_for_the_other_modem(ready, now):
    other = Bench(now, name="b", imsi="206010000000002")
    other.run()
    person(1, now)
    placed = order(now)
    ready.driver.always = {mobile(1): CmsError("AT+CMGS", 304)}
    for _ in range(2):
        ready.step(3)
        ready.run()
        beat("box", "modem", 1, ready.clock.now)
    assert Attempt.select().where(Attempt.modem == "a", Attempt.outcome == "retry").count() == 2
    assert Message.get().modem == "box/b"
    ready.step(60)
    ready.run()
    assert Attempt.select().where(Attempt.modem == "a").count() == 2
    other.clock.now = ready.clock.now
    other.run()
    other.run()
    assert other.counts(placed) == {"sent": 1}


def test_what_was_refused_counts_after_a_restart_of_the_daemon(ready, now):
    person(1, now)
    person(2, now)
    placed = order(now)
    ready.driver.always = {mobile(1): CmsError("AT+CMGS", 304)}
    for _ in range(2):
        ready.step(12)
        ready.run()
    ready.worker.close()
    later = Bench(ready.clock.now)
    later.driver.always = ready.driver.always
    for _ in range(40):
        later.step(5)
    assert later.counts(placed) == {"sent": 1, "failed": 1}
    assert Attempt.select().where(Attempt.reason == "CMS 304").count() == TRIES


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        (Refusals(0, 0, 0, 0, True), (False, False, "none")),
        (Refusals(1, 0, 1, 0, True), (False, True, "reopen")),
        (Refusals(0, 0, 3, 3, True), (False, False, "restart")),
        (Refusals(TRIES - 1, 0, 9, 3, False), (False, True, "none")),
        (Refusals(TRIES - 1, 0, 9, 3, True), (True, False, "none")),
        (Refusals(TRIES - 1, 0, 9, 2, False), (True, False, "none")),
        (Refusals(0, 1, 0, 0, True), (True, False, "none")),
        (Refusals(0, 1, 5, 1, False), (False, False, "none")),  # both may be out of their mind
    ],
)
def test_verdicts(before, expected):
    assert verdict(before) == expected
