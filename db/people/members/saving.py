"""Writers of members and neighbourhoods. What a person typed is checked field by field."""

import re
import unicodedata
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from db.engine.base import folded_column, put, tuples
from db.engine.cached_queries import inserting
from db.engine.connection import next_ids, writing
from db.journal import audit
from db.models.broadcasts import Message, Part
from db.models.people import Consent, Member, Neighbourhood
from db.people.members.cards import COLUMNS, MemberCard, stored_columns
from db.people.members.forgotten import welcome_back
from db.people.members.listing import reachable_members
from rules.collation import folded
from rules.numbers import parse_mobile, parse_phone
from rules.people import LANGUAGES, MEMBER_ROLES
from rules.refusals import Refusal
from rules.states import Cause, PartState, sources

# The first character: nobody's address begins as a formula does, and a spreadsheet would compute it from an export.
_MAIL = re.compile(r"(?![=+|'-])[^@\s,;<>\"]{1,64}@[a-z0-9-]+(\.[a-z0-9-]+)+", re.I)

_POSTAL_CODE = re.compile(r"\s{0,3}(?:B\s{0,3}-?\s{0,3})?([1-9]\d{3})(?!\d)", re.I)


# The columns of a member that are written many at a time; a mobile is written alone.
STORED = (*(name for name in COLUMNS if name != "mobile"), "neighbourhood", "name_key", "searchable")
_MEMBER = inserting(Member, "id", "mobile", *STORED, "created_at", "updated_at", "welcome_requested_at")
_CONSENT = inserting(Consent, "member", "channel", "given", "at", "how", "who")

# How a consent ended that is given again when the person's data may be used again.
RESTRICTED = "restricted"


class FieldRefusal(Refusal):
    """One field of a form cannot be taken; `field` names it."""

    def __init__(self, field: str, template: str, /, **values: object) -> None:
        super().__init__(template, **values)
        self.field = field

    @classmethod
    def of(cls, field: str, refusal: Refusal) -> Self:
        """The refusal of a value, as one of this field."""
        return cls(field, refusal.template, **refusal.values)


class Overtaken(Refusal):
    """The consents changed since the form was shown."""


@dataclass(frozen=True, slots=True)
class MemberDraft:
    """A member as typed."""

    first_name: str
    last_name: str
    mobile: str
    email: str
    language: str
    neighbourhood_id: int
    role: str = "member"
    sms: bool = True
    mail_group: bool = False
    landline: str = ""
    second_number: str = ""
    street: str = ""
    house_number: str = ""
    postal_code: str = ""


def one_line(text: str) -> str:
    """One line of printable characters, at most 100, composed (NFC): a Mac writes `é` in two."""
    if text.isascii() and text.isprintable():
        return " ".join(text.split())[:100]
    composed = unicodedata.normalize("NFC", text)
    return " ".join("".join(c if c.isprintable() else " " for c in composed).split())[:100]


def is_mail_address(text: str) -> bool:
    """Close enough to an address, of a length that mail allows (RFC 5321 § 4.5.3.1), with nothing invisible in it."""
    return len(text) <= 254 and text.isprintable() and _MAIL.fullmatch(text) is not None


def save_member(
    member_id: int | None,
    draft: MemberDraft,
    by: str,
    now: datetime,
    welcome: bool = False,
    number_shared: bool = False,
    how: str = "form",
    shown: Collection[str] | None = None,
) -> int:
    """Add (`member_id` None) or change a member; returns the id. Raises FieldRefusal.

    `shown` are the channels agreed to when the form was shown: Overtaken when that changed.
    """
    values = checked(draft)
    with writing():
        if shown is not None and member_id is not None and set(shown) != _agreed(member_id):
            raise Overtaken(
                "Ce que cette personne accepte a changé entre-temps, par exemple par un STOP. Rien n'est enregistré : "
                "vérifiez les cases, puis enregistrez de nouveau."
            )
        mobile = values["mobile"]
        twin = Member.select().where(Member.mobile == mobile, Member.id != (member_id or 0)).first() if mobile else None
        if twin is not None and not number_shared:
            raise FieldRefusal(
                "mobile",
                "Ce numéro est déjà celui de {first} {last}. S'ils le partagent, cochez « numéro partagé ».",
                first=twin.first_name,
                last=twin.last_name,
            )
        if member_id is not None:
            write_member(member_id, values, answers(draft, values), by, how, now)
            return member_id
        welcome_back([str(known) for known in (mobile, values["email"]) if known])
        return add_members([(values, draft)], by, how, now, welcome)[0]


