"""An evening with faults, looked at each half second: at every door the people of the alert are in the same four
states, which add up to them, and no door says more than the telephones, the mail server and the callers know.
"""

import csv
import io
import re
from collections import Counter
from dataclasses import dataclass

import pytest

from db.alerts.incidents.roads import Roads
from db.engine.clock import utc_now
from db.engine.connection import writing
from db.people.zone import Policy
from plp.services.accounts.rights import add_account
from plp.services.zone import save_policy
from tests.console.alerts.scene import follow_up
from tests.console.conftest import PASSWORD, words
from tests.e2e.box import eventually, mobile
from tests.e2e.partnership import signed_in
from tests.e2e.samples import as_it_was, sampling
from tests.support.four_states import Four, from_afar, in_lines, in_sentences, in_statistics, on_home, on_map, on_sheet
from tests.support.people import person
from tests.support.sampling import left_to_soak

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]

TEXT, CORRECTION = "Vol rue de la Station. Fermez tout.", "CORRECTION. Vol rue Haute. Fermez tout."
# The alert, its correction, and the corrected alert, which begins otherwise.
HAVE_IT = re.compile("rue de la Station|rue Haute")
WAYS = {"SMS": "sms", "e-mail": "mail", "téléphone": "called", "non alerté": "not_reached"}
CALLS = 2
RUNNING = re.compile(r'plp-running"\s+href="/alerts/\d+".*?: (\d+) SMS ', re.DOTALL)


@dataclass(frozen=True)
class Crowd:
    """Numbers of people: with a mobile, of whom the network refuses some, answers nothing of some, whose telephones
    report nothing, or that they did not take it; without one, with an address or with a landline.
    """

    mobiles: int
    refused: int
    unanswered: int
    silent: int
    untaken: int
    addresses: int
    landlines: int

    @property
    def people(self):
        return self.mobiles + self.addresses + self.landlines

    @property
    def faults(self):
        """They strike the second to the last of each row of numbers: nobody is refused twice in a row."""
        kinds = ["cms:1"] * self.refused + ["unanswered"] * self.unanswered
        kinds += ["noreport"] * self.silent + ["report:70"] * self.untaken
        apart = self.mobiles // len(kinds)
        struck = {mobile(number * apart): kind for number, kind in enumerate(mixed(kinds))}
        reports = [f"number:{number}=noreport" for number, kind in struck.items() if kind == "unanswered"]
        return ",".join([f"number:{number}={kind}" for number, kind in struck.items()] + reports)

    @property
    def at_last(self):
        """Everybody's state once nothing can change any more."""
        doubted = self.refused + self.unanswered + self.untaken
        received = self.mobiles - doubted - self.silent + self.addresses + CALLS
        return Four(received, self.silent, 0, doubted + self.landlines - CALLS)


def mixed(kinds):
    """The kinds in turn, so that one does not strike a modem again and again."""
    return [kind for start in range(4) for kind in kinds[start::4]]


EVENING = Crowd(mobiles=12, refused=1, unanswered=1, silent=1, untaken=1, addresses=3, landlines=3)
LARGE = Crowd(mobiles=240, refused=5, unanswered=10, silent=8, untaken=5, addresses=40, landlines=20)


@pytest.fixture
def box(make_box, office, crowd):
    made = make_box("a", "b", "c", sending="undo_seconds = 2")
    with made.config.open("a") as config:
        config.write(f"[mail]\nsmtp = 127.0.0.1:{office.port}\nfrom = plp@zone.example.be\ndomain_per_minute = 60\n")
    made.config.write_text(made.config.read_text().replace(".tty\n", ".tty\nsubmit_timeout_s = 5\n"))
    for name in made.modems:
        made.start_simulator(name, "--submit-ms", "250", "--report-ms", "400", "--fault", crowd.faults)
    with made.reading():
        with writing():
            for number in range(crowd.people):
                person(number, utc_now(), f"Quartier{number % 3}", **roads_of(crowd, number))
        add_account("Anne", ["officer"], PASSWORD, "test", utc_now())
        save_policy(Policy(), "test", utc_now())
    for process in ("modem", "jobs"):
        made.start(process)
    eventually("the modems", lambda: made.ready_modems() == len(made.modems))
    return made


def roads_of(crowd, number):
    if number < crowd.mobiles:
        return {"mobile": mobile(number)}
    if number < crowd.mobiles + crowd.addresses:
        return {"mobile": "", "email": f"p{number}@example.org"}
    return {"mobile": "", "landline": f"+3242{number:06}"}


