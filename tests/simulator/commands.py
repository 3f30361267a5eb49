"""Refusals in words and in one code, and lines of profiles and transcripts, which the simulated SIM fills in."""

import re

from tests.simulator.base import commands
from tests.simulator.base.commands import Command, Refused
from tests.simulator.phone import PUK_TRIES, Phone

_FINAL = re.compile(r"OK|ERROR|COMMAND NOT SUPPORT|TOO MANY PARAMETERS|\+CM[ES] ERROR:.*")
_CME = {
    3: "operation not allowed", 4: "operation not supported", 10: "SIM not inserted", 11: "SIM PIN required",
    12: "SIM PUK required", 14: "SIM busy", 16: "incorrect password", 30: "no network service",
    50: "incorrect parameters", 100: "unknown",
}  # fmt: skip
_CMS = {
    300: "ME failure", 302: "operation not allowed", 303: "operation not supported",
    304: "Invalid PDU mode parameter", 305: "Invalid text mode parameter", 310: "SIM not inserted",
    311: "SIM PIN required", 314: "SIM busy", 316: "SIM PUK required", 321: "Invalid memory index", 322: "memory full",
    330: "SMSC address unknown", 331: "no network service", 332: "network timeout", 500: "unknown error",
}  # fmt: skip
_OF_THE_CARD = ("{iccid", "{pin_tries}", "{puk_tries}", "{tries}", "{number}", "{smsc}", "{imsi}")


class NeverAnswered(Exception):
    """A command to which this modem says nothing at all."""


def is_final(line: str) -> bool:
    """True when `line` is a final result code."""
    return _FINAL.fullmatch(line) is not None


def final(refused: Refused, phone: Phone) -> str:
    """The final result line, in words where AT+CMEE=2 asks for them and in the style of the kind of modem."""
    if refused.line or not refused.kind:
        return refused.final(phone)
    if refused.kind == "CMS":
        return cms_line(phone.profile.sms_error or refused.code, phone)
    if phone.settings.error_detail == 2:
        return f"+CME ERROR: {_CME.get(refused.code, 'unknown')}"
    return refused.final(phone)


def cms_line(code: int, phone: Phone) -> str:
    """A CMS error is always told, in words where AT+CMEE=2 asks for them."""
    return f"+CMS ERROR: {_CMS.get(code, code) if phone.settings.error_detail == 2 else code}"


def need_card(phone: Phone, *, unlocked: bool = True) -> None:
    """Raises Refused unless the SIM is there, has been read, and (where `unlocked`) is open."""
    codes = {"SIM PIN": 11, "SIM PUK": 12}
    if phone.sim_state == "ABSENT":
        raise Refused("CME", 10)
    if phone.card_busy:
        raise Refused("CME", 14)
    if unlocked and phone.sim_state in codes:
        raise Refused("CME", codes[phone.sim_state])


def need_service(phone: Phone, command: Command) -> None:
    """Raises Refused unless messages can be reached: SIM there, open and read."""
    code = phone.submit_refusal()
    if command.kind != "test" and code is not None and code != phone.profile.no_network:
        raise Refused("CMS", code)


def filled_in(template: str, phone: Phone) -> str:
    """The line with its placeholders (see `Profile.answers`) filled in. Raises Refused when the card does not tell."""
    if "{" not in template:
        return template
    if any(name in template for name in _OF_THE_CARD):
        need_card(phone, unlocked="{imsi}" in template)
    iccid = phone.identity.iccid + "F" * (len(phone.identity.iccid) % 2)
    tries = {"SIM PIN": str(phone.pin_tries), "SIM PUK": str(PUK_TRIES)}
    values = {
        "{iccid_swapped}": "".join(iccid[at + 1] + iccid[at] for at in range(0, len(iccid), 2)),
        "{sim_state}": "NOT INSERTED" if phone.sim_state == "ABSENT" else phone.sim_state,
        "{pin_tries}": str(phone.pin_tries),
        "{puk_tries}": str(PUK_TRIES),
        "{tries}": tries.get(phone.sim_state, ""),
    }
    for name, value in values.items():
        template = template.replace(name, value)
    return commands.filled_in(template, phone)
