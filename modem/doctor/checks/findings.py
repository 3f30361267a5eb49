"""The doctor's findings: one table of plp/rules/wording/doctor.toml for each thing that can be wrong."""

from dataclasses import dataclass
from typing import Literal, cast

from plp.rules.sentences import DOCTOR, TEMPLATES, Sentence, coded, together

# fault    nothing goes out, or not as it should, until somebody does something
# warning  it works, and will not always
# note     good to know
Severity = Literal["fault", "warning", "note"]
SEVERITIES: tuple[Severity, ...] = ("fault", "warning", "note")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong: what, what it means, what to do. `modem` is "" where it is the box's; `page` is what to
    do for whoever has the modem's page before them, and its buttons.
    """

    severity: Severity
    title: Sentence
    meaning: Sentence
    advice: Sentence
    page: Sentence
    modem: str = ""


def finding(code: str, modem: str = "", *, more: tuple[Sentence, ...] = (), **values: object) -> Finding:
    """The finding of this code with its values, `more` after its meaning; where it has none, `told` is its meaning."""

    def say(part: str) -> Sentence:
        template = f"{code}.{part}"
        return coded(template, **{name: each for name, each in values.items() if f"{{{name}}}" in TEMPLATES[template]})

    told = values.get("told")
    meaning = say("meaning") if "meaning" in DOCTOR[code] else cast(Sentence, told)
    advice = say("advice")
    page = say("page") if "page" in DOCTOR[code] else advice
    severity = cast(Severity, DOCTOR[code]["severity"])
    return Finding(severity, say("title"), together(meaning, *more), advice, page, modem)
