"""The commands of 3GPP TS 27.005 that are answered at once; AT+CMGS, which prompts, is the dialogue's."""

from tests.simulator.base.arrivals import Storage, Stored
from tests.simulator.base.commands import Answer, Command, Refused, in_character_set, number_setting
from tests.simulator.base.phone import Phone
from tests.simulator.base.tpdu import make_address, read_number


def _message_format(phone: Phone, command: Command) -> list[str]:
    """PDU mode only: this network and this alphabet do not support text mode."""
    if command.kind == "read":
        return ["+CMGF: 0"]
    if command.text(0) != "0":
        raise Refused("CMS", 303)
    return []


def _bearer(phone: Phone, command: Command) -> list[str]:
    return number_setting("+CGSMS", phone.profile.bearers, "bearer")(phone, command)


def _service(phone: Phone, command: Command) -> list[str]:
    if command.kind == "read":
        return [f"+CSMS: {phone.settings.service},1,1,1"]
    if command.kind == "test":
        return [f"+CSMS: ({','.join(map(str, phone.profile.services))})"]
    phone.settings.service = command.number(0, phone.profile.services)
    return ["+CSMS: 1,1,1"]


def _service_centre(phone: Phone, command: Command) -> list[str]:
    if command.kind == "read":
        return [f'+CSCA: "{in_character_set(phone, phone.smsc)}",145']
    number = command.text(0)
    if phone.settings.character_set == "UCS2":
        number = _from_ucs2(number)
    if command.text(1) == "145" and not number.startswith("+"):
        number = "+" + number
    try:
        phone.smsc = read_number(make_address(number))
    except ValueError:
        raise Refused("CMS", 305) from None
    return []


def _from_ucs2(written: str) -> str:
    """Raises Refused, for a number in plain characters too."""
    try:
        return bytes.fromhex(written).decode("utf-16-be")
    except ValueError:
        raise Refused("CMS", 305) from None


def _memories(phone: Phone, command: Command) -> list[str]:
    known = phone.storages
    if command.kind == "test":
        names = "(" + ",".join(f'"{name}"' for name in known) + ")"
        return [f"+CPMS: {names},{names},{names}"]
    fill = {name: f"{len(storage.messages)},{storage.places}" for name, storage in known.items()}
    if command.kind == "read":
        return ["+CPMS: " + ",".join(f'"{name}",{fill[name]}' for name in phone.settings.memories)]
    chosen = [command.text(position) or phone.settings.memories[position] for position in range(3)]
    if any(name not in known for name in chosen):
        raise Refused("CMS", 302)
    phone.settings.memories = chosen[0], chosen[1], chosen[2]
    return ["+CPMS: " + ",".join(fill[name] for name in chosen)]


def _indications(phone: Phone, command: Command) -> list[str]:
    profile = phone.profile
    if command.kind == "test":
        figures = ",".join(f"({','.join(map(str, values))})" for values in profile.cnmi)
        return [f"+CNMI: {profile.cnmi_told or figures}"]
    if command.kind == "read":
        return ["+CNMI: " + ",".join(map(str, phone.settings.cnmi))]
    try:
        phone.settings.cnmi = tuple(
            command.number(position, values, phone.settings.cnmi[position])
            for position, values in enumerate(profile.cnmi)
        )
    except Refused:  # a command of 27.005, so its errors are CMS (§ 3.4.1)
        raise Refused("CMS", 303) from None
    return []


def _pdu_lines(message: Stored) -> tuple[int, str]:
    """The octets without the service centre, and the whole in hex."""
    return len(message.pdu) - 1 - message.pdu[0], message.pdu.hex().upper()


def _list(phone: Phone, command: Command) -> list[str]:
    wanted = command.number(0, range(5), 0)
    lines = []
    for place, message in sorted(_storage(phone).messages.items()):
        if wanted in (4, message.status):
            octets, pdu = _pdu_lines(message)
            lines.append(f"+CMGL: {place},{message.status},{phone.profile.alpha},{octets}\r\n{pdu}")
            message.status = message.status or 1
    return lines


def _storage(phone: Phone) -> Storage:
    return phone.storages[phone.settings.memories[0]]


def _place(phone: Phone, command: Command) -> int:
    text = command.text(0)
    if not text.isdecimal() or not 1 <= int(text) <= _storage(phone).places:
        raise Refused("CMS", 321)
    return int(text)


def _read(phone: Phone, command: Command) -> list[str]:
    message = _storage(phone).messages.get(_place(phone, command))
    if message is None:
        if phone.profile.empty_place == "OK":
            return []
        code = phone.profile.empty_place.removeprefix("+CMS ERROR: ")
        raise Refused("CMS", int(code)) if code.isdecimal() else Refused(line=phone.profile.empty_place)
    octets, pdu = _pdu_lines(message)
    line = f"+CMGR: {message.status},{phone.profile.alpha},{octets}\r\n{pdu}"
    message.status = message.status or 1
    return [line]


def _delete(phone: Phone, command: Command) -> list[str]:
    messages = _storage(phone).messages
    if command.kind == "test":
        return [f"+CMGD: ({','.join(map(str, sorted(messages)))}),(0-4)"]
    flag = command.number(1, range(5), 0)
    if flag == 0:
        messages.pop(_place(phone, command), None)
        return []
    # § 3.5.4: 1 read, 2 read and sent, 3 read, sent and unsent, 4 all
    doomed = ((), (1,), (1, 3), (1, 2, 3), (0, 1, 2, 3))[flag]
    for place in [place for place, message in messages.items() if message.status in doomed]:
        del messages[place]
    return []


SMS: dict[str, Answer] = {
    "+CMGF": _message_format,
    "+CMMS": number_setting("+CMMS", range(3), "keep_link"),
    "+CGSMS": _bearer,
    "+CSMS": _service,
    "+CSCA": _service_centre,
    "+CPMS": _memories,
    "+CNMI": _indications,
    "+CMGL": _list,
    "+CMGR": _read,
    "+CMGD": _delete,
}
