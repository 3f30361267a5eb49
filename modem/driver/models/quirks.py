"""Differences between models and between makers, as data (docs/reference/modem-facts.md, "After opening")."""

from dataclasses import dataclass, replace
from typing import Final

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
    ims           commands that tell whether its IMS is switched on
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
    ims: tuple[str, ...] = ()
    bearer: tuple[str, ...] = ("AT+CGSMS=3", "AT+CGSMS=2")  # 0 would be packet only
    packed_ussd: bool = False
    reset: tuple[str, ...] = ()


def _rules(*names: str) -> tuple[UrcRule, ...]:
    return tuple(UrcRule(name) for name in names)


# Beginnings of AT+CGMI's answer, or the maker's name in the table of models, in lower case → what its modems have in
# common; those of one model stand in `models.csv`. All are tried and may be refused: firmware differs by the year.
VENDORS: Final[dict[tuple[str, ...], Quirks]] = {
    ("huawei",): Quirks(
        init=("AT^CURC=0",),
        urcs=_rules("^CPBREADY", "^EPCONF", "^LTERSRP", "^NDISEND"),
        iccid=("AT^ICCID?",),
        pin_counters=("AT^CPIN?",),
        packed_ussd=True,
        ims=("AT^IMSSWITCH?",),
        reset=("AT^RESET",),
    ),
    ("zte",): Quirks(init=("AT+ZOPRT=5",), iccid=("AT+ZICCID?",), pin_counters=("AT+ZPINPUK=?",)),
    ("quectel",): Quirks(iccid=("AT+QCCID",), pin_counters=('AT+QPINC="SC"', "AT+QPINC?"), ims=('AT+QCFG="ims"',)),
    ("simcom",): Quirks(
        urcs=_rules("+NITZ", "+STKPCI"),
        iccid=("AT+CICCID",),
        pin_counters=("AT+SPIC",),
        ims=("AT+CVOLTE?",),
        reset=("AT+CRESET",),
    ),
    ("telit",): Quirks(
        gap_s=0.02,
        urcs=_rules("#STKE"),
        iccid=("AT#CCID",),
        pin_counters=("AT#PCT",),
        reset=("AT#REBOOT",),
    ),
    ("sierra", "wavecom"): Quirks(pin_counters=("AT+CPINC?",), reset=("AT!RESET",)),
    ("cinterion", "gemalto", "siemens", "thales"): Quirks(
        urcs=_rules("^SBC", "^SCKS", "^SCTM", "^SMGO", "^SSIM READY"),
        iccid=("AT^SCID",),
        pin_counters=("AT^SPIC",),
    ),
    # The L7 series is built on ZTE's chips and speaks like them; other Fibocoms do not know these words.
    ("fibocom",): Quirks(
        urcs=(UrcRule("+ZMSRI", restart=True), *_rules("+ZURDY", "+ZICCID", "+ZPBIC", "+ZEMCI")),
        pin_counters=("AT+ZPINPUK=?",),
    ),
    ("u-blox",): Quirks(
        gap_s=0.02,
        urcs=_rules("+UMWI", "+UUSOCL"),
        pin_counters=("AT+UPINCNT",),
        reset=("AT+CFUN=16",),
    ),
}


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
    ims=("AT+CASIMS?",),  # the standard's own question, 27.007 § 8.72
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
            ims=_joined(maker.ims, quirks.ims),
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
    """The maker that says `name` to AT+CGMI; None when it is no known one."""
    maker = name.strip().lower()
    return next((quirks for names, quirks in VENDORS.items() if maker.startswith(names)), None)


def _joined(first: tuple[str, ...], then: tuple[str, ...]) -> tuple[str, ...]:
    """Both, without repeats."""
    return tuple(dict.fromkeys((*first, *then)))
