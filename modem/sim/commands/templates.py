"""Lines with placeholders, as profiles and transcripts have them, filled in by the simulated SIM."""

from modem.sim.commands.registry import Refused
from modem.sim.network.phone import PUK_TRIES, Phone

_OF_THE_CARD = ("{iccid", "{pin_tries}", "{puk_tries}", "{tries}", "{number}", "{smsc}", "{imsi}")


def need_card(phone: Phone, *, unlocked: bool = True) -> None:
    """Raises Refused unless the SIM is there, has been read, and (where `unlocked`) is open."""
    codes = {"SIM PIN": 11, "SIM PUK": 12}
    if phone.sim_state == "ABSENT":
        raise Refused("CME", 10)
    if phone.card_busy:
        raise Refused("CME", 14)
    if unlocked and phone.sim_state in codes:
        raise Refused("CME", codes[phone.sim_state])


def filled_in(template: str, phone: Phone) -> str:
    """The line with its placeholders (see `Profile.answers`) filled in. Raises Refused when the card does not tell."""
    if "{" not in template:
        return template
    if any(name in template for name in _OF_THE_CARD):
        need_card(phone, unlocked="{imsi}" in template)
    for name, value in _values(phone).items():
        template = template.replace(name, value)
    return template


def _values(phone: Phone) -> dict[str, str]:
    iccid = phone.identity.iccid + "F" * (len(phone.identity.iccid) % 2)
    tries = {"SIM PIN": str(phone.pin_tries), "SIM PUK": str(PUK_TRIES)}
    return {
        "{imei}": phone.identity.imei,
        "{imsi}": phone.identity.imsi,
        "{iccid}": phone.identity.iccid,
        "{iccid_swapped}": "".join(iccid[at + 1] + iccid[at] for at in range(0, len(iccid), 2)),
        "{smsc}": phone.smsc,
        "{number}": phone.number,
        "{sim_state}": "NOT INSERTED" if phone.sim_state == "ABSENT" else phone.sim_state,
        "{pin_tries}": str(phone.pin_tries),
        "{puk_tries}": str(PUK_TRIES),
        "{tries}": tries.get(phone.sim_state, ""),
    }
