"""The doctor looks when a page asks, in the modems' daemon."""

import json

import pytest

from base.settings.values import Settings
from db.engine.clock import utc_now
from db.modems import commands, status
from modem.doctor import gathering, on_call
from rules.sentences import stored_sentence


@pytest.fixture
def settings(database, tmp_path, monkeypatch):
    monkeypatch.setattr(gathering, "bus_verdicts", list)
    settings = Settings(tmp_path / "config.ini", tmp_path)
    now = utc_now()
    status.beat(settings.host, "modem", 1, now)
    row = {"device": "tty", "state": "not_registered", "sentence": "", "imei": "356938035643809"}
    status.save_modem(settings.host, "a", row, now)
    return settings


def test_it_looks_at_one_modem_or_at_all(settings):
    for modem in ("a", "", "gone"):
        commands.ask(settings.host, modem, "doctor", "anne", utc_now())
    on_call.examine(settings, utc_now())
    assert "doctor" not in [request.verb for request in commands.open_requests(settings.host)]
    one, every, gone = (commands.answer_to(settings.host, modem, "doctor") for modem in ("a", "", "gone"))
    assert json.loads(one.text)["modems"] == json.loads(every.text)["modems"] == ["a"]
    found = next(finding for finding in json.loads(one.text)["findings"] if finding["modem"] == "a")
    assert json.loads(found["title"]) == {"code": "network_none.title"}
    assert "« Redémarrer le modem »" in str(stored_sentence(found["advice"]))
    assert (gone.state, gone.text) == ("refused", "")


def test_it_opens_no_modem_even_while_the_daemons_sign_of_life_is_old(settings, monkeypatch):
    monkeypatch.setattr(gathering, "introduction", lambda *_: pytest.fail("a modem was opened"))
    status.stop_beating(settings.host, "modem", utc_now())
    commands.ask(settings.host, "", "doctor", "anne", utc_now())
    on_call.examine(settings, utc_now())
    assert commands.answer_to(settings.host, "", "doctor").state == "done"


def test_a_defect_is_answered_too(settings, monkeypatch):
    monkeypatch.setattr(gathering, "facts_of", lambda *_, **__: 1 / 0)
    commands.ask(settings.host, "", "doctor", "anne", utc_now())
    on_call.examine(settings, utc_now())
    assert commands.answer_to(settings.host, "", "doctor").state == "silent"
