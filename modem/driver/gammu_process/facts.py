"""Who the phone and its card are, and where they stand."""

from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any, Final, TypeVar

from modem.at import answers
from modem.driver.dialogue.card import check_card
from modem.driver.dialogue.network import registration
from modem.driver.dialogue.steps import is_sim_busy
from modem.driver.dialogue.unlock import tries_told
from modem.driver.gammu_process.messages import Card, Identity, Lock, Network, Refused, Signal
from modem.driver.gammu_process.phone import Phone
from modem.driver.gammu_process.refusals import LOST, Refusal
from modem.driver.models.models import for_model
from modem.driver.models.quirks import quirks_for
from modem.errors import CommandError, ModemTimeout

T = TypeVar("T")

OPTIONAL_TIMEOUT_S: Final = 5.0
_ON_NETWORK: Final = frozenset({"HomeNetwork", "RoamingNetwork"})
_LOCKS: Final[dict[str, Lock]] = {"READY": "none", "SIM PIN": "PIN", "SIM PUK": "PUK", "PIN": "PIN", "PUK": "PUK"}
_LOCK_CODES: Final[dict[int | None, Lock]] = {11: "PIN", 311: "PIN", 12: "PUK", 316: "PUK"}
# A card that is still being read says so for some seconds.
_BUSY_TRIES: Final = 10


def identity(phone: Phone) -> Identity:
    """Also of a card that is locked: its ICCID can be read before the PIN."""
    manufacturer = phone.said("AT+CGMI", phone.call("GetManufacturer"))
    model = phone.said("AT+CGMM", phone.call("GetModel")[1])
    quirks = phone.quirks = quirks_for(for_model(manufacturer, model), manufacturer)
    lock = _asked_lock(phone) if phone.is_at else _lock(phone)
    return Identity(
        manufacturer=manufacturer,
        model=model,
        revision=phone.said("AT+CGMR", phone.call("GetFirmware")[0]),
        imei=phone.call("GetIMEI"),
        iccid=_told(phone, quirks.iccid, answers.iccid),
        lock=lock,
        tries_left=_told(phone, quirks.pin_counters, _tries) if lock == "PIN" else None,
    )


def _told(phone: Phone, commands: Iterable[str], read: Callable[[Iterable[str]], T | None]) -> T | None:
    """What the first of `commands` that an AT phone understands tells. Silence to one of them ends it."""
    if phone.is_at:
        with suppress(ModemTimeout):
            for command in commands:
                if (found := read(phone.attempt(command, OPTIONAL_TIMEOUT_S) or ())) is not None:
                    return found
    return None


def _tries(lines: Iterable[str]) -> int | None:
    return next((left for line in lines if (left := tries_told(line)) is not None), None)


def _lock(phone: Phone) -> Lock:
    try:
        told = phone.call("GetSecurityStatus")
    except Refusal as refusal:
        if refusal.error == "ERR_NOTSUPPORTED":  # a phone that is no modem
            return "none"
        raise
    return _LOCKS.get(told or "READY", "other")


def _asked_lock(phone: Phone) -> Lock:
    """Not by GetSecurityStatus, which waits up to a second for a second answer."""
    for tries_left in reversed(range(_BUSY_TRIES)):
        try:
            return _LOCKS.get(answers.pin_state(phone.ask("AT+CPIN?")) or "", "other")
        except CommandError as error:
            if error.code in _LOCK_CODES:
                return _LOCK_CODES[error.code]
            if not (is_sim_busy(error) and tries_left):
                raise
            phone.wait()
    return "other"


def card(phone: Phone) -> Card:
    """Once it is open."""
    if phone.is_at:
        phone.imsi = _told(phone, ("AT+CIMI",), answers.imsi)
        return Card(phone.imsi, _told(phone, ("AT+CSCA?",), answers.smsc))
    phone.imsi = _optional(phone, "GetSIMIMSI") or None
    told = _optional(phone, "GetSMSC", 1)
    return Card(phone.imsi, (told["Number"] or None) if told else None)


def network(phone: Phone) -> Network:
    """As `ModemDriver.registration`.

    Of an AT phone not by GetNetworkInfo, which gives up where AT+CGATT is refused and knows no LTE.
    """
    if phone.is_at:
        phone.attempt("AT+COPS=3,2")  # the operator as MCC and MNC
        found = registration(phone, phone.silent)
        if phone.imsi:
            check_card(phone, phone.imsi, phone.silent)
        return Network(found.registered, found.roaming, found.technology, found.operator)
    if phone.imsi and _optional(phone, "GetSIMIMSI") not in (None, "", phone.imsi):
        raise Refusal(Refused("gone", "the card"))
    told = phone.call("GetNetworkInfo")
    states = {told.get("State"), told.get("PacketState")} & _ON_NETWORK
    if not states:
        return Network(False, False, None, None)
    return Network(True, "HomeNetwork" not in states, None, told["NetworkCode"].replace(" ", "") or None)


def signal(phone: Phone) -> Signal:
    """libgammu says -1 for unknown, and only what is below that can be dBm."""
    told = _optional(phone, "GetSignalQuality")
    dbm = int(told["SignalStrength"]) if told else -1
    return Signal(dbm if dbm < -1 else None)


def probe(phone: Phone) -> None:
    """A refusal is a sign of life too."""
    if phone.is_at:
        phone.attempt("AT")
    else:
        _optional(phone, "GetSignalQuality")


def _optional(phone: Phone, call: str, *arguments: Any) -> Any:
    """None when the phone refuses."""
    try:
        return phone.call(call, *arguments)
    except Refusal as refusal:
        if refusal.refused.reason in LOST:
            raise
        return None
