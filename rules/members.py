"""Members as people type them. Each column is declared once, in `MemberColumns`: forms, the table, lists, the export,
the page of a person's rights, corrections, the journal's words and the search follow from it. Their further places (a
shop, the house of their parents), the hours and days in which they want no SMS, and the names of an audience.
"""

import re
import unicodedata
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Generic, Literal, NoReturn, TypeVar, get_type_hints

from rules.languages import LANGUAGES, MAIN_LANGUAGE
from rules.numbers import parse_mobile, parse_phone, shown
from rules.people import MEMBER_ROLES
from rules.refusals import FieldRefusal, Refusal

# Nobody has more, and every one is a street more that they hear of.
MOST = 5
LONGEST = 600
Place = tuple[str, str]
# Those in quiet hours are spared, get it all the same, or as the kind of the order says.
Quiet = Literal["", "spare", "ring"]
_TIME = r"(\d{1,2})\s?(?:[:.hu]\s?(\d{2})?)?\s?(?:h|uur|uhr)?"
_HOURS = re.compile(rf"(?:de|van|von|from)?\s*{_TIME}\s*(?:-|–|à|a|tot|bis|to|until)\s*{_TIME}", re.IGNORECASE)
_DAY = re.compile(r"(\d{1,2})[/. -](\d{1,2})[/. -](\d{4})")
CHANNELS = ("sms", "mail_group")
_POSTAL_CODE = re.compile(r"\s{0,3}(?:B\s{0,3}-?\s{0,3})?([1-9]\d{3})(?!\d)", re.I)
_ROLES = {"member": "membre", "coordinator": "coordinateur"}
Way = TypeVar("Way", str, str | None)
# The first character: nobody's address begins as a formula does, and a spreadsheet would compute it from an export.
_MAIL = re.compile(r"(?![=+|'-])[^@\s,;<>\"]{1,64}@[a-z0-9-]+(\.[a-z0-9-]+)+", re.I)


def places_in(text: str) -> list[Place]:
    """(neighbourhood, street) of each place, in order; the street is empty if none is given."""
    if not text:
        return []
    parts = (part.partition(",") for part in text.replace("\n", ";").split(";"))
    named = ((" ".join(name.split()), " ".join(street.split())) for name, _comma, street in parts)
    return list(dict.fromkeys(place for place in named if any(place)))


def written_places(places: Iterable[Place]) -> str:
    """The same as one text."""
    return "; ".join(f"{name}, {street}" if street else name for name, street in dict.fromkeys(places))


def read_places(text: str) -> str:
    """The text as it is kept. Raises Refusal for too many, or a street without its neighbourhood."""
    places = places_in(text)
    if len(places) > MOST:
        raise Refusal("{most} autres lieux au plus", most=MOST)
    if not all(name for name, _street in places):
        raise Refusal("indiquez d'abord le quartier, puis la rue")
    return written_places((name[:100], street[:100]) for name, street in places)


def read_hours(text: str) -> str:
    """`22:00-07:00` of « 22h-7h » or « de 22:00 à 7:00 », on the clock in Belgium; empty for none. Raises Refusal."""
    if not text.strip():
        return ""
    match = _HOURS.fullmatch(text.strip())
    hours, minutes = (match.group(1, 3), match.group(2, 4)) if match else ((), ())
    times = [(int(hour), int(minute or 0)) for hour, minute in zip(hours, minutes, strict=True)]
    if len(set(times)) < 2 or any(hour > 23 or minute > 59 for hour, minute in times):
        raise Refusal("« {text} » : écrivez deux heures différentes, par exemple 22:00-07:00", text=text.strip()[:30])
    return "-".join(f"{hour:02}:{minute:02}" for hour, minute in times)


def read_day(text: str) -> str:
    """`2026-12-31` of « 31/12/2026 » or of itself; empty for none. Raises Refusal."""
    if not text.strip():
        return ""
    day = _DAY.fullmatch(text.strip())
    try:
        return date.fromisoformat(f"{day[3]}-{day[2]:0>2}-{day[1]:0>2}" if day else text.strip()[:10]).isoformat()
    except ValueError:
        raise Refusal("« {text} » n'est pas une date : par exemple 31/12/2026", text=text.strip()[:30]) from None


