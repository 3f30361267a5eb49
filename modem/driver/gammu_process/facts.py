"""Who the phone and its card are, and where they stand."""

from collections.abc import Iterator
from typing import Any, Final

from modem.at import answers
from modem.driver.gammu_process.messages import Card, Identity, Lock, Network, Refused, Signal
from modem.driver.gammu_process.phone import Phone
from modem.driver.gammu_process.refusals import Refusal
from modem.driver.quirks import DEFAULT_QUIRKS

_NETWORKS: Final = ("CEREG", "CGREG", "CREG")
_ON_NETWORK: Final = frozenset({"HomeNetwork", "RoamingNetwork"})
_LOST: Final = frozenset({"timeout", "gone"})
_LOCKS: Final[dict[str | None, Lock]] = {None: "none", "PIN": "PIN", "PUK": "PUK"}
# A card that is still being read says so for some seconds (27.007 § 9.2, 27.005 § 3.2.5).
_SIM_BUSY: Final = frozenset({14, 314})
_BUSY_TRIES: Final = 5


def identity(phone: Phone) -> Identity:
    """Also of a card that is locked: its ICCID can be read before the PIN."""
    return Identity(
        manufacturer=phone.said("AT+CGMI", phone.ask("GetManufacturer")),
        model=phone.said("AT+CGMM", phone.ask("GetModel")[1]),
        revision=phone.said("AT+CGMR", phone.ask("GetFirmware")[0]),
        imei=phone.ask("GetIMEI"),
        iccid=next((iccid for command in DEFAULT_QUIRKS.iccid if (iccid := _iccid(phone, command))), None),
        lock=_lock(phone),
    )


def _iccid(phone: Phone, command: str) -> str | None:
    return answers.iccid(phone.say(command) or ())


def _lock(phone: Phone) -> Lock:
    for _ in range(_BUSY_TRIES):
        try:
            told = phone.ask("GetSecurityStatus")
        except Refusal as refusal:
            if refusal.error == "ERR_NOTSUPPORTED":  # a phone that is no modem
                return "none"
            if refusal.refused.code not in _SIM_BUSY:
                raise
            phone.wait()
        else:
            return _LOCKS.get(told, "other")
    raise Refusal(Refused("CME", "GetSecurityStatus", min(_SIM_BUSY)))


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
