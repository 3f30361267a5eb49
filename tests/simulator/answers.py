"""The answers that other programs than ours want to hear, or that depend on SIM, radio, calls and faults (V.250; 3GPP
TS 27.005, 27.007).
"""

import re
import time
from dataclasses import replace

from modem.sim.identity import TEST_NETWORK
from tests.simulator.base import answers
from tests.simulator.base.answers import OPERATOR, OPERATOR_SHORT, USSD, fixed
from tests.simulator.base.commands import Answer, Command, Refused, number_setting
from tests.simulator.base.tpdu import ZONE_QUARTERS, from_septets, pack, to_septets, unpack
from tests.simulator.commands import filled_in, need_card
from tests.simulator.phone import Phone, Settings

_NO_ACKNOWLEDGEMENT_EXPECTED = 340
# What the mishaps call and call-at-once say.
_CALL_ENDS = {"busy": "BUSY", "carrier": "NO CARRIER", "answer": "NO ANSWER", "dialtone": "NO DIALTONE"}
_INDICATORS = {"battchg": "0-5", "signal": "0-5", "service": "0,1", "call": "0,1", "roam": "0,1", "smsfull": "0,1"}


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


def _functionality(phone: Phone, command: Command) -> list[str]:
    if command.kind == "read":
        return [f"+CFUN: {phone.functionality}"]
    phone.switch_to(command.number(0, (0, 1, 4), 1))
    return []


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


def _ims(phone: Phone, command: Command) -> list[str]:
    """AT+CIREG, 27.007 § 8.71: <reg_info>[,<ext_info>] as `phone.ims` has them."""
    if command.kind == "test":
        return ["+CIREG: (0-2)"]
    if command.kind == "read":
        return [f"+CIREG: 0,{phone.ims if phone.registered else 0}"]
    command.number(0, range(3), 0)
    return []


def _operator(phone: Phone, command: Command) -> list[str]:
    if command.kind == "test":
        return [f'+COPS: (2,"{OPERATOR}","{OPERATOR_SHORT}","{TEST_NETWORK}"{phone.technology}),,(0-4),(0-2)']
    if command.kind == "read" and not phone.registered:
        return [f"+COPS: {2 if phone.deregistered else 0}"]
    lines = answers.operator(phone, command)
    if command.kind != "read" and (mode := command.number(0, range(5))) != 3:
        phone.deregistered = mode == 2
    return lines


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


def _supplementary(phone: Phone, command: Command) -> list[str]:
    """AT+CUSD, § 7.15: a code that this network does not know is answered with 4, operation not supported."""
    if command.kind == "read":
        return [f"+CUSD: {phone.settings.ussd_told}"]
    wanted = command.number(0, range(3), 0)
    phone.settings.ussd_told = int(wanted == 1)
    if wanted == 2 or not command.text(1):
        return []
    if not phone.registered:
        raise Refused("CME", 30)
    fault = phone.faults.hits("ussd")
    answer = f"+CUSD: {fault.code}" if fault else _ussd_line(phone, _code(phone, command.text(1)))
    lines = [] if wanted == 0 or (fault and not fault.code) else [answer]
    if phone.profile.ussd == "inline":
        return lines
    phone.news += lines
    return []


def _code(phone: Phone, code: str) -> str:
    """The code that was asked for, in the character set or the packing of this kind of modem."""
    if phone.profile.ussd == "packed":
        octets = bytes.fromhex(code) if re.fullmatch("(?:[0-9A-F]{2})+", code) else b""
        return from_septets(unpack(octets, len(octets) * 8 // 7)).rstrip("\r@")
    if phone.settings.character_set == "UCS2" and re.fullmatch("(?:[0-9A-Fa-f]{4})+", code):
        return bytes.fromhex(code).decode("utf-16-be", "replace")
    return code


def _ussd_line(phone: Phone, code: str) -> str:
    septets = to_septets(USSD[code][1]) if code in USSD else None
    if phone.profile.ussd == "packed" and septets is not None:
        return f'+CUSD: {USSD[code][0]},"{pack(septets).hex().upper()}",15'
    return answers.ussd_line(phone, code)


def _message_format(phone: Phone, command: Command) -> list[str]:
    """AT+CMGF: 1, text mode, where a fault brings it; PDU mode is the only one elsewhere."""
    if command.kind == "read":
        return [f"+CMGF: {int(phone.settings.text_mode)}"]
    if command.text(0) != "0" and not (command.text(0) == "1" and "textmode" in phone.faults.kinds):
        raise Refused("CMS", 303)
    phone.settings.text_mode = command.text(0) == "1"
    return []


def _listing(phone: Phone, command: Command) -> list[str]:
    """AT+CMGL, AT+CMGR: text mode wants words for states, and has no PDUs (27.005 § 3.4.2, § 3.4.3)."""
    if not phone.settings.text_mode or command.kind == "test":
        return answers.SMS[command.name](phone, command)
    if command.name == "+CMGL" and command.text(0).isdecimal():
        raise Refused("CMS", 305)
    lines = answers.SMS[command.name](phone, command)
    return [f'{command.name}: "REC UNREAD","+32470000003",,"26/12/02,19:00:00+04"\r\nBonjour' for _ in lines]


def _acknowledge(phone: Phone, command: Command) -> list[str]:
    """Without a length, which prompts for a PDU: see SimModem. 2 tells the network to try again (§ 4.7)."""
    if command.kind == "test":
        return ["+CNMA: (0-2)"]
    if not phone.acknowledge(well=command.number(0, range(3), 0) != 2):
        raise Refused("CMS", _NO_ACKNOWLEDGEMENT_EXPECTED)
    return []


MORE: dict[str, Answer] = {
    "E": _echo,
    "Z": _reset_settings,
    "&F": _reset_settings,
    "D": _dial,
    "H": _hang_up,
    "+CHUP": _hang_up,
    "I": _identification,
    "+GCAP": fixed(lambda phone: "+GCAP: +CGSM"),
    **dict.fromkeys(("V", "Q"), _results),
    "+CFUN": _functionality,
    "+CLIP": number_setting("+CLIP", (0, 1), "caller_shown"),
    "+CRC": number_setting("+CRC", (0, 1), "ring_told"),
    "+CPIN": _pin,
    "+CLCK": _lock,
    "+CRSM": _file,
    "+CIREG": _ims,
    # 27.007 § 8.64: <reporting>,<nwimsvops>
    "+CIREP": number_setting(
        "+CIREP", range(2), "ims_told", lambda phone: f",{int(phone.ims_announced and phone.registered)}"
    ),
    "+COPS": _operator,
    "+CSQ": fixed(lambda phone: f"+CSQ: {phone.quality if phone.has_network else 99},99"),
    "+CIND": _indicators,
    "+CCLK": _clock,
    "+CUSD": _supplementary,
    "+CNMA": _acknowledge,
    "+CMGF": _message_format,
    **dict.fromkeys(("+CMGL", "+CMGR"), _listing),
}
