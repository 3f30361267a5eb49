"""Who the phone and its card are, and where they stand."""

from collections.abc import Iterator
from typing import Any, Final

from modem.at import answers
from modem.driver.gammu_process.messages import Card, Identity, Lock, Network, Refused, Signal
from modem.driver.gammu_process.phone import Phone
from modem.driver.gammu_process.refusals import Refusal, refused
from modem.driver.models import for_model
from modem.driver.quirks import quirks_for
from modem.driver.unlock import tries_told

_NETWORKS: Final = ("CEREG", "CGREG", "CREG")
_ON_NETWORK: Final = frozenset({"HomeNetwork", "RoamingNetwork"})
_LOST: Final = frozenset({"timeout", "gone"})
_LOCK: Final = "AT+CPIN?"
_LOCKS: Final[dict[str, Lock]] = {"READY": "none", "SIM PIN": "PIN", "SIM PUK": "PUK", "PIN": "PIN", "PUK": "PUK"}
_LOCK_CODES: Final[dict[int | None, Lock]] = {11: "PIN", 311: "PIN", 12: "PUK", 316: "PUK"}
# A card that is still being read says so for some seconds (27.007 § 9.2, 27.005 § 3.2.5).
_SIM_BUSY: Final = frozenset({14, 314})
_BUSY_TRIES: Final = 5


def identity(phone: Phone) -> Identity:
    """Also of a card that is locked: its ICCID can be read before the PIN."""
    manufacturer = phone.said("AT+CGMI", phone.ask("GetManufacturer"))
    model = phone.said("AT+CGMM", phone.ask("GetModel")[1])
    quirks = quirks_for(for_model(manufacturer, model), manufacturer)
    lock = _asked_lock(phone) if phone.is_at else _lock(phone)
    tries = (tries_told(line) for command in quirks.pin_counters for line in phone.say(command) or ())
    return Identity(
        manufacturer=manufacturer,
        model=model,
        revision=phone.said("AT+CGMR", phone.ask("GetFirmware")[0]),
        imei=phone.ask("GetIMEI"),
        iccid=next((iccid for command in quirks.iccid if (iccid := answers.iccid(phone.say(command) or ()))), None),
        lock=lock,
        tries_left=next((left for left in tries if left is not None), None) if lock == "PIN" else None,
    )


def _lock(phone: Phone) -> Lock:
    try:
        told = phone.ask("GetSecurityStatus")
    except Refusal as refusal:
        if refusal.error == "ERR_NOTSUPPORTED":  # a phone that is no modem
            return "none"
        raise
    return _LOCKS.get(told or "READY", "other")


def _asked_lock(phone: Phone) -> Lock:
    """Not by GetSecurityStatus, which waits up to a second for a second answer."""
    lines, final = phone.spoken(_LOCK)
    for _ in range(_BUSY_TRIES):
        if final is None or final.code not in _SIM_BUSY:
            break
        phone.wait()
        lines, final = phone.spoken(_LOCK)
    if final is None:
        raise Refusal(Refused("timeout", _LOCK))
    if final.ok:
        return _LOCKS.get(answers.pin_state(lines) or "", "other")
    if final.code in _LOCK_CODES:
        return _LOCK_CODES[final.code]
    raise Refusal(refused(final, _LOCK))


def card(phone: Phone) -> Card:
    """Once it is open."""
    imsi, told = _optional(phone, "GetSIMIMSI"), _optional(phone, "GetSMSC", 1)
    return Card(imsi or None, (told["Number"] or None) if told else None)


def takes_pdus(phone: Phone) -> bool:
    """False for an AT modem that libgammu would hand texts instead, and that would write them as it likes."""
    if not phone.is_at:
        return True
    _optional(phone, "GetSMS", 1, 1)  # the mode is chosen before the first message, whatever waits there
    chosen = [frame[-1] == "OK" for frame in phone.passage.answers("AT+CMGF=0")]
    return chosen != [] and chosen[-1]


def _optional(phone: Phone, call: str, *arguments: Any) -> Any:
    """None when the phone refuses."""
    try:
        return phone.ask(call, *arguments)
    except Refusal as refusal:
        if refusal.refused.reason in _LOST:
            raise
        return None


def network(phone: Phone) -> Network:
    """As `ModemDriver.registration`."""
    if phone.is_at:
        return _asked_network(phone)
    told = phone.ask("GetNetworkInfo")
    states = {told.get("State"), told.get("PacketState")} & _ON_NETWORK
    if not states:
        return Network(False, False, None, None)
    return Network(True, "HomeNetwork" not in states, None, told["NetworkCode"].replace(" ", "") or None)


def _asked_network(phone: Phone) -> Network:
    """Not by GetNetworkInfo, which gives up where AT+CGATT is refused and knows no LTE."""
    told = [answers.network_status(lines, f"+{name}") for name, lines in _statuses(phone)]
    registered = [status for status in told if status and status.registered]
    if not registered:
        return Network(False, False, None, None)
    phone.say("AT+COPS=3,2")  # as MCC and MNC
    operator = answers.operator(phone.say("AT+COPS?") or ())
    accesses = [*(status.access for status in registered), operator.access if operator else None]
    technology = answers.technology(next((access for access in accesses if access is not None), None))
    return Network(True, registered[0].roaming, technology, operator.name if operator else None)


def _statuses(phone: Phone) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Of each kind of network that the modem has. Raises Refusal when it answers nothing at all."""
    answered = False
    for name in _NETWORKS:
        lines = phone.say(f"AT+{name}?")
        answered = answered or lines is not None
        yield name, lines or ()
    if not answered:
        raise Refusal(Refused("timeout", "AT+CREG"))


def signal(phone: Phone) -> Signal:
    """libgammu says -1 for unknown, and only what is below that can be dBm."""
    told = _optional(phone, "GetSignalQuality")
    dbm = int(told["SignalStrength"]) if told else -1
    return Signal(dbm if dbm < -1 else None)


def probe(phone: Phone) -> None:
    """A refusal is a sign of life too."""
    _optional(phone, "GetSignalQuality")