def checked(draft: MemberDraft, neighbourhood_checked: bool = False) -> dict[str, object]:
    """The draft's columns, cleaned. Raises FieldRefusal for the first field that cannot be taken."""
    first, last = one_line(draft.first_name), one_line(draft.last_name)
    if not (first or last):
        raise FieldRefusal("last_name", "il manque le nom")
    mobile = _number("mobile", draft.mobile, parse_mobile) or None
    email = _email(draft.email)
    landline = _number("landline", draft.landline, parse_phone)
    second_number = _number("second_number", draft.second_number, parse_phone)
    if not (mobile or email or landline or second_number):
        raise FieldRefusal("mobile", "il faut un GSM, un autre numéro ou une adresse e-mail")
    language = (draft.language.strip() or "fr").casefold()
    if language not in LANGUAGES:
        raise FieldRefusal("language", "langue inconnue : {language} ; fr, nl, de ou en", language=language[:20])
    if draft.role not in MEMBER_ROLES:
        raise FieldRefusal("role", "rôle inconnu : {role} ; membre ou coordinateur", role=draft.role[:20])
    known = neighbourhood_checked or Neighbourhood.select().where(Neighbourhood.id == draft.neighbourhood_id).exists()
    if not known:
        raise FieldRefusal("neighbourhood_id", "choisissez un quartier de la liste")
    return {
        "first_name": first,
        "last_name": last,
        "mobile": mobile,
        "email": email,
        "language": language,
        "neighbourhood": draft.neighbourhood_id,
        "role": draft.role,
        "landline": landline,
        "second_number": second_number,
        "street": one_line(draft.street),
        "house_number": one_line(draft.house_number)[:20],
        "postal_code": _postal_code(draft.postal_code),
    }


def add_members(
    people: Sequence[tuple[dict[str, object], MemberDraft]], by: str, how: str, now: datetime, welcome: bool
) -> list[int]:
    """Write checked columns, consents and audit entries of people; in a transaction. Returns their ids."""
    rows, consents, entries = [], [], []
    ids = list(next_ids(Member, len(people)))
    for member_id, (values, draft) in zip(ids, people, strict=True):
        stored = stored_columns(values)
        rows.append([member_id, stored["mobile"], *(stored[name] for name in STORED)])
        agreed = answers(draft, values)
        consents += [(member_id, channel, said) for channel, said in agreed.items()]
        entries.append((str(member_id), {"how": how, **agreed}))
    asked_at = now if welcome else None
    _MEMBER.change_each(("id", "mobile", *STORED), rows, created_at=now, updated_at=now, welcome_requested_at=asked_at)
    _CONSENT.change_each(("member", "channel", "given"), consents, at=now, how=how, who=by)
    audit.record_each(now, by, "member_added", entries)
    return ids


def write_member(
    member_id: int, values: dict[str, object], agreed: Mapping[str, bool], by: str, how: str, now: datetime
) -> None:
    """Write checked columns, and `answers` by channel, inside the caller's transaction. Raises Refusal."""
    before = Member.get_or_none(Member.id == member_id)
    if before is None:
        raise Refusal("Ce membre n'existe plus.")
    Member.update(**stored_columns(values), updated_at=now).where(Member.id == member_id).execute()
    if before.mobile and before.mobile != values["mobile"]:
        cancel_unless_shared(before.mobile, now, by)
    audit.record(now, by, "member_changed", str(member_id), how=how, **changes_of(before.__data__, values))
    for channel, said in agreed.items():
        write_consent(member_id, channel, said, by, how, now)


def changes_of(
    before: Mapping[str, object], values: Mapping[str, object], places: Mapping[object, str] | None = None
) -> dict[str, object]:
    """The detail `changed` of a member's entry, nothing where it is as before: what says nothing of a person with its
    values, a neighbourhood by its name. `places` are those names by id, where somebody asked.
    """
    changed = audit.changes({name: before[name] for name in values}, values, _TOLD)
    if place := changed.get("neighbourhood"):
        if places is None:
            known = Neighbourhood.select(Neighbourhood.id, Neighbourhood.name).where(Neighbourhood.id.in_(place))
            places = dict(tuples(known))
        changed["neighbourhood"] = [places.get(number) for number in place]
    return {"changed": changed} if changed else {}


_TOLD = ("language", "neighbourhood", "role")


def answers(said: MemberDraft | MemberCard, values: Mapping[str, object]) -> dict[str, bool]:
    """Consent by channel, as `said`; nobody agrees to texts without a mobile, or to mail without an address."""
    return {
        "sms": said.sms and values["mobile"] is not None,
        "mail_group": said.mail_group and values["email"] is not None,
    }


