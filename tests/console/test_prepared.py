"""Answers of many rows: prepared by a process of their own, for who asked, and gone afterwards."""

import os
import threading
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace

import pytest

from console.web import answering, preparing
from console.web.preparing import Work, Works
from db.models.zone import AuditEntry
from plp.services import apart
from rules.refusals import Refusal
from tests.console.conftest import words
from tests.e2e.box import eventually

pytestmark = pytest.mark.processes

ASKED = {"environ": {"REQUEST_METHOD": "GET", "PATH_INFO": "/plan-b/sheets"}, "form": ""}


@pytest.fixture(autouse=True)
def every_answer_is_large(monkeypatch):
    monkeypatch.setattr(preparing, "AT_ONCE", -1)
    monkeypatch.setattr(preparing, "works", Works())
    monkeypatch.setattr("console.home.prepared.works", preparing.works)
    timers = []

    class Timer(threading.Timer):
        def start(self):
            timers.append(self)
            super().start()

        def forget(self):
            """Now, not in minutes."""
            self.cancel()
            if isinstance(works := self.function.__self__, Works):
                works._forget(float("inf"))

    monkeypatch.setattr(threading, "Timer", Timer)
    yield
    for thread in threading.enumerate():
        if thread.name == "preparing":
            thread.join(10)
    for timer in timers:
        timer.forget()


@pytest.fixture
def held(monkeypatch):
    """Works of which none ends before it is set; what they answer is a line."""
    ends = threading.Event()

    def answered(work):
        ends.wait(10)
        work.file.write(b"a line")
        work.file.flush()
        return {"Content-Type": "text/csv", "Content-Disposition": "attachment; filename=membres.csv"}

    monkeypatch.setattr(preparing, "_answered", answered)
    yield ends
    ends.set()


def ready(browser, page):
    """The page of a work that is over."""

    def over():
        answer = browser.get(page)
        return answer if answer.status_code != 200 or "en préparation" not in words(answer) else None

    return eventually("an answer", over, 60)


def taken(action):
    return AuditEntry.select().where(AuditEntry.action == action).count()


@pytest.mark.slow
def test_members_are_written_by_another_process_and_fetched_once_ready(admin, monkeypatch):
    """The old console made the file in the thread of the page: the answer to the form was the file."""
    asked = admin.post("/members/export", {"format": "csv"})
    assert asked.status_code == 303
    assert asked.location.startswith("/prepared/")
    page = ready(admin, asked.location)
    assert "Télécharger membres.csv" in words(page)
    assert taken("members_exported") == 1, "when it is made, and once"
    with admin.get(f"{asked.location}/answer") as answer:
        assert answer.data.startswith("\ufeff".encode())
        assert answer.headers["Content-Disposition"] == "attachment; filename=membres.csv"
        assert answer.content_length == len(answer.data)
    assert taken("members_exported") == 1


@pytest.mark.slow
def test_sheets_are_shown_as_soon_as_they_are_ready_with_their_own_policy(officer):
    asked = officer.get("/plan-b/sheets")
    assert asked.status_code == 303
    shown = ready(officer, asked.location)
    assert shown.location == f"{asked.location}/answer"
    assert officer.get(asked.location, headers={"HX-Request": "true"}).headers["HX-Redirect"] == shown.location
    with officer.get(shown.location) as sheets:
        assert "Arbre d'appel" in words(sheets)
        assert "style-src 'unsafe-inline'" in sheets.headers["Content-Security-Policy"]


def test_nobody_else_fetches_it_and_no_right_that_is_gone(admin, officer, held):
    asked = admin.post("/members/export", {"format": "csv"})
    held.set()
    ready(admin, asked.location)
    assert "ou il n'est pas à vous" in words(officer.get(asked.location))
    assert officer.get(f"{asked.location}/answer").status_code == 302
    (work,) = preparing.works._works.values()
    work.endpoint, work.method = "alerts.send", "POST"  # what an admin may not do
    assert admin.get(f"{asked.location}/answer").status_code == 403


