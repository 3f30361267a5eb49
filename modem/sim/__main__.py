"""`python -m modem.sim --link PATH --log FILE.jsonl …`: a simulated modem as a process of its own. Ready when the link
is there; SIGTERM and SIGINT end it with exit 0. Exit 1: a path cannot be used; 2: usage.
"""

import argparse
import re
import signal
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path

from modem.sim.commands.dialects import PROFILES
from modem.sim.commands.modem import SimModem
from modem.sim.commands.script import Script, ScriptError
from modem.sim.host.control import carry, control_of
from modem.sim.host.host import PtyHost
from modem.sim.network.faults import Faults, FaultSpecError, described
from modem.sim.network.network import Network
from modem.sim.network.phone import PIN_TRIES, Phone, SimState
from modem.sim.network.profile import Identity

_SIM_STATES: dict[str, SimState] = {"ready": "READY", "pin": "SIM PIN", "puk": "SIM PUK", "none": "ABSENT"}
_EPILOG = """A fault is KIND[:ARGUMENT][@RATE or @=N], several are separated by commas; without a rate, always. RATE is
a share (0.05) or a percentage (5%); @=N strikes at the Nth AT+CMGS. number:+32470000001=cms:1 binds a fault of submits
to a recipient. The kinds:
"""


def _milliseconds(text: str) -> float:
    """Seconds."""
    value = float(text) / 1000
    if not 0 <= value < 3600:
        raise ValueError(text)
    return value


def _number(text: str) -> str:
    """E.164."""
    if not re.fullmatch(r"\+\d{6,15}", text):
        raise ValueError(text)
    return text


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "python -m modem.sim",
        description="A simulated modem on a pty.",
        epilog=_EPILOG + described(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--link", type=Path, required=True, help="symbolic link to the pty, made here and removed at the end")
    add("--socket", metavar="NAME", help="listen on this abstract unix socket too, see unix(7)")
    add("--log", type=Path, required=True, help="a line of JSON per message that the network took")
    add("--tpdu-log", type=Path, help="a line of JSON per TPDU that the network took")
    add("--profile", choices=sorted(PROFILES), default="default", help="the kind of modem")
    add("--script", type=Path, metavar="FILE", help="a transcript to play instead, see modem.sim.commands.script")
    add("--submit-ms", type=_milliseconds, metavar="N", help="from Ctrl-Z to +CMGS (the profile's)")
    add("--link-ms", type=_milliseconds, metavar="N", help="the share of it that AT+CMMS saves (the profile's)")
    add("--report-ms", type=_milliseconds, metavar="N", default=0.05, help="from +CMGS to the status report (50)")
    add("--reset-ms", type=_milliseconds, metavar="N", help="how long a restart takes (the profile's)")
    add("--fault", action="append", default=[], metavar="SPEC", help="what goes wrong, see below")
    add("--seed", type=int, default=0, help="of chance and, with the link, of IMEI, IMSI and ICCID")
    add("--imsi", metavar="DIGITS", help="the SIM's (else of seed and link): the same for two modems makes twins")
    add("--number", type=_number, metavar="MSISDN", help="the SIM's own: what is sent to it comes back")
    add("--sim", choices=list(_SIM_STATES), default="ready", help="state of the SIM at start")
    add("--pin", default="1234", help="the PIN that a SIM in state pin wants")
    add("--pin-tries", type=int, choices=range(PIN_TRIES + 1), default=PIN_TRIES, help="how often it may be tried")
    add(
        "--neighbours",
        type=Path,
        metavar="FOLDER",
        help="what is sent to a modem whose socket FOLDER/NUMBER.control is "
        "there comes in there; needs --number, of which --control is made",
    )
    add("--control", type=Path, metavar="SOCKET", help="unix socket for commands, see modem.sim.host.orders")
    return parser


def _modem(options: argparse.Namespace, network: Network, faults: Faults, script: Script | None) -> SimModem:
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
    return SimModem(
        phone, faults, submit_s=options.submit_ms, link_s=options.link_ms, reset_s=options.reset_ms, script=script
    )


def main(arguments: list[str] | None = None) -> int:
    """Runs until a signal; returns the exit status."""
    parser = _parser()
    options = parser.parse_args(arguments)
    try:
        faults = Faults(options.fault, options.seed)
        script = Script.read(options.script) if options.script else None
    except (FaultSpecError, ScriptError) as error:
        parser.exit(2, f"{error}\n")
    except OSError as error:
        parser.exit(1, f"{error}\n")
    try:
        control = options.control
        if options.neighbours and options.number and not control:
            control = control_of(options.neighbours, options.number)
        with Network.logging_to(options.log, options.tpdu_log) as network:
            modem = _modem(options, network, faults, script)
            host = PtyHost(modem, options.link, control, socket=options.socket)
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, lambda *_: host.stop())
            host.run()
    except OSError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
