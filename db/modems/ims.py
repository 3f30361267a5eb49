"""SMS over 4G by IMS, remembered per model, operator and setting of the modem's switch."""

from datetime import datetime

from db.engine.base import put
from db.engine.connection import writing
from db.models.modem_records import ImsNote


def apply_ims(model: str, operator: str, tried: str, state: str, now: datetime) -> None:
    """Keep the newest word: `state` is `sms`, `registered`, `none` or `unoffered`."""
    with writing():
        put(ImsNote, {"model": model, "operator": operator, "tried": tried}, state=state, seen_at=now)


def ims_state(model: str, operator: str | None) -> str:
    """The newest state that this model told with this operator's cards; "" where it never told one."""
    mine = (ImsNote.model == model) & (ImsNote.operator == (operator or ""))
    newest = ImsNote.select().where(mine).order_by(ImsNote.seen_at.desc()).first()
    return newest.state if newest else ""
