"""The general commands (V.250; 3GPP TS 27.007 §§ 5, 8, 9): echo, identification, errors, calls, power; those about the
SIM (27.007 §§ 5.6, 7.1, 7.4, 8.3, 8.18).
"""

from collections.abc import Callable
from dataclasses import replace

from modem.sim.commands.registry import Answer, Command, Refused, filled_in, need_card, nothing, number_setting
from modem.sim.network.phone import Phone, Settings


def _echo(phone: Phone, command: Command) -> list[str]:
    on = command.number(0, (0, 1), 0) == 1
    phone.settings.echo = on or phone.faults.hits("echo") is not None
    return []


def _results(phone: Phone, command: Command) -> list[str]:
    """V.250 § 6.2.5, § 6.2.6: ATV0 says results in figures, ATQ1 not at all."""
    if command.name == "V":
        phone.settings.verbose = command.number(0, (0, 1), 0) == 1
    else:
        phone.settings.results = command.number(0, (0, 1), 0) == 0
    return []


def _reset_settings(phone: Phone, command: Command) -> list[str]:
    kept = phone.settings
    phone.settings = replace(
        Settings.of(phone.profile), registration_reports=kept.registration_reports, quiet=kept.quiet
    )
    return []


# What the mishaps call and call-at-once say.
_CALL_ENDS = {"busy": "BUSY", "carrier": "NO CARRIER", "answer": "NO ANSWER", "dialtone": "NO DIALTONE"}


def _dial(phone: Phone, command: Command) -> list[str]:
    """A voice call, V.250 § 6.3.1 with the semicolon of 27.007 § 6.2; data calls are refused."""
    number = command.text(0).lstrip("TtPp ")  # tone or pulse: § 6.3.1.2, § 6.3.1.3
    if not number.endswith(";") or not number[:-1].lstrip("+").isdecimal():
        raise Refused("CME", 3)
    if not phone.registered:
        raise Refused("CME", 30)
    if (fault := phone.faults.hits("call")) is not None:
        phone.news.append(_CALL_ENDS[fault.text])
        return []
    if (fault := phone.faults.hits("call-at-once")) is not None:
        raise Refused(line=_CALL_ENDS[fault.text])
    phone.calls.dial(number[:-1])
    return []


def _hang_up(phone: Phone, command: Command) -> list[str]:
    if command.kind == "do" and command.name in phone.profile.hang_up:
        phone.calls.refuse()
    return []


def _identification(phone: Phone, command: Command) -> list[str]:
    about = phone.profile
    return [about.manufacturer, about.model, about.revision, f"IMEI: {phone.identity.imei}"]


def _told(tell: Callable[[Phone], str]) -> Answer:
    def answer(phone: Phone, command: Command) -> list[str]:
        return [tell(phone)]

    return answer


def _functionality(phone: Phone, command: Command) -> list[str]:
    if command.kind == "read":
        return [f"+CFUN: {phone.functionality}"]
    phone.switch_to(command.number(0, (0, 1, 4), 1))
    return []


def _character_set(phone: Phone, command: Command) -> list[str]:
    if command.kind == "read":
        return [f'+CSCS: "{phone.settings.character_set}"']
    if command.text(0) not in ("GSM", "IRA", "UCS2"):
        raise Refused("CME", 50)
    phone.settings.character_set = command.text(0)
    return []


GENERAL: dict[str, Answer] = {
    "E": _echo,
    "Z": _reset_settings,
    "&F": _reset_settings,
    "D": _dial,
    "H": _hang_up,
    "+CHUP": _hang_up,
    "I": _identification,
    "+GCAP": _told(lambda phone: "+GCAP: +CGSM"),
    **dict.fromkeys(("V", "Q"), _results),
    **dict.fromkeys(("X", "S", "&C", "&D", "&W", "&K", "+IPR", "+IFC"), nothing),
    "+CGMI": _told(lambda phone: phone.profile.manufacturer),
    "+GMI": _told(lambda phone: phone.profile.manufacturer),
    "+CGMM": _told(lambda phone: phone.profile.model),
    "+GMM": _told(lambda phone: phone.profile.model),
    "+CGMR": _told(lambda phone: phone.profile.revision),
    "+GMR": _told(lambda phone: phone.profile.revision),
    "+CGSN": _told(lambda phone: phone.identity.imei),
    "+GSN": _told(lambda phone: phone.identity.imei),
    "+CMEE": number_setting("+CMEE", range(3), "error_detail"),
    "+CFUN": _functionality,
    "+CSCS": _character_set,
    "+CLIP": number_setting("+CLIP", (0, 1), "caller_shown"),
    "+CRC": number_setting("+CRC", (0, 1), "ring_told"),
}


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
