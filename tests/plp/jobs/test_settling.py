"""Jobs that have just begun end the incident of their absence, and tell of incidents, only once they have stood."""

import threading

import pytest

from base.settings.values import Settings
from db.models.incidents import Incident
from db.models.zone import Heartbeat
from db.operations.incidents import open_incident, open_incidents
from plp.jobs import scheduler
from rules.sentences import coded
from tests.e2e.box import eventually

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def told(database, now, monkeypatch):
    """Runs the jobs until `enough()`; the names of what they did meanwhile."""
    done = []
    errands = [(name, lambda _settings, _stop, name=name: done.append(name)) for name in ("alarms by mail", "mail")]
    steps = [(name, lambda _settings, _now, name=name: done.append(name)) for name in ("waking", "answers")]
    monkeypatch.setattr(scheduler, "ERRANDS", errands)
    monkeypatch.setattr(scheduler, "STEPS", steps)
    monkeypatch.setattr(scheduler, "QUIET_STEPS", steps[1:], raising=False)
    monkeypatch.setattr(scheduler, "IDLE_S", 0.005)
    monkeypatch.setattr(scheduler, "AGAIN_AFTER_S", 9.0)
    open_incident("process", f"{Settings(path=None, folder=None).host}/jobs", coded("memory_SM").stored, now)

    def run(enough):
        stop = threading.Event()
        settings = Settings(path=database.parent, folder=database.parent)
        thread = threading.Thread(target=scheduler.run, args=(settings, stop))
        thread.start()
        try:
            eventually("enough", lambda: enough(done))
        finally:
            stop.set()
            thread.join(20)
        return {*done}

    return run


def test_jobs_that_end_at_once_leave_the_incident_open_and_tell_nobody(told):
    assert told(lambda done: done.count("answers") > 5) == {"answers", "mail"}
    assert [card.kind for card in open_incidents()] == ["process"]
    assert not Heartbeat.select().exists()


def test_jobs_that_stand_end_it_before_they_tell_anything(told, monkeypatch):
    monkeypatch.setattr(scheduler, "SETTLED_S", 0.0)
    assert told(lambda done: {"waking", "alarms by mail"} <= {*done}) == {"waking", "answers", "mail", "alarms by mail"}
    assert open_incidents() == []
    assert Incident.get().ended_at <= Heartbeat.get().seen_at
