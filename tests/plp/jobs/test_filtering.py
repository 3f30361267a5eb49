"""An operator takes an alert's texts and drops them: an incident within a minute, the rest goes by the other SIM."""

import random

import pytest

from db.alerts.progress.progress import progress
from db.alerts.queue.claim import claim_part
from db.alerts.queue.marks import mark_pdu_started, mark_sent
from db.alerts.queue.reports import NetworkReport, apply_report
from db.models.broadcasts import Attempt, Part
from db.modems.readiness import silences_of
from db.operations.incidents import open_incident, open_incidents
from plp.jobs.alarms.telling import Watch
from rules.states import PartState
from tests.plp.jobs.alarm_looks import alive, box_in_order
from tests.simulator.faults import Faults
from tests.support.people import LONG, Text, later, order, people, person, ready_modem
from tests.support.sampling import left_to_soak

A, B = "206010000000001", "206010000000002"
USUALLY = 40
LINKED = Text("Vu: https://x.be", "gsm7", ("Vu: https://x.be",))


@pytest.fixture
def house(database, now):
    with box_in_order(database.parent, now) as settings:
        yield settings


class Air:
    """Two SIMs in virtual time, each as fast as a modem is: a text is taken when the modem is done with it, and the
    next is claimed at once. Their networks report after five seconds, but for what A's drops by its `faults`.
    """

    def __init__(self, settings, now, faults=(), pace_s=4, sims=(A, B)):
        self.settings, self.now, self.began, self.pace_s = settings, now, now, pace_s
        self.faults, self.dice, self.watch = Faults(faults), random.Random(7), Watch()
        self.senders = [ready_modem(name, now, imsi) for name, imsi in zip("ab", sims, strict=False)]
        self.free_at = dict.fromkeys((sender.imsi for sender in self.senders), now)
        self.reports, self.took, self.first_dropped_at, self.references = [], {A: [], B: []}, None, 0
        self.held = {}

    def seconds(self, count, until=lambda: False):
        for _ in range(count):
            self.now = later(self.now, 1)
            alive(self.now)
            for sender in self.senders:
                ready_modem(sender.modem, self.now, sender.imsi)
                self._send(sender)
            self._report()
            if (self.now - self.began).seconds % 2 == 0:
                self.watch.step(self.settings, self.now)
            if until():
                return

    def _send(self, sender):
        if self.free_at[sender.imsi] > self.now:
            return
        if claim := self.held.pop(sender.imsi, None):
            self._taken(claim, sender)
        if claim := claim_part(sender, self.now):
            mark_pdu_started(claim, self.now)
            self.held[sender.imsi], self.free_at[sender.imsi] = claim, later(self.now, self.pace_s)

    def _taken(self, claim, sender):
        self.references = (self.references + 1) % 256
        mark_sent(claim, self.references, sender, self.now)
        self.took[sender.imsi].append(claim)
        self.faults.submits += sender.imsi == A
        if sender.imsi == A and self.faults.filters(claim.msisdn, claim.text):
            self.first_dropped_at = self.first_dropped_at or self.now
            return
        due = later(self.now, self.dice.choice([3, 4, 5, 5, 6, 9]))
        self.reports.append((due, NetworkReport(sender.imsi, self.references, claim.msisdn, self.now, 0, "delivered")))

    def _report(self):
        due = [row for row in self.reports if row[0] <= self.now]
        self.reports = [row for row in self.reports if row[0] > self.now]
        for _at, report in due:
            apply_report(report, self.now)


def filtered():
    return [card for card in open_incidents() if card.kind == "filtered"]


def reported_before(now, imsi=A):
    """This SIM's texts of yesterday, each with its report after a few seconds."""
    drill = order(now, kind="drill", again=True)
    for n, part in enumerate(Part.select().where(Part.broadcast == drill.id).limit(USUALLY)):
        at = later(now, -86400 + 10 * n)
        state = {"state": PartState.DELIVERED, "sent_at": at, "changed_at": later(at, 3 + n % 5)}
        Part.update(state).where(Part.id == part.id).execute()
        Attempt.create(
            part=part.id, host="box", modem="a", imsi=imsi, simulated=False, claimed_at=at, lease_until=at,
            pdu_started_at=at, ended_at=at, outcome="sent", reference=n,
        )  # fmt: skip
    Part.update(state=PartState.CANCELLED).where(Part.state == PartState.QUEUED).execute()


