"""SimModem, the modem's end of the AT dialogue (V.250, 3GPP TS 27.005, 27.007): bytes and `now` in, bytes out.

It is ready, has a network, takes texts in PDU mode and reports on all. What comes in is said at once (+CMT, +CDS):
its storages stay empty.
"""

import heapq
import re
from collections.abc import Callable

from modem.sim.identity import TEST_NETWORK, Identity
from modem.sim.network import Network, Submit
from modem.sim.tpdu import deliver_of, read_submit, report_on

_ESC = b"\x1b"
# Of a command, and of what is typed at a prompt.
_ENDS = re.compile(rb"\r"), re.compile(rb"[\x1a\x1b]")
_LONGEST_LINE = 4096
_SUBMIT = re.compile(r"AT\+CMGS=(\d{1,3})")
_USSD = re.compile(r'AT\+CUSD=1,"((?:[0-9A-F]{4})+)",15')
_INVALID_PDU = "+CMS ERROR: 304"
# Commands that are answered with OK alone.
_TAKEN = re.compile(
    r"AT(?:[EZVHD].*|\+C(?:HUP|(?:MEE|FUN|REG|GREG|EREG|OPS|SCS|MGF|SCA|NMI|GSMS|MMS|MGL|MGD|USD)=[^?]*))?"
)
_PLACE = '2,1,"00C3","0000A1B2",7'
_ANSWERS = {
    "AT+CGMI": "SIMULATION",
    "AT+CGMM": "SimModem",
    "AT+CGMR": "1.0",
    "AT+CPIN?": "+CPIN: READY",
    "AT+CFUN?": "+CFUN: 1",
    "AT+CSQ": "+CSQ: 20,99",
    "AT+CREG?": f"+CREG: {_PLACE}",
    "AT+CGREG?": f"+CGREG: {_PLACE}",
    "AT+CEREG?": f"+CEREG: {_PLACE}",
    "AT+COPS?": f'+COPS: 0,2,"{TEST_NETWORK}",7',
    "AT+CIREG?": "+CIREG: 0,1,5",
    "AT+CSMS=0": "+CSMS: 1,1,1",
    "AT+CSCA?": '+CSCA: "+32470999999",145',
    "AT+CPMS?": '+CPMS: "SM",0,20,"SM",0,20,"SM",0,20',
    'AT+CPMS="SM"': "+CPMS: 0,20,0,20,0,20",
    'AT+CPMS="SM","SM","SM"': "+CPMS: 0,20,0,20,0,20",
    "AT+CNMI=?": "+CNMI: (0-2),(0,2),(0),(0,1),(0)",
}
# This network's answers to a code.
_BALANCES = {"*100#": "Solde : 12,50 EUR\nValable jusqu'au 31/12/2026"}