class Evening:
    """One alert in a browser, by commands, and at the doors."""

    def __init__(self, box, office):
        self.box, self.office, self.officer = box, office, signed_in(box)
        token = box.json("token", "add", "essai", "--role", "technician")["token"]
        self.bearer = {"Authorization": f"Bearer {token}"}
        self.alert, self.calls = 0, 0
        self.figures, self.faults, self.seen, self.lines = 0, [], Counter(), 0
        self.pages: dict[str, str] = {}

    def outside(self):
        """The telephones that have it, the readers whose server took a mail, and the calls that somebody noted."""
        phones = {record["to"] for record in self.box.log() if HAVE_IT.search(record["text"])}
        return len(phones), len({*self.office.readers}), self.calls

    def notes_calls(self):
        page = self.officer.get(f"/alerts/{self.alert}").text
        for member in sorted(set(re.findall(r'name="member" value="(\d+)"', page)))[:CALLS]:
            self.calls += 1
            assert self.officer.post(f"/alerts/{self.alert}/called", {"member": member}).status_code == 303

    def follows(self, kind, text, **changes):
        """The address of the correction or the end."""
        page = self.officer.get(f"/alerts/{self.alert}/follow-up?kind={kind}")
        answer = self.officer.post(f"/alerts/{self.alert}/follow-up", follow_up(page, text, kind, **changes))
        assert answer.status_code == 303, words(answer)
        return answer.location

    def page(self, path):
        """The text of a page, asked once in each look."""
        if path not in self.pages:
            self.pages[path] = self.officer.get(path).text
        return self.pages[path]

    def api(self, path):
        return self.officer.client.get(f"/api/v1/broadcasts{path}", headers=self.bearer).json

    def doors(self, taken):
        """Every door with the four that it shows, each time that it shows them."""
        get, alert = self.page, f"/alerts/{self.alert}"
        page, home, wall = (get(path) for path in (alert, "/", "/wall"))
        yield "home", [*on_home(home).values()]
        yield "wall", from_afar(wall)
        yield "alert", in_sentences(page) + from_afar(page)
        yield "live part", in_sentences(get(f"{alert}/live?seen="))
        yield "people", in_sentences(get(f"{alert}/people"))
        yield "history", in_sentences(get("/alerts/"))
        yield "dossier", in_sentences(get(f"{alert}/dossier"))[:1]
        yield "call sheet", [on_sheet(words(self.officer.get(f"/plan-b/alert/{self.alert}")))]
        yield "API, list", [in_shape(card) for card in self.api("") if card["id"] == self.alert]
        if taken:
            yield "statistics", [in_statistics(get("/statistics"))]
        for name, shown in (("map", page), ("map of home", home), ("map of the wall", wall)):
            yield name, [on_map(shown)]
        rows = csv.DictReader(io.StringIO(get(f"{alert}/people.csv")), delimiter=";")
        ways = Counter(WAYS[row["Moyen"]] for row in rows)
        yield "file", [Roads(**{way: ways[way] for way in WAYS.values()})]
        yield "header", [int(number) for number in RUNNING.findall(home)]

    def look(self, number, sample, people):
        """One sample; what contradicts is kept."""
        self.pages.clear()
        shape = self.api(f"/{self.alert}")
        if "id" not in shape or not shape["reach"]["people"]:
            return
        four, by = in_shape(shape), shape["reach"]["received_by"]
        own = {
            "file": Roads(by["sms"] + four.sent, by["mail"], by["called"], four.waiting + four.otherwise),
            **dict.fromkeys(("map", "map of home", "map of the wall"), (four.received, four.people)),
        }
        for door, shown in self.doors(shape["taken"]):
            self.seen[door] += 1
            self.figures += len(shown)
            if door == "header":
                wrong = any(number > sample.outside[0] for number in shown)
            else:
                wrong = not shown or {*shown} != {own.get(door, four)}
            if wrong:
                self.faults.append((number, door, shown, four))
        self.look_at_lines(number, shape["followed_by"])
        phones, readers, calls = sample.outside
        if four.people != people or by["sms"] + four.sent > phones or by["mail"] > readers or by["called"] > calls:
            self.faults.append((number, "API", shape["reach"], sample.outside))

    def look_at_lines(self, number, followed_by):
        """What followed it, in lines beneath; an end that was undone tells no figures."""
        told = [in_shape(line) for line in followed_by if line["state"] != "cancelled"]
        for address in (f"/alerts/{self.alert}", f"/alerts/{self.alert}/dossier", "/alerts/"):
            shown = in_lines(self.page(address))
            self.lines += len(shown)
            if shown != told:
                self.faults.append((number, f"lines of {address}", shown, told))


def in_shape(shape):
    return Four(*(shape["reach"][state] for state in ("received", "sent", "waiting", "otherwise")))


def plays(evening, box, crowd):
    """The alert, two calls, its correction to all, and an end that is undone."""
    evening.alert = alert = box.send(TEXT)
    eventually("a third of it", lambda: box.counts(alert).get("queued", 0) <= crowd.mobiles * 2 // 3)
    evening.notes_calls()
    evening.follows("correction", CORRECTION, rest="yes")
    following = [alert + 1, alert + 2]
    eventually("the correction", lambda: [box.state(number) for number in following] == ["finished"] * 2, 300)
    eventually("the mails", lambda: len({*evening.office.readers}) == crowd.addresses)
    theirs = (alert, following[1])
    eventually("the reports", lambda: sum(box.counts(each).get("sent", 0) for each in theirs) <= crowd.silent)
    end = evening.follows("end", "Merci.")
    evening.officer.post(f"{end}/cancel")
    eventually("the undone end", lambda: box.state(int(end.rsplit("/", 1)[1])) == "cancelled")


@pytest.mark.parametrize("crowd", [pytest.param(EVENING, id="18"), left_to_soak(LARGE, id="300")])
def test_no_door_contradicts_another_or_says_more_than_is_known(box, office, crowd):
    evening = Evening(box, office)
    with sampling(box, evening.outside) as samples:
        plays(evening, box, crowd)
    for number, sample in enumerate(samples):
        with as_it_was(sample):
            evening.look(number, sample, crowd.people)
            last = evening.api(f"/{evening.alert}")
    print(
        f"\n{len(samples)} samples, {evening.figures} figures, {evening.lines} lines, {len(evening.faults)} differences"
    )
    assert evening.faults == []
    assert in_shape(last) == crowd.at_last
    assert len(evening.seen) == 15
    assert evening.lines > len(samples)