def alert_over_two_sims(house, now, fault, pace_s):
    """120 people, a third of each operator's range; the alert's number, and the air when its incident is open."""
    for n in range(120):
        person(n, now, mobile=f"+324{'789'[n % 3]}0{n:06}")
    alive(now)
    reported_before(now)
    reported_before(later(now, 1), B)
    air = Air(house, later(now, 2), [fault], pace_s)
    alert = order(air.now, text=LINKED)
    air.seconds(180, until=filtered)
    (incident,) = filtered()
    assert (air.now - air.first_dropped_at).total_seconds() <= 60
    assert incident.subject == A
    assert [str(words) for words in silences_of(alert.id)] == [incident.sentence]
    return alert.id, air


@pytest.mark.slow
@pytest.mark.parametrize(
    ("fault", "pace_s"),
    [
        ("filtered:all", 4),
        left_to_soak("filtered:all", 1),
        left_to_soak("filtered:after/8", 4),
        left_to_soak("filtered:after/8", 1),
        left_to_soak("filtered:text/https", 4),
        left_to_soak("filtered:text/https", 1),
    ],
)
def test_what_one_sim_s_operator_drops_goes_by_the_other(house, now, fault, pace_s):
    alert_id, air = alert_over_two_sims(house, now, fault, pace_s)
    (incident,) = filtered()
    assert "aucun accusé depuis" in incident.sentence
    lost = len(air.took[A])
    air.seconds(450 if pace_s > 1 else 120)
    assert len(air.took[A]) <= lost + 1, "what was claimed already"
    assert progress(alert_id, air.now).counts["queued"] == 0
    assert {card.subject for card in filtered()} == {A}


@pytest.mark.slow
@pytest.mark.parametrize("pace_s", [4, 1])
def test_what_is_dropped_to_one_operator_goes_by_the_other_sim_alone(house, now, pace_s):
    alert_id, air = alert_over_two_sims(house, now, "filtered:range/+3249", pace_s)
    (incident,) = filtered()
    assert "aucun accusé des numéros Orange depuis" in incident.sentence
    lost = len(air.took[A])
    air.seconds(300)
    others = [claim for claim in air.took[A][lost + 1 :] if not claim.msisdn.startswith("+3249")]
    assert others == air.took[A][lost + 1 :]
    assert len(others) > 10, "A goes on with the numbers of which reports come"
    assert progress(alert_id, air.now).counts["queued"] == 0


def test_the_parts_of_a_message_stay_together(house, now):
    people(4, now)
    alive(now)
    air = Air(house, now)
    order(now, text=LONG)
    a = air.senders[0]
    begun = claim_part(a, now)
    mark_pdu_started(begun, now)
    mark_sent(begun, 1, a, now)
    open_incident("filtered", A, "…", now)
    assert [claim_part(a, now).message_id for _ in range(2)] == [begun.message_id] * 2
    assert claim_part(a, now) is None
    assert claim_part(air.senders[1], now).message_id != begun.message_id


def test_the_only_sim_goes_on(house, now):
    people(2, now)
    alive(now)
    a = ready_modem("a", now, A)
    ready_modem("b", now, B, state="absent")
    open_incident("filtered", A, "…", now)
    order(now)
    assert claim_part(a, now) is not None


@pytest.mark.parametrize(
    ("spec", "dropped"),
    [
        ("filtered:all", [True, True, True]),
        ("filtered:after/2", [False, False, True]),
        ("filtered:range/+3249", [False, True, False]),
        ("filtered:text/http", [True, False, False]),
        ("untaken", [False, False, False]),
    ],
)
def test_a_network_that_filters_drops_some(spec, dropped):
    faults, seen = Faults([spec]), []
    for number, text in (("+32470000001", "Vu: http://x"), ("+32490000001", "Vu"), ("+32470000002", "Vu")):
        faults.submits += 1
        seen.append(faults.filters(number, text))
    assert seen == dropped
