"""The SMTP server of each host: whether it works, and since when it does not."""

from datetime import datetime, timedelta

from peewee import SQL, fn

from db.engine.base import put
from db.engine.connection import writing
from db.models.mail import MailServer
from plp.rules.mail_verdicts import without_addresses

# A server is tried at least every quarter of an hour while mail waits for it; one of a host that is gone is forgotten.
_LAST_HEARD = timedelta(days=2)


def mail_servers(now: datetime, within: timedelta = _LAST_HEARD) -> list[MailServer]:
    """The servers that were heard of lately, by host."""
    return list(MailServer.select().where(MailServer.seen_at > now - within).order_by(MailServer.host))


def mail_server(host: str, server: str) -> MailServer | None:
    """The state of the server that `host` uses now; None when it never used this one."""
    return MailServer.get_or_none(MailServer.host == host, MailServer.server == server)


def mark_server_down(host: str, server: str, reason: str, reply: str, next_at: datetime, now: datetime) -> None:
    """A connection came to nothing; the next try is at `next_at`."""
    values = {
        "server": server,
        "next_at": next_at,
        "seen_at": now,
        "reason": reason,
        "reply": without_addresses(reply),
    }
    again = {"failures": MailServer.failures + SQL("1"), "down_since_at": fn.COALESCE(MailServer.down_since_at, now)}
    with writing():
        MailServer.delete().where(MailServer.host == host, MailServer.server != server).execute()
        MailServer.insert(host=host, failures=1, down_since_at=now, **values).on_conflict(
            conflict_target=[MailServer.host], update={**values, **again}
        ).execute()


def mark_server_up(host: str, server: str, now: datetime) -> None:
    """It answered, encrypted and let us in."""
    works = {"failures": 0, "down_since_at": None, "next_at": None, "reason": "", "reply": ""}
    with writing():
        put(MailServer, {"host": host}, server=server, seen_at=now, **works)
