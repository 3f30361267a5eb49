"""Every error of the modem package, one tree.

Drivers translate what their library raises at their own boundary; nothing above sees a serial exception.
"""


class ModemError(Exception):
    """Base of all errors of this package."""


class PortError(ModemError):
    """The port cannot be used."""


class PortGone(PortError):
    """The tty does not exist, or vanished while it was open."""


class ModeLost(PortGone):
    """The modem is no longer in PDU mode: its last `receipts` may be of texts to nobody."""

    def __init__(self, message: str, receipts: int) -> None:
        super().__init__(message)
        self.receipts = receipts


class NotManaged(PortGone):
    """ModemManager has no such modem, or does not run."""


class NotAllowed(PortError):
    """ModemManager obeys this user only if polkit allows it."""


class PortForbidden(PortError):
    """This user may not use the tty."""


class PortBusy(PortError):
    """Another program holds the tty; `holder` names it, when known."""

    def __init__(self, device: str, holder: str | None = None) -> None:
        super().__init__(device, holder)
        self.device = device
        self.holder = holder

    def __str__(self) -> str:
        return f"{self.device} is held by {self.holder or 'another program'}"


class ModemTimeout(ModemError):
    """No answer in time; `stage` is the command or step that was waited for."""

    def __init__(self, stage: str) -> None:
        super().__init__(f"no answer to {stage}")
        self.stage = stage


class ProtocolError(ModemError):
    """The modem answered something that no rule covers."""


class CommandError(ModemError):
    """A final result code other than OK. `code` is None for a bare ERROR."""

    kind = ""

    def __init__(self, command: str, code: int | None = None) -> None:
        super().__init__(f"{command}: {self.kind} {code}" if code is not None else f"{command}: ERROR")
        self.command = command
        self.code = code


class CmeError(CommandError):
    """+CME ERROR: <code>, 3GPP TS 27.007 § 9.2."""

    kind = "CME"


class CmsError(CommandError):
    """+CMS ERROR: <code>, 3GPP TS 27.005 § 3.2.5."""

    kind = "CMS"


class CallEnded(CommandError):
    """A call that was dialled ended at once; `why` is the modem's word: BUSY, NO CARRIER, NO ANSWER, NO DIALTONE."""

    def __init__(self, command: str, why: str) -> None:
        super().__init__(command)
        self.why = why


class SimError(ModemError):
    """The SIM cannot be used."""


class SimMissing(SimError):
    """No SIM in the modem."""


class PinRequired(SimError):
    """The SIM asks for its PIN and none is known, or too few tries are left (`tries_left`, when known) to use it."""

    def __init__(self, message: str, tries_left: int | None = None) -> None:
        super().__init__(message)
        self.tries_left = tries_left


class PukRequired(SimError):
    """The SIM is blocked; never unblocked automatically."""


class SubmitUnconfirmed(ModemError):
    """The PDU was handed over and no result came within `waited_s`; `is_answered`: an OK came without a reference,
    which proves nothing of the PDU, but that the modem works.

    `submit` is the driver's number of it while the port is open, as in `LateReceipt`; None if it does not count them.
    """

    def __init__(self, waited_s: float, submit: int | None = None, is_answered: bool = False) -> None:
        super().__init__(f"no result {waited_s:.0f} s after the PDU")
        self.waited_s = waited_s
        self.submit = submit
        self.is_answered = is_answered


class NotHandedOver(ModemError):
    """AT+CMGS ended between the prompt and the PDU, of which nothing was written."""


class SmsError(ModemError):
    """An error of the pure layer: bad input, and nothing was sent."""


class TextError(SmsError):
    """A text that cannot be sent; `reason` is one of `empty`, `too_long`."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class PduError(SmsError):
    """A PDU that cannot be read or made."""
