"""The mail that tells the admins that somebody left by SMS."""

import logging
from datetime import datetime

from db.inbound.received import InboundCard
from db.inbound.replies.leaving import out_on
from db.mail.enqueue import enqueue_letter
from db.mail.sender import mail_configured
from db.mail.values import Copy, Letter
from db.people.accounts.addresses import readers
from db.settings.values import MailSettings
from plp.letters.rendering import rendered
from plp.rules.refusals import Refusal

_log = logging.getLogger(__name__)


def tell_admins(card: InboundCard, mail: MailSettings, now: datetime) -> None:
    """Queue one mail to each admin with an address, inside the caller's transaction; none where no mail leaves. The
    number itself stays out of it: mail passes through other people's machines.
    """
    admins = readers("admin") if mail_configured(mail) else []
    if not admins:
        return
    who = " et ".join(out_on(card.sender))
    text, html = rendered(
        "note",
        "fr",
        heading="Un membre ne veut plus de SMS",
        paragraphs=[
            f"STOP reçu par SMS de {who}. Plus aucun SMS ne part vers ce numéro, et ce qui attendait est annulé.",
            "Il n'y a rien à faire : la fiche du membre et le journal de la console gardent la date. S'il veut aussi "
            "quitter le groupe e-mail, ou revenir, changez ses accords sur sa fiche ; il peut revenir seul en "
            "répondant START.",
        ],
        button=None,
    )
    letter = Letter("account", "Un membre ne veut plus de SMS")
    left = f"left:{card.id}:{card.received_at.isoformat()}"
    copies = [Copy(f"{left}:{admin.account_id}", admin.email, admin.name, text, html) for admin in admins]
    try:
        enqueue_letter(letter, copies, now)
    except Refusal as refusal:  # nobody stays on the list because a mail cannot be written
        _log.warning("mail to the admins: %s", refusal.template)
