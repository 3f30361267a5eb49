"""Writers of tips, inside the caller's transaction, except `forget_tips`."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from db.engine.connection import change_in_chunks
from db.inbound.inbox.items import Ref
from db.models.tips import Tip

# The values of a row that names nobody, and of one that is only counted.
NOBODY: Mapping[str, object] = {"member": None, "text": None, "mail": None}
_FORGOTTEN = {**NOBODY, "street": "", "words": "", "pv": ""}


@dataclass(frozen=True, slots=True)
class TipDraft:
    """The facts of a tip, as an officer writes them down."""

    at: datetime
    told_by: str
    member_id: int | None = None
    neighbourhood_id: int | None = None
    street: str = ""
    kind_id: int | None = None
    words: str = ""
    pv: str = ""


def enqueue_tip(key: str, draft: TipDraft, ref: Ref | None, by: str, now: datetime) -> tuple[int, bool]:
    """Add one; returns its id, and False where it was made from this entry or form before."""
    known = Tip.get_or_none(Tip.key == key)
    if known is not None:
        return int(known.id), False
    entry = {} if ref is None else {"mail" if ref.channel == "mail" else "text": ref.id}
    return int(Tip.create(key=key, added_by=by, added_at=now, **entry, **_columns(draft)).id), True


def put_tip(tip_id: int, draft: TipDraft) -> None:
    """Give it these facts."""
    Tip.update(_columns(draft)).where(Tip.id == tip_id).execute()


def mark_anonymous(tip_id: int) -> None:
    """Delete its link to the person who reported it, and to the entry of the inbox."""
    Tip.update(dict(NOBODY)).where(Tip.id == tip_id).execute()


def mark_outcome(tip_id: int, outcome: str, by: str, now: datetime) -> None:
    """This came of it."""
    Tip.update(outcome=outcome, outcome_by=by, outcome_at=now).where(Tip.id == tip_id).execute()


def mark_about(tip_ids: Iterable[int], alert_id: int | None) -> int:
    """These are about this alert, or about none; returns how many were about another one or none."""
    other = Tip.alert.is_null(False) if alert_id is None else Tip.alert.is_null()
    return int(Tip.update(alert=alert_id).where(Tip.id.in_(list(tip_ids)), other).execute())


def forget_tips(before: datetime) -> int:
    """Empty tips that were added `before`, but for what is counted; returns how many."""
    named = Tip.member.is_null(False) | Tip.text.is_null(False) | Tip.mail.is_null(False)
    kept = named | (Tip.street != "") | (Tip.words != "") | (Tip.pv != "")
    rows = Tip.select(Tip.id).where(Tip.added_at < before, kept)
    return change_in_chunks(rows, lambda ids: int(Tip.update(_FORGOTTEN).where(Tip.id.in_(ids)).execute()))


def _columns(draft: TipDraft) -> dict[str, object]:
    return {
        "at": draft.at,
        "told_by": draft.told_by,
        "member": draft.member_id,
        "neighbourhood": draft.neighbourhood_id,
        "street": draft.street,
        "kind": draft.kind_id,
        "words": draft.words,
        "pv": draft.pv,
    }
