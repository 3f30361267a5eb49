"""One command line, from its commands to the lines of its answer: of a profile, or as a transcript has it."""

from collections.abc import Sequence

from modem.sim.commands.general import CARD, GENERAL
from modem.sim.commands.network import NETWORK
from modem.sim.commands.registry import Command, NeverAnswered, Refused, cut, filled_in, is_final
from modem.sim.commands.script import Said, Script
from modem.sim.commands.sms import SMS
from modem.sim.network.phone import Phone

_ANSWERS = GENERAL | CARD | NETWORK | SMS
PROMPTING = ("+CMGS", "+CMGW")


def prompts(command: Command) -> bool:
    """AT+CNMA does with a length only (TS 27.005 § 4.7)."""
    return command.name in PROMPTING or (command.name == "+CNMA" and len(command.arguments) > 1)


# NAME=? of the commands that take always the same; the others tell it themselves
_TESTED = {
    **dict.fromkeys(("+CPIN", "+CIMI", "+CNUM", "+CRSM", "+CCLK", "+CSCA", "+CMGR"), ""),
    **dict.fromkeys(("+GCAP", "+CGMI", "+GMI", "+CGMM", "+GMM", "+CGMR", "+GMR", "+CGSN", "+GSN"), ""),
    "+CLCK": '("SC")', "+CFUN": "(0,1,4),(0,1)", "+CSCS": '("GSM","IRA","UCS2")', "+CSQ": "(0-31,99),(99)",
    "+CUSD": "(0-2)", "+CMGF": "(0)", "+CMGL": "(0-4)",
}  # fmt: skip

# of a modem that is played from a transcript: what V.250 wants of every modem, what acts on the simulated storages, and
# what tells of the simulated world
_BASIC = frozenset({"E", "Z", "&F", "H", "V", "Q", "X", "S", "&C", "&D", "&W", "&K", "+CFUN"})
_SIMULATED = frozenset({"+CMGR", "+CMGL", "+CMGD", "+CPMS", "+CNUM", *PROMPTING})
_OF_THE_WORLD = frozenset({"+CPIN", "+CREG", "+CGREG", "+CEREG", "+COPS", "+CSQ", "+CIMI", "+CFUN"})


def answer(phone: Phone, command: Command) -> list[str]:
    """The lines before OK. Raises Refused, NeverAnswered."""
    profile, written = phone.profile, command.written.upper()
    _need_pin_first(phone, command)
    if phone.faults.names("silent", command.name):
        raise NeverAnswered
    if phone.faults.names("refuse", command.name):
        raise Refused(line="ERROR")
    if written in profile.quiet:
        phone.settings.quiet = True
        return []
    if written in profile.answers:
        return _told(phone, profile.answers[written])
    if command.name in profile.unknown or command.name not in _ANSWERS:
        raise Refused
    if command.kind == "test" and command.name in _TESTED:
        told = _TESTED[command.name]
        return [f"{command.name}: {told}"] if told else []
    return _ANSWERS[command.name](phone, command)


def _need_pin_first(phone: Phone, command: Command) -> None:
    """Raises Refused where this modem listens to nothing else before its card's PIN."""
    if command.name == "+CPIN" or phone.sim_state != "SIM PIN":
        return
    if (locked := phone.faults.hits("locked")) and (locked.code == 0 or command.name not in ("E", "+CMEE")):
        raise Refused("CME", locked.code) if locked.code else Refused(line="ERROR")


def _told(phone: Phone, lines: str | Sequence[str]) -> list[str]:
    """Lines of a profile's answer. Raises Refused with the last of them where that is a final result."""
    told = [filled_in(line, phone) for line in ([lines] if isinstance(lines, str) else lines)]
    if told and is_final(told[-1]) and told[-1] != "OK":
        raise Refused(line=told[-1])
    return told


def restarts(phone: Phone, command: Command) -> bool:
    """True when the modem restarts after the OK (TS 27.007 § 8.2: AT+CFUN with <rst> 1; makers have others)."""
    return (command.name == "+CFUN" and command.text(1) == "1") or command.written.upper() in phone.profile.resets


def recorded(script: Script, phone: Phone, line: str) -> list[Said] | None:
    """The transcript's answer to a command line; None where the simulated world answers. A setting with a recorded OK
    is set. Raises Refused where the card does not tell a masked value, and for what transcript and profile do not know.
    """
    commands = list(cut(line))
    names = {command.name for command in commands}
    if names & _SIMULATED and not (names == {"+CPMS"} and script.refuses(line)):
        return None
    if any(phone.faults.names(kind, name) for kind in ("silent", "refuse") for name in names):
        return None
    if any(command.name == "+CPIN" and command.kind == "set" for command in commands):
        return None  # the PIN is masked, and the simulated SIM has its own
    if names & _OF_THE_WORLD and any(command.kind != "set" for command in commands) and not phone.registered:
        return None
    said = script.next_answer(line)
    if said is None:
        if "profile" not in script.header and names - _BASIC:  # which would answer what was not recorded
            raise Refused
        return None
    filled = [Said(filled_in(item.text, phone), item.after_s) for item in said]
    if any(item.text == "OK" for item in filled):
        _take_effect(phone, commands)
    return filled


def _take_effect(phone: Phone, commands: list[Command]) -> None:
    for command in commands:
        phone.settings.quiet |= command.written.upper() in phone.profile.quiet
        if command.kind in ("do", "set") and command.name in _ANSWERS:
            try:
                _ANSWERS[command.name](phone, command)
            except (Refused, NeverAnswered):
                continue
