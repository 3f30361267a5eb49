"""Postal addresses in the cells of a list: street, house number with its box and floor, postal code. What is not
understood stays in the street or is left out, with a note.
"""

import re
from dataclasses import dataclass, field

from rules.lists.columns import is_nothing
from rules.members import COLUMNS
from rules.sentences import Sentence

_LONGEST = 200
_ANY_CASE = re.IGNORECASE
_SIGN = r"(?:n\s?[°ºo]|nrs?|num[ée]ro|nummer|nb|hausnr|huisnr)\b[.:]?|n[°º]|№"
# 12, 12A, 12 bis, 12/3, 12-14, 12.1, 12B1
_NUMBER = (
    r"\d{1,4}(?:\s?(?:bis|ter|quater)\b)?(?:\s?[a-z]\b|[a-z]\d{1,3}\b)?"
    r"(?:\s?[-/+.]\s?(?:[a-z]?\d{1,4}\s?[a-z]?\b|[a-z]\b))*"
)
_BOX = re.compile(
    r"[\s,/-]{0,9}(?<![\w])(?P<word>bo[iî]te|bte|bt|bus|box|appartement|appt?|wohnung|whg|bfk|briefkasten|b(?=\.?\s?\d))(?:\b|(?<=b))\.?\s*"
    rf"(?:(?:{_SIGN})\s*)?(?P<box>\d[\w./-]*|[a-z]\d*\b)",
    _ANY_CASE,
)
_FLOOR = re.compile(
    r"[\s,/-]{0,9}(?<![\w])(?P<floor>(?:\d{1,2}|premier|eerste|erster?)\s?(?:ers?|[èe]re?|i?[èe]?me|[èe]|de|ste|°|\.)?\s?"
    r"(?:[ée]tage|ét\b|verdiep(?:ing)?|verd\b|stock(?:werk)?|og\b)\.?"
    r"|rez(?:[ -]de[ -]chauss[ée]e)?\b|rdc\b|gelijkvloers|glv\b|erdgeschoss|parterre)",
    _ANY_CASE,
)
# No number: « s/n », « z/n », « o. Nr. ».
_WITHOUT = re.compile(
    r"[\s,]{1,9}(?:[sz]\.?\s?/\s?n\.?[°ºr]?|sans n(?:um[ée]ro|[°º])|(?:zonder|ohne) n(?:umme)?r\.?|o\.\s?nr\.?)$",
    _ANY_CASE,
)
_BRACKETS = re.compile(r"\(([^()]*)\)")
# « 4120 Neupré » behind the street or before it, « B-4120 »; a year of a street's name has no place behind it.
_CODE_BEHIND = re.compile(
    r"[\s,;–-]{1,9}(?:B\s?-?\s?)?(?P<code>[1-9]\d{3})\s{0,9}[-–,]?\s{0,9}(?P<place>[^\W\d][^\d,;]{1,60})$", _ANY_CASE
)
_CODE_ALONE = re.compile(r"\s{0,9}[,;–-]\s{0,9}(?:B\s?-?\s?)?(?P<code>[1-9]\d{3})$", _ANY_CASE)
_CODE_BEFORE = re.compile(r"^(?:B\s?-?\s?)?(?P<code>[1-9]\d{3})\s+(?P<place>[^\W\d][^\d,;]{1,60})[,;–-]\s*", _ANY_CASE)
_NUMBER_BEHIND = re.compile(
    rf"(?P<street>[^\d\s].*?|\d+\s?(?:er|e|[èe]me|de|ste)\b.*?)[\s,;]{{1,9}}(?:(?:{_SIGN})\s{{0,9}})?(?P<number>{_NUMBER})",
    _ANY_CASE,
)
_NUMBER_BEFORE = re.compile(rf"(?:(?:{_SIGN})\s*)?(?P<number>{_NUMBER})[\s,;]+(?P<street>[^\W\d].*)", _ANY_CASE)
_LONE_NUMBER = re.compile(rf"(?:(?:{_SIGN})\s*)?(?P<number>{_NUMBER})", _ANY_CASE)
_MONTH = (
    r"\b(?:(?:jan|f[ée]v|feb|avr|apr|juil|aug|sep|o[ck]t|nov|d[ée]c|dez)\w{0,9}"
    r"|mars|maart|m[äa]rz|mai|mei|juin|juni|juli|ao[ûu]t)"
)
# « rue du 8 mai 1945 »: its year is no house number; nor is the day of « place du 11 ».
_OF_A_DAY = re.compile(rf"(?:{_MONTH})\s+(?:19|18)\d\d$|\b(?:du|des|les|van|vom|of)\s+\d{{1,4}}$", _ANY_CASE)
# Numbers that a street is called by: « 2e avenue », « rue du 8 mai 1945 », « rue des 3 Arbres ».
_OF_NAME = re.compile(
    rf"\b\d+\s?(?:er|e|[èe]me|de|ste)\b|\b(?:du|des|les|aux|le|van|vom)\s+\d+(?:er)?\b|(?:{_MONTH})\s+(?:19|18)\d\d\b",
    _ANY_CASE,
)
_LETTER = re.compile(r"[^\W\d_]{3}")
_OTHER_NUMBER = re.compile(r"\d")
_STREET_WORD = re.compile(
    r"\b(?:rue|r\.|avenue|av\b|bd\b|boulevard|chauss[ée]e|ch[ée]e|place|pl\.|all[ée]e|chemin|ch\.|clos|impasse|quai|route|rte|sentier"
    r"|square|dr[èe]ve|voie|cour|venelle|ruelle|thier|montagne|faubourg)(?!\w)|(?:straat|str\.|laan|steenweg|stwg|plein|dreef|lei|kaai|baan|pad|strasse|straße"
    r"|gasse|platz|weg|allee)(?!\w)",
    _ANY_CASE,
)


