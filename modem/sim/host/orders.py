"""The world around a simulated modem, played by commands: over the control socket, or by `PtyHost.order`.

    unplug · replug [PATH]              the port vanishes; it comes back, on another path when one is given
    vanish SECONDS                      both, by itself
    reset                               the modem restarts, as after AT+CFUN=1,1
    hang · resume                       it says nothing more; it goes on
    network on|off · csq N              the cell; its signal, 0 to 31 or 99
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
from typing import TYPE_CHECKING, Any

from modem.sim.network.faults import FaultSpecError
from modem.sim.network.phone import PIN_TRIES, Phone
from modem.sim.network.tpdu import Concatenation, make_address, make_part, make_report_on

if TYPE_CHECKING:
    from modem.sim.host.host import PtyHost

_RING_S = 30.0
_NUMBER = re.compile(r"\+\d{6,15}")

Told = dict[str, Any] | None


class _NotDone(Exception):
    """Why a command was not done, as a sentence."""


def obey(host: "PtyHost", line: str) -> dict[str, Any]:
    """Do one command, in the thread of the host's loop."""
    verb, _, rest = line.strip().partition(" ")
    try:
        if verb not in _COMMANDS:
            raise _NotDone(f"Unknown command {verb!r}; known are {', '.join(_COMMANDS)}.")
        return {"ok": True} | (_COMMANDS[verb](host, rest.strip()) or {})
    except (_NotDone, OSError, FaultSpecError) as refused:
        return {"ok": False, "error": str(refused)}


def _phone(host: "PtyHost") -> Phone:
    """With its clock set: an order may come long after the last byte."""
    host.modem.phone.now = host.clock()
    return host.modem.phone


def _count(text: str, highest: int, what: str) -> int:
    if not text.isdecimal() or int(text) > highest:
        raise _NotDone(f"Say {what}, 0 to {highest}.")
    return int(text)


def _seconds(text: str) -> float:
    if not re.fullmatch(r"\d+(\.\d+)?", text):
        raise _NotDone("Say for how many seconds.")
    return float(text)


def _unplug(host: "PtyHost", rest: str) -> None:
    if not host.plugged:
        raise _NotDone("It is unplugged already.")
    host.unplug()


def _replug(host: "PtyHost", rest: str) -> Told:
    if host.plugged:
        raise _NotDone("It is plugged in already.")
    if rest:
        host.link = Path(rest)
    host.plug_in()
    return {"link": host.device}


def _vanish(host: "PtyHost", rest: str) -> None:
    host.modem.power.vanish(_seconds(rest))


def _reset(host: "PtyHost", rest: str) -> None:
    _phone(host)
    host.modem.restart()
    host.say()


def _hang(host: "PtyHost", rest: str) -> None:
    host.modem.power.hang()


def _resume(host: "PtyHost", rest: str) -> None:
    host.modem.power.resume()
    host.say()


def _network(host: "PtyHost", rest: str) -> None:
    if rest not in ("on", "off"):
        raise _NotDone("Say on or off.")
    phone = _phone(host)
    phone.network_on, phone.network_lost_until = rest == "on", 0.0
    host.say()


def _sim(host: "PtyHost", rest: str) -> Told:
    phone = _phone(host)
    word, _, argument = rest.partition(" ")
    if word == "tries":
        phone.pin_tries = _count(argument, PIN_TRIES, "how many tries are left")
    elif word in _SIM_WORDS and not argument:
        _SIM_WORDS[word](phone)
    else:
        raise _NotDone(f"Say {', '.join(_SIM_WORDS)} or tries N.")
    host.say()
    return {"imsi": phone.identity.imsi, "iccid": phone.identity.iccid}


_SIM_WORDS: dict[str, Callable[[Phone], None]] = {
    "in": Phone.put_card_in,
    "out": Phone.take_card_out,
    "swap": Phone.swap_card,
    "pin": lambda phone: phone.lock("SIM PIN"),
    "puk": lambda phone: phone.lock("SIM PUK"),
    "ready": Phone.unlock,
}


def _number(host: "PtyHost", rest: str) -> None:
    if not _NUMBER.fullmatch(rest):
        raise _NotDone("Say a number that begins with +.")
    host.modem.phone.number = rest


def _inbound(host: "PtyHost", rest: str) -> Told:
    sender, _, text = rest.partition(" ")
    if not text:
        raise _NotDone("Say inbound FROM TEXT.")
    try:
        parts = _phone(host).expect_text(sender, text, host.clock())
    except ValueError as error:
        raise _NotDone(f"{sender!r} cannot be a sender.") from error
    host.say()
    return {"parts": parts}


