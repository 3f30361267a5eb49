"""The answers of the one kind of modem that is always simulated: V.250; 3GPP TS 27.007 §§ 5, 7.2, 7.3, 7.15, 8; those
about messages are 3GPP TS 27.005's.
"""

import re
from collections.abc import Callable

from modem.sim.identity import TEST_NETWORK
from tests.simulator.base.commands import Answer, Command, Refused, in_character_set, nothing, number_setting
from tests.simulator.base.phone import Phone
from tests.simulator.base.sms_answers import SMS
from tests.simulator.base.tpdu import to_septets

OPERATOR = "SIMULATION"
OPERATOR_SHORT = "SIM"
# What this network answers to a code: <m> of § 7.15, and its text.
USSD = {
    "*100#": (0, "Solde : 12,50 EUR\nValable jusqu'au 31/12/2026"),
    "*101#": (0, "Crédit : 12,50 €"),
    "*102#": (0, "Crédit : 12,50 € (forfait « Été »)"),
    "*103#": (1, "1 Solde\n2 Options"),
}

# NAME=? of the commands that take always the same; the others tell it themselves
TESTED = {
    **dict.fromkeys(("+CPIN", "+CIMI", "+CNUM", "+CRSM", "+CCLK", "+CSCA", "+CMGR"), ""),
    **dict.fromkeys(("+GCAP", "+CGMI", "+GMI", "+CGMM", "+GMM", "+CGMR", "+GMR", "+CGSN", "+GSN"), ""),
    "+CLCK": '("SC")', "+CFUN": "(0,1,4),(0,1)", "+CSCS": '("GSM","IRA","UCS2")', "+CSQ": "(0-31,99),(99)",
    "+CUSD": "(0-2)", "+CMGF": "(0)", "+CMGL": "(0-4)",
}  # fmt: skip


def tested(command: Command) -> list[str]:
    """The answer to NAME=? of such a command."""
    return [f"{command.name}: {TESTED[command.name]}"] if TESTED[command.name] else []


def fixed(tell: Callable[[Phone], str]) -> Answer:
    """An answer of one line that no argument changes."""
    return lambda phone, command: [tell(phone)]


def _echo(phone: Phone, command: Command) -> list[str]:
    phone.settings.echo = command.number(0, (0, 1), 0) == 1
    return []


def _character_set(phone: Phone, command: Command) -> list[str]:
    if command.kind == "read":
        return [f'+CSCS: "{phone.settings.character_set}"']
    if command.text(0) not in ("GSM", "IRA", "UCS2"):
        raise Refused("CME", 50)
    phone.settings.character_set = command.text(0)
    return []


def _own_number(phone: Phone, command: Command) -> list[str]:
    """AT+CNUM: no line where the SIM does not know its number."""
    return [f'+CNUM: "","{phone.number}",145'] if phone.number else []


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


def operator(phone: Phone, command: Command) -> list[str]:
    """AT+COPS: the name of the network, in the format that was set."""
    settings = phone.settings
    names = in_character_set(phone, OPERATOR), in_character_set(phone, OPERATOR_SHORT), TEST_NETWORK
    if command.kind == "read":
        return [f'+COPS: 0,{settings.operator_format},"{names[settings.operator_format]}"{phone.technology}']
    if command.number(0, range(5)) == 1 and command.text(2) not in names:
        raise Refused("CME", 30)
    settings.operator_format = command.number(1, range(3), settings.operator_format)
    return []


def _supplementary(phone: Phone, command: Command) -> list[str]:
    """AT+CUSD, § 7.15: a code that this network does not know is answered with 4, operation not supported."""
    if command.kind == "read":
        return [f"+CUSD: {phone.settings.ussd_told}"]
    wanted = command.number(0, range(3), 0)
    phone.settings.ussd_told = int(wanted == 1)
    code = command.text(1)
    if phone.settings.character_set == "UCS2" and re.fullmatch("(?:[0-9A-Fa-f]{4})+", code):
        code = bytes.fromhex(code).decode("utf-16-be", "replace")
    if wanted == 1 and code:
        phone.news.append(ussd_line(phone, code))
    return []


def ussd_line(phone: Phone, code: str) -> str:
    """The URC that answers a code, in the alphabet that was set."""
    if code not in USSD:
        return "+CUSD: 4"
    kind, text = USSD[code]
    septets = to_septets(text)
    if septets is None:
        return f'+CUSD: {kind},"{text.encode("utf-16-be").hex().upper()}",72'
    in_set = {"UCS2": in_character_set(phone, text), "IRA": text}
    return f'+CUSD: {kind},"{in_set.get(phone.settings.character_set, bytes(septets).decode("latin-1"))}",15'


ANSWERS: dict[str, Answer] = {
    **SMS,
    **dict.fromkeys(
        ("D", "H", "+CHUP", "Z", "&F", "V", "Q", "X", "S", "&C", "&D", "&W", "&K", "+IPR", "+IFC"), nothing
    ),
    "E": _echo,
    "+CGMI": fixed(lambda phone: phone.profile.manufacturer),
    "+GMI": fixed(lambda phone: phone.profile.manufacturer),
    "+CGMM": fixed(lambda phone: phone.profile.model),
    "+GMM": fixed(lambda phone: phone.profile.model),
    "+CGMR": fixed(lambda phone: phone.profile.revision),
    "+GMR": fixed(lambda phone: phone.profile.revision),
    "+CGSN": fixed(lambda phone: phone.identity.imei),
    "+GSN": fixed(lambda phone: phone.identity.imei),
    "+CIMI": fixed(lambda phone: phone.identity.imsi),
    "+CPIN": fixed(lambda phone: "+CPIN: READY"),
    "+CSQ": fixed(lambda phone: f"+CSQ: {phone.quality},99"),
    "+CFUN": lambda phone, command: ["+CFUN: 1"] if command.kind == "read" else [],
    "+CMEE": number_setting("+CMEE", range(3), "error_detail"),
    "+CSCS": _character_set,
    "+CNUM": _own_number,
    **dict.fromkeys(("+CREG", "+CGREG", "+CEREG"), _registration),
    "+COPS": operator,
    "+CUSD": _supplementary,
}
