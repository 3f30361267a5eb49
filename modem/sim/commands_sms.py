"""The commands of 3GPP TS 27.005 that are answered at once; AT+CMGS and AT+CMGW, which prompt, are the dialogue's."""

from modem.sim.commands import Answer, Command, Refused
from modem.sim.phone import Phone, Stored
from modem.sim.tpdu import make_address, read_number


def _number_setting(name: str, values: range | tuple[int, ...], attribute: str) -> Answer:
    """A setting with one number, as AT+CMMS."""
    shown = f"({','.join(map(str, values))})"

    def answer(phone: Phone, command: Command) -> list[str]:
        if command.kind == "test":
            return [f"{name}: {shown}"]
        if command.kind == "read":
            return [f"{name}: {getattr(phone.settings, attribute)}"]
        setattr(phone.settings, attribute, command.number(0, values, 0))
        return []

    return answer


def _service(phone: Phone, command: Command) -> list[str]:
    if command.kind == "test":
        return ["+CSMS: (0,1)"]
    if command.kind == "read":
        return [f"+CSMS: {phone.settings.service},1,1,1"]
    phone.settings.service = command.number(0, (0, 1))
    return ["+CSMS: 1,1,1"]


def _service_centre(phone: Phone, command: Command) -> list[str]:
    if command.kind == "test":
        return []
    if command.kind == "read":
        return [f'+CSCA: "{phone.smsc}",145']
    number = command.text(0)
    if command.text(1) == "145" and not number.startswith("+"):
        number = "+" + number
    try:
        phone.smsc = read_number(make_address(number))
    except ValueError:
        raise Refused("CMS", 305) from None
    return []


def _memories(phone: Phone, command: Command) -> list[str]:
    known = phone.profile.memories
    if command.kind == "test":
        names = "(" + ",".join(f'"{name}"' for name in known) + ")"
        return [f"+CPMS: {names},{names},{names}"]
    fill = {name: f"{len(phone.stores[name])},{places}" for name, places in known.items()}
    if command.kind == "read":
        return ["+CPMS: " + ",".join(f'"{name}",{fill[name]}' for name in phone.settings.memories)]
    chosen = [command.text(position) or phone.settings.memories[position] for position in range(3)]
    if any(name not in known for name in chosen):
        raise Refused("CMS", 302)
    phone.settings.memories = chosen[0], chosen[1], chosen[2]
    return ["+CPMS: " + ",".join(fill[name] for name in chosen)]


def _indications(phone: Phone, command: Command) -> list[str]:
    reports = phone.profile.report_modes
    if command.kind == "test":
        return [f"+CNMI: (0-2),(0-3),(0),({','.join(map(str, reports))}),(0,1)"]
    if command.kind == "read":
        return ["+CNMI: " + ",".join(map(str, phone.settings.cnmi))]
    allowed: tuple[range | tuple[int, ...], ...] = (range(3), range(4), (0,), reports, range(2))
    # many modems, and TS 27.005 read strictly, refuse broadcast messages (bm = 2) where none are supported
    phone.settings.cnmi = tuple(
        command.number(position, values, phone.settings.cnmi[position]) for position, values in enumerate(allowed)
    )
    return []


def _pdu_lines(message: Stored) -> tuple[int, str]:
    """The octets without the service centre, and the whole in hex."""
    return len(message.pdu) - 1 - message.pdu[0], message.pdu.hex().upper()


def _need_pdu_mode(phone: Phone) -> None:
    if phone.settings.message_format != 0:
        raise Refused("CMS", 303)


def _list(phone: Phone, command: Command) -> list[str]:
    if command.kind == "test":
        return ["+CMGL: (0-4)"]
    _need_pdu_mode(phone)
    wanted = command.number(0, range(5), 0)
    lines = []
    for place, message in sorted(phone.stores[phone.settings.memories[0]].items()):
        if wanted in (4, message.status):
            octets, pdu = _pdu_lines(message)
            lines.append(f"+CMGL: {place},{message.status},,{octets}\r\n{pdu}")
            message.status = message.status or 1
    return lines


def _place(phone: Phone, command: Command) -> tuple[dict[int, Stored], int]:
    memory = phone.settings.memories[0]
    text = command.text(0)
    if not text.isdecimal() or not 1 <= int(text) <= phone.profile.memories[memory]:
        raise Refused("CMS", 321)
    return phone.stores[memory], int(text)


def _read(phone: Phone, command: Command) -> list[str]:
    if command.kind == "test":
        return []
    _need_pdu_mode(phone)
    store, place = _place(phone, command)
    message = store.get(place)
    if message is None:
        raise Refused("CMS", 321)
    octets, pdu = _pdu_lines(message)
    line = f"+CMGR: {message.status},,{octets}\r\n{pdu}"
    message.status = message.status or 1
    return [line]


def _delete(phone: Phone, command: Command) -> list[str]:
    if command.kind == "test":
        places = ",".join(map(str, sorted(phone.stores[phone.settings.memories[0]])))
        return [f"+CMGD: ({places}),(0-4)"]
    flag = command.number(1, range(5), 0)
    if flag == 0:
        store, place = _place(phone, command)
        store.pop(place, None)
        return []
    # § 3.5.4: 1 read, 2 read and sent, 3 read, sent and unsent, 4 all
    doomed = ((), (1,), (1, 3), (1, 2, 3), (0, 1, 2, 3))[flag]
    store = phone.stores[phone.settings.memories[0]]
    for place in [place for place, message in store.items() if message.status in doomed]:
        del store[place]
    return []


def _acknowledge(phone: Phone, command: Command) -> list[str]:
    """CNMA is taken; nothing waits for it."""
    if phone.settings.service == 0:
        raise Refused("CMS", 340)
    return []


SMS: dict[str, Answer] = {
    "+CMGF": _number_setting("+CMGF", (0, 1), "message_format"),
    "+CMMS": _number_setting("+CMMS", range(3), "keep_link"),
    "+CGSMS": _number_setting("+CGSMS", range(4), "bearer"),
    "+CSMS": _service,
    "+CSCA": _service_centre,
    "+CPMS": _memories,
    "+CNMI": _indications,
    "+CMGL": _list,
    "+CMGR": _read,
    "+CMGD": _delete,
    "+CNMA": _acknowledge,
}
