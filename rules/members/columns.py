"""Members as people type them. Each column is declared once, in `MemberColumns`: forms, the table, lists, the export,
the page of a person's rights, corrections, the journal's words and the search follow from it.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Generic, TypeVar, get_type_hints

from rules.languages import LANGUAGES, MAIN_LANGUAGE
from rules.members.places import LONGEST, read_places
from rules.members.quiet import read_day, read_hours
from rules.numbers import parse_mobile, parse_phone, shown
from rules.people import MEMBER_ROLES
from rules.refusals import FieldRefusal, Refusal

CHANNELS = ("sms", "mail_group")
_POSTAL_CODE = re.compile(r"\s{0,3}(?:B\s{0,3}-?\s{0,3})?([1-9]\d{3})(?!\d)", re.I)
_ROLES = {"member": "membre", "coordinator": "coordinateur"}
Way = TypeVar("Way", str, str | None)
# The first character: nobody's address begins as a formula does, and a spreadsheet would compute it from an export.
_MAIL = re.compile(r"(?![=+|'-])[^@\s,;<>\"]{1,64}@[a-z0-9-]+(\.[a-z0-9-]+)+", re.I)


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
    of what was typed, or raises Refusal; `written` makes a cell of it. A search looks into a `searched` one; for a
    `corrected` one a coordinator may propose another value; one `apart` has separate rows. `keyboard`: tel, email,
    numeric, date.
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
    if address and not is_mail_address(address):
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


def _mobile(text: str) -> str:
    return parse_mobile(text) if text.strip() else ""


def _phone(label: str, word: str) -> Column:
    return Column(
        label, word, lambda text: parse_phone(text) if text.strip() else "", shown, 60, searched=True, keyboard="tel"
    )


def _postal_code(text: str) -> str:
    """The four digits of a Belgian postal code, also of `B-4120 Neupré`."""
    code = _POSTAL_CODE.match(text)
    if code is None and text.strip():
        raise Refusal("« {text} » n'est pas un code postal belge : quatre chiffres", text=one_line(text)[:20])
    return code[1] if code else ""


@dataclass(frozen=True, slots=True)
class MemberColumns(Generic[Way]):
    """The columns of a member, as typed (`MemberDraft`) and as stored (`db.people.members.cards.MemberCard`). Those
    after the role may stay empty; no SMS goes to their numbers.
    """

    first_name: Annotated[str, Column("Prénom", "prénom", searched=True)]
    last_name: Annotated[str, Column("Nom", "nom", searched=True)]
    mobile: Annotated[Way, Column("GSM", "GSM", _mobile, shown, 60, searched=True, corrected=True, keyboard="tel")]
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
    landline: Annotated[str, _phone("Téléphone fixe", "téléphone fixe")] = ""
    second_number: Annotated[str, _phone("Deuxième numéro de téléphone", "deuxième numéro")] = ""
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
        """First and last name."""
        return f"{self.first_name} {self.last_name}".strip()


COLUMNS = {
    name: declared
    for name, hint in get_type_hints(MemberColumns, include_extras=True).items()
    for declared in getattr(hint, "__metadata__", ())
    if isinstance(declared, Column)
}
# Columns that may stay empty.
FURTHER = tuple(COLUMNS)[tuple(COLUMNS).index("role") + 1 :]
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
    """The draft's columns as they are stored. Raises FieldRefusal for the first invalid field; the database checks
    whether the neighbourhood exists.
    """
    if not one_line(draft.first_name + draft.last_name):
        raise FieldRefusal("last_name", "il manque le nom")
    values: dict[str, Any] = {"neighbourhood": draft.neighbourhood_id}
    for name, column in COLUMNS.items():
        try:
            values[name] = column.read(getattr(draft, name))[: column.longest]
        except Refusal as refusal:
            raise FieldRefusal.of(name, refusal) from None
    if not any(values[way] for way in ("email", *NUMBERS)):
        raise FieldRefusal("mobile", "il faut un GSM, un autre numéro ou une adresse e-mail")
    return values | {name: values[name] or None for name in ("mobile", "email")}


def answers(said: Any, values: dict[str, Any]) -> dict[str, bool]:
    """Consent by channel, as `said` (a draft or a card); nobody agrees to texts without a mobile, or to mail without an
    address.
    """
    return {
        "sms": said.sms and values["mobile"] is not None,
        "mail_group": said.mail_group and values["email"] is not None,
    }
