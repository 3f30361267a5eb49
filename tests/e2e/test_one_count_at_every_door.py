"""An evening with faults, looked at each half second: every door says one count, and no more than the phones got."""

import re
import time

import pytest

from db.engine.clock import utc_now
from db.people.zone import Policy
from plp.services.accounts.rights import add_account
from plp.services.zone import save_policy
from tests.console.conftest import PASSWORD, words
from tests.e2e.box import eventually, mobile
from tests.e2e.partnership import signed_in
from tests.support.sampling import LEFT_TO_SOAK

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]

PEOPLE = 14
REFUSED, UNANSWERED = 3, 6
TEXT, CORRECTION = "Vol rue de la Station. Fermez tout.", "CORRECTION. Vol rue Haute. Fermez tout."
EVERY_S = 0.5
FIGURE = r"envoyés? sur \d+ (\d+)"


@pytest.fixture
def box(make_box):
    made = make_box("a")
    with made.config.open("a") as config:
        config.write("submit_timeout_s = 5\n")
    faults = f"number:{mobile(REFUSED)}=cms:1,number:{mobile(UNANSWERED)}=unanswered"
    faults += f",number:{mobile(UNANSWERED)}=noreport"
    made.start_simulator("a", "--submit-ms", "300", "--fault", faults)
    made.import_members(PEOPLE)
    with made.reading():
        add_account("Anne", ["officer"], PASSWORD, "test", utc_now())
        save_policy(Policy(), "test", utc_now())
    for process in ("modem", "jobs"):
        made.start(process)
    eventually("a modem", made.ready_modems)
    return made


class Doors:
    """Every door of one evening; each look is kept between two of the API."""

    def __init__(self, box):
        self.box, self.officer = box, signed_in(box)
        told = box.json("token", "add", "essai", "--role", "technician")
        self.bearer = {"Authorization": f"Bearer {told['token']}"}
        self.texts: dict[int, str] = {}
        self.looks, self.figures, self.faults = 0, 0, []

    def api(self):
        get = self.officer.client.get
        return {number: get(f"/api/v1/broadcasts/{number}", headers=self.bearer).json["taken"] for number in self.texts}

    def pages(self):
        """(door, broadcast, figure) of everything that a page says was sent."""
        home = self.officer.get("/")
        listed = re.findall(r'home-incident-title"><a href="/alerts/(\d+)".*?plp-number">(\d+)<', home.text, re.DOTALL)
        for number, figure in listed:
            yield "home", int(number), figure
        for number, figure in re.findall(r'plp-running"\s+href="/alerts/(\d+)".*?: (\d+) SMS ', home.text, re.DOTALL):
            yield "header", int(number), figure
        for (number, _figure), figure in zip(
            listed, re.findall(FIGURE, words(self.officer.get("/wall"))), strict=False
        ):
            yield "wall", int(number), figure
        for number in self.texts:
            page = self.officer.get(f"/alerts/{number}/live?seen=")
            for figure in re.findall(FIGURE, words(page)):
                yield "alert", number, figure
            tiles = re.findall(r'<strong class="plp-number">(\d+) / \d+<', page.text)
            yield "map", number, sum(map(int, tiles))

    def look(self):
        """One sample; what contradicts is kept."""
        before, said = self.api(), list(self.pages())
        after, log = self.api(), self.box.log("a")
        for door, number, figure in said:
            phones = len({record["to"] for record in log if self.texts[number] in record["text"]})
            self.figures += 1
            if not before[number] <= int(figure) <= after[number] or int(figure) > phones:
                self.faults.append((self.looks, door, number, int(figure), before[number], after[number], phones))
        self.looks += 1
        return after

    def until(self, holds):
        """Look each half second until it holds."""
        ends = time.monotonic() + 60
        while not holds(self.look()):
            assert time.monotonic() < ends, self.box.counts(min(self.texts))
            time.sleep(EVERY_S)


@LEFT_TO_SOAK  # test_one_count_of_every_road.py looks at the same doors
def test_no_door_contradicts_another_or_says_more_than_the_phones_got(box):
    doors = Doors(box)
    alert = box.send(TEXT)
    doors.texts[alert] = TEXT
    act = doors.officer.post
    doors.until(lambda taken: taken[alert] >= 3)
    act(f"/alerts/{alert}/pause")
    doors.until(lambda _taken: doors.looks > 6)
    act(f"/alerts/{alert}/resume")
    doors.until(lambda taken: taken[alert] >= 5 and {"failed", "unconfirmed"} <= set(box.counts(alert)))
    act(f"/alerts/{alert}/cancel")
    doors.until(lambda _taken: box.state(alert) == "cancelled" and "sending" not in box.counts(alert))
    stopped = box.counts(alert)
    assert {"failed", "unconfirmed", "cancelled"} <= set(stopped)
    correction = box.json("broadcast", "correct", str(alert), "--text", CORRECTION, "--yes")["id"]
    doors.texts[correction] = CORRECTION
    doors.until(lambda _taken: box.state(correction) == "finished")
    doors.look()
    assert doors.faults == []
    assert doors.looks >= 10
    assert doors.figures >= 5 * doors.looks