@dataclass(slots=True)
class Address:
    """An address taken apart, and the notes about what was not taken."""

    street: str
    number: str = ""
    code: str = ""
    notes: list[Sentence] = field(default_factory=list)


def placed(cells: dict[str, str]) -> tuple[dict[str, str], list[Sentence]]:
    """The row's cells with street, house number and postal code where they belong, and the notes."""
    whole, box = cells.pop("address", ""), cells.pop("box", "")
    street, number = cells.get("street", ""), cells.get("house_number", "")
    notes: list[Sentence] = []
    if whole and not is_nothing(whole):
        read = taken_apart(whole)
        street, number = street or read.street, number or read.number
        cells["postal_code"] = cells.get("postal_code", "") or read.code
        notes += read.notes
    elif re.search(r"\d", street) or _WITHOUT.search(street):
        read = taken_apart(street, of_street=bool(number))
        if number and read.number and _plain(read.number) != _plain(number):
            notes.append(
                Sentence(
                    "la rue « {street} » et le numéro {number} diffèrent",
                    {"street": street[:40], "number": number[:20]},
                )
            )
        else:
            street, number = read.street, number or read.number
            cells["postal_code"] = cells.get("postal_code", "") or read.code
            notes += read.notes
    number, of_number = _whole_number(number, box)
    kept = {"street": "" if is_nothing(street) else street, "house_number": number}
    return cells | {name: text for name, text in kept.items() if text or name in cells}, notes + of_number


def has_street_word(text: str) -> bool:
    """True for a text that may be an address, or its street."""
    return _STREET_WORD.search(text) is not None


def taken_apart(text: str, of_street: bool = False) -> Address:
    """The parts of an address; `of_street`: its number stands elsewhere, so a street without one is complete."""
    lines = [" ".join(line.split()) for line in text[:_LONGEST].splitlines()]
    rest = ", ".join(filter(None, lines)).strip(" ,;")
    address = Address("")
    rest = _without_code(rest, address)
    for aside in _BRACKETS.findall(rest):
        address.notes.append(_left_out(aside))
    rest = _WITHOUT.sub("", _BRACKETS.sub(" ", rest).strip())
    extras = list[str]()
    if found := _FLOOR.search(rest):
        extras.append(found["floor"].strip())
        rest = rest[: found.start()] + " " + rest[found.end() :]
    found = _BOX.search(rest)
    if found and re.search(r"\d", rest[: found.start()]):
        extras.insert(0, f"{found['word'].lower()} {found['box']}")
        rest = rest[: found.start()] + " " + rest[found.end() :]
    _split(" ".join(rest.split()).strip(" ,;-"), address)
    address.number = " ".join([address.number, *extras]) if address.number else ""
    if extras and not address.number:
        address.notes.append(_left_out(" ".join(extras)))
    if not (address.number or address.code or address.notes or _WITHOUT.search(text)):  # nothing to take apart
        address.street = " ".join(text.split())
    if (
        not address.number
        and not of_street
        and re.search(r"\d", address.street)
        and not _OF_A_DAY.search(address.street)
    ):
        address.notes.append(
            Sentence(
                "dans l'adresse « {text} », le numéro n'est pas reconnu : tout est laissé dans la rue",
                {"text": text[:60]},
            )
        )
    return address


