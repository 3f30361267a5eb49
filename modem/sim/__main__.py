"""`python -m modem.sim --link PATH --log FILE.jsonl …`: a simulated modem as a process of its own.

Ready when the link is there; SIGTERM and SIGINT end it with exit 0. Exit 1: a path cannot be used; 2: usage.
"""

import argparse
import signal
import sys
from pathlib import Path

from modem.sim.faults import Faults, FaultSpecError
from modem.sim.host import PtyHost
from modem.sim.identity import Identity
from modem.sim.modem import SimModem
from modem.sim.network import Network
from modem.sim.phone import Phone, SimState
from modem.sim.profile import PROFILES

_SIM_STATES: dict[str, SimState] = {"ready": "READY", "pin": "SIM PIN", "puk": "SIM PUK", "none": "ABSENT"}


def _milliseconds(text: str) -> float:
    """Seconds."""
    value = float(text) / 1000
    if not 0 <= value < 3600:
        raise ValueError(text)
    return value


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m modem.sim", description="A simulated modem on a pty.")
    add = parser.add_argument
    add("--link", type=Path, required=True, help="symbolic link to the pty, made here and removed at the end")
    add("--log", type=Path, required=True, help="a line of JSON per message that the network took")
    add("--tpdu-log", type=Path, help="a line of JSON per TPDU that the network took")
    add("--profile", choices=sorted(PROFILES), default="default")
    add("--submit-ms", type=_milliseconds, metavar="N", help="from Ctrl-Z to +CMGS (the profile's)")
    add("--link-ms", type=_milliseconds, metavar="N", help="the share of it that AT+CMMS saves (the profile's)")
    add("--report-ms", type=_milliseconds, metavar="N", default=0.05, help="from +CMGS to the status report (50)")
    add("--fault", action="append", default=[], metavar="SPEC", help="KIND[:CODE][@RATE or @=N], see modem.sim.faults")
    add("--seed", type=int, default=0, help="of chance and, with the link, of IMEI, IMSI and ICCID")
    add("--sim", choices=list(_SIM_STATES), default="ready", help="state of the SIM at start")
    add("--pin", default="1234", help="the PIN that a SIM in state pin wants")
    add("--control", type=Path, metavar="SOCKET", help="unix socket for commands, see modem.sim.control")
    return parser


def main(arguments: list[str] | None = None) -> int:
    """Runs until a signal; returns the exit status."""
    parser = _parser()
    options = parser.parse_args(arguments)
    try:
        faults = Faults(options.fault, options.seed)
    except FaultSpecError as error:
        parser.exit(2, f"{error}\n")
    identity = Identity.derive(options.seed, options.link.absolute())
    try:
        with Network.logging_to(options.log, options.tpdu_log) as network:
            phone = Phone(
                identity,
                network,
                PROFILES[options.profile],
                report_s=options.report_ms,
                sim=_SIM_STATES[options.sim],
                pin=options.pin,
            )
            modem = SimModem(phone, faults, submit_s=options.submit_ms, link_s=options.link_ms)
            host = PtyHost(modem, options.link, options.control)
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, lambda *_: host.stop())
            host.run()
    except OSError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
