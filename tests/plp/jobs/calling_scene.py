"""A zone with two people on duty, whose telephones are played."""

from datetime import datetime, timedelta

from base.settings.values import MailSettings, Settings
from db.alerts.queue.claim import claim_part
from db.alerts.queue.marks import mark_pdu_started, mark_sent
from db.alerts.values import Sender
from db.operations.summons import recent_summonses
from plp.jobs.alarms.calling import wake
from plp.services.accounts.duty import DutyDraft, save_shift
from plp.services.accounts.rights import add_account
from tests.plp.jobs.alarm_looks import texts
from tests.plp.jobs.answering import SETTINGS
from tests.support.people import mobile, ready_modem

ANNE, LUC = mobile(91), mobile(92)
EVERY_DAY = frozenset(range(1, 8))
MINUTE = timedelta(minutes=1)
MAIL = MailSettings(sender="plp@example.be")


def on_duty(name: str, number: str, now: datetime, turn: int, roles: tuple[str, ...] = ("officer",)) -> int:
    account = add_account(name, roles, None, "test", now, number, f"{name}@example.org")
    save_shift(DutyDraft(account, EVERY_DAY, 0, 24 * 60, turn=turn), "test", now)
    return account


def both(now: datetime) -> None:
    on_duty("anne", ANNE, now, 1)
    on_duty("luc", LUC, now, 2)


def called() -> list[str]:
    return [number for number, _text in texts()]


def sends(modem: Sender, now: datetime) -> int:
    """The modem hands over all that waits; how many parts."""
    done = 0
    while (claim := claim_part(modem, now)) is not None:
        mark_pdu_started(claim, now)
        mark_sent(claim, done, modem, now)
        done += 1
    return done


def step(now: datetime, settings: Settings = SETTINGS, state: str = "ready", hands_over: bool = False) -> None:
    """The modem tells its state, and the jobs look as often as they like: nothing happens twice."""
    modem = ready_modem("a", now, state=state)
    while wake(settings, now):
        pass
    if hands_over:
        sends(modem, now)


def outcomes(now: datetime) -> list[tuple[str, str]]:
    """(name, shown) of the calls of the newest summons."""
    return [(call.name, call.shown) for call in recent_summonses(now)[0].calls]
