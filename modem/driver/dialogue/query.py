"""The IMEI of the modem at a port, wanted before one of several ports is set up."""

from modem.at import answers
from modem.at.engine import AtEngine
from modem.at.urcs import URCS
from modem.driver.dialogue.dialogue import Clock, Dialogue
from modem.driver.dialogue.steps import Steps
from modem.driver.dialogue.unlock import card_state
from modem.driver.models.quirks import DEFAULT_QUIRKS
from modem.driver.port.port import Port
from modem.errors import CommandError, ModemTimeout, PinRequired, ProtocolError, SimError


def introduction(device: str, settle_s: float = 0.0, clock: Clock | None = None) -> str:
    """The IMEI of the modem at `device` (27.007 § 5.4), which is opened and closed again. A silent port takes five
    seconds, and `settle_s` more.

    Raises PortError, ModemTimeout (no AT port, or not yet), CommandError, PinRequired (it reports that only once its
    card is open), ProtocolError (no modem: it reports no model, or no IMEI).
    """
    engine = AtEngine((*DEFAULT_QUIRKS.urcs, *URCS))
    dialogue = Dialogue(Port(device), engine, clock or Clock(), lambda heard: None, lambda direction, data: None)
    try:
        steps = Steps(dialogue)
        steps.synchronise(settle_s)
        try:
            steps.optional("ATE0")
            if not answers.text_line(steps.optional("AT+CGMM") or ()):
                raise ProtocolError("AT+CGMM gave no model")
            imei = steps.imei(DEFAULT_QUIRKS.imei)
            if not imei:
                raise ProtocolError("AT+CGSN gave no IMEI")
            return imei
        except ProtocolError as unknown:
            if _wants_pin(steps):
                raise PinRequired("it tells nothing before its PIN") from unknown
            raise
    finally:
        dialogue.close()


def _wants_pin(steps: Steps) -> bool:
    try:
        return card_state(steps) == "SIM PIN"
    except (CommandError, SimError, ModemTimeout, ProtocolError):
        return False
