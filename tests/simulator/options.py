"""The command line of `python -m modem.sim` in a checkout: kinds of modem, faults, transcripts and sockets too."""

from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter
from dataclasses import replace
from functools import partial
from pathlib import Path

from modem.sim import command_line
from modem.sim.command_line import milliseconds
from modem.sim.identity import Identity
from modem.sim.pty_host import carry
from tests.simulator.base.network import Network
from tests.simulator.dialects import PROFILES
from tests.simulator.faults import Faults, described
from tests.simulator.host import PtyHost
from tests.simulator.modem import SimModem
from tests.simulator.phone import PIN_TRIES, Phone, SimState
from tests.simulator.script import Script

_SIM_STATES: dict[str, SimState] = {"ready": "READY", "pin": "SIM PIN", "puk": "SIM PUK", "none": "ABSENT"}
_EPILOG = """A fault is KIND[:ARGUMENT][@RATE or @=N], several are separated by commas; without a rate, always. RATE is
a share (0.05) or a percentage (5%); @=N strikes at the Nth AT+CMGS. number:+32470000001=cms:1 binds a fault of submits
to a recipient. The kinds:
"""


def parser() -> ArgumentParser:
    """All options."""
    parser = command_line.parser()
    parser.epilog, parser.formatter_class = _EPILOG + described(), RawDescriptionHelpFormatter
    add = parser.add_argument
    add("--tpdu-log", type=Path, help="a line of JSON per TPDU that the network took")
    add("--socket", metavar="NAME", help="listen on this abstract unix socket too, see unix(7)")
    add("--profile", choices=sorted(PROFILES), default="default", help="the kind of modem")
    add("--script", type=Path, metavar="FILE", help="a transcript to play instead, see tests/simulator/script.py")
    add("--link-ms", type=milliseconds, metavar="N", help="the share of it that AT+CMMS saves (the profile's)")
    add("--reset-ms", type=milliseconds, metavar="N", help="how long a restart takes (the profile's)")
    add("--fault", action="append", default=[], metavar="SPEC", help="what goes wrong, see below")
    add("--imsi", metavar="DIGITS", help="the SIM's (else of seed and link): the same for two modems makes twins")
    add("--sim", choices=list(_SIM_STATES), default="ready", help="state of the SIM at start")
    add("--pin", default="1234", help="the PIN that a SIM in state pin wants")
    add("--pin-tries", type=int, choices=range(PIN_TRIES + 1), default=PIN_TRIES, help="how often it may be tried")
    add("--control", type=Path, metavar="SOCKET", help="unix socket for commands, see tests/simulator/orders.py")
    return parser


def make_network(options: Namespace) -> Network:
    """Raises OSError."""
    return Network(options.log, options.tpdu_log)


def make_host(options: Namespace, network: Network) -> PtyHost:
    """Raises FaultSpecError, ScriptError, OSError."""
    faults = Faults(options.fault, options.seed)
    script = Script.read(options.script) if options.script else None
    identity = Identity.derive(options.seed, options.link.absolute())
    phone = Phone(
        replace(identity, imsi=options.imsi or identity.imsi),
        network,
        script.profile() if script else PROFILES[options.profile],
        report_s=options.report_ms,
        sim=_SIM_STATES[options.sim],
        pin=options.pin,
        pin_tries=options.pin_tries,
        number=options.number or "",
    )
    if options.neighbours:
        phone.carry = partial(carry, options.neighbours)
    times = {"submit_s": options.submit_ms, "link_s": options.link_ms, "reset_s": options.reset_ms}
    modem = SimModem(phone, faults, script=script, **times)
    return PtyHost(modem, options.link, options.control, socket=options.socket, neighbours=options.neighbours)
