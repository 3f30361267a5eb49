"""The commands about the SIM (3GPP TS 27.007 §§ 5.6, 7.1, 7.4, 8.3, 8.18)."""

from modem.sim.commands.registry import Answer, Command, Refused, filled_in, need_card
from modem.sim.network.phone import Phone


def _pin(phone: Phone, command: Command) -> list[str]:
    need_card(phone, unlocked=False)
    if command.kind == "read":
        return [f"+CPIN: {phone.sim_state}"]
    if phone.sim_state == "READY":
        raise Refused("CME", 3)
    if phone.sim_state == "SIM PUK":
        raise Refused("CME", 12)
    if not phone.enter_pin(command.text(0)):
        raise Refused("CME", 16)
    return []


def _lock(phone: Phone, command: Command) -> list[str]:
    """AT+CLCK="SC",<mode>[,<PIN>]: 2 asks whether the SIM wants a PIN, 1 and 0 switch that on and off."""
    need_card(phone, unlocked=False)
    if command.text(0) != "SC":
        raise Refused("CME", 4)
    mode = command.number(1, range(3))
    if mode == 2:
        return [f"+CLCK: {int(phone.pin_wanted)}"]
    need_card(phone)
    if not phone.enter_pin(command.text(2)):
        raise Refused("CME", 16)
    phone.pin_wanted = mode == 1
    return []


def _imsi(phone: Phone, command: Command) -> list[str]:
    need_card(phone)
    return [phone.identity.imsi]


def _own_number(phone: Phone, command: Command) -> list[str]:
    """AT+CNUM: no line where the SIM does not know its number."""
    need_card(phone)
    return [f'+CNUM: "","{phone.number}",145'] if phone.number else []


def _file(phone: Phone, command: Command) -> list[str]:
    """AT+CRSM=176,<file>,<P1>,<P2>,<octets>: READ BINARY (TS 31.102 § 4.2) of what clients ask for; no other action."""
    if command.text(0) != "176":
        raise Refused("CME", 3)
    files = {
        "12258": filled_in("{iccid_swapped}", phone),  # EF_ICCID
        "28589": "00000002",  # EF_AD: two digits of the IMSI are the network's (001/01)
    }
    content = bytes.fromhex(files.get(command.text(1), ""))
    offset, octets = (command.number(at, range(256)) for at in (3, 4))
    if not content:
        return ["+CRSM: 106,130"]  # no such file (TS 102 221 § 10.2.1)
    return [f'+CRSM: 144,0,"{content[offset : offset + (octets or 256)].hex().upper()}"']


CARD: dict[str, Answer] = {"+CPIN": _pin, "+CLCK": _lock, "+CIMI": _imsi, "+CNUM": _own_number, "+CRSM": _file}
