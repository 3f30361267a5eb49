"""The check of mail by `plp check`: connect, encrypt and log in; nothing is sent."""

from contextlib import closing

from db.settings.values import Settings
from plp.jobs.smtp.connection import Connection, NoConnection
from plp.rules.mail_verdicts import mail_sentence
from plp.rules.refusals import Refusal


def check_mail(settings: Settings) -> str:
    """`smtp.example.be:587, chiffré (TLSv1.3), connecté comme plp`. Raises Refusal with section and key."""
    mail = settings.mail
    where = f"{mail.smtp_host}:{mail.smtp_port}"
    try:
        with closing(Connection(mail, settings.host)) as connection:
            encryption = connection.encryption
    except NoConnection as trouble:
        why = mail_sentence(trouble.reason, trouble.reply)
        raise Refusal("[mail] smtp : {where} : {why}", where=where, why=why) from None
    said = [where, f"chiffré ({encryption})" if encryption else "pas chiffré"]
    return ", ".join([*said, f"connecté comme {mail.user}"] if mail.user else said)
