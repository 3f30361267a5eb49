"""Mail on a bad day: one of everything that the page of the queue shows."""

from datetime import datetime, timedelta

from db.mail.claim import (
    Mail,
    claim_mail,
    expire_overdue,
    mark_accepted,
    mark_domain_waits,
    mark_later,
    mark_refused,
    mark_server_down,
)
from db.mail.enqueue import enqueue_letter
from db.mail.values import Copy, Letter, MailKind

HOST = "boite"
SUBJECT = "Bulletin PLP : vols par ruse à Plainevaux et à Rotheux-Rimière, deux hommes se disent agents des eaux"


def fill_mail(now: datetime) -> None:
    """Letters that waited, failed, were in doubt and left, and a server that hung up."""
    then = now - timedelta(days=2)
    _post("welcome", "Bienvenue au PLP", then, "peut.etre@example.org", "plus.la@example.org")
    mark_later(_next(then), "doubt", "Connection reset by peer", then, then, perhaps_taken=True)
    expire_overdue("unreachable", now)
    _post("bulletin", SUBJECT, now - timedelta(hours=2), "anne.lambert@example.org", "luc.dupont@example.net")
    _post("bulletin", SUBJECT, now - timedelta(hours=2), "marie-francoise.vandenbroeck-delhaye@courrier.example.com")
    _post(
        "alarm",
        "Incident technique : le modem b attend une carte SIM",
        now - timedelta(hours=1),
        "technique@example.be",
    )
    _post("daily", "Aucun problème", now - timedelta(minutes=2), "technique@example.be")
    mark_accepted(_next(now), "250 2.0.0 Ok: queued as 4B1D", now - timedelta(hours=1))
    mark_refused(_next(now), "unknown", "550 5.1.1 The email account that you tried to reach does not exist", now)
    mark_later(_next(now), "doubt", "Connection reset by peer", now + timedelta(minutes=3), now, perhaps_taken=True)
    busy, later = _next(now), now + timedelta(minutes=12)
    mark_later(busy, "busy", "451 4.7.1 Greylisting in action, please come back later", later, now)
    mark_domain_waits(busy.domain, "busy", "451 4.7.1 Greylisting in action, please come back later", later)
    mark_server_down(HOST, "smtp.example.be:587", "lost", "Connection reset by peer", now + timedelta(minutes=2), now)


def _post(kind: MailKind, subject: str, at: datetime, *addresses: str) -> None:
    people = [Copy(f"{at}:{address}", address, address.split("@")[0].title(), "Bonjour") for address in addresses]
    enqueue_letter(Letter(kind, subject), people, at)


def _next(now: datetime) -> Mail:
    claim = claim_mail(HOST, now, timedelta(0))
    assert claim is not None
    return claim
