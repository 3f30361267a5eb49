"""Differences between models and between makers (makers.toml; docs/reference/modem-facts.md, "After opening")."""

import tomllib
from dataclasses import dataclass, replace
from importlib.resources import files
from typing import Any, Final

from modem.at.urcs import UrcRule
from modem.driver.models.models import ModelRow

# What tells the tries of the PIN in families that many makers sell (docs/reference/modem-facts.md, "PIN"): Ericsson
# MBM, Alcatel, Option, Icera, Infineon, SpeedUp.
_FAMILY_COUNTERS: Final = ("AT*EPIN?", "AT+PNNM?", "AT_OERCN?", "AT%PINNUM?", "AT+XPINCNT", "AT+CPNNUM")


@dataclass(frozen=True, slots=True)
class Quirks:
    """The needs of a kind of modem. Candidates are tried in order until it takes one; every such step is optional.

    urcs          unsolicited result codes that only it says, or means otherwise than the rest
    settle_s      is added to the time for which it may stay silent after its port was opened
    gap_s         how long its maker wants it to be left alone between a result and the next command
    init          commands that silence its chatter: given one after the other, all of them, one that stands twice
                  in its row twice
    imei, iccid   commands that tell the modem's IMEI, the card's ICCID
    pin_counters  commands that tell how many tries the PIN has left (`modem.driver.dialogue.unlock` reads the answers)
    bearer        which way SMS goes where LTE has no SMS service of its own
    packed_ussd   AT+CUSD takes a code as packed septets in hexadecimal
    reset         commands that restart it
    """

    urcs: tuple[UrcRule, ...] = ()
    settle_s: float = 0.0
    gap_s: float = 0.0
    init: tuple[str, ...] = ()
    imei: tuple[str, ...] = ("AT+CGSN", "AT+GSN")
    iccid: tuple[str, ...] = ()
    pin_counters: tuple[str, ...] = ()
    registration: tuple[str, ...] = ("AT+CREG=2", "AT+CGREG=2", "AT+CEREG=2")
    storage: tuple[str, ...] = ('AT+CPMS="SM","SM","SM"', 'AT+CPMS="ME","ME","ME"')
    bearer: tuple[str, ...] = ("AT+CGSMS=3", "AT+CGSMS=2")  # 0 would be packet only
    packed_ussd: bool = False
    reset: tuple[str, ...] = ()


def _maker(table: dict[str, Any]) -> tuple[tuple[str, ...], Quirks]:
    """Beginnings of the maker's name, and what its modems have in common."""
    restart, said = table.pop("restart_urcs", ()), table.pop("urcs", ())
    names = tuple(table.pop("names"))
    values: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in table.items()}
    urcs = (*(UrcRule(name, restart=True) for name in restart), *map(UrcRule, said))
    return names, Quirks(urcs=urcs, **values)


# Read by the function above.
VENDORS: Final[dict[tuple[str, ...], Quirks]] = dict(
    map(_maker, tomllib.loads(files(__package__).joinpath("makers.toml").read_text(encoding="utf-8"))["maker"])
)
# Of a modem that nobody knows yet: whatever some maker's modems say by themselves is no answer to us.
DEFAULT_QUIRKS: Final = Quirks(
    urcs=tuple(rule for maker in VENDORS.values() for rule in maker.urcs),
    iccid=("AT+CCID", "AT+ICCID", "AT^ICCID?", "AT+QCCID"),
    # All are harmless questions, and a PIN that is entered blindly is not: they are given until one tells.
    pin_counters=tuple(
        dict.fromkeys(
            (
                'AT+CPINR="SIM PIN"',
                "AT+CPINR",
                "AT+CPINC",
                *(command for maker in VENDORS.values() for command in maker.pin_counters),
                *_FAMILY_COUNTERS,
            )
        )
    ),
    reset=("AT+CFUN=1,1",),
)


def quirks_for(row: ModelRow | None, manufacturer: str = "") -> Quirks:
    """The defaults, with what is known of the maker (AT+CGMI, else the row's) and of the model in front."""
    quirks = DEFAULT_QUIRKS
    if maker := _vendor(manufacturer) or _vendor(row.maker if row else ""):
        quirks = replace(
            maker,
            iccid=_joined(maker.iccid, quirks.iccid),
            pin_counters=_joined(maker.pin_counters, quirks.pin_counters),
            reset=(*quirks.reset, *maker.reset),
        )
    if row:
        quirks = replace(
            quirks,
            settle_s=row.settle_s,
            init=(*row.init, *(command for command in quirks.init if command not in row.init)),
        )
    return quirks


def _vendor(name: str) -> Quirks | None:
    """The maker that answers `name` to AT+CGMI; None if it is unknown."""
    maker = name.strip().lower()
    return next((quirks for names, quirks in VENDORS.items() if maker.startswith(names)), None)


def _joined(first: tuple[str, ...], then: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*first, *then)))
