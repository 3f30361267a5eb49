"""A year that was played, counted twice: by the pages, the CSV file and the account, and here, from its diary alone."""

import csv
import io
import re
from collections import Counter
from datetime import UTC, datetime
from statistics import median

import pypdfium2
import pytest
from bs4 import BeautifulSoup

from console.partnership.statistics import outcome_words
from db.engine.connection import connected
from db.models.broadcasts import Message
from db.operations.retention import forget_recipients
from tests.support.played_year import BRUSSELS, PLACES, Player

# A year of events and some thousand figures: ten seconds alone, minutes on a busy machine.
pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

YEAR = 2025
NAMES = (
    *(
        "alerts",
        "last_phone",
        "people",
        "received",
        "sent",
        "waiting",
        "otherwise",
        "share",
        "feedbacks",
        "feedback",
        "bulletins",
        "forwarded",
    ),
    *("forwarding", "tips", "gained", "lost", "dead"),
)
STATES = ("received", "sent", "waiting", "otherwise")
PRIVATE = ("people", *STATES, "gained", "lost", "dead")
ZONE = "toute la zone"
FEW = "< 5"


class Counted:
    """The second program: it knows the diary, the calendar and what the words of the figures mean."""

    def __init__(self, diary):
        self.diary = diary
        self.few = {name for name in PLACES if Counter(diary.living.values())[name] < 5}

    def within(self, at, month):
        local = at.astimezone(BRUSSELS)
        return local.year == YEAR and month in (0, local.month)

    def figures(self, month, where):
        zone = where == ZONE
        alerts = [one for one in self.diary.alerts if self.within(one.at, month)]
        alerts = [one for one in alerts if zone or any(sms.place == where for sms in one.handed)]
        handed = [sms for one in alerts for sms in one.handed if zone or sms.place == where]
        received = sum(sms.fate == "delivered" for sms in handed)
        told = [one for one in alerts if one.feedback_at]
        bulletins = [
            one for one in self.diary.bulletins if self.within(one.at, month) and (zone or where in one.relayed)
        ]
        relays = [(at - one.at).total_seconds() for one in bulletins for name, at in one.relayed.items()
                  if at and (zone or name == where)]  # fmt: skip
        moves = Counter(
            kind for at, name, kind in self.diary.moves if self.within(at, month) and (zone or name == where)
        )
        values = {
            "alerts": len(alerts),
            "last_phone": middle(
                [(max(s.sent_at for s in one.handed if s.sent_at) - one.at).total_seconds() for one in alerts]
            ),
            "people": len(handed),
            "received": received,
            "sent": sum(sms.fate == "sent" for sms in handed),
            "waiting": 0,
            "otherwise": sum(sms.fate in ("undelivered", "CMS 1") for sms in handed),
            "share": round(100 * received / len(handed)) if handed else None,
            "feedbacks": len(told),
            "feedback": middle([(one.feedback_at - one.at).total_seconds() for one in told]),
            "bulletins": len(bulletins),
            "forwarded": len(relays),
            "forwarding": middle(relays),
            "tips": len(self.tips(month, where)),
            "gained": moves["gained"],
            "lost": moves["lost"],
            "dead": moves["dead"],
        }
        return values if zone else self.guarded(values, where)

    def guarded(self, values, where):
        """No figure about fewer than five people of a neighbourhood, and none of one that has no more."""
        hidden = {name for name in PRIVATE if 0 < values[name] < 5}
        hidden |= {"share", *STATES} if hidden & {"people", *STATES} else set()
        return {name: FEW if where in self.few or name in hidden else value for name, value in values.items()}

    def tips(self, month, where):
        return [one for one in self.diary.tips if self.within(one[0], month) and where in (ZONE, one[1])]


def middle(values):
    return median(values) if values else None


def written(value):
    return "" if value is None else str(round(value)) if isinstance(value, float) else str(value)


@pytest.fixture(scope="module")
def cells():
    """How many figures were compared, by where they stood."""
    found = Counter()
    yield found
    print(f"\ncompared: {dict(found)}")


@pytest.fixture
def played(app, posting):
    with connected():
        diary = Player(YEAR).play()
        # Who they were is forgotten: the counts stay.
        forget_recipients(datetime(2026, 2, 1, tzinfo=UTC))
        assert not Message.select().where(Message.msisdn != "").exists()
    assert (len(diary.alerts), len(diary.drills), len(diary.bulletins)) == (12, 2, 20)
    assert (len(diary.tips), diary.entries) == (60, 200)
    return Counted(diary)


@pytest.fixture
def in_charge(sign_in):
    return sign_in("officer")


def test_every_figure_of_page_csv_and_account_is_the_diary_s(played, in_charge, cells):
    lines = list(
        csv.DictReader(
            io.StringIO(in_charge.get(f"/statistics/figures.csv?year={YEAR}").data.decode("utf-8-sig")), delimiter=";"
        )
    )
    assert len(lines) == 13 * (1 + len(PLACES))
    for line in lines:
        month = int(line["Mois"][5:] or 0)
        expected = played.figures(month, line["Quartier"])
        values = list(line.values())
        assert dict(zip(NAMES, values[2:19], strict=True)) == {
            name: written(value) for name, value in expected.items()
        }, line
        _compare_tips(line, played, month, line["Quartier"], cells)
        cells["csv"] += len(NAMES)
    _read_pages(played, in_charge, cells)
    _read_account(played, in_charge, cells)