# Of a neighbourhood: its name stands in texts to members.
LONGEST_PLACE = 60


def one_line(text: str) -> str:
    """One line of printable characters, at most 100, composed (NFC): a Mac writes `é` in two."""
    if text.isascii() and text.isprintable():
        return " ".join(text.split())[:100]
    composed = unicodedata.normalize("NFC", text)
    return " ".join("".join(c if c.isprintable() else " " for c in composed).split())[:100]


def is_mail_address(text: str) -> bool:
    """Close enough to an address, of a length that mail allows (RFC 5321 § 4.5.3.1), with nothing invisible in it."""
    return len(text) <= 254 and text.isprintable() and _MAIL.fullmatch(text) is not None


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `label` is above its field, `word` within a sentence; both are French. `read` makes the stored value
    of what was typed, or raises Refusal; `written` makes a cell of it. `searched`: a search looks into it; `corrected`:
    a coordinator may propose another value; `apart`: it has separate rows. `keyboard`: tel, email, numeric, date.
    """

    label: str
    word: str
    read: Callable[[str], str] = one_line
    written: Callable[[str], str] = str
    longest: int = 100
    searched: bool = False
    corrected: bool = False
    apart: bool = False
    keyboard: str = ""


def _email(text: str) -> str:
    address = text.strip()
    if not is_mail_address(address):
        raise Refusal("« {email} » n'est pas une adresse e-mail", email=address[:60])
    return address.casefold()


def _language(text: str) -> str:
    code = (text.strip() or MAIN_LANGUAGE).casefold()
    if code not in LANGUAGES:
        raise Refusal(
            "langue inconnue : {language} ; possibles : {known}", language=code[:20], known=", ".join(LANGUAGES)
        )
    return code


def _role(text: str) -> str:
    if text not in MEMBER_ROLES:
        raise Refusal("rôle inconnu : {role} ; membre ou coordinateur", role=text[:20])
    return text


def _postal_code(text: str) -> str:
    """The four digits of a Belgian postal code, also of `B-4120 Neupré`."""
    code = _POSTAL_CODE.match(text)
    if code is None:
        raise Refusal("« {text} » n'est pas un code postal belge : quatre chiffres", text=one_line(text)[:20])
    return code[1]


@dataclass(frozen=True, slots=True)
class MemberColumns(Generic[Way]):
    """A member's columns, as typed (`MemberDraft`) and stored (`MemberCard`). Those after the role may stay empty."""

    first_name: Annotated[str, Column("Prénom", "prénom", searched=True)]
    last_name: Annotated[str, Column("Nom", "nom", searched=True)]
    mobile: Annotated[Way, Column("GSM", "GSM", parse_mobile, shown, 60, searched=True, corrected=True, keyboard="tel")]
    email: Annotated[Way, Column("E-mail", "e-mail", _email, str, 300, searched=True, corrected=True, keyboard="email")]
    language: Annotated[str, Column("Langue", "langue", _language, longest=10)]
    neighbourhood_id: int
    role: Annotated[str, Column("Rôle dans le quartier", "rôle", _role, lambda role: _ROLES.get(role, role), 20)] = (
        "member"
    )
    street: Annotated[str, Column("Rue", "rue", searched=True, corrected=True)] = ""
    house_number: Annotated[
        str, Column("Numéro de maison", "numéro de maison", longest=20, searched=True, corrected=True)
    ] = ""
    postal_code: Annotated[str, Column("Code postal", "code postal", _postal_code, str, 20, keyboard="numeric")] = ""
    landline: Annotated[
        str, Column("Téléphone fixe", "téléphone fixe", parse_phone, shown, 60, searched=True, keyboard="tel")
    ] = ""
    second_number: Annotated[
        str,
        Column(
            "Deuxième numéro de téléphone", "deuxième numéro", parse_phone, shown, 60, searched=True, keyboard="tel"
        ),
    ] = ""
    other_places: Annotated[
        str, Column("Autres lieux", "autres lieux", read_places, longest=LONGEST, searched=True, apart=True)
    ] = ""
    quiet_hours: Annotated[str, Column("Heures calmes", "heures calmes", read_hours, longest=30, corrected=True)] = ""
    # Not « holidays »: a list of empty houses would serve burglars.
    quiet_until: Annotated[
        str, Column("Pause des SMS jusqu'au", "pause jusqu'au", read_day, longest=30, keyboard="date")
    ] = ""

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()


