"""In whose name this process's mail leaves: `[mail] from`, said once at its start as the database is (`bind`)."""

from db.settings.values import MailSettings
from plp.rules.sentences import CodedRefusal

_sender = ""


class MailOff(CodedRefusal):
    """`[mail] from` is empty, so no mail is sent."""

    def __init__(self) -> None:
        super().__init__("reply_mail_off")


def mail_configured(settings: MailSettings) -> bool:
    """True when mail may be sent."""
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
