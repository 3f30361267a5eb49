"""Saved flight recordings: masked lines between the box and a modem."""

from dataclasses import dataclass
from datetime import datetime

from db.engine.base import put
from db.engine.connection import writing
from db.models.modem_records import Transcript


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