COLUMNS = {
    name: declared
    for name, hint in get_type_hints(MemberColumns, include_extras=True).items()
    for declared in getattr(hint, "__metadata__", ())
    if isinstance(declared, Column)
}
# Columns that may stay empty.
FURTHER = tuple(COLUMNS)[tuple(COLUMNS).index("role") + 1 :]
# Columns that are never empty.
_OF_EVERYBODY = ("language", "role")
# What a coordinator may propose. `note` changes nothing by itself: « a déménagé ».
CORRECTED = (*(name for name, column in COLUMNS.items() if column.corrected), "note")
# Columns of telephone numbers; an SMS goes to the first alone.
NUMBERS = tuple(name for name, column in COLUMNS.items() if column.keyboard == "tel")


@dataclass(frozen=True, slots=True)
class MemberDraft(MemberColumns[str]):
    """A member as typed."""

    sms: bool = True
    mail_group: bool = False


def checked(draft: MemberDraft) -> dict[str, Any]:
    """The draft's columns as they are stored. Raises FieldRefusal for the first invalid field."""
    if not one_line(draft.first_name + draft.last_name):
        raise FieldRefusal("last_name", "il manque le nom")
    values: dict[str, Any] = {"neighbourhood": draft.neighbourhood_id}
    for name, column in COLUMNS.items():
        try:
            text = getattr(draft, name)
            values[name] = column.read(text)[: column.longest] if text.strip() or name in _OF_EVERYBODY else ""
        except Refusal as refusal:
            raise FieldRefusal.of(name, refusal) from None
    if not any(values[way] for way in ("email", *NUMBERS)):
        raise FieldRefusal("mobile", "il faut un GSM, un autre numéro ou une adresse e-mail")
    return values | {name: values[name] or None for name in ("mobile", "email")}


def answers(said: Any, values: dict[str, Any]) -> dict[str, bool]:
    """Consent by channel, as `said` (a draft or a card): to texts only with a mobile, to mail only with an address."""
    return {
        "sms": said.sms and values["mobile"] is not None,
        "mail_group": said.mail_group and values["email"] is not None,
    }


def require_places(names: Iterable[str], known: Collection[str]) -> None:
    """Raise Refusal for a neighbourhood that is none of the `known` ones."""
    if unknown := [name for name in names if name not in known]:
        raise Refusal(
            "Quartier inconnu : {unknown}. Connus : {known}.",
            unknown=", ".join(unknown)[:100],
            known=", ".join(known) or "aucun",
        )


def require_near(name: str, known: Collection[str]) -> None:
    """Raise Refusal if the neighbourhood of the event was deleted; an empty name is none."""
    if name and name not in known:
        raise Refusal("Le quartier « {name} » n'existe plus : indiquez le lieu des faits.", name=name[:60])


def require_groups(names: Iterable[str], known: Collection[str]) -> None:
    """Raise Refusal for a group that is none of the `known` ones."""
    if unknown := [name for name in names if name not in known]:
        raise Refusal(
            "Groupe inconnu : {unknown}. Groupes existants : {known}.",
            unknown=", ".join(unknown)[:100],
            known=", ".join(known)[:300] or "aucun",
        )


def refuse_street(name: str) -> NoReturn:
    """Raise Refusal for a street that the zone does not have."""
    raise Refusal(
        "Rue inconnue : {name}. Aucun membre n'y habite et la liste des rues ne la contient pas.", name=name[:100]
    )


def require_somebody(is_anybody_named: bool) -> None:
    """Raise Refusal for an audience that names nobody."""
    if not is_anybody_named:
        raise Refusal("Choisissez les destinataires : tous les membres, ou au moins un quartier, un groupe ou une rue.")


def require_our_numbers(others: Iterable[str]) -> None:
    """Raise Refusal for a number that is neither a member's nor an account's: this box texts nobody else."""
    for number in others:
        raise Refusal(
            "{number} n'est le numéro d'aucun membre ayant consenti aux SMS ni d'aucun utilisateur.",
            number=number.strip(),
        )