def test_a_second_press_waits_for_the_first_and_the_page_tells_how_far_it_is(admin, held):
    first = admin.post("/members/export", {"format": "csv"})
    assert admin.post("/members/export", {"format": "csv"}).location == first.location
    (work,) = preparing.works._works.values()
    eventually("its turn", lambda: work.phase == "making", 10)
    work.percent = 40
    assert "Fichier en préparation : 40 %" in words(admin.get(first.location))


def test_one_at_a_time_and_not_too_many(held):
    works = Works()
    begun = [works.begin(owner, "plan_b.whole", ASKED, "") for owner in range(preparing.MOST_WAITING)]
    eventually("one", lambda: any(work.phase == "making" for work in begun), 10)
    assert [work.phase for work in begun].count("making") == 1
    with pytest.raises(Refusal):
        works.begin(99, "plan_b.whole", ASKED, "")
    held.set()
    eventually("all", lambda: all(work.phase == "ready" for work in begun), 10)


def test_a_work_that_cannot_begin_gives_its_place_back(held, monkeypatch):
    works = Works()
    with monkeypatch.context() as without_threads:
        without_threads.setattr(threading.Thread, "start", _cannot_start)
        for owner in range(preparing.MOST_WAITING + 1):
            with pytest.raises(OSError, match="new thread"):
                works.begin(owner, "plan_b.whole", ASKED, "")
    assert works.begin(99, "plan_b.whole", ASKED, "").is_open
    held.set()


def _cannot_start(_thread):
    raise RuntimeError("can't start new thread")


def test_it_is_gone_when_its_time_is_over_and_after_it_was_fetched(held, monkeypatch):
    monkeypatch.setattr(preparing, "KEPT_ONCE_FETCHED_S", 0.0)
    works = Works()
    held.set()
    work = works.begin(1, "plan_b.whole", ASKED, "")
    eventually("an answer", lambda: work.phase == "ready", 10)
    assert works.find(1, work.key) is work
    works.is_fetched(work)
    assert works.find(1, work.key) is None
    assert work.file.closed
    monkeypatch.setattr(preparing, "KEPT_S", 0.0)
    work = works.begin(1, "plan_b.whole", ASKED, "")
    eventually("its end", lambda: work.file.closed, 10)


def test_a_process_that_ends_leaves_a_sentence_and_nothing_else(admin, monkeypatch, tmp_path):
    monkeypatch.setattr(preparing.sys, "executable", "/bin/false")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    Path(tmp_path, "temporary").mkdir()
    asked = admin.post("/members/export", {"format": "xlsx"})
    assert "n'a pas pu être préparé" in words(ready(admin, asked.location))
    assert not [*Path(tmp_path, "temporary").iterdir()]


def test_a_machine_that_can_begin_nothing_answers_slowly(officer, monkeypatch):
    def full(*_how):
        raise OSError(28, "full")

    monkeypatch.setattr(preparing.works, "begin", full)
    assert "Arbre d'appel" in words(officer.get("/plan-b/sheets"))


def test_the_process_ends_with_the_console():
    ended, (ours, theirs) = [], os.pipe()
    with pytest.MonkeyPatch.context() as patch, os.fdopen(ours) as stdin:
        patch.setattr("sys.stdin", stdin)
        patch.setattr(answering.os, "_exit", ended.append)
        os.close(theirs)
        answering._end_with_the_console()
    assert ended


def test_rows_tell_how_many_are_done(monkeypatch):
    told = []
    monkeypatch.setattr(apart, "_tell", told.append)
    assert [*apart.counted(range(1000), 1000)] == [*range(1000)]
    assert told == [*range(100)]
    with suppress(StopIteration):
        next(iter(apart.counted([], 0)))


def test_what_is_asked_holds_no_password_after_it_was_answered(held):
    works = Works()
    held.set()
    work: Work | SimpleNamespace = works.begin(1, "plan_b.whole", ASKED, "")
    eventually("an answer", lambda: work.phase == "ready" and work.until_s < float("inf"), 10)
    assert work.asked == {}
