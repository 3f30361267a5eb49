"""Alarms: a fault becomes an incident, and its beginning and end are reported once by every open channel."""

import logging
import pkgutil
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from importlib import import_module
from typing import Any

from base.settings.misfits import misfits
from base.settings.reading import is_optional
from base.settings.values import Settings
from db.alerts.queue.recovery import free_stranded
from db.engine.connection import writing
from db.modems.readiness import readiness
from db.operations.incidents import Alarm, alarm_of, close_unseen, mark_told, watch_incident
from plp.jobs.alarms import channels
from plp.jobs.alarms.trouble import OWN_KINDS, SHARED_KINDS, findings, silent_sims
from plp.services.machine import AT_ONCE, Trouble
from rules.refusals import Refusal
from rules.sentences import Sentence, coded

LOOK_EVERY = timedelta(seconds=20)
# Readiness is checked more often: an alert must not wait for the next check.
JUDGE_EVERY_S = 2.0
# Does what is due; True when it did something, and more may be due.
Duty = Callable[[Settings, datetime], bool]

_log = logging.getLogger(__name__)

FIRST, _LAST = timedelta(seconds=10), timedelta(minutes=15)
# Then the other channels tell of the one that fails.
FAILING = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Channel:
    """A module of `plp.jobs.alarms.channels`. While `is_open`, it is given the incidents that it has not reported yet,
    but for the kinds in `quiet`: `send` returns False for what cannot be sent now, and raises OSError or a Refusal. One
    that `queues` only writes into the database, in the transaction that records it; one that `waits` has a thread.
    """

    name: str
    quiet: tuple[str, ...]
    queues: bool
    waits: bool
    is_open: Callable[[Settings, datetime], bool]
    send: Callable[[Alarm, Settings, datetime], bool]


def _channel(name: str) -> Channel:
    module: Any = import_module(f"{channels.__name__}.{name}")
    return Channel(name, module.QUIET, module.QUEUES, module.WAITS, module.is_open, module.send)


CHANNELS = tuple(_channel(module.name) for module in pkgutil.iter_modules(channels.__path__))


def check_channels(settings: Settings, now: datetime) -> list[str]:
    """The names of the channels that are open. Raises Refusal for a section of none, or one that is wrong."""
    for refusal in channel_faults(settings, now).values():
        raise refusal
    return [channel.name for channel in CHANNELS if channel.is_open(settings, now)]


def channel_faults(settings: Settings, now: datetime) -> dict[str, Refusal]:
    """By section, those of a channel that does not exist, or that is wrong."""
    known = {channel.name: channel for channel in CHANNELS}
    faults = {}
    for section in settings.channels:
        name = f"alarm:{section.name}"
        if section.name not in known:
            faults[name] = Refusal(
                "[alarm:{name}] : canal d'alarme inconnu ; connus : {known}.", name=section.name, known=", ".join(known)
            )
            continue
        try:
            known[section.name].is_open(settings, now)
        except Refusal as refusal:
            faults[name] = refusal
    return faults


def settings_faults(settings: Settings, now: datetime) -> list[Sentence]:
    """Those of optional parts of config.ini, which do nothing until somebody corrects them."""
    faults = channel_faults(settings, now).items()
    return [
        *(fault[1] for fault in misfits(settings) if is_optional(fault[0]) or fault in settings.left_out),
        *(coded("setting_left_out", section=section, why=str(refusal)) for section, refusal in faults),
    ]


def tell(settings: Settings, now: datetime) -> None:
    """Report by every channel that waits for no network. What cannot be sent now is tried again at the next call."""
    for channel in CHANNELS:
        if not channel.waits:
            tell_by(channel, settings, now)


def tell_by(channel: Channel, settings: Settings, now: datetime) -> bool:
    """Report what this channel has not reported yet, and record it. Never true: no more is to be done."""
    alarm = alarm_of(channel.name, now, channel.quiet) if channel.is_open(settings, now) else None
    if not alarm:
        return False
    # One transaction: queued and noted are the same moment, whatever ends this process, and whoever else looks.
    with writing("alarms") if channel.queues else nullcontext():
        is_same = not channel.queues or alarm_of(channel.name, now, channel.quiet) == alarm
        if is_same and channel.send(alarm, settings, now):
            mark_told(channel.name, alarm, now)
    return False


class Patient:
    """Work for a network, tried again after OSError or Refusal: after `first`, then ever later, up to 15 minutes."""

    def __init__(self, name: str, work: Duty, first: timedelta = FIRST) -> None:
        self._name, self._work, self._first = name, work, first
        self._failures = 0
        self._due_at: datetime | None = None

    def is_waiting(self, now: datetime) -> bool:
        return self._due_at is not None and timedelta() < self._due_at - now <= _LAST  # the clock may be set back

    def step(self, settings: Settings, now: datetime) -> bool:
        if self.is_waiting(now):
            return False
        subject = f"{settings.host}/{self._name}"
        try:
            more = self._work(settings, now)
        except (OSError, Refusal) as error:
            self._due_at = now + min(self._first * 2**self._failures, _LAST)
            self._failures = min(self._failures + 1, 20)
            _log.warning("alarms by %s: %s", self._name, error)
            words = coded("alarm_channel", channel=self._name, host=settings.host, why=error).stored
            watch_incident("alarm_channel", subject, words, FAILING, now)
            return False
        self._due_at, self._failures = None, 0
        close_unseen(("alarm_channel",), set(), now, subject=subject)
        return more


def patient(channel: Channel) -> Patient:
    """This channel, tried again and again."""
    return Patient(channel.name, partial(tell_by, channel))


def look(settings: Settings, now: datetime) -> None:
    """Open incidents for the present faults, end those that are over, and report both."""
    free_stranded(now)  # messages that a person assigned to a modem which can no longer send
    troubles = findings(settings, now)
    # The first one: when it is corrected, the next one follows.
    troubles += [Trouble("setting", settings.host, words, AT_ONCE) for words in settings_faults(settings, now)[:1]]
    for trouble in troubles:
        watch_incident(trouble.kind, trouble.subject, trouble.sentence.stored, trouble.lasting, now)
    seen = {(trouble.kind, trouble.subject) for trouble in troubles}
    close_unseen(SHARED_KINDS, seen, now)
    # Another host's disk is another host's to see.
    close_unseen(OWN_KINDS, seen, now, subject=settings.host)
    tell(settings, now)


class Watch:
    """Last known readiness to send, with the SIMs that are silent, and when the next look is due in any case."""

    def __init__(self) -> None:
        self._seen: tuple[object, ...] = ()
        self._due_at: datetime | None = None

    def step(self, settings: Settings, now: datetime) -> bool:
        """Check every 20 seconds, and at once when readiness to send changed or a SIM's reports stopped. Never true."""
        judged = readiness(now)
        seen = (judged.urgent_waits, judged.code, *(modem.state for modem in judged.modems), *silent_sims(now))
        soon = self._due_at is not None and timedelta() < self._due_at - now <= LOOK_EVERY
        if seen != self._seen or not soon:  # the clock may be set back
            self._seen, self._due_at = seen, now + LOOK_EVERY
            look(settings, now)
        return False
