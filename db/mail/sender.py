"""In whose name this process's mail leaves: `[mail] from`, said once at its start as the database is (`bind`)."""

from db.settings.values import MailSettings
from plp.rules.refusals import Refusal

_sender = ""


class MailOff(Refusal):
    """`[mail] from` is empty, so no mail leaves this house."""

    def __init__(self) -> None:
        super().__init__(
            "Aucun mail ne part d'ici : [mail] from est vide dans config.ini. Le technicien y met l'adresse de la zone."
        )


def mail_configured(settings: MailSettings) -> bool:
    """Whether mail may leave."""
    return bool(settings.sender)


def send_as(settings: MailSettings | None) -> None:
    """From now on this process writes mail as `settings` say; None, or an empty `from`: it writes none."""
    global _sender
    _sender = settings.sender if settings is not None else ""


def sender_domain() -> str:
    """The domain for Message-IDs. Raises MailOff."""
    if not _sender:
        raise MailOff
    return _sender.rpartition("@")[2]