def _inbound_part(host: "PtyHost", rest: str) -> None:
    found = re.fullmatch(r"(\S+) (\d+) (\d+)/(\d+) (.+)", rest, re.DOTALL)
    if not found or not all(int(figure) <= 255 for figure in found.groups()[1:4]):
        raise _NotDone("Say inbound-part FROM REFERENCE NUMBER/TOTAL TEXT, the figures up to 255.")
    reference, number, total = map(int, found.groups()[1:4])
    place = Concatenation(reference, total, number, wide=False)
    try:
        tpdu = make_part(found[1], found[5], place, host.clock())
    except ValueError as error:
        raise _NotDone(f"This cannot be a part: {error}.") from error
    _phone(host).arrivals.add(host.clock(), "deliver", tpdu)
    host.say()


def _inbound_tpdu(host: "PtyHost", rest: str) -> None:
    try:
        tpdu = bytes.fromhex(rest)
    except ValueError as error:
        raise _NotDone("Say inbound-tpdu and hexadecimal digits.") from error
    if not tpdu:
        raise _NotDone("Say inbound-tpdu and hexadecimal digits.")
    _phone(host).arrivals.add(host.clock(), "deliver", tpdu)
    host.say()


def _report(host: "PtyHost", rest: str) -> None:
    to, reference, status = (*rest.split(), "", "", "")[:3]
    if not _NUMBER.fullmatch(to):
        raise _NotDone("Say report TO MR [ST], TO a number that begins with +.")
    now = host.clock()
    figures = _count(reference, 255, "TP-MR"), _count(status or "0", 255, "TP-ST")
    _phone(host).arrivals.add(now, "report", make_report_on(make_address(to), *figures, now, now))
    host.say()


def _ring(host: "PtyHost", rest: str) -> None:
    caller, _, seconds = rest.partition(" ")
    if not _NUMBER.fullmatch(caller):
        raise _NotDone("Say ring FROM [SECONDS], FROM a number that begins with +.")
    _phone(host).calls.ring(caller, host.clock(), _seconds(seconds) if seconds else _RING_S)
    host.say()


def _csq(host: "PtyHost", rest: str) -> None:
    if not rest.isdecimal() or not (int(rest) <= 31 or int(rest) == 99):
        raise _NotDone("Say 0 to 31, or 99 for unknown.")
    host.modem.phone.quality = int(rest)


def _fill(host: "PtyHost", rest: str) -> Told:
    phone = _phone(host)
    number, _, memory = rest.partition(" ")
    memory = memory or phone.settings.memories[2]
    if memory not in phone.storages:
        raise _NotDone(f"Unknown memory {memory!r}; known are {', '.join(phone.storages)}.")
    return {"stored": phone.fill(_count(number, 10_000, "how many texts"), memory)}


def _fault(host: "PtyHost", rest: str) -> None:
    if not rest:
        raise _NotDone("Say fault SPEC, or fault none.")
    host.modem.faults.replace([] if rest == "none" else [rest])


def _stats(host: "PtyHost", rest: str) -> Told:
    phone = _phone(host)
    network = phone.network
    return {
        "profile": phone.profile.name,
        "imei": phone.identity.imei,
        "imsi": phone.identity.imsi,
        "iccid": phone.identity.iccid,
        "number": phone.number,
        "link": host.device,
        "plugged": host.plugged,
        "hung": host.hung,
        "sim": phone.sim_state,
        "pin_tries": phone.pin_tries,
        "registered": phone.registered,
        "submits": phone.faults.submits,
        "tpdus": network.counts.tpdus,
        "messages": network.counts.messages,
        "incomplete": network.incomplete,
        "repeated": network.counts.repeated,
        "reports": phone.counts["reports"],
        "inbound": phone.counts["inbound"],
        "stored": {name: len(storage.messages) for name, storage in phone.storages.items()},
        "waiting": phone.arrivals.waiting,
        "calls_refused": phone.calls.refused,
        "calls_missed": phone.calls.missed,
        "faults": dict(phone.faults.struck),
    }


_COMMANDS: dict[str, Callable[["PtyHost", str], Told]] = {
    "unplug": _unplug,
    "replug": _replug,
    "vanish": _vanish,
    "reset": _reset,
    "hang": _hang,
    "resume": _resume,
    "network": _network,
    "csq": _csq,
    "sim": _sim,
    "number": _number,
    "inbound": _inbound,
    "inbound-part": _inbound_part,
    "inbound-tpdu": _inbound_tpdu,
    "report": _report,
    "ring": _ring,
    "fill": _fill,
    "fault": _fault,
    "stats": _stats,
}
