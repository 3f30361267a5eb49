"""Letters that nobody wrote, to people who do not exist."""

from datetime import datetime
from typing import Any

from base.settings.values import MailSettings
from db.mail.enqueue import enqueue_letter
from db.mail.values import Copy, Letter

FROM = "plp@zone.example.be"


def settings(port: int = 25, **changes: Any) -> MailSettings:
    """The zone's mail through a server of this machine."""
    return MailSettings(**({"smtp_host": "127.0.0.1", "smtp_port": port, "sender": FROM} | changes))


def copy(number: int = 1, **changes: Any) -> Copy:
    """Coordinator N, with a key of their own."""
    values: dict[str, Any] = {
        "key": f"bulletin:1:{number}",
        "address": f"coordinateur{number}@example.org",
        "name": f"Prénom{number} Nom",
        "text": "Bonjour,\nun vol à Plainevaux.\n",
        "html": "<p>Bonjour,<br>un vol à Plainevaux.</p>",
    }
    return Copy(**(values | changes))


def letter(**changes: Any) -> Letter:
    return Letter(**({"kind": "bulletin", "subject": "Vol à Plainevaux"} | changes))


def post(now: datetime, *numbers: int, **changes: Any) -> list[int]:
    """A letter to these coordinators, in the queue; returns the mails' ids."""
    return enqueue_letter(letter(**changes), [copy(number) for number in numbers or (1,)], now)
