"""The contact that people save, so that their phone knows who writes: the zone, the numbers of its SIMs and the one to
call; as a file, and as a QR code.
"""

from collections.abc import Sequence

from markupsafe import Markup
from segno import make_qr
from segno.helpers import make_vcard_data

from db.inbound.replies.senders import own_numbers
from db.people.zone import ZoneCard
from plp.settings.values import Settings


def alert_numbers(settings: Settings) -> tuple[str, ...]:
    """The numbers that an alert may come from (E.164): of the SIMs of every machine that shares the database."""
    own = [modem.number for modem in settings.modems if modem.number]
    return tuple(dict.fromkeys([*own, *own_numbers()]))


def vcard(zone_card: ZoneCard, numbers: Sequence[str], note: str = "") -> str:
    """A contact (vCard 3.0, RFC 2426) with the zone's name: a call to it reaches people, not a modem."""
    digits = "".join(char for char in zone_card.phone if char.isdigit() or char == "+")
    name = f"{zone_card.name} PLP"
    # In N a semicolon parts family name from first names; the whole is one name.
    phone = [digits] if digits else None
    card = make_vcard_data(name.replace(";", ",") + ";", name, phone=phone, cellphone=numbers, memo=note or None)
    return str(card)


def contact_qr(zone_card: ZoneCard, numbers: Sequence[str]) -> Markup:
    """A QR code of the contact, as SVG within a page; empty where no number is known."""
    if not numbers:
        return Markup("")
    return Markup(make_qr(vcard(zone_card, numbers)).svg_inline(border=2, omitsize=True))  # noqa: S704  (made of digits and lines)
