"""The conduct of a kind of modem, as data; the kinds themselves are the files of `profiles/`."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

GSM, UTRAN, LTE = 0, 2, 7  # access technology, 3GPP TS 27.007 § 7.2
# Mobile country code 001 is the test country and 001/01 its test network (3GPP TS 23.003, ITU-T E.212): no SIM that an
# operator sold begins like this, so what went through a simulator can be told for ever.
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

    def with_other_card(self) -> "Identity":
        """The same modem with another SIM; the same card is always followed by the same other."""
        other = Identity.derive(self.iccid, "next card")
        return Identity(self.imei, other.imsi, other.iccid)


def _with_check_digit(digits: str) -> str:
    """Luhn's formula (ISO/IEC 7812-1), as for IMEI in TS 23.003 annex B."""
    total = 0
    for position, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if position % 2 == 0 else 1)
        total += value // 10 + value % 10
    return f"{digits}{-total % 10}"


@dataclass(frozen=True, slots=True)
class Boot:
    """The lines after switching on, and their times: seconds from then on.

    From `start` on AT commands are heard; from `card` on the SIM is there, and from `sms` on messages can be sent, read
    and received (SIM busy before). Lines hold the placeholders of `Profile.answers`.
    """

    start_s: float = 0.0
    start: Sequence[str] = ()
    card_s: float = 0.0
    card: Sequence[str] = ()
    sms_s: float = 0.0
    sms: Sequence[str] = ()

    def without_waiting(self, start_s: float = 0.0) -> "Boot":
        """The same lines, all after `start_s` seconds."""
        return Boot(start_s, self.start, start_s, self.card, start_s, self.sms)


@dataclass(frozen=True, slots=True)
class Profile:
    """One kind of modem. Times are seconds.

    submit_s        from Ctrl-Z to +CMGS (0: as fast as the port)
    link_s          the share of submit_s that setting up the relay link takes, saved while AT+CMMS keeps it
    answers         command line without AT, in capitals → its answer, for what needs no state of its own: a line, or
                    several, of which the last may be a final result. Placeholders: {imei} {imsi} {iccid}
                    {iccid_swapped} {smsc} {number} {sim_state} {pin_tries} {puk_tries} {tries}; what the card tells
                    needs the card.
    unknown         the commands that others have and this kind has not
    unknown_answer  the final result to what it does not know
    sms_error       the one CMS code to which all refusals of SMS commands are flattened; None where they are told
    error_detail    AT+CMEE after switching on
    echo            ATE after switching on
    bare            the final result of AT alone
    gap_s           what comes sooner after a result is lost
    line_end        what surrounds the lines that it says
    prompt          what AT+CMGS answers after a line end (`>` alone on some)
    cnmi            what AT+CNMI=<mode>,<mt>,<bm>,<ds>,<bfr> takes, per figure
    cnmi_told       what AT+CNMI=? tells, where that is something else
    services        what AT+CSMS takes, the first of them after switching on; with 1 it wants an AT+CNMA
                    for whatever it says directly, and routes nothing more without
    bearers         what AT+CGSMS takes
    registered_as   registration command → <stat> while it is registered; others do not exist
    location        what follows <stat> with AT+CREG=2: {access} is the access technology
    memories        storage → places
    report_memory   where reports are stored when AT+CNMI says so; empty: with the texts
    full            said when a message from the network finds no place; {memory}
    alpha           the empty name in +CMGR, +CMGL and +CMT
    empty_place     the final result of AT+CMGR at an empty place
    list_never      AT+CMGL is never answered
    ims             what AT+CIREG? tells after <n> while registered
    ussd            plain, packed (AT+CUSD takes and tells packed septets in hexadecimal), inline (told before its OK)
    no_network      CMS code of a submit while not registered
    hang_up         the commands that refuse an incoming call
    call_over       said when the caller gives up
    card_out, card_in   said when the SIM is taken out and put in
    boot            see there
    resets          the command lines that restart it, besides AT+CFUN=1,1
    vanish_s        AT+CFUN=1,1 makes the port vanish for so long; 0: it stays, as on a bridge, and boots
    vanish_after_s  from its OK to that
    chatter         lines said every chatter_every_s, until one of the `quiet` command lines was given
    """

    name: str = "default"
    manufacturer: str = "SIMULATION"
    model: str = "SimModem"
    revision: str = "1.0"
    technology: int = LTE
    ims: str = "1,5"
    submit_s: float = 0.0
    link_s: float = 0.0
    answers: dict[str, str | Sequence[str]] = field(default_factory=dict)
    unknown: Collection[str] = ()
    unknown_answer: str = "ERROR"
    sms_error: int | None = None
    error_detail: int = 0
    echo: bool = True
    bare: str = "OK"
    gap_s: float = 0.0
    line_end: str = "\r\n"
    prompt: str = "> "
    cnmi: Sequence[Sequence[int]] = ((0, 1, 2), (0, 1, 2, 3), (0, 2), (0, 1, 2), (0, 1))
    cnmi_told: str = ""
    services: Sequence[int] = (0, 1)
    bearers: Sequence[int] = (0, 1, 2, 3)
    registered_as: dict[str, int] = field(default_factory=lambda: {"+CREG": 1, "+CGREG": 1, "+CEREG": 1})
    location: str = '"00C3","0000A1B2",{access}'
    memories: dict[str, int] = field(default_factory=lambda: {"SM": 20, "ME": 50})
    report_memory: str = ""
    full: str = ""
    alpha: str = ""
    empty_place: str = "+CMS ERROR: 321"
    list_never: bool = False
    ussd: str = "plain"
    no_network: int = 331
    hang_up: Sequence[str] = ("H", "+CHUP")
    call_over: str = ""
    card_out: Sequence[str] = ()
    card_in: Sequence[str] = ()
    boot: Boot = field(default_factory=Boot)
    resets: Sequence[str] = ()
    vanish_s: float = 0.0
    vanish_after_s: float = 0.3
    chatter: Sequence[str] = ()
    chatter_every_s: float = 2.0
    quiet: Sequence[str] = ()
