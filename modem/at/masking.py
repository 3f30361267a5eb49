"""Masks dialogues so that they can be shown: AT lines without numbers, texts, PINs and card numbers.

Only values known to be harmless are kept, so that an unforeseen line reveals nothing. Numbers of devices and cards keep
their length, so that a masked dialogue can be played back.
"""

import re
from collections import deque
from typing import Final

from modem.at.commands import command_name, parse_final
from modem.at.urcs import URCS

DOT: Final = "•"

# Lines of names, by what they are about.
_WHO_IT_IS = "ATI AT+CGMI AT+CGMM AT+CGMR AT+GMI AT+GMM AT+GMR AT+CGSN AT+GSN AT+SIMCOMATI AT+QGMR AT^HWVER AT+CSUB"
_CALLS_AND_TEXTS = (
    "+CLIP +CCWA +CCWV +COLP +CDIP +CNAP +CSSI +CSSU +CLCC +CUSD +CMT +CDS +CBM ^ORIG ^CONF ^CONN ^DSCI #ECAM"
)
_SETTINGS_AND_STATES = (
    # 27.005
    "+CMGF +CSMS +CPMS +CNMI +CSCA +CSCS +CSMP +CSDH +CMMS +CGSMS +CMGS +CMGW +CMGD +CMTI +CDSI "
    # 27.007
    "+CREG +CGREG +CEREG +COPS +CSQ +CESQ +CPINR +CFUN +CMEE +CCLK +CTZU +CTZR +CMER +CGATT +GCAP +CPAS +CIND "
    "+CIREG +CIREP +CASIMS +WS46 +CEMODE +CNMP +CMNB +CMS +CME +CEER "
    # vendors
    "^CURC ^SYSCFG ^SYSCFGEX ^SYSINFO ^SYSINFOEX ^CARDMODE ^CARDLOCK ^PORTSEL ^CPIN +SPIC +CPINC +QPINC +QCFG +QNWINFO "
    "+QENG +QLTS +ZOPRT +ZCDRUN +ZSNT +CSVM +UGPIOC +UPINCNT #CEER #PCT +CPSI +CNSMOD +CVOLTE "
    "^IMSSWITCH"
)
# The service centre is an operator's, and cells are not people.
_OPERATORS = "+CSCA +CREG +CGREG +CEREG +C5GREG"
_BEFORE_CONTENT = "+CMT +CDS +CBM +CMGL +CMGR"

# The answer is a line of its own that says who the modem is.
_IDENTIFYING: Final = frozenset(_WHO_IT_IS.split())
# A maker's serial number may stand for the IMEI.
_SERIALS: Final = ("AT+CGSN", "AT+GSN")
_IDENTITIES: Final = frozenset(command.removeprefix("AT") for command in _IDENTIFYING)
_URC_NAMES: Final = frozenset(rule.name.upper() for rule in URCS)
_KNOWN: Final = frozenset(_SETTINGS_AND_STATES.split()) | _URC_NAMES | _IDENTITIES
_HARMLESS: Final = _KNOWN - frozenset(_CALLS_AND_TEXTS.split())
_NUMBERS_STAY: Final = frozenset(_OPERATORS.split())
_CONTENT_FOLLOWS: Final = frozenset(_BEFORE_CONTENT.split())

_SECRET: Final = re.compile(r"([+^#](?:CPIN2?|CLCK|CPWD|CPINE|UPIN|UNLOCK|CARDLOCK|DATALOCK)\s*=)(?!\?)(.*)", re.I)
_ARGUMENT: Final = re.compile(r'[^",\s]+')
_NAMED: Final = re.compile(r"([+^*#$%!&_][A-Za-z][A-Za-z0-9]*)(?: ERROR)?\s*(?::|\s|$)")
_COMMAND: Final = re.compile(r"AT(D|[+^*#$%!&_][A-Za-z][A-Za-z0-9]*)?", re.I)
_BASIC_COMMANDS: Final = re.compile(r"AT(?:&?[A-CE-Z]\d*(?:=\d*|\?)?){0,4}", re.I)
_QUOTED: Final = re.compile(r'"[^"]*"?')
_DIGIT: Final = re.compile(r"[0-9]")
_TOKEN: Final = re.compile(r"\+?\w+")
_WORD: Final = re.compile(r"\w")
# A PDU or a piece of one.
_PIECE: Final = re.compile(r"[0-9A-Fa-f]+")
_HEX: Final = re.compile(r"[0-9A-Fa-f]{10,}")
_RUN: Final = re.compile(r"[0-9A-Fa-f]{14,}")
_DEVICE_OR_CARD: Final = re.compile(r"98\d{16}[Ff]\d|\d{14,}[Ff]{0,2}")
_CARD_ALONE: Final = re.compile(rf'((?:(?:ICCID|IMSI|IMEI) ?: ?)?"?)({_DEVICE_OR_CARD.pattern})("?)', re.I)
_NUMBER: Final = re.compile(r'(?<=")\+?\d{7,13}(?=")|\+\d{7,13}(?!\d)')
_LONGEST_CARD: Final = 22
# What is shorter holds none of the three patterns above that look for a number.
_SHORTEST_NUMBER: Final = 7
# An echo may come when its command is no longer in flight.
_REMEMBERED: Final = 8
# Of an IMSI its country and network, of an IMEI and an ICCID nothing that tells two apart.
_KEPT: Final = 5


