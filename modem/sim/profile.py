"""The identity of a simulated modem and its SIM, and the conduct of its kind as data."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256

GSM, UTRAN, LTE = 0, 2, 7  # access technology, 3GPP TS 27.007 § 7.2
# Mobile country code 001 is the test country and 001/01 its test network (3GPP TS 23.003, ITU-T E.212): no SIM that an
# operator sold begins like this, so what went through a simulator can be recognised for ever.
TEST_NETWORK = "00101"


@dataclass(frozen=True, slots=True)
class Identity:
    """Digits only: `imei` 15 with its check digit, `imsi` 15, `iccid` 19 with its check digit."""

    imei: str
    imsi: str
    iccid: str

    @classmethod
    def derive(cls, *traits: object) -> "Identity":
        """The same traits (a seed, a link) always give the same identity, others another one."""
        digest = sha256("\0".join(map(str, traits)).encode()).digest()
        number = int.from_bytes(digest, "big")
        serial, number = number % 10**6, number // 10**6
        subscriber, number = number % 10**9, number // 10**9
        card = number % 10**11
        return cls(
            imei=_with_check_digit(f"00101900{serial:06}"),
            imsi=f"{TEST_NETWORK}9{subscriber:09}",
            iccid=_with_check_digit(f"8900101{card:011}"),
        )


def _with_check_digit(digits: str) -> str:
    """Luhn's formula (ISO/IEC 7812-1), as for IMEI in TS 23.003 annex B."""
    total = 0
    for position, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if position % 2 == 0 else 1)
        total += value // 10 + value % 10
    return f"{digits}{-total % 10}"


@dataclass(frozen=True)
class Profile:
    """One kind of modem: as here, no modem in particular, at the speed of the port.

    submit_s        seconds from Ctrl-Z to +CMGS (0: as fast as the port)
    answers         command line without AT, in capitals → its answer, for what needs no state of its own: a line, or
                    several, of which the last may be a final result. Placeholders: {imei} {imsi} {iccid} {smsc}
                    {number}
    unknown_answer  the final result to what it does not know
    error_detail    AT+CMEE after switching on
    echo            ATE after switching on
    bare            the final result of AT alone
    line_end        what surrounds the lines that it says
    prompt          what AT+CMGS answers after a line end (`>` alone on some)
    cnmi            what AT+CNMI=<mode>,<mt>,<bm>,<ds>,<bfr> takes, per figure
    cnmi_told       what AT+CNMI=? tells, where that is something else
    services        what AT+CSMS takes, the first of them after switching on
    bearers         what AT+CGSMS takes
    registered_as   registration command → <stat>; others do not exist
    location        what follows <stat> with AT+CREG=2: {access} is the access technology
    memories        storage → places
    alpha           the empty name in +CMGR, +CMGL and +CMT
    empty_place     the final result of AT+CMGR at an empty place
    """

    name: str = "default"
    manufacturer: str = "SIMULATION"
    model: str = "SimModem"
    revision: str = "1.0"
    technology: int = LTE
    submit_s: float = 0.0
    answers: dict[str, str | Sequence[str]] = field(
        default_factory=lambda: {
            "+CCID": "+CCID: {iccid}",
            "+ICCID": "+ICCID: {iccid}",
            "+CIREG?": "+CIREG: 0,1,5",
        }
    )
    unknown_answer: str = "ERROR"
    error_detail: int = 0
    echo: bool = True
    bare: str = "OK"
    line_end: str = "\r\n"
    prompt: str = "> "
    cnmi: Sequence[Sequence[int]] = ((0, 1, 2), (0, 1, 2, 3), (0, 2), (0, 1, 2), (0, 1))
    cnmi_told: str = "(0-2),(0-3),(0),(0,1,2),(0,1)"
    services: Sequence[int] = (0,)
    bearers: Sequence[int] = (0, 1, 2, 3)
    registered_as: dict[str, int] = field(default_factory=lambda: {"+CREG": 1, "+CGREG": 1, "+CEREG": 1})
    location: str = '"00C3","0000A1B2",{access}'
    memories: dict[str, int] = field(default_factory=lambda: {"SM": 20, "ME": 50})
    alpha: str = ""
    empty_place: str = "+CMS ERROR: 321"
