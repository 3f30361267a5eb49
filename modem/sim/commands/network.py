"""The commands about the network (3GPP TS 27.007 §§ 7.2, 7.3, 8.5, 10.1.20, 10.1.22)."""

from modem.sim.commands.registry import Answer, Command, Refused
from modem.sim.network.identity import TEST_NETWORK
from modem.sim.network.phone import Phone

OPERATOR = "SIMULATION"
OPERATOR_SHORT = "SIM"


def _registration(phone: Phone, command: Command) -> list[str]:
    if command.name not in phone.profile.registered_as:
        raise Refused
    reports = phone.settings.registration_reports
    if command.kind == "test":
        return [f"{command.name}: (0-2)"]
    if command.kind == "read":
        return [f"{command.name}: {reports.get(command.name, 0)},{phone.registration_line(command.name)}"]
    reports[command.name] = command.number(0, range(3), 0)
    return []


def _operator(phone: Phone, command: Command) -> list[str]:
    settings = phone.settings
    if command.kind == "test":
        return [f'+COPS: (2,"{OPERATOR}","{OPERATOR_SHORT}","{TEST_NETWORK}"{phone.technology}),,(0-4),(0-2)']
    if command.kind == "read":
        if not phone.registered:
            return [f"+COPS: {2 if phone.deregistered else 0}"]
        name = (OPERATOR, OPERATOR_SHORT, TEST_NETWORK)[settings.operator_format]
        return [f'+COPS: 0,{settings.operator_format},"{name}"{phone.technology}']
    mode = command.number(0, range(5))
    settings.operator_format = command.number(1, range(3), settings.operator_format)
    if mode == 1 and command.text(2) not in (OPERATOR, OPERATOR_SHORT, TEST_NETWORK):
        raise Refused("CME", 30)
    if mode != 3:
        phone.deregistered = mode == 2
    return []


def _quality(phone: Phone, command: Command) -> list[str]:
    if command.kind == "test":
        return ["+CSQ: (0-31,99),(99)"]
    return [f"+CSQ: {phone.quality if phone.has_network else 99},99"]


NETWORK: dict[str, Answer] = {
    **dict.fromkeys(("+CREG", "+CGREG", "+CEREG"), _registration),
    "+COPS": _operator,
    "+CSQ": _quality,
}
