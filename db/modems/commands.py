"""Requests of people to a daemon, which may run on another machine, and the transcripts that they ask for
(docs/adr/0055)."""

from datetime import datetime
from typing import Literal

from db.engine.base import put
from db.engine.cached_queries import Prepared, given
from db.engine.connection import writing
from db.journal import audit
from db.models.modem_records import ModemAnswer as ModemAnswer  # pages and the daemon name the rows that they get
from db.models.modem_records import ModemRequest as ModemRequest
from db.models.modem_records import SimUssd

# resume      take a modem back that is out of service, paused or suspended: try it now
# try         send one message, or open the port, at once; what failed before is not forgotten, unlike with `resume`
# restart     AT+CFUN=1,1, then set it up anew
# suspend     send nothing more, until `resume`: it stays open so long
# transcript  save the last lines between the box and the modem, masked, as the flight recorder holds them
# ussd        ask the network for the balance of the card, by the code of `keep_ussd_code`
# doctor      look for what is wrong with it, or with all where no modem is named
Verb = Literal["resume", "try", "restart", "suspend", "transcript", "ussd", "doctor"]
_ENDS: dict[str, str] = {"resume": "suspend", "suspend": "resume"}
# Each modem's worker asks once a second.
_OPEN = Prepared(
    ModemRequest.select()
    .where(ModemRequest.host == given("host"), ModemRequest.done_at.is_null())
    .order_by(ModemRequest.id)
)
# done      as it was requested; `text` is what the network said to a code, the transcript, or the doctor's findings
#           as JSON
# refused   the modem or its network says no
# silent    no answer in time
# not_ready the modem is not open
Outcome = Literal["done", "refused", "silent", "not_ready"]


def ask(host: str, modem: str, verb: Verb, by: str, now: datetime, reason: str = "") -> int:
    """Ask; the same again while it is not done yet is the same request. Returns its number."""
    with writing():
        here = (ModemRequest.host == host) & (ModemRequest.modem == modem) & ModemRequest.done_at.is_null()
        # The last word counts, whatever the daemon has seen of the one before.
        ModemRequest.update(done_at=now).where(here, ModemRequest.verb == _ENDS.get(verb, "")).execute()
        waiting = ModemRequest.get_or_none(here, ModemRequest.verb == verb)
        if waiting is not None:
            return int(waiting.id)
        made = ModemRequest.create(host=host, modem=modem, verb=verb, asked_by=by, asked_at=now, reason=reason)
        if verb not in ("transcript", "doctor"):
            audit.record(now, by, f"modem_{verb}", f"{host}/{modem}", **({"reason": reason} if reason else {}))
        return int(made.id)


def open_requests(host: str, modem: str | None = None) -> list[ModemRequest]:
    """Requests to this modem, or to any of the host, that are not done, oldest first."""
    return [request for request in _OPEN.results(host=host) if modem in (None, request.modem)]


def asked_last(verb: Verb) -> datetime | None:
    """The time of the newest request of this kind to any modem; None for none."""
    newest = ModemRequest.select(ModemRequest.asked_at).where(ModemRequest.verb == verb).order_by(-ModemRequest.id)
    asked_at: datetime | None = newest.scalar()
    return asked_at


def mark_done(request_id: int, now: datetime) -> None:
    """The daemon did it, or it is no longer meaningful."""
    with writing():
        ModemRequest.update(done_at=now).where(ModemRequest.id == request_id).execute()


def keep_answer(
    request: ModemRequest, host: str, modem: str, state: Outcome, now: datetime, text: str = "", imsi: str = ""
) -> None:
    """Its daemon did it, or could not."""
    with writing():
        where: dict[str, object] = {"host": host, "modem": modem, "verb": request.verb}
        put(ModemAnswer, where, imsi=imsi, state=state, text=text, answered_at=now)
        mark_done(request.id, now)


def answer_to(host: str, modem: str, verb: Verb, imsi: str = "") -> ModemAnswer | None:
    """The newest, about this card; None for none."""
    answer: ModemAnswer | None = ModemAnswer.get_or_none(
        ModemAnswer.host == host, ModemAnswer.modem == modem, ModemAnswer.verb == verb, ModemAnswer.imsi == imsi
    )
    return answer


def keep_ussd_code(imsi: str, code: str) -> None:
    """Remember it for this card."""
    with writing():
        put(SimUssd, {"imsi": imsi}, code=code)


def ussd_code(imsi: str | None) -> str:
    """The code that this card was queried by last; "" where it never was."""
    return SimUssd.select(SimUssd.code).where(SimUssd.imsi == imsi).scalar() or ""


def save_transcript(host: str, modem: str, lines: str, now: datetime) -> None:
    """Keep the newest per modem; `lines` are masked already, oldest first."""
    with writing():
        where: dict[str, object] = {"host": host, "modem": modem, "verb": "transcript"}
        put(ModemAnswer, where, state="done", text=lines, answered_at=now)
