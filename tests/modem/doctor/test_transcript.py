"""Transcripts from the daemon."""

from datetime import timedelta

import pytest

from db.modems import commands
from modem.doctor.transcript import DAEMON_PATIENCE_S, saved_transcript


class Time:
    """Time that passes while somebody sleeps; `then` happens at the first sleep."""

    def __init__(self, now, then=lambda now: None):
        self.now, self._then = now, then
        self.began = now

    def __call__(self):
        return self.now

    def sleep(self, seconds):
        self.now += timedelta(seconds=seconds)
        then, self._then = self._then, lambda now: None
        then(self.now)

    @property
    def passed_s(self):
        return (self.now - self.began).total_seconds()


def ask(time, name="a"):
    saved = saved_transcript("box", name, "tech", time.sleep, time)
    return saved and saved.text


@pytest.mark.usefixtures("database")
class TestTheDaemons:
    def test_it_is_asked_and_what_is_new_is_taken(self, now):
        commands.save_transcript("box", "a", "old", now - timedelta(hours=1))

        def daemon(at):
            assert [request.verb for request in commands.open_requests("box", "a")] == ["transcript"]
            commands.save_transcript("box", "a", "new", at)

        time = Time(now, daemon)
        assert ask(time) == "new"
        assert time.passed_s < 0.5

    @pytest.mark.parametrize(("name", "saved"), [("a", "old"), ("b", None)])
    def test_who_is_busy_gives_what_there_was(self, now, name, saved):
        commands.save_transcript("box", "a", "old", now - timedelta(hours=1))
        time = Time(now)
        assert ask(time, name) == saved
        assert time.passed_s == pytest.approx(DAEMON_PATIENCE_S, abs=0.2)

    def test_a_clock_that_goes_back_ends_the_wait(self, now):
        time = Time(now)
        time.sleep = lambda seconds: setattr(time, "now", now - timedelta(days=1))
        assert ask(time) is None