class SimModem:
    """One modem. `number` is its SIM's own, E.164, "" where nobody knows it; `carry` hands an SMS-DELIVER to another
    simulated modem, by its number. `submit_s` is the time from Ctrl-Z to the receipt, `report_s` from then to the
    status report; `now` is in seconds since the epoch, from a clock that never goes back.

    Call `feed` with a client's bytes, and `poll` when `due()` has come; both return the client's next bytes, and raise
    for no input.
    """

    def __init__(
        self,
        identity: Identity,
        network: Network,
        *,
        number: str = "",
        submit_s: float = 0.0,
        report_s: float = 0.05,
        carry: Callable[[str, bytes], None] = lambda number, tpdu: None,
    ) -> None:
        self.number = number
        self._network, self._submit_s, self._report_s, self._carry = network, submit_s, report_s, carry
        self._answers = _ANSWERS | {
            "AT+CGSN": identity.imei,
            "AT+CIMI": identity.imsi,
            "AT+CCID": f"+CCID: {identity.iccid}",
        }
        self._reference = 0
        self._typed = b""
        self._said = b""
        # The octets that the open prompt wants.
        self._octets: int | None = None
        self._sending: Submit | None = None
        self._sent_at = 0.0
        # What comes in: when, and the line.
        self._coming: list[tuple[float, str]] = []

    def feed(self, data: bytes, now: float) -> bytes:
        """A client's bytes → the bytes that it reads at once."""
        self._typed += data
        return self.poll(now)

    def poll(self, now: float) -> bytes:
        """The bytes that the modem sends by now."""
        if self._sending and now >= self._sent_at:
            self._hand_over(self._sending, now)
        while self._sending is None and (end := _ENDS[self._octets is not None].search(self._typed)):
            line, self._typed = self._typed[: end.start()], self._typed[end.end() :]
            if self._octets is None:
                self._obey(line.decode("latin-1"))
            elif end[0] == _ESC:
                self._octets = None
                self._say("OK")
            else:
                self._take(line, self._octets, now)
        # What is left of an end of a line, or of an escape without a prompt, is nobody's beginning of a line.
        self._typed = self._typed[-_LONGEST_LINE:].lstrip(b"\n\x1b")
        while not self._typed and self._coming and self._coming[0][0] <= now:
            self._say(heapq.heappop(self._coming)[1])
        said, self._said = self._said, b""
        return said

    def due(self) -> float | None:
        """The time of the next `poll` if nothing is fed before; None for never."""
        if self._sending:
            return self._sent_at
        return self._coming[0][0] if self._coming and not self._typed else None

    def bring(self, tpdu: bytes, now: float) -> None:
        """An SMS-DELIVER arrives at `now`."""
        self._come(now, "+CMT: ,", tpdu)

    def _obey(self, typed: str) -> None:
        """A command line: anything before AT is noise on the wire."""
        command = typed[max(0, typed.upper().find("AT")) :].strip().upper()
        if prompted := _SUBMIT.fullmatch(command):
            self._octets = int(prompted[1])
            self._said += b"\r\n> "
        elif code := _USSD.fullmatch(command):
            self._say("OK")
            text = _BALANCES.get(bytes.fromhex(code[1]).decode("utf-16-be", "replace"))
            self._say(f'+CUSD: 0,"{text.encode("utf-16-be").hex()}",72' if text else "+CUSD: 4")
        elif answer := self._answers.get(command):
            self._say(answer, "OK")
        elif command:
            self._say("OK" if _TAKEN.fullmatch(command) else "ERROR")

    def _take(self, line: bytes, octets: int, now: float) -> None:
        """Take the line that was typed at the prompt: a PDU of so many octets behind its service centre (§ 4.3)."""
        self._octets = None
        try:
            pdu = bytes.fromhex(line.decode("latin-1"))
            tpdu = pdu[1 + pdu[0] :] if pdu else b""
            if len(tpdu) != octets:
                raise ValueError("length differs from the command's")
            self._sending, self._sent_at = read_submit(tpdu), now + self._submit_s
        except ValueError:
            self._say(_INVALID_PDU)
            return
        if self._submit_s == 0:
            self._hand_over(self._sending, now)

    def _hand_over(self, submit: Submit, now: float) -> None:
        """The network takes it."""
        self._sending = None
        reference, self._reference = self._reference, (self._reference + 1) % 256
        self._network.take(submit, reference, now)
        self._say(f"+CMGS: {reference}", "OK")
        due = now + self._report_s
        if submit.wants_report:
            self._come(due, "+CDS: ", report_on(submit, reference, now, due))
        if self.number == submit.to:
            self._come(due, "+CMT: ,", deliver_of(submit, self.number, due))
        elif self.number:
            self._carry(submit.to, deliver_of(submit, self.number, due))

    def _come(self, due: float, head: str, tpdu: bytes) -> None:
        heapq.heappush(self._coming, (due, f"{head}{len(tpdu)}\r\n00{tpdu.hex().upper()}"))

    def _say(self, *lines: str) -> None:
        self._said += b"".join(f"\r\n{line}\r\n".encode() for line in lines)
