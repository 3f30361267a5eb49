"""The common traits of one maker's modems, as data; those of one model stand in `models.csv`. All are tried and may be
refused: a maker's firmware differs from year to year.
"""

from dataclasses import dataclass

from modem.at.urcs import UrcRule


@dataclass(frozen=True, slots=True)
class Vendor:
    """One maker.

    names         beginnings of AT+CGMI's answer, or the maker's name in the table of models, in lower case
    init          commands that silence its chatter
    urcs          unsolicited result codes that only it says, or means otherwise than the rest
    iccid         commands that tell the card's ICCID
    pin_counters  commands that tell how many tries the PIN has left (`modem.driver.dialogue.unlock` reads the answers)
    ims           commands that tell whether its IMS is switched on
    packed_ussd   AT+CUSD takes a code as packed septets in hexadecimal
    reset         commands that restart it where AT+CFUN=1,1 is refused
    """

    names: tuple[str, ...]
    init: tuple[str, ...] = ()
    urcs: tuple[UrcRule, ...] = ()
    iccid: tuple[str, ...] = ()
    pin_counters: tuple[str, ...] = ()
    ims: tuple[str, ...] = ()
    packed_ussd: bool = False
    reset: tuple[str, ...] = ()


def _rules(*names: str) -> tuple[UrcRule, ...]:
    return tuple(UrcRule(name) for name in names)


VENDORS: tuple[Vendor, ...] = (
    Vendor(
        names=("huawei",),
        init=("AT^CURC=0",),
        urcs=_rules("^CPBREADY", "^EPCONF", "^LTERSRP", "^NDISEND"),
        iccid=("AT^ICCID?",),
        pin_counters=("AT^CPIN?",),
        packed_ussd=True,
        ims=("AT^IMSSWITCH?",),
        reset=("AT^RESET",),
    ),
    Vendor(names=("zte",), init=("AT+ZOPRT=5",), iccid=("AT+ZICCID?",)),
    Vendor(names=("quectel",), iccid=("AT+QCCID",), pin_counters=('AT+QPINC="SC"',), ims=('AT+QCFG="ims"',)),
    Vendor(
        names=("simcom",),
        urcs=_rules("+NITZ", "+STKPCI"),
        iccid=("AT+CICCID",),
        pin_counters=("AT+SPIC",),
        ims=("AT+CVOLTE?",),
        reset=("AT+CRESET",),
    ),
    Vendor(
        names=("telit",),
        urcs=_rules("#STKE"),
        iccid=("AT#CCID",),
        pin_counters=("AT#PCT",),
        reset=("AT#REBOOT",),
    ),
    Vendor(names=("sierra", "wavecom"), pin_counters=("AT+CPINC?",), reset=("AT!RESET",)),
    Vendor(
        names=("cinterion", "gemalto", "siemens", "thales"),
        urcs=_rules("^SBC", "^SCKS", "^SCTM", "^SMGO", "^SSIM READY"),
        iccid=("AT^SCID",),
        pin_counters=("AT^SPIC",),
    ),
    # The L7 series is built on ZTE's chips and speaks like them; other Fibocoms do not know these words.
    Vendor(
        names=("fibocom",),
        urcs=(UrcRule("+ZMSRI", restart=True), *_rules("+ZURDY", "+ZICCID", "+ZPBIC", "+ZEMCI")),
        pin_counters=("AT+ZPINPUK=?",),
    ),
    Vendor(
        names=("u-blox",),
        urcs=_rules("+UMWI", "+UUSOCL"),
        pin_counters=("AT+UPINCNT",),
        reset=("AT+CFUN=16",),
    ),
)


def vendor(name: str) -> Vendor | None:
    """The maker that says `name` to AT+CGMI; None when it is no known one."""
    told = name.strip().lower()
    return next((known for known in VENDORS if told.startswith(known.names)), None)
