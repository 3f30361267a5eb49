"""The conduct of a kind of modem, as data."""

from collections.abc import Sequence
from dataclasses import dataclass, field

GSM, UTRAN, LTE = 0, 2, 7  # access technology, 3GPP TS 27.007 § 7.2


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
