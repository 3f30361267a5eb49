"""The command line of a simulated modem, and its run."""

import re
import signal
import sys
from argparse import ArgumentParser, Namespace
from contextlib import closing
from functools import partial
from pathlib import Path
from types import ModuleType

from modem.sim.identity import Identity
from modem.sim.modem import SimModem
from modem.sim.network import Network
from modem.sim.pty_host import PtyHost, carry


def milliseconds(text: str) -> float:
    """The seconds that `text` gives in milliseconds."""
    value = float(text) / 1000
    if not 0 <= value < 3600:
        raise ValueError(text)
    return value


def number(text: str) -> str:
    """A number as E.164."""
    if not re.fullmatch(r"\+\d{6,15}", text):
        raise ValueError(text)
    return text


def parser() -> ArgumentParser:
    """The options that every simulated modem has."""
    parser = ArgumentParser("python -m modem.sim", description="A simulated modem on a pty.")
    add = parser.add_argument
    add("--link", type=Path, required=True, help="symbolic link to the pty, made here and removed at the end")
    add("--log", type=Path, required=True, help="a line of JSON per message that the network took")
    add("--submit-ms", type=milliseconds, metavar="N", help="from Ctrl-Z to +CMGS")
    add("--report-ms", type=milliseconds, metavar="N", default=0.05, help="from +CMGS to the status report (50)")
    add("--seed", type=int, default=0, help="of chance and, with the link, of IMEI, IMSI and ICCID")
    add("--number", type=number, metavar="MSISDN", help="the SIM's own: what is sent to it comes back")
    add(
        "--neighbours",
        type=Path,
        metavar="FOLDER",
        help="modems with the same FOLDER get what is sent to their --number",
    )
    return parser


def make_host(options: Namespace, network: Network) -> PtyHost:
    """The modem of these options, on its pty."""
    modem = SimModem(
        Identity.derive(options.seed, options.link.absolute()),
        network,
        number=options.number or "",
        submit_s=options.submit_ms or 0.0,
        report_s=options.report_ms,
        carry=partial(carry, options.neighbours) if options.neighbours else lambda number, tpdu: None,
    )
    return PtyHost(modem, options.link, options.neighbours)


def make_network(options: Namespace) -> Network:
    """The network of these options."""
    return Network(options.log)


def run(kind: ModuleType, arguments: list[str] | None) -> int:
    """Runs one modem until a signal; returns the exit status. `kind` has the functions of this module; what they raise
    is a ValueError, with a sentence, for what an option says, and OSError for a path.
    """
    parser = kind.parser()
    options = parser.parse_args(arguments)
    try:
        with closing(kind.make_network(options)) as network:
            try:
                host = kind.make_host(options, network)
            except ValueError as error:
                parser.exit(2, f"{error}\n")
            for ending in (signal.SIGTERM, signal.SIGINT):
                signal.signal(ending, lambda *_: host.stop())
            host.run()
    except OSError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0
