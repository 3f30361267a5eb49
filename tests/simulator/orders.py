"""The world around a simulated modem, played by commands: over the control socket.

    unplug · replug [PATH]              the port vanishes; it comes back, on another path when one is given
    vanish SECONDS                      both, by itself
    reset                               the modem restarts, as after AT+CFUN=1,1
    brownout [SECONDS [WORDS]]          it restarts without a word (or with these alone), deaf for so long
    hang · resume                       it says nothing more; it goes on
    network on|off · csq N              the cell; its signal, 0 to 31 or 99
    ims REGISTERED[,CAPABILITIES]       what AT+CIREG? tells
    ims-network on|off                  whether the network announces IMS (AT+CIREP)
    sim in|out|swap                     the SIM; swap: another one, with other IMSI and ICCID
    sim pin|puk|ready|tries N           what the SIM asks for, and how often the PIN may still be tried
    number MSISDN                       the SIM's own number: what is sent to it comes back as a text
    inbound FROM TEXT                   somebody sends a text
    inbound-part FROM REF N/TOTAL TEXT  one part of a text, the rest being elsewhere
    inbound-tpdu HEX                    any TPDU as a text
    report TO MR [ST]                   a status report about TP-MR MR, of TP-ST 0 where it is not given
    ring FROM [SECONDS]                 somebody calls, and lets it ring for 30 s
    fill N [MEMORY]                     N old texts are stored (in the memory that receives)
    fault SPEC                          other faults from now on; `fault none` for none
    stats                               who it is, and what it has seen

Answers are {"ok": true, …} or {"ok": false, "error": SENTENCE}.
"""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.simulator.base.host import PtyHost
from tests.simulator.base.tpdu import Concatenation, make_address, make_report
from tests.simulator.deliver import make_part
from tests.simulator.faults import FaultSpecError
from tests.simulator.modem import DEAF_S
from tests.simulator.phone import PIN_TRIES, Phone

_RING_S = 30.0

Told = dict[str, Any] | None
Act = Callable[..., Told]
_SECONDS = r"(\d+(?:\.\d+)?)"
_NUMBER = r"(\+\d{6,15})"
_OCTET = r"(25[0-5]|2[0-4]\d|1?\d?\d)"


class _NotDone(Exception):
    """The reason why a command was not done, as a sentence."""


def obey(host: PtyHost, line: str) -> dict[str, Any]:
    """Do one command, in the thread of the host's loop."""
    verb, _, rest = line.strip().partition(" ")
    try:
        if verb not in _ORDERS:
            raise _NotDone(f"Unknown command {verb!r}; known are {', '.join(_ORDERS)}.")
        form, act = _ORDERS[verb]
        found = re.fullmatch(form, rest.strip(), re.DOTALL)
        if found is None:
            raise _NotDone(f"{verb} is not said like this; see tests/simulator/orders.py.")
        host.modem.phone.now = host.clock()  # it may come long after the last byte
        told = act(host, *found.groups())
        host.say()
        return {"ok": True} | (told or {})
    except (_NotDone, OSError, FaultSpecError) as refused:
        return {"ok": False, "error": str(refused)}


def _unplug(host: PtyHost) -> None:
    if not host.plugged:
        raise _NotDone("It is unplugged already.")
    host.unplug()


def _replug(host: PtyHost, path: str) -> Told:
    if host.plugged:
        raise _NotDone("It is plugged in already.")
    if path:
        host.link = Path(path)
    host.plug_in()
    return {"link": host.device}


def _brown_out(host: PtyHost, seconds: str | None, words: str | None) -> None:
    host.modem.brown_out(float(seconds or DEAF_S), *([words] if words else []))


def _network(host: PtyHost, state: str) -> None:
    host.modem.phone.network_on, host.modem.phone.network_lost_until = state == "on", 0.0


def _ims_network(host: PtyHost, state: str) -> None:
    phone = host.modem.phone
    phone.ims_announced = state == "on"
    phone.news += [f"+CIREPI: {int(phone.ims_announced)}"] * phone.settings.ims_told


_SIM_WORDS: dict[str, Callable[[Phone], None]] = {
    "in": Phone.put_card_in,
    "out": Phone.take_card_out,
    "swap": Phone.swap_card,
    "pin": lambda phone: phone.lock("SIM PIN"),
    "puk": lambda phone: phone.lock("SIM PUK"),
    "ready": Phone.unlock,
}


def _sim(host: PtyHost, word: str | None, tries: str) -> Told:
    phone = host.modem.phone
    if word:
        _SIM_WORDS[word](phone)
    else:
        phone.pin_tries = int(tries)
    return {"imsi": phone.identity.imsi, "iccid": phone.identity.iccid}


