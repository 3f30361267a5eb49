"""A neighbourhood's Google Group and its deputy: saved, and probed by a mail that comes back to the zone's mailbox."""

from datetime import datetime, timedelta

from db.bulletins.groups import add_probe, group, last_probe, possible_deputies, put_relaying
from db.bulletins.relay import signed
from db.bulletins.values import GroupCard
from db.engine.connection import take_turn, writing
from db.journal import audit
from db.mail.enqueue import enqueue_letter, mail_configured
from db.mail.values import Letter
from plp.letters.rendering import BULLETIN, note
from plp.settings.values import MailSettings
from rules.members.typed import is_mail_address
from rules.orders.texts import MAIN_LANGUAGE
from rules.refusals import FieldRefusal, Refusal

# Between two probes of one group: its people get them all.
PROBE_EVERY = timedelta(hours=1)


def save_relaying(neighbourhood_id: int, deputy_id: int | None, group_address: str, by: str, now: datetime) -> None:
    """Save the deputy and the group's address. Raises FieldRefusal."""
    address = group_address.strip().casefold()
    if address and not is_mail_address(address):
        raise FieldRefusal("group_address", "« {address} » n'est pas une adresse e-mail.", address=address[:60])
    with writing():
        take_turn("relaying")
        if group(neighbourhood_id) is None:
            raise Refusal("Ce quartier n'existe plus.")
        if deputy_id is not None and deputy_id not in dict(possible_deputies(neighbourhood_id)):
            raise FieldRefusal("deputy", "Choisissez un membre de ce quartier qui a une adresse e-mail.")
        put_relaying(neighbourhood_id, deputy_id, address)
        audit.record(now, by, "relaying_saved", str(neighbourhood_id))


def export_group(neighbourhood_id: int, by: str, now: datetime) -> GroupCard | None:
    """The group with its addresses, for somebody to take away, which the journal has; None where it is not there."""
    card = group(neighbourhood_id)
    if card is not None:
        audit.record(now, by, "group_exported", str(neighbourhood_id), addresses=len(card.addresses))
    return card


def probe_group(neighbourhood_id: int, language: str, by: str, settings: MailSettings, now: datetime) -> None:
    """Send a mail to the neighbourhood's Google Group, of which the zone's mailbox is a member: when it comes back,
    the group delivers. Raises Refusal: no mailbox is read, no address, or probed an hour ago.
    """
    if not mail_configured(settings) or not settings.imap_host:
        raise Refusal("Aucun essai n'a été envoyé : le serveur doit envoyer des e-mails et lire la boîte de la zone.")
    words = BULLETIN[language if language in BULLETIN else MAIN_LANGUAGE]
    with writing():
        take_turn("group probes")
        card = group(neighbourhood_id)
        if card is None or not card.group_address:
            raise Refusal("Ce quartier n'a pas d'adresse de Google Group : un administrateur l'ajoute d'abord.")
        last = last_probe(neighbourhood_id)
        if last is not None and now < last.asked_at + PROBE_EVERY:
            raise Refusal("Un essai a déjà été envoyé à ce groupe il y a moins d'une heure : attendez.")
        probe_id = add_probe(neighbourhood_id, card.group_address, by, now)
        audit.record(now, by, "group_probed", str(neighbourhood_id))
        heading, text = (words[key].format(place=card.place) for key in ("probe_subject", "probe_text"))
        letter = Letter("bulletin", f"{heading} [PLP-P:{signed('probe', probe_id)}]")
        copy = note(f"probe/{probe_id}", card.group_address, card.place, language, heading, [text])
        enqueue_letter(letter, [copy], now)
