"""The reason of an unreadable mailbox and of an answer that never left becomes a code with its values. Frozen.

French sentences are read this once; one that none of these templates fits stays, and is shown as it was.
"""

import json
import re
from typing import Any

from peewee import AutoField, Model, TextField

_MAILBOX = {
    "mailbox_login": r"La boîte aux lettres (?P<host>\S+) refuse l'utilisateur ou son mot de passe : vérifiez \[mail\] "
    r"imap_user et imap_password_file\.",
    "mailbox_accents": r"La boîte aux lettres (?P<host>\S+) ne comprend pas les accents d'un mot de passe : .+",
    "mailbox_plain": r"La boîte aux lettres (?P<host>\S+):(?P<port>\d+) ne parle pas en chiffré : .+",
    "mailbox_certificate": r"Le certificat de la boîte aux lettres (?P<host>\S+) n'est pas valable \((?P<why>.+)\) : "
    r"le mot de passe ne lui est pas dit\.",
    "mailbox_silent": r"La boîte aux lettres (?P<host>\S+):(?P<port>\d+) ne répond pas \((?P<why>.+)\)\.",
    "mailbox_strange": r"La boîte aux lettres (?P<host>\S+):(?P<port>\d+) répond autre chose que ce qui est attendu "
    r"\((?P<why>.+)\)\.",
    "mailbox_lost": r"La connexion à la boîte aux lettres s'est coupée \((?P<why>.+)\)\.",
}
_REPLY = {
    "reply_gone": r"Ce message n'est plus là\.",
    "reply_group": r"Cet e-mail ne porte que l'adresse d'un groupe : .+",
    "reply_not_mobile": r"On ne peut répondre qu'à un gsm belge\.",
    "reply_no_station": r"L'annuaire n'a pas de commissariat de proximité : .+",
    "reply_mail_off": r"Aucun mail ne part d'ici : \[mail\] from est vide .+",
}


def up(migrator: Any, db: Any) -> None:
    class There(Model):
        id = AutoField()

        class Meta:
            database = db
            legacy_table_names = False

    class Mailbox(There):
        trouble = TextField()

    class InboxAnswer(There):
        refused = TextField()

    for mailbox in list(Mailbox.select().where(Mailbox.trouble != "")):
        code = _coded(mailbox.trouble, _MAILBOX) or mailbox.trouble
        Mailbox.update(trouble=code).where(Mailbox.id == mailbox.id).execute()
    for answer in list(InboxAnswer.select().where(InboxAnswer.refused != "")):
        code = _coded(answer.refused, _REPLY) or answer.refused
        InboxAnswer.update(refused=code).where(InboxAnswer.id == answer.id).execute()


def _coded(sentence: str, patterns: dict[str, str]) -> str:
    for code, pattern in patterns.items():
        found = re.fullmatch(pattern, sentence, re.DOTALL)
        if found:
            values = {name: int(value) if name == "port" else value for name, value in found.groupdict().items()}
            return json.dumps({"code": code, **values}, ensure_ascii=False, sort_keys=True)
    return ""