def _without_code(rest: str, address: Address) -> str:
    for pattern in (_CODE_BEHIND, _CODE_ALONE, _CODE_BEFORE):
        found = pattern.search(rest)
        if found is None or (pattern is _CODE_BEHIND and _is_of_number(found["place"])):
            continue
        if pattern is _CODE_BEHIND and re.search(rf"(?:{_MONTH})$", rest[: found.start()], _ANY_CASE):
            continue
        address.code = found["code"]
        return rest[found.end() :] if pattern is _CODE_BEFORE else rest[: found.start()]
    return rest


def _is_of_number(place: str) -> bool:
    """True for what stands behind a number of four digits, not behind a postal code: « 1200 bte »."""
    return len(place.strip()) < 2 or _BOX.match(f" {place} 1") is not None or _FLOOR.match(place) is not None


def _split(rest: str, address: Address) -> None:
    """Street and number of what is left; parts between commas that are neither are left out with a note."""
    parts = [part.strip() for part in rest.split(",") if part.strip()]
    for first, last in (
        (0, len(parts)),
        *((0, at) for at in range(len(parts) - 1, 0, -1)),
        *((at, len(parts)) for at in range(1, len(parts))),
    ):
        some = ", ".join(parts[first:last])
        if (found := _match(some)) is not None:
            address.street, address.number = found
            address.notes += [_left_out(part) for part in (*parts[:first], *parts[last:])]
            return
    address.street = rest


def _match(text: str) -> tuple[str, str] | None:
    if _OF_A_DAY.search(text):
        return None
    for found in (_NUMBER_BEFORE.fullmatch(text), _NUMBER_BEHIND.fullmatch(text)):
        if found is None:
            continue
        street = found["street"].strip(" ,;-")
        if "," in street or (found.re is _NUMBER_BEFORE and not _STREET_WORD.search(street)):
            continue
        if _OTHER_NUMBER.search(_OF_NAME.sub(" ", street)):
            continue
        return street, " ".join(found["number"].split())
    return None


def _whole_number(number: str, box: str) -> tuple[str, list[Sentence]]:
    """A house number with its box behind it: « n° 12 » and « Bte. 3 » are « 12 bte 3 »."""
    number = "" if is_nothing(number) or _WITHOUT.fullmatch(f" {number}") else " ".join(number.split())
    notes = []
    if "(" in number:
        notes = [_left_out(aside) for aside in _BRACKETS.findall(number) if _LETTER.search(aside)]
        number = _BRACKETS.sub(lambda aside: "" if _LETTER.search(aside[1]) else aside[0], number).strip()
    found = _BOX.search(number)
    if found and found.start():
        behind = number[found.end() :].strip(" ,")
        number = f"{number[: found.start()].strip(' ,')} {found['word'].lower()} {found['box']} {behind}".strip()
    number = re.sub(rf"^(?:{_SIGN})\s*(?=\d)", "", number, flags=_ANY_CASE).strip(" ,;")
    if not is_nothing(box):
        inner = _BOX.fullmatch(f" {box.strip()}")
        number = (
            f"{number} {inner['word'].lower()} {inner['box']}"
            if inner
            else f"{number} {'' if _FLOOR.match(box) else 'bte '}{box.strip()}"
        )
    number = number.strip()
    if len(number) > COLUMNS["house_number"].longest:
        notes.append(Sentence("le numéro « {text} » est trop long : il est coupé", {"text": number[:60]}))
    return number, notes


def _left_out(text: str) -> Sentence:
    return Sentence("« {text} », dans l'adresse, n'est pas repris", {"text": text.strip()[:40]})


def _plain(number: str) -> str:
    return re.sub(r"[\W_]+", "", number).casefold()
