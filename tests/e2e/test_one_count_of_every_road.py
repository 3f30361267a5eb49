"""An alert without a modem, then with one, then its correction, looked at each half second: every door says the same
numbers by SMS, mail and call, and none says a number that was never so.
"""

import csv
import io
import re
import time
from collections import Counter

import pytest

from db.alerts.incidents.roads import Roads
from db.engine.clock import utc_now
from db.people.zone import Policy
from plp.services.accounts.rights import add_account
from plp.services.zone import save_policy
from tests.console.conftest import PASSWORD, words
from tests.e2e.box import eventually
from tests.e2e.partnership import signed_in
from tests.support.people import person

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

BOTH, MOBILES, ADDRESSES, LANDLINES = 3, 4, 3, 2
PEOPLE = BOTH + MOBILES + ADDRESSES + LANDLINES
EVERY_S = 0.5
# A road by which nobody was reached is not named; every line ends with those whom none reached.
LINE = re.compile(
    r"(?:(\d+) par SMS · )?(?:(\d+) par e-mail · )?(?:(\d+) par téléphone · )?"
    r"(?:tous alertés|(\d+) (?:pas encore|non) alertés?)"
)
WAYS = {"SMS": "sms", "e-mail": "mail", "téléphone": "called", "non alerté": "not_reached"}


@pytest.fixture
def box(make_box, office):
    made = make_box("a")
    with made.config.open("a") as config:
        config.write(f"[mail]\nsmtp = 127.0.0.1:{office.port}\nfrom = plp@zone.example.be\ndomain_per_minute = 60\n")
    with made.reading():
        for number in range(PEOPLE):
            has_mobile, has_address = number < BOTH + MOBILES, not BOTH <= number < BOTH + MOBILES
            values = {} if has_mobile else {"mobile": "", "landline": f"+3242{number:06}"}
            if has_address and number < PEOPLE - LANDLINES:
                values["email"] = f"p{number}@example.org"
            person(number, utc_now(), f"Quartier{number % 3}", **values)
        add_account("Anne", ["officer"], PASSWORD, "test", utc_now())
        save_policy(Policy(), "test", utc_now())
    for process in ("modem", "jobs"):
        made.start(process)
    return made


def in_figures(line):
    return Roads(*(int(number or 0) for number in line.groups()))


class Doors:
    """Every door of one night; each look is kept between two of the API."""

    def __init__(self, box):
        self.box, self.officer = box, signed_in(box)
        told = box.json("token", "add", "essai", "--role", "technician")
        self.bearer = {"Authorization": f"Bearer {told['token']}"}
        self.numbers, self.looks, self.seen, self.faults = [], 0, Counter(), []

    def api(self):
        get = self.officer.client.get
        shapes = {number: get(f"/api/v1/broadcasts/{number}", headers=self.bearer).json for number in self.numbers}
        return {number: Roads(**shape["roads"]) for number, shape in shapes.items()}

    def said(self):
        """(door, broadcast, its roads) of every page and file."""
        for number in self.numbers:
            for door in ("", "/live?seen=", "/people"):
                yield from self.lines(f"alert{door}", number, f"/alerts/{number}{door}")
            yield from self.lines("plan B", number, f"/plan-b/alert/{number}")
            rows = csv.DictReader(io.StringIO(self.officer.get(f"/alerts/{number}/people.csv").text), delimiter=";")
            ways = Counter(WAYS[row["Moyen"]] for row in rows)
            yield "file", number, Roads(**{way: ways[way] for way in WAYS.values()})
        account = words(self.officer.get(f"/alerts/{self.numbers[0]}/dossier"))
        for number, line in zip(self.numbers, LINE.finditer(account), strict=True):
            yield "account", number, in_figures(line)

    def lines(self, door, number, address):
        page = self.officer.get(address)
        # Beside the line stand large figures and a map with the same words.
        alone = re.search(r'class="alert-roads">(?:<strong>)?([^<]*)', page.text)
        line = LINE.search(alone[1] if alone else "" if "alert-live" in page.text else words(page))
        yield door, number, in_figures(line) if line else None

    def look(self):
        """One sample; what contradicts is kept. A page says nothing of roads where SMS are the only one."""
        before, said = self.api(), list(self.said())
        after = self.api()
        for door, number, roads in said:
            self.seen[door] += 1
            first, last = before[number], after[number]
            if roads is None and not any((first.mail, first.called, last.mail, last.called)):
                continue
            still = first == last == roads
            moved = roads is not None and first != last and roads.people == first.people
            between = moved and first.sms <= roads.sms <= last.sms and first.called <= roads.called + roads.sms
            if not (still or (between and last.not_reached <= roads.not_reached <= first.not_reached)):
                self.faults.append((self.looks, door, number, roads, first, last))
        self.looks += 1
        return after

    def until(self, holds):
        ends = time.monotonic() + 60
        while not holds(self.look()):
            assert time.monotonic() < ends, self.api()
            time.sleep(EVERY_S)


def test_every_door_says_the_same_by_road(box):
    doors = Doors(box)
    alert = box.send("Vol rue de la Station. Fermez tout.")
    doors.numbers.append(alert)
    doors.until(lambda roads: roads[alert].mail == BOTH + ADDRESSES)
    page = doors.officer.get(f"/alerts/{alert}").text
    for member in sorted(set(re.findall(r'name="member" value="(\d+)"', page)))[:2]:
        doors.officer.post(f"/alerts/{alert}/called", {"member": member})
        doors.look()
    assert doors.api()[alert] == Roads(0, BOTH + ADDRESSES, 2, PEOPLE - BOTH - ADDRESSES - 2)
    box.start_simulator("a", "--submit-ms", "700")
    doors.until(lambda roads: roads[alert].sms >= 3)
    box.json("broadcast", "correct", str(alert), "--text", "CORRECTION. Rue Haute. Fermez tout.", "--rest", "--yes")
    doors.numbers += [alert + 1, alert + 2]
    doors.until(lambda _roads: [box.state(number) for number in doors.numbers[1:]] == ["finished"] * 2)
    eventually("the mails", lambda: doors.look()[alert + 1].mail >= 1)
    doors.look()
    assert doors.faults == []
    last = doors.api()
    assert last[alert + 1].people + last[alert + 2].people == last[alert].people == PEOPLE
    assert {door for door, number in doors.seen.items() if number >= doors.looks} == {*doors.seen}
    assert len(doors.seen) == 6
    assert doors.looks >= 8
