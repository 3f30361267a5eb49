"""Submits as the engine sees them, and their results."""

from modem.at.commands import Final
from modem.at.events import Response
from tests.modem.at.dialogue import COMMAND, PDU

OK = Final("OK", text="OK")
CMS_38 = Final("CMS", 38, "+CMS ERROR: 38")
REFUSAL = b"\r\n+CMS ERROR: 38\r\n"
PROMPT = b"\r\n> "


def receipt(reference):
    return f"\r\n+CMGS: {reference % 256}\r\n\r\nOK\r\n".encode()


def taken(reference):
    return (f"+CMGS: {reference % 256}",), OK


def start(engine, now=0.0):
    """A submit up to its PDU."""
    engine.send(COMMAND, expects_prompt=True)
    events = engine.feed(PROMPT)
    engine.payload(PDU, now)
    return events


def give_up(engine):
    """As the driver does: the result does not come, but AT is answered."""
    assert engine.abandon() == ()
    engine.send("AT")
    assert engine.feed(b"\r\nOK\r\n")[-1] == Response("AT", (), OK)
