"""Requests of people to a daemon, which may run on another machine, and the transcripts that they ask for."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

from db.engine.base import put
from db.engine.connection import writing
from db.journal import audit
from db.models.modem_records import ModemRequest, Transcript
from plp.rules.refusals import Refusal

# resume      take a modem back that is out of service, paused or suspended: try it now
# restart     AT+CFUN=1,1, then set it up anew
# suspend     send nothing more, until `resume`: it stays open so long
# transcript  save what the flight recorder holds
Verb = Literal["resume", "restart", "suspend", "transcript"]
VERBS: tuple[str, ...] = get_args(Verb)
_ENDS: dict[str, str] = {"resume": "suspend", "suspend": "resume"}


@dataclass(frozen=True, slots=True)
class Request:
    """One that nobody has done yet."""

    id: int
    verb: str
    asked_by: str
    reason: str


def ask(host: str, modem: str, verb: str, by: str, now: datetime, reason: str = "") -> int:
    """Ask; the same again while it is not done yet is the same request. Returns its number."""
    if verb not in VERBS:
        raise Refusal("« {verb} » n'est pas une demande que le service des modems connaît.", verb=verb)
    with writing():
        here = (ModemRequest.host == host) & (ModemRequest.modem == modem) & ModemRequest.done_at.is_null()
        # The last word counts, whatever the daemon has seen of the one before.
        ModemRequest.update(done_at=now).where(here, ModemRequest.verb == _ENDS.get(verb, "")).execute()
        waiting = ModemRequest.get_or_none(here, ModemRequest.verb == verb)
        if waiting is not None:
            return int(waiting.id)
        made = ModemRequest.create(host=host, modem=modem, verb=verb, asked_by=by, asked_at=now, reason=reason)
        if verb != "transcript":
            audit.record(now, by, f"modem_{verb}", f"{host}/{modem}", **({"reason": reason} if reason else {}))
        return int(made.id)


def open_requests(host: str, modem: str) -> list[Request]:
    """Requests to this modem that are not done, oldest first."""
    rows = (
        ModemRequest.select()
        .where(ModemRequest.host == host, ModemRequest.modem == modem, ModemRequest.done_at.is_null())
        .order_by(ModemRequest.id)
    )
    return [Request(row.id, row.verb, row.asked_by, row.reason) for row in rows]


def mark_done(request_id: int, now: datetime) -> None:
    """The daemon did it, or it makes no sense any more."""
    with writing():
        ModemRequest.update(done_at=now).where(ModemRequest.id == request_id).execute()


def is_done(request_id: int) -> bool:
    """True once the daemon did it."""
    return ModemRequest.select().where(ModemRequest.id == request_id, ModemRequest.done_at.is_null(False)).exists()


@dataclass(frozen=True, slots=True)
class SavedTranscript:
    """`lines` are joined by line feeds, oldest first, numbers and texts masked."""

    host: str
    modem: str
    saved_at: datetime
    lines: str


def save_transcript(host: str, modem: str, lines: str, now: datetime) -> None:
    """Keep the newest per modem; `lines` are masked already."""
    with writing():
        put(Transcript, {"host": host, "modem": modem}, saved_at=now, lines=lines)


def saved_transcript(host: str, modem: str) -> SavedTranscript | None:
    """The newest of this modem; None when nothing was ever saved."""
    row = Transcript.get_or_none(Transcript.host == host, Transcript.modem == modem)
    return SavedTranscript(row.host, row.modem, row.saved_at, row.lines) if row else None