class Masking:
    """Follows one dialogue: what a line is depends on the lines before it. Whole lines, without their ends."""

    def __init__(self) -> None:
        self._command = ""
        self._content = False
        self._echoes: deque[tuple[str, str]] = deque(maxlen=_REMEMBERED)

    def sent(self, line: str) -> str:
        """A line that was written to the modem: a command, or the PDU at its prompt."""
        if _COMMAND.match(line):
            self._command, self._content = command_name(line).rstrip("?").strip().upper(), False
            masked = _masked_command(line)
        else:
            masked = "0" * len(line) if _HEX.fullmatch(line) else _blank(line)
        self._echoes.append((line, masked))
        return masked

    def read(self, line: str) -> str:
        """A line that the modem wrote: an answer, a URC, an echo, a prompt or a PDU."""
        text = line.strip()
        prompt, text = ("> ", text[1:].strip()) if text.startswith(">") else ("", text)
        return prompt + self._masked(text)

    def _masked(self, text: str) -> str:
        for sent, masked in self._echoes:
            if text == sent:
                return masked
        if named := _NAMED.match(text):
            name = named[1].upper()
            self._content = name in _CONTENT_FOLLOWS
            return text[: named.end()] + _masked_values(name, text[named.end() :])
        if parse_final(text, self._command) or text.upper() in _HARMLESS:
            self._content = False
            return text
        if self._content and _PIECE.fullmatch(text):
            return "0" * len(text)
        if card := _CARD_ALONE.fullmatch(text):
            return card[1] + masked_card(card[2]) + card[3]
        if _HEX.fullmatch(text):
            return "0" * len(text)
        if self._command not in _IDENTIFYING or self._content:
            return _blank(text)
        if self._command in _SERIALS and not _DEVICE_OR_CARD.search(text):
            return _DIGIT.sub("0", text)
        return _DEVICE_OR_CARD.sub(lambda run: masked_card(run[0]), text)


def masked_number(number: str) -> str:
    """`+32470001234` → `+324••••••34`; a service's short number is kept."""
    sign, digits = number[: number.startswith("+")], number.removeprefix("+")
    if len(digits) < 7:
        return number
    kept = 3 if sign or len(digits) >= 9 else 0
    return sign + digits[:kept] + DOT * (len(digits) - kept - 2) + digits[-2:]


def masked_card(digits: str) -> str:
    """IMEI, IMSI or ICCID: its beginning, zeros, and the filling F; as long as it was, for programs to read it."""
    bare = digits.rstrip("Ff")
    return bare[:_KEPT].ljust(len(bare), "0") + digits[len(bare) :]


def _masked_command(line: str) -> str:
    if secret := _SECRET.search(line):
        return _masked_command(line[: secret.start()]) + secret[1] + _ARGUMENT.sub(DOT * 4, secret[2])
    if _BASIC_COMMANDS.fullmatch(line):
        return line
    command = _COMMAND.match(line)
    end = command.end() if command else 0
    name = (command[1] or "").upper() if command else ""
    return line[:end] + _masked_values(name, line[end:])


def _masked_values(name: str, values: str) -> str:
    if name not in _HARMLESS:
        return _TOKEN.sub(_token, _QUOTED.sub(_quoted, values))
    if len(values) < _SHORTEST_NUMBER:
        return values
    values = _RUN.sub(_run, values)
    if name not in _NUMBERS_STAY:
        values = _NUMBER.sub(lambda number: masked_number(number[0]), values)
    return _DEVICE_OR_CARD.sub(lambda run: masked_card(run[0]), values)


def _quoted(quoted: re.Match[str]) -> str:
    """Figures in a quoted text are also hidden; a number or a time is checked token by token."""
    text = quoted[0]
    is_text = re.search(r"[^\W\d_]", text) and not _DEVICE_OR_CARD.fullmatch(text.strip('"'))
    return _blank(text) if is_text else text


def _run(run: re.Match[str]) -> str:
    """No value under these names is as long, except a number of a device or a card; so it is a piece of a PDU."""
    return run[0] if _DEVICE_OR_CARD.fullmatch(run[0]) and len(run[0]) <= _LONGEST_CARD else "0" * len(run[0])


def _token(token: re.Match[str]) -> str:
    text = token[0]
    if _DEVICE_OR_CARD.fullmatch(text):
        return masked_card(text)
    return masked_number(text) if re.fullmatch(r"\+?[0-9]+", text) else _blank(text)


def _blank(text: str) -> str:
    return _WORD.sub(DOT, text)
