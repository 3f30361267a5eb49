"""One command line, from its commands to the lines of its answer: of a profile, or as a transcript has it."""

from collections.abc import Sequence

from tests.simulator.answers import MORE
from tests.simulator.base.answers import ANSWERS, TESTED, tested
from tests.simulator.base.commands import Command, Refused, cut
from tests.simulator.commands import NeverAnswered, filled_in, is_final, need_card, need_service
from tests.simulator.phone import Phone
from tests.simulator.script import Said, Script

_ANSWERS = ANSWERS | MORE
_OF_THE_CARD = frozenset({"+CIMI", "+CNUM"})
_OF_MESSAGES = frozenset({"+CSCA", "+CPMS", "+CMGL", "+CMGR", "+CMGD"})
_LATE = frozenset({"+CMGF", "+CNMI", "+CSMS", "+CGSMS", "+CMMS", "+CNMA"}) | _OF_MESSAGES
PROMPTING = ("+CMGS", "+CMGW")


def prompts(command: Command) -> bool:
    """AT+CNMA does with a length only (TS 27.005 § 4.7)."""
    return command.name in PROMPTING or (command.name == "+CNMA" and len(command.arguments) > 1)


# of a modem that is played from a transcript: what V.250 wants of every modem, what acts on the simulated storages, and
# what tells of the simulated world
_BASIC = frozenset({"E", "Z", "&F", "H", "V", "Q", "X", "S", "&C", "&D", "&W", "&K", "+CFUN"})
_SIMULATED = frozenset({"+CMGR", "+CMGL", "+CMGD", "+CPMS", "+CNUM", *PROMPTING})
_OF_THE_WORLD = frozenset({"+CPIN", "+CREG", "+CGREG", "+CEREG", "+COPS", "+CSQ", "+CIMI", "+CFUN"})


def answer(phone: Phone, command: Command) -> list[str]:
    """The lines before OK. Raises Refused, NeverAnswered."""
    profile, written = phone.profile, command.written.upper()
    _need_pin_first(phone, command)
    if phone.faults.names("silent", command.name) or (profile.list_never and command.name == "+CMGL"):
        raise NeverAnswered
    if phone.faults.names("refuse", command.name):
        raise Refused(line="ERROR")
    if phone.is_late and command.name in _LATE and command.kind != "test":
        raise late(phone)
    if written in profile.quiet:
        phone.settings.quiet = True
        return []
    if written in profile.answers:
        return _said(phone, profile.answers[written])
    if command.name in profile.unknown or command.name not in _ANSWERS:
        raise Refused
    if command.kind == "test" and command.name in TESTED:
        return tested(command)
    if command.name in _OF_THE_CARD:
        need_card(phone)
    if command.name in _OF_MESSAGES:
        need_service(phone, command)
    return _ANSWERS[command.name](phone, command)


def _need_pin_first(phone: Phone, command: Command) -> None:
    """Raises Refused where this modem listens to nothing else before its card's PIN."""
    if command.name == "+CPIN" or phone.sim_state != "SIM PIN":
        return
    if (locked := phone.faults.hits("locked")) and (locked.code == 0 or command.name not in ("E", "+CMEE")):
        raise Refused("CME", locked.code) if locked.code else Refused(line="ERROR")


def late(phone: Phone) -> Refused:
    """The refusal of a modem whose messages are not ready."""
    return Refused("CMS", phone.late_code) if phone.late_code else Refused(line="ERROR")


def _said(phone: Phone, lines: str | Sequence[str]) -> list[str]:
    """Lines of a profile's answer. Raises Refused with the last of them where that is a final result."""
    said = [filled_in(line, phone) for line in ([lines] if isinstance(lines, str) else lines)]
    if said and is_final(said[-1]) and said[-1] != "OK":
        raise Refused(line=said[-1])
    return said


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
