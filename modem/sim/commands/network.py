"""The commands about the network (3GPP TS 27.007 §§ 7.2, 7.3, 7.15, 8.5, 8.9, 8.15, 10.1.20, 10.1.22)."""

import re
import time

from modem.sim.commands.registry import Answer, Command, Refused, in_character_set, number_setting
from modem.sim.network.phone import Phone
from modem.sim.network.profile import TEST_NETWORK
from modem.sim.network.tpdu import ZONE_QUARTERS, from_septets, pack, to_septets, unpack

OPERATOR = "SIMULATION"
OPERATOR_SHORT = "SIM"


def _registration(phone: Phone, command: Command) -> list[str]:
    if command.name not in phone.profile.registered_as:
        raise Refused
    reports = phone.settings.registration_reports
    if command.kind == "test":
        return [f"{command.name}: (0-2)"]
    if command.kind == "read":
        return [f"{command.name}: {reports.get(command.name, 0)},{phone.registration_line(command.name)}"]
    reports[command.name] = command.number(0, range(3), 0)
    return []


def _ims(phone: Phone, command: Command) -> list[str]:
    """AT+CIREG, 27.007 § 8.71: <reg_info>[,<ext_info>] as `phone.ims` has them."""
    if command.kind == "test":
        return ["+CIREG: (0-2)"]
    if command.kind == "read":
        return [f"+CIREG: 0,{phone.ims if phone.registered else 0}"]
    command.number(0, range(3), 0)
    return []


def _operator(phone: Phone, command: Command) -> list[str]:
    settings = phone.settings
    if command.kind == "test":
        return [f'+COPS: (2,"{OPERATOR}","{OPERATOR_SHORT}","{TEST_NETWORK}"{phone.technology}),,(0-4),(0-2)']
    if command.kind == "read":
        if not phone.registered:
            return [f"+COPS: {2 if phone.deregistered else 0}"]
        names = in_character_set(phone, OPERATOR), in_character_set(phone, OPERATOR_SHORT), TEST_NETWORK
        name = names[settings.operator_format]
        return [f'+COPS: 0,{settings.operator_format},"{name}"{phone.technology}']
    mode = command.number(0, range(5))
    settings.operator_format = command.number(1, range(3), settings.operator_format)
    names = in_character_set(phone, OPERATOR), in_character_set(phone, OPERATOR_SHORT), TEST_NETWORK
    if mode == 1 and command.text(2) not in names:
        raise Refused("CME", 30)
    if mode != 3:
        phone.deregistered = mode == 2
    return []


def _quality(phone: Phone, command: Command) -> list[str]:
    return [f"+CSQ: {phone.quality if phone.has_network else 99},99"]


_INDICATORS = {"battchg": "0-5", "signal": "0-5", "service": "0,1", "call": "0,1", "roam": "0,1", "smsfull": "0,1"}


def _indicators(phone: Phone, command: Command) -> list[str]:
    """AT+CIND, § 8.9: the signal in six steps, and whether the network serves the SIM and its storage is full."""
    if command.kind == "test":
        return ["+CIND: " + ",".join(f'("{name}",({values}))' for name, values in _INDICATORS.items())]
    if command.kind != "read":
        raise Refused("CME", 3)
    signal = min(5, phone.quality // 6) if phone.has_network and phone.quality <= 31 else 0
    full = phone.storages[phone.settings.memories[2]].full
    return [f"+CIND: 5,{signal},{int(phone.registered)},{int(bool(phone.calls.caller))},0,{int(full)}"]


def _clock(phone: Phone, command: Command) -> list[str]:
    """AT+CCLK?, § 8.15: the network's local time and its offset in quarters of an hour; it cannot be set."""
    if command.kind != "read":
        raise Refused("CME", 3)
    return [
        time.strftime(f'+CCLK: "%y/%m/%d,%H:%M:%S+{ZONE_QUARTERS:02}"', time.gmtime(phone.now + 900 * ZONE_QUARTERS))
    ]


# What this network answers to a code: <m> of § 7.15, and its text.
USSD = {
    "*100#": (0, "Solde : 12,50 EUR\nValable jusqu'au 31/12/2026"),
    "*101#": (0, "Crédit : 12,50 €"),
    "*102#": (0, "Crédit : 12,50 € (forfait « Été »)"),
    "*103#": (1, "1 Solde\n2 Options"),
}


def _supplementary(phone: Phone, command: Command) -> list[str]:
    """AT+CUSD, § 7.15: a code that this network does not know is answered with 4, operation not supported."""
    if command.kind == "read":
        return [f"+CUSD: {phone.settings.ussd_told}"]
    told = command.number(0, range(3), 0)
    phone.settings.ussd_told = int(told == 1)
    if told == 2 or not command.text(1):
        return []
    if not phone.registered:
        raise Refused("CME", 30)
    fault = phone.faults.hits("ussd")
    answer = f"+CUSD: {fault.code}" if fault else _ussd_line(phone, _asked(phone, command.text(1)))
    lines = [] if told == 0 or (fault and not fault.code) else [answer]
    if phone.profile.ussd == "inline":
        return lines
    phone.news += lines
    return []


def _asked(phone: Phone, code: str) -> str:
    """The code that was asked for, in the character set or the packing of this kind of modem."""
    if phone.profile.ussd == "packed":
        octets = bytes.fromhex(code) if re.fullmatch("(?:[0-9A-F]{2})+", code) else b""
        return from_septets(unpack(octets, len(octets) * 8 // 7)).rstrip("\r@")
    if phone.settings.character_set == "UCS2" and re.fullmatch("(?:[0-9A-Fa-f]{4})+", code):
        return bytes.fromhex(code).decode("utf-16-be", "replace")
    return code


def _ussd_line(phone: Phone, code: str) -> str:
    if code not in USSD:
        return "+CUSD: 4"
    kind, text = USSD[code]
    septets = to_septets(text)
    if septets is None:
        return f'+CUSD: {kind},"{text.encode("utf-16-be").hex().upper()}",72'
    if phone.profile.ussd == "packed":
        return f'+CUSD: {kind},"{pack(septets).hex().upper()}",15'
    in_set = {"UCS2": in_character_set(phone, text), "IRA": text}
    return f'+CUSD: {kind},"{in_set.get(phone.settings.character_set, bytes(septets).decode("latin-1"))}",15'


NETWORK: dict[str, Answer] = {
    **dict.fromkeys(("+CREG", "+CGREG", "+CEREG"), _registration),
    "+CIREG": _ims,
    # 27.007 § 8.64: <reporting>,<nwimsvops>
    "+CIREP": number_setting(
        "+CIREP", range(2), "ims_told", lambda phone: f",{int(phone.ims_announced and phone.registered)}"
    ),
    "+COPS": _operator,
    "+CSQ": _quality,
    "+CIND": _indicators,
    "+CCLK": _clock,
    "+CUSD": _supplementary,
}
