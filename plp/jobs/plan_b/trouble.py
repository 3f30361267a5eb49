"""A part of plan B that cannot be made is an incident of this machine until it is made: people rely on it unasked."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from db.operations.incidents import close_incident, open_incident
from db.operations.plan_b import INCIDENT
from rules.sentences import CodedRefusal, Sentence, coded


@contextmanager
def incident_if_missed(subject: str, code: str, now: datetime) -> Iterator[None]:
    """Make a part of plan B in this block. When that fails, an incident about `subject` says why, by the sentence
    `code`.
    """
    try:
        yield
    except (CodedRefusal, OSError, subprocess.SubprocessError) as error:
        open_incident(INCIDENT, subject, coded(code, why=_why(error)).stored, now)
    else:
        close_incident(INCIDENT, subject, now)


def _why(error: CodedRefusal | OSError | subprocess.SubprocessError) -> Sentence | str:
    if isinstance(error, CodedRefusal):
        return error.sentence
    if isinstance(error, OSError):
        return f"{error.strerror or error} ({error.filename})" if error.filename else error.strerror or str(error)
    return coded("plan_b_drawing")