def _set(name: str, kind: Callable[[str], object] = str) -> Act:
    """Give this attribute of the phone what was said."""
    return lambda host, said: setattr(host.modem.phone, name, kind(said))


def _inbound(host: PtyHost, sender: str, text: str) -> Told:
    try:
        parts = host.modem.phone.expect_text(sender, text, host.clock())
    except ValueError as error:
        raise _NotDone(f"{sender!r} cannot be a sender.") from error
    return {"parts": parts}


def _inbound_part(host: PtyHost, sender: str, reference: str, number: str, total: str, text: str) -> None:
    place = Concatenation(int(reference), int(total), int(number), wide=False)
    try:
        tpdu = make_part(sender, text, place, host.clock())
    except ValueError as error:
        raise _NotDone(f"This cannot be a part: {error}.") from error
    host.modem.phone.arrivals.add_part(host.clock(), tpdu, sender)


def _inbound_tpdu(host: PtyHost, tpdu: str) -> None:
    host.modem.phone.arrivals.add_part(host.clock(), bytes.fromhex(tpdu))


def _report(host: PtyHost, to: str, reference: str, status: str | None) -> None:
    now = host.clock()
    report = make_report(make_address(to), int(reference), int(status or 0), now, now)
    host.modem.phone.arrivals.add(now, "report", report)


def _ring(host: PtyHost, caller: str, seconds: str | None) -> None:
    host.modem.phone.calls.ring(caller, host.clock(), float(seconds or _RING_S))


def _fill(host: PtyHost, number: str, memory: str | None) -> Told:
    phone = host.modem.phone
    memory = memory or phone.settings.memories[2]
    if memory not in phone.storages:
        raise _NotDone(f"Unknown memory {memory!r}; known are {', '.join(phone.storages)}.")
    return {"stored": phone.fill(int(number), memory)}


def _fault(host: PtyHost, spec: str) -> None:
    host.modem.phone.faults.replace([] if spec == "none" else [spec])


def _stats(host: PtyHost) -> Told:
    phone = host.modem.phone
    network = phone.network
    return {
        "profile": phone.profile.name,
        "imei": phone.identity.imei,
        "imsi": phone.identity.imsi,
        "iccid": phone.identity.iccid,
        "number": phone.number,
        "link": host.device,
        "plugged": host.plugged,
        "hung": host.plugged and host.modem.power.hung,
        "sim": phone.sim_state,
        "pin_tries": phone.pin_tries,
        "registered": phone.registered,
        "submits": phone.faults.submits,
        "tpdus": network.counts["tpdus"],
        "messages": network.counts["messages"],
        "incomplete": network.incomplete,
        "repeated": network.counts["repeated"],
        "reports": phone.counts["reports"],
        "inbound": phone.counts["inbound"],
        "acknowledged": phone.counts["acknowledged"],
        "stored": {name: len(storage.messages) for name, storage in phone.storages.items()},
        "waiting": phone.arrivals.waiting,
        "calls_refused": phone.calls.refused,
        "calls_missed": phone.calls.missed,
        "dialled": phone.calls.dialled,
        "dialling": phone.calls.dialling,
        "faults": dict(phone.faults.struck),
    }


# By verb: the form of what follows it, and what to do with the host and the form's groups.
_ORDERS: dict[str, tuple[str, Act]] = {
    "unplug": ("", _unplug),
    "replug": (r"(.*)", _replug),
    "vanish": (_SECONDS, lambda host, seconds: host.modem.power.vanish(float(seconds))),
    "reset": ("", lambda host: host.modem.restart()),
    "brownout": (rf"(?:{_SECONDS}(?: (.+))?)?", _brown_out),
    "hang": ("", lambda host: host.modem.power.hang()),
    "resume": ("", lambda host: host.modem.power.resume()),
    "network": ("(on|off)", _network),
    "csq": (r"([12]?\d|3[01]|99)", _set("quality", int)),
    "ims-network": ("(on|off)", _ims_network),
    "ims": (r"([01](?:,[0-9A-Fa-f]+)?)", _set("ims")),
    "sim": (rf"(?:({'|'.join(_SIM_WORDS)})|tries ([0-{PIN_TRIES}]))", _sim),
    "number": (_NUMBER, _set("number")),
    "inbound": (r"(\S+) (.+)", _inbound),
    "inbound-part": (rf"(\S+) {_OCTET} {_OCTET}/{_OCTET} (.+)", _inbound_part),
    "inbound-tpdu": (r"((?:[0-9A-Fa-f]{2})+)", _inbound_tpdu),
    "report": (rf"{_NUMBER} {_OCTET}(?: {_OCTET})?", _report),
    "ring": (rf"{_NUMBER}(?: {_SECONDS})?", _ring),
    "fill": (r"(\d+)(?: (\w+))?", _fill),
    "fault": ("(.+)", _fault),
    "stats": ("", _stats),
}
