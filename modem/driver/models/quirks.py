"""Differences between models, as data; the defaults suit most (docs/reference/modem-facts.md, "After opening")."""

from dataclasses import dataclass, replace

from modem.at.urcs import UrcRule
from modem.driver.models.models import ModelRow
from modem.driver.models.vendors import VENDORS, vendor


@dataclass(frozen=True, slots=True)
class Quirks:
    """Candidates are tried in order until the modem takes one; each such step is optional. `settle_s` is added to the
    time for which the modem may stay silent after its port was opened.
    """

    urcs: tuple[UrcRule, ...] = ()
    settle_s: float = 0.0
    # Given one after the other, all of them.
    init: tuple[str, ...] = ()
    imei: tuple[str, ...] = ("AT+CGSN", "AT+GSN")
    iccid: tuple[str, ...] = ("AT+CCID", "AT+ICCID", "AT^ICCID?", "AT+QCCID")
    pin_counters: tuple[str, ...] = ('AT+CPINR="SIM PIN"', "AT+CPINC")
    registration: tuple[str, ...] = ("AT+CREG=2", "AT+CGREG=2", "AT+CEREG=2")
    storage: tuple[str, ...] = ('AT+CPMS="SM","SM","SM"', 'AT+CPMS="ME","ME","ME"')
    # Reports directly (+CDS) if it can, else into the storage (+CDSI), else none. The third figure is about cell
    # broadcasts, which nobody here reads: a modem that refuses it must not lose its reports over it.
    reports: tuple[str, ...] = (
        "AT+CNMI=2,1,2,1,0",
        "AT+CNMI=2,1,0,1,0",
        "AT+CNMI=2,1,2,2,0",
        "AT+CNMI=2,1,0,2,0",
        "AT+CNMI=2,1,2,0,0",
        "AT+CNMI=2,1,0,0,0",
    )
    # Which way SMS goes where LTE has no SMS service of its own; 0 would be packet only.
    # Whether IMS is switched on; 27.007 § 8.72 is the standard's own question.
    ims: tuple[str, ...] = ("AT+CASIMS?",)
    bearer: tuple[str, ...] = ("AT+CGSMS=3", "AT+CGSMS=2")
    packed_ussd: bool = False
    reset: tuple[str, ...] = ("AT+CFUN=1,1",)


# Of a modem that nobody knows yet: whatever some maker's modems say by themselves is no answer to us.
DEFAULT_QUIRKS = Quirks(urcs=tuple(rule for maker in VENDORS for rule in maker.urcs))


def quirks_for(row: ModelRow | None, manufacturer: str = "") -> Quirks:
    """The defaults, with what is known of the maker (AT+CGMI, else the row's) and of the model in front."""
    quirks = DEFAULT_QUIRKS
    if maker := vendor(manufacturer) or vendor(row.maker if row else ""):
        quirks = replace(
            quirks,
            urcs=maker.urcs,
            init=maker.init,
            iccid=_joined(maker.iccid, quirks.iccid),
            pin_counters=_joined(maker.pin_counters, quirks.pin_counters),
            ims=_joined(maker.ims, quirks.ims),
            packed_ussd=maker.packed_ussd,
            reset=(*quirks.reset, *maker.reset),
        )
    else:
        # All counters are harmless questions, and a PIN that is entered blindly is not.
        counters = (command for maker in VENDORS for command in maker.pin_counters)
        quirks = replace(quirks, pin_counters=_joined(quirks.pin_counters, tuple(counters)))
    if row:
        quirks = replace(
            quirks,
            settle_s=row.settle_s,
            init=_joined(row.init, quirks.init),
            reports=_joined((f"AT+CNMI={row.cnmi}",) if row.cnmi else (), quirks.reports),
        )
    return quirks


def _joined(first: tuple[str, ...], then: tuple[str, ...]) -> tuple[str, ...]:
    """Both, each once."""
    return tuple(dict.fromkeys((*first, *then)))
