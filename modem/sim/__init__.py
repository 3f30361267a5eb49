"""SimModem: a GSM modem and a network that exist only in memory, for any program to drive over a pty.

It is the other side of the wire and stands alone: it shares no code with the product's codec, engine or driver, so
that a fault in one of them does not cancel out here. Layers, each readable alone:

    alphabet, tpdu     what 3GPP TS 23.038 and 23.040 say about bytes
    identity, profile  who the modem says it is, and how its kind behaves
    faults             what goes wrong, and when
    network            takes TPDUs, joins the parts of a message, writes the logs
    phone              SIM, radio, storage, what is on its way to the phone
    commands_*         the AT commands that are answered from the phone's state
    modem              SimModem, the dialogue: bytes and `now` in, bytes out; no port, no thread, no clock
    host, control      the pty, and the socket through which tests play the world around the modem

Run it with `python -m modem.sim --link PATH --log FILE.jsonl`.
"""

from modem.sim.faults import Faults, FaultSpecError
from modem.sim.host import PtyHost
from modem.sim.identity import Identity
from modem.sim.modem import SimModem
from modem.sim.network import Network
from modem.sim.phone import Phone
from modem.sim.profile import PROFILES, Profile

__all__ = ["PROFILES", "FaultSpecError", "Faults", "Identity", "Network", "Phone", "Profile", "PtyHost", "SimModem"]
