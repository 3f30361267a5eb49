"""Both modems away in the middle of an alert: every page says so, and people on duty are called until one answers."""

import re
import time

import pytest

from db.engine.clock import utc_now
from db.operations.summons import recent_summonses
from db.people.zone import Policy
from plp.services.accounts.duty import DutyDraft, save_shift
from plp.services.accounts.rights import add_account
from plp.services.zone import save_policy
from tests.console.conftest import PASSWORD, words
from tests.e2e.box import eventually, mobile
from tests.e2e.partnership import signed_in, world

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]

ZOE, LUC = "+32470000091", "+32470000092"
PEOPLE = 30
WITHIN_S = 10.0
# Faster than the usual five minutes; a telephone that rings for twenty seconds would hold up the only modem.
EVERY = "4s"
CONFIG = "[mail]\nsmtp = 127.0.0.1:{port}\nfrom = plp@zone.example.be\ndomain_per_minute = 0\n"
_CODE = re.compile(r'data-judgement="(\w+)"')


def on_duty(box):
    with box.reading():
        add_account("Anne", ["officer"], PASSWORD, "test", utc_now())
        save_policy(Policy(), "test", utc_now())  # a new zone asks for a second factor
        for turn, (name, number) in enumerate({"zoe": ZOE, "luc": LUC}.items(), start=1):
            address = f"{name}@example.org"
            account = add_account(name, ["officer"], None, "test", utc_now(), number, address)
            save_shift(DutyDraft(account, frozenset(range(1, 8)), 0, 1440, turn=turn), "test", utc_now())


def calls(box):
    return [record["to"] for record in box.log("a", "b") if record["to"] in (ZOE, LUC)]


def summons(box):
    with box.reading():
        return next(iter(recent_summonses(utc_now())), None)


def test_both_modems_away_during_an_alert(make_box, office):
    box = make_box("a", "b", sending=f"undo_seconds = 0\nduty_call_every = {EVERY}\nduty_call_rings = no")
    with box.config.open("a") as config:
        config.write(CONFIG.format(port=office.port))
    for name in ("a", "b"):
        box.start_simulator(name, "--submit-ms", "700")
    box.import_members(PEOPLE)
    on_duty(box)
    officer = signed_in(box)
    for process in ("modem", "jobs"):
        box.start(process)
    eventually("both modems", lambda: box.ready_modems() == 2)
    alert = box.send("Vol rue de la Station, 21h40. Restez chez vous, appelez le 101.")
    eventually("some are sent", lambda: len(box.log("a", "b")) > 3)

    for name in ("a", "b"):
        box.pull_out(name)
    gone_at = time.monotonic()
    pages = ("/status", f"/alerts/{alert}/live", "/incidents/live")

    def told():
        return {page: set(_CODE.findall(officer.get(page).text)) for page in pages}

    eventually("every page says the same", lambda: all(codes == {"absent"} for codes in told().values()), WITHIN_S)
    said_after_s = time.monotonic() - gone_at
    assert said_after_s <= WITHIN_S
    for page in pages:
        assert "Prévenez le technicien" in words(officer.get(page))
    mailed = eventually(
        "two mails",
        lambda: (
            {to for to in office.readers if to in ("zoe@example.org", "luc@example.org")}
            == {"zoe@example.org", "luc@example.org"}
        ),
    )
    assert mailed
    mailed_after_s = time.monotonic() - gone_at
    assert calls(box) == []
    assert "Personnes de garde prévenues par e-mail" in words(officer.get(f"/alerts/{alert}/live"))

    box.start_simulator("a", "--submit-ms", "50", "--control", "a.control")
    eventually("zoe is called", lambda: calls(box) == [ZOE])
    eventually("luc is called after her", lambda: calls(box) == [ZOE, LUC])
    world(box, f"inbound {LUC} OK j'y vais")
    card = eventually("an end", lambda: (found := summons(box)) and found.ended_at and found)
    assert (card.outcome, card.ended_by) == ("answered", "luc")
    assert [(call.name, call.outcome) for call in card.calls] == [("zoe", "no_answer"), ("luc", "answered")]
    assert "luc a répondu OK" in words(officer.get("/incidents/live"))

    eventually("the alert goes on to its end", lambda: box.state(alert) == "finished")
    taken = [record["to"] for record in box.log("a", "b", tpdus=True) if record["to"] not in (ZOE, LUC)]
    assert sorted(set(taken) | box.people(alert, "unconfirmed")) == [mobile(n) for n in range(PEOPLE)]
    assert len(taken) == len(set(taken))
    time.sleep(6)
    assert calls(box) == [ZOE, LUC]
    print(f"said after {said_after_s:.1f} s, mails after {mailed_after_s:.1f} s")
