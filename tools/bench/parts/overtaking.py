"""An urgent order in the middle of much normal work."""

from tools.bench.contenders import mobile
from tools.bench.ordering import running, send_by_command
from tools.bench.radio import Taken
from tools.bench.section import Section, figure

_NORMAL, _URGENT, _MODEMS = 5_000, 50, 2
_TEXT = "Texte urgent."
_GRACE_S = 0.1


def measure() -> Section:
    """Normal messages that still go out before urgent ones."""
    section = Section(
        "Urgent work overtakes",
        f"{_NORMAL:,} normal messages wait for {_MODEMS} modems when {_URGENT} urgent ones are ordered. `before it` "
        "are the normal messages that begin on a modem after the urgent COMMIT and before its first urgent one; the "
        "one that it had claimed already is among them. `too late` are those that begin more than 100 ms after the "
        "COMMIT while urgent work can be claimed (until the last urgent one is). 20 and 200 ms per message are "
        "parameters of the model.",
        ("modem", "urgent sent", "before it, per modem", "too late"),
    )
    for submit_ms in (20, 200):
        with running(_NORMAL, _MODEMS, "--submit-ms", str(submit_ms), "--link-ms", "0") as (plp, radio):
            send_by_command(plp, "Texte normal.", "--all", "--priority", "normal")
            radio.wait(5 * _MODEMS, 30)
            to = [option for number in range(_URGENT) for option in ("--to", mobile(number))]
            committed = send_by_command(plp, _TEXT, *to, "--priority", "urgent")
            radio.wait(radio.count() + _URGENT + 4 * _MODEMS, 30)
            taken = radio.taken()
        urgent = sum(one.text == _TEXT for modem in taken for one in modem)
        before = ", ".join(figure(_before(modem, committed), 0) for modem in taken)
        section.add(f"{submit_ms} ms", figure(urgent, 0), before, figure(_too_late(taken, committed), 0))
    return section


def _before(modem: list[Taken], committed: float) -> int:
    first = min((one.began for one in modem if one.text == _TEXT), default=0.0)
    return sum(committed < one.began < first for one in modem if one.text != _TEXT)


def _too_late(taken: list[list[Taken]], committed: float) -> int:
    """The last urgent one was claimed when the message before it on its modem had its result."""
    claims = []
    for modem in taken:
        places = [place for place, one in enumerate(modem) if one.text == _TEXT]
        if places:
            claims.append(modem[places[-1] - 1].ended)
    if not claims:
        return 0
    until = max(claims)
    normal = [one for modem in taken for one in modem if one.text != _TEXT]
    return sum(committed + _GRACE_S < one.began < until for one in normal)