def save_neighbourhood(neighbourhood_id: int | None, name: str, reference_address: str, by: str, now: datetime) -> int:
    """Add or change a neighbourhood; returns its id. Raises FieldRefusal."""
    name = one_line(name)
    if not name:
        raise FieldRefusal("name", "Donnez un nom au quartier.")
    address = reference_address.strip()
    if address and not is_mail_address(address):
        raise FieldRefusal("reference_address", "« {address} » n'est pas une adresse e-mail.", address=address[:60])
    with writing():
        values = {"name": name, "reference_address": address}
        before = Neighbourhood.get_or_none(Neighbourhood.id == neighbourhood_id)
        twin = Neighbourhood.get_or_none(folded_column(Neighbourhood.name) == folded(name))
        if twin is not None and twin.id != neighbourhood_id:
            raise FieldRefusal("name", "Le quartier « {name} » existe déjà.", name=name)
        if neighbourhood_id is None:
            neighbourhood_id = int(Neighbourhood.create(**values, position=Neighbourhood.select().count()).id)
        elif not Neighbourhood.update(values).where(Neighbourhood.id == neighbourhood_id).execute():
            raise Refusal("Ce quartier n'existe plus.")
        changed = audit.changes(before.__data__ if before is not None else {}, values, ("name",))
        audit.record(now, by, "neighbourhood_saved", str(neighbourhood_id), changed=changed)
    return neighbourhood_id


def delete_neighbourhood(neighbourhood_id: int, by: str, now: datetime) -> None:
    """Remove a neighbourhood that nobody lives in."""
    with writing():
        people = Member.select().where(Member.neighbourhood == neighbourhood_id).count()
        if people:
            raise Refusal("Membres encore dans ce quartier : {people}. Changez-les d'abord de quartier.", people=people)
        Neighbourhood.delete().where(Neighbourhood.id == neighbourhood_id).execute()
        audit.record(now, by, "neighbourhood_deleted", str(neighbourhood_id))


def _agreed(member_id: int) -> set[str]:
    """The channels that this person agreed to."""
    given = Consent.select(Consent.channel).where(Consent.member == member_id, Consent.given)
    return {row.channel for row in given}


def write_consent(member_id: int, channel: str, given: bool, by: str, how: str, now: datetime) -> None:
    """Record an answer when it differs from the last one; a withdrawal stops what is queued.

    Whose data are kept and not used agrees to nothing before that ends (`db.people.members.erasure`).
    """
    last = Consent.get_or_none(Consent.member == member_id, Consent.channel == channel)
    if last is not None and (last.given == given or last.how == RESTRICTED):
        return
    put(Consent, {"member": member_id, "channel": channel}, given=given, at=now, how=how, who=by)
    if last is not None:
        audit.record(now, by, "consent_changed", str(member_id), channel=channel, given=given, how=how)
        mobile = Member.get_by_id(member_id).mobile
        if channel == "sms" and not given and mobile:
            cancel_unless_shared(mobile, now, by)


def cancel_unless_shared(msisdn: str, now: datetime, by: str) -> None:
    """Cancel what is queued to a number, unless someone else still wants texts on it."""
    if not reachable_members().where(Member.mobile == msisdn).exists():
        cancel_queued_to(msisdn, now, by)


def _number(field: str, text: str, read: Callable[[str], str]) -> str:
    try:
        return read(text) if text.strip() else ""
    except Refusal as refusal:
        raise FieldRefusal.of(field, refusal) from None


def _postal_code(text: str) -> str:
    """The four digits of a Belgian postal code, also of `B-4120 Neupré`."""
    if not text.strip():
        return ""
    found = _POSTAL_CODE.match(text)
    if found is None:
        raise FieldRefusal(
            "postal_code", "« {text} » n'est pas un code postal belge : quatre chiffres", text=one_line(text)[:20]
        )
    return found[1]


def _email(text: str) -> str | None:
    text = text.strip()
    if not text:
        return None
    if not is_mail_address(text):
        raise FieldRefusal("email", "« {email} » n'est pas une adresse e-mail", email=text[:60])
    return text.casefold()


def cancel_queued_to(msisdn: str, now: datetime, by: str) -> None:
    """Cancel every queued part to this number, inside the caller's transaction."""
    messages = Message.select(Message.id).where(Message.msisdn == msisdn)
    queued = Part.update(state=PartState.CANCELLED, changed_at=now, reason="opted_out").where(
        Part.message.in_(messages), Part.state.in_(sources(PartState.CANCELLED, Cause.POLICY))
    )
    if cancelled := queued.execute():
        audit.record(now, by, "queued_parts_cancelled", "", parts=cancelled)
