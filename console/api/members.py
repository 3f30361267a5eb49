"""Members for programs: listed, added, changed, erased, by the same services as the pages. People who wanted that their
data be kept but not used do not exist for a program: it can neither read nor change them, only erase them.
"""

from dataclasses import replace
from typing import Any

from flask import jsonify
from flask.typing import ResponseReturnValue
from limits import parse

from console.api.blueprint import actor, bearer
from console.api.operations import CONFLICT, Answers, operation
from console.api.schemas import AFTER, SCHEMAS, an_object, page_of
from console.web.limits import limiter
from db.engine.clock import utc_now
from db.people.members.cards import MemberCard
from db.people.members.listing import member, members, members_after, neighbourhood_names
from plp.services.forgetting import REQUESTERS, forget_member
from plp.services.people.exporting import record_taken
from plp.services.people.saving import BY_PROGRAM, draft_of, save_member
from rules.members import MemberDraft
from rules.refusals import FieldRefusal, Missing

ALL = "/api/v1/members"
ONE = f"{ALL}/{{member_id}}"
MOST = 500
Fields = dict[str, Any]
# A program that keeps a copy reads the list again and again; the journal has it once an hour.
_NOTED = parse("1 per hour")
_ONE: Answers = {200: ("the member", "Member")}
_FIELDS = tuple(SCHEMAS["Member"]["properties"])
_FORGET = an_object({"requester": {"enum": list(REQUESTERS), "description": "at whose wish"}}, [])


@operation(
    "GET",
    ALL,
    "members:read",
    "The members by number, in pages",
    {200: ("a page", "Members")},
    query=page_of(MOST, MOST, after=AFTER),
)
def list_members(fields: Fields) -> ResponseReturnValue:
    if limiter.limiter.hit(_NOTED, f"members {bearer().id}"):
        record_taken("members_exported", "", actor(), utc_now(), members=members(per_page=1).total)
    cards = members_after(fields["after"], fields["limit"])
    more = cards[-1].id if len(cards) == fields["limit"] else None
    return jsonify({"members": [_shape(card) for card in cards], "next": more})


@operation("GET", ONE, "members:read", "One member", _ONE)
def show_member(member_id: int) -> ResponseReturnValue:
    return jsonify(_shape(_card(member_id)))


@operation(
    "POST",
    ALL,
    "members:write",
    "Add a member",
    {201: ("added", "Member")},
    body="NewMember",
    also=CONFLICT,
)
def add_member(fields: Fields) -> ResponseReturnValue:
    added = _save(None, MemberDraft("", "", "", "", "fr", 0), fields, welcome=fields["welcome"])
    return jsonify(_shape(_card(added))), 201, {"Location": f"{ALL}/{added}"}


_CHANGE = "Change what is named of a member"


@operation("PATCH", ONE, "members:write", _CHANGE, _ONE, body="MemberChange", also=CONFLICT)
def change_member(fields: Fields, member_id: int) -> ResponseReturnValue:
    card = _card(member_id)
    # A STOP that comes meanwhile is not written over.
    _save(card.id, draft_of(card), fields, shown=[consent.channel for consent in card.consents if consent.given])
    return jsonify(_shape(_card(member_id)))


@operation(
    "DELETE",
    ONE,
    "members:erase",
    "Forget a person everywhere, for good",
    {204: ("forgotten", "")},
    query=_FORGET,
)
def erase_member(fields: Fields, member_id: int) -> ResponseReturnValue:
    if member(member_id) is None:
        raise Missing("Ce membre n'existe plus.")
    forget_member(member_id, actor(), utc_now(), requester=fields["requester"] or "")
    return "", 204


def _save(member_id: int | None, before: MemberDraft, fields: Fields, **more: Any) -> int:
    said = {name: value for name, value in fields.items() if value is not None and hasattr(before, name)}
    if (name := fields["neighbourhood"]) is not None:
        ids = [place_id for place_id, known in neighbourhood_names().items() if known == name]
        if not ids:
            raise FieldRefusal("neighbourhood", "choisissez un quartier de la liste")
        said["neighbourhood_id"] = ids[0]
    draft, shared = replace(before, **said), fields["number_shared"]
    return save_member(member_id, draft, actor(), utc_now(), number_shared=shared, how=BY_PROGRAM, **more)


def _card(member_id: int) -> MemberCard:
    card = member(member_id)
    if card is None or card.restricted_at is not None:
        raise Missing("Ce membre n'existe plus.")
    return card


def _shape(card: MemberCard) -> dict[str, object]:
    return {name: getattr(card, name) for name in _FIELDS}
