"""`plp modem`: a thread per modem, one that probes ports, and the one that watches the database and wakes them."""

import logging
import os
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta

from base.settings.values import Settings
from base.watchdog import Watchdog, notify
from db.alerts.orders.approval import lapse_approvals
from db.alerts.orders.control import finish_stops
from db.alerts.queue.recovery import close_done, delete_cut_short, expire_due, recover, release_due, take_back_expired
from db.engine.change_feed import CommitWatch, commit_watch
from db.engine.clock import steady_s, utc_now
from db.engine.connection import UNAVAILABLE, Database, HostLock, connected, is_postgres_database, writing
from db.engine.files import state_folder
from db.inbound import received
from db.modems import status
from db.modems.readiness import signs_of_life
from db.operations.lineage import hold_after_damage
from db.operations.machine import apply_jump, behind, set_back
from modem.daemon.clock import Boots, ClockWatch
from modem.daemon.hotplug import Arrivals
from modem.daemon.witness import Witness
from modem.daemon.worker_threads import ModemThreads, Outage

_log = logging.getLogger(__name__)

# A commit ends the wait at once; everything else, such as the end of the process, has so much time.
LOOK_S = 0.25
# An order is several commits, and the modems find it after the last one. While one follows the other for longer, they
# need not be woken for every one: the pauses between two looks grow.
SHORTEST_BREATH_S, BREATH_S = 0.002, 0.02
RELEASE_EVERY_S = 0.5
HOUSEKEEPING_EVERY_S = 2.0
HEARTBEAT_EVERY_S = 3.0
# A submit that is under way at SIGTERM may answer until then; afterwards it is noted as unconfirmed at the next start.
STOP_PATIENCE_S = 8.0


def run(
    settings: Settings, database: Database, lock: HostLock, stop: threading.Event, examine: Callable[[datetime], None]
) -> None:
    """Send until `stop` is set. The caller holds `lock` and checked the schema; `examine` answers a page's request."""
    host = settings.host
    with connected():
        _recover(settings)
        if held := hold_after_damage(utc_now()):
            _log.error("what was sent last is not known; %d broadcasts wait for a person", held)
        witness = Witness(state_folder(settings))
        _compare(witness, host)
        threads = ModemThreads(host, settings, stop, witness.start)
        arrivals = Arrivals(host, settings, threads, utc_now())
        watch = commit_watch(database)
        try:
            threads.start()
            arrivals.start(stop)
            _watch(host, lock, watch, threads, arrivals, witness, stop, examine)
        finally:
            watch.close()
            stop.set()
            notify("STOPPING=1")
            until = time.monotonic() + STOP_PATIENCE_S
            threads.join(STOP_PATIENCE_S)
            arrivals.join(max(0.0, until - time.monotonic()))
            with suppress(*UNAVAILABLE):
                witness.close()
                status.stop_beating(host, "modem", utc_now())


def _recover(settings: Settings) -> None:
    """Several hosts follow the server's clock, which did not stop with this machine."""
    boots, several = Boots(state_folder(settings)), is_postgres_database()
    off = behind(utc_now())
    unknown = not several and boots.downtime_is_unknown(off is not None)
    if unknown:
        _log.warning("nobody knows for how long the machine was off; what waits and is urgent waits for a person")
    stale_after = None if unknown else timedelta(minutes=settings.sending.stale_after_min)
    recovered = recover(utc_now(), stale_after, settings.host if several else None)
    if unknown and off is not None:  # else what waits for a time would wait until the clock is right
        _log.error("the clock is behind by %.0f s or more; deadlines and waits move along", off.total_seconds())
        apply_jump(-off, utc_now())
    boots.note()
    _log.info("start: %d requeued, %d unconfirmed, %d held", recovered.requeued, recovered.unconfirmed, recovered.held)


def _watch(
    host: str,
    lock: HostLock,
    watch: CommitWatch,
    threads: ModemThreads,
    arrivals: Arrivals,
    witness: Witness,
    stop: threading.Event,
    examine: Callable[[datetime], None],
) -> None:
    release_at = clean_at = beat_at = breath_s = 0.0
    watched, watchdog = ClockWatch(utc_now(), steady_s()), Watchdog()
    outage = Outage(_log, "sending pauses")
    while not stop.is_set():
        watchdog.step()
        clock = time.monotonic()
        try:
            _hold(lock, threads, witness, host)
            now = utc_now()
            _follow_the_clock(watched, now)
            if clock >= release_at:
                release_at = clock + RELEASE_EVERY_S
                release_due(now)
            if clock >= clean_at:
                clean_at = clock + HOUSEKEEPING_EVERY_S
                _compare(witness, host)
                _keep_house(now, host, examine)
            if clock >= beat_at:
                beat_at = clock + HEARTBEAT_EVERY_S
                _beat(witness, host)
            arrivals.step(utc_now())
            if watch.wait(LOOK_S):
                threads.wake()
                stop.wait(breath_s := next_breath_s(breath_s, time.monotonic() - clock))
        except UNAVAILABLE as error:
            outage.away(error)
            stop.wait(1.0)
            continue
        outage.back()
        threads.check()


def next_breath_s(before_s: float, quiet_s: float) -> float:
    """The pause after a commit that came `quiet_s` after the pause `before_s`."""
    return min(2 * before_s + SHORTEST_BREATH_S, BREATH_S) if quiet_s < BREATH_S else SHORTEST_BREATH_S


def _compare(witness: Witness, host: str) -> None:
    others = {}
    if is_postgres_database():
        others = {name: seen_at for name, seen_at in signs_of_life(utc_now()).items() if name != host}
    if held := witness.compare(utc_now(), others):
        _log.error("the database is older than what was sent, or may be; %d broadcasts wait for a person", held)
    witness.step()


def _beat(witness: Witness, host: str) -> None:
    """To other machines it also means that this one has compared; within a transaction no connection is reopened."""
    with writing(wakes=False):
        if witness.has_compared():
            status.beat(host, "modem", os.getpid(), utc_now())


def _hold(lock: HostLock, threads: ModemThreads, witness: Witness, host: str) -> None:
    """No lock, no sending. Raises RuntimeError if another daemon took it meanwhile, with our claims. A database that
    was unreachable may be an older copy: nothing is sent before every machine has compared.
    """
    if lock.is_held() and witness.may_send():
        threads.resume()
        return
    if threads.pause():
        _log.warning("the daemon's lock or its connection was lost; sending pauses")
    if not lock.is_held() and not lock.take():
        raise RuntimeError("another daemon of this name has the lock")
    is_first = not witness.has_compared()
    _compare(witness, host)
    if is_first:
        _beat(witness, host)
    if witness.may_send():
        threads.resume()
        _log.info("the daemon's lock is held, and the database is the one that it was")


def _follow_the_clock(watched: ClockWatch, now: datetime) -> None:
    """Called before `now` is used. Not where several hosts follow the server's clock: all would move it."""
    jump = watched.jump(now, steady_s())
    if jump is None or is_postgres_database():
        return
    _log.warning("the clock was set by %.0f s; deadlines and waits move along", jump.total_seconds())
    apply_jump(jump, now)
    if jump < timedelta():
        set_back(now)
    watched.written_down()


def _keep_house(now: datetime, host: str | None = None, examine: Callable[[datetime], None] = lambda now: None) -> None:
    lapse_approvals(now)
    expire_due(now)
    take_back_expired(now, host)
    delete_cut_short(now)
    finish_stops(now)
    close_done()
    received.give_up_incomplete(now)
    examine(now)