def _compare_tips(line, played, month, where, cells):
    tips = played.tips(month, where)
    kinds, outcomes = Counter(kind or "autre" for _at, _where, kind, _outcome in tips), Counter(tip[3] for tip in tips)
    words = {outcome_words(code): number for code, number in outcomes.items()}
    for head, value in line.items():
        if head.startswith("Signalements : "):
            expected = (kinds | Counter(words)).get(head.removeprefix("Signalements : "), 0)
            assert value == (FEW if where in played.few else str(expected)), (head, line)
            cells["csv"] += 1


def _read_pages(played, in_charge, cells):
    link = BeautifulSoup(in_charge.get(f"/statistics?year={YEAR}").data, "html.parser")
    places = {ZONE: ""} | {option.text: option["value"] for option in link.select("#place option") if option["value"]}
    assert set(places) == {ZONE, *PLACES}
    for where, number in places.items():
        page = BeautifulSoup(in_charge.get(f"/statistics?year={YEAR}&place={number}").data, "html.parser")
        tables = page.select(".figures-table")
        rows = tables[0].select("tbody tr")
        assert len(rows) == 13
        for month, row in zip((*range(1, 13), 0), rows, strict=True):
            assert _values(row) == [written(value) for value in played.figures(month, where).values()]
            cells["page"] += len(NAMES)
        for row in tables[1].select("tbody tr") if where == ZONE else ():
            assert _values(row) == [written(value) for value in played.figures(0, row.th.text.strip()).values()]
            cells["page"] += len(NAMES)
        assert len(page.select("svg")) >= 10


def _values(row):
    return [
        re.sub(r"\.\d+$", "", written(float(one["value"])) if "." in one["value"] else one["value"])
        for one in row.select("data")
    ]


def _read_account(played, in_charge, cells):
    answer = in_charge.get(f"/partnership/account/{YEAR}.pdf?language=fr")
    document = pypdfium2.PdfDocument(answer.data)
    assert 2 <= len(document) <= 4
    text = " ".join(page.get_textpage().get_text_bounded() for page in document)
    # Without the foot of each page, which stands in the middle of a sentence here.
    told = " ".join(re.sub(r"Police locale Seraing/Neupré · PLP · \d+ · \d / \d", "", text).split()).replace(
        "\xa0", " "
    )
    whole, diary = played.figures(0, ZONE), played.diary
    for name, words in (("people", "Destinataires"), ("sent", "Envoyés, sans accusé"),
                        ("otherwise", "À prévenir autrement"),
                        ("feedbacks", "Alertes avec feedback"), ("forwarded", "Relais des coordinateurs"),
                        ("tips", "Signalements")):  # fmt: skip
        assert f"{words} : {whole[name]}" in told, name
        cells["pdf"] += 1
    for alert in diary.alerts:
        day = alert.at.astimezone(BRUSSELS)
        received = sum(sms.fate == "delivered" for sms in alert.handed)
        assert re.search(
            rf"{day.day}(?:er)? \S+ {YEAR}, {day:%H:%M} Alerte( · \w+)? {len(alert.handed)} {received}\b", told
        ), alert.at
        cells["pdf"] += 2
    for drill in diary.drills:
        sent, received = (
            sum(one(sms) for sms in drill.handed)
            for one in (lambda s: s.fate in ("delivered", "sent"), lambda s: s.fate == "delivered")
        )
        assert f"{len(drill.handed)} destinataires, {sent} SMS envoyés, {received} reçus" in told
        cells["pdf"] += 3
    answers = Counter(diary.drills[1].answers)
    assert f"1 (oui) : {answers[1]}, 2 (non) : {answers[2]} · {answers.total()} réponses" in told
    for category, number in Counter(one.category for one in diary.bulletins).items():
        days = ", ".join(
            f"{one.at.astimezone(BRUSSELS):%d/%m}"
            for one in sorted(diary.bulletins, key=lambda b: b.at)
            if one.category == category
        )
        assert f": {number} ({days})" in told, category
        cells["pdf"] += 1 + number
    for code, number in Counter(tip[3] for tip in diary.tips).items():
        assert f"{outcome_words(code)} {number}" in told
        cells["pdf"] += 1
    for name in PLACES:
        figures = played.figures(0, name)
        assert re.search(rf"{name} .{{0,80}}? {figures['gained']} {figures['lost']} ", told), name
        cells["pdf"] += 2
    zone = f"toute la zone {len(diary.living)} {whole['gained']} {whole['lost']} {whole['dead']} "
    assert zone in told
    cells["pdf"] += 4
    for number in diary.living:
        assert number not in told


def test_technicians_see_none_of_it_and_coordinators_neither(sign_in):
    for role in ("technician", "coordinator"):
        browser = sign_in(role)
        for path in ("/statistics", "/statistics/figures.csv", "/partnership", "/partnership/account/2025.pdf"):
            assert browser.get(path).status_code == 403, (role, path)
    auditor = sign_in("auditor")
    assert auditor.get("/statistics").status_code == 200
    assert auditor.get("/partnership").status_code == 403
