"""An alert without a modem, then with one, then its correction, looked at each half second: every door says the same
people in the same state, and none says a number that was never so.
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
from tests.support.four_states import Four, in_sentences, on_sheet
from tests.support.people import person

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

BOTH, MOBILES, ADDRESSES, LANDLINES = 3, 4, 3, 2
PEOPLE = BOTH + MOBILES + ADDRESSES + LANDLINES
EVERY_S = 0.5
STATES = ("received", "sent", "waiting", "otherwise")
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


def in_file(reach):
    """How many people the file has by each way: an SMS without a report is one, too."""
    by = reach["received_by"]
    return Roads(by["sms"] + reach["sent"], by["mail"], by["called"], reach["waiting"] + reach["otherwise"])


def is_between(first, shown, last):
    """True for numbers of a moment between two samples, which differ: nobody is received or reached twice."""
    if first == last or shown.people != first.people:
        return False
    done = (lambda numbers: numbers.received) if isinstance(shown, Four) else (lambda roads: -roads.not_reached)
    return done(first) <= done(shown) <= done(last)


class Doors:
    """Every door of one night; each look is kept between two of the API."""

    def __init__(self, box):
        self.box, self.officer = box, signed_in(box)
        told = box.json("token", "add", "essai", "--role", "technician")
        self.bearer = {"Authorization": f"Bearer {told['token']}"}
        self.numbers, self.looks, self.seen, self.faults = [], 0, Counter(), []

    def api(self):
        """(four states, people of the file by what reached them) of each broadcast."""
        get = self.officer.client.get
        shapes = {number: get(f"/api/v1/broadcasts/{number}", headers=self.bearer).json for number in self.numbers}
        return {
            number: (Four(*(shape["reach"][state] for state in STATES)), in_file(shape["reach"]))
            for number, shape in shapes.items()
        }

    def said(self):
        """(door, broadcast, its four states, or its roads in a file) of every page and file."""
        get = self.officer.get
        for number in self.numbers:
            for door in ("", "/live?seen=", "/people"):
                yield f"alert{door}", number, in_sentences(get(f"/alerts/{number}{door}").text)[0]
            yield "plan B", number, on_sheet(words(get(f"/plan-b/alert/{number}")))
            rows = csv.DictReader(io.StringIO(get(f"/alerts/{number}/people.csv").text), delimiter=";")
            ways = Counter(WAYS[row["Moyen"]] for row in rows)
            yield "file", number, Roads(**{way: ways[way] for way in WAYS.values()})
        account = in_sentences(get(f"/alerts/{self.numbers[0]}/dossier").text)
        for number, four in zip(self.numbers, account, strict=True):
            yield "account", number, four

    def look(self):
        """One sample; what contradicts is kept."""
        before, said = self.api(), list(self.said())
        after = self.api()
        for door, number, shown in said:
            self.seen[door] += 1
            kind = 1 if door == "file" else 0
            first, last = before[number][kind], after[number][kind]
            if shown not in (first, last) and not is_between(first, shown, last):
                self.faults.append((self.looks, door, number, shown, first, last))
        self.looks += 1
        return {number: road for number, (_four, road) in after.items()}

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
    assert doors.api()[alert][1] == Roads(0, BOTH + ADDRESSES, 2, PEOPLE - BOTH - ADDRESSES - 2)
    box.start_simulator("a", "--submit-ms", "700")
    doors.until(lambda roads: roads[alert].sms >= 3)
    box.json("broadcast", "correct", str(alert), "--text", "CORRECTION. Rue Haute. Fermez tout.", "--rest", "--yes")
    doors.numbers += [alert + 1, alert + 2]
    doors.until(lambda _roads: [box.state(number) for number in doors.numbers[1:]] == ["finished"] * 2)
    eventually("the mails", lambda: doors.look()[alert + 1].mail >= 1)
    doors.look()
    assert doors.faults == []
    last = {number: road for number, (_four, road) in doors.api().items()}
    assert last[alert + 1].people + last[alert + 2].people == last[alert].people == PEOPLE
    assert {door for door, number in doors.seen.items() if number >= doors.looks} == {*doors.seen}
    assert len(doors.seen) == 6
    assert doors.looks >= 8
