"""What differs between models, as data; the defaults suit most (modem-facts)."""

from dataclasses import dataclass

from modem.at import UrcRule


@dataclass(frozen=True, slots=True)
class Quirks:
    """Candidates are tried in order until the modem takes one; each such step is optional."""

    urcs: tuple[UrcRule, ...] = ()
    # What the manufacturer's name begins with, in lower case → what silences its chatter.
    quieting: tuple[tuple[str, str], ...] = (("huawei", "AT^CURC=0"), ("zte", "AT+ZOPRT=5"))
    iccid: tuple[str, ...] = ("AT+CCID", "AT+ICCID", "AT^ICCID?", "AT+QCCID")
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
    bearer: tuple[str, ...] = ("AT+CGSMS=3", "AT+CGSMS=2")


DEFAULT_QUIRKS = Quirks()
