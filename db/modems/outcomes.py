"""The outcomes of a modem's SMS lately: how many the network refused, and how many it never answered for."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from peewee import Case, fn

from db.engine.cached_queries import Prepared, given
from db.models.broadcasts import Attempt
from rules.sentences import NOTHING, Sentence, coded

LATELY: Final = timedelta(hours=24)
# From so many on it is no dead number or bad moment any more.
_SHARE, _AT_LEAST = 0.2, 5
# About the number, not about the modem (docs/reference/modem-facts.md, "Error codes and what to do").
_OF_NUMBERS: Final = ("CMS 1", "CMS 30", "CMS 195", "CMS 196")
_REFUSED = (
    Attempt.outcome.in_(("retry", "failed"))
    & (Attempt.reason.startswith("C") | (Attempt.reason == "ERROR"))
    & Attempt.reason.not_in(_OF_NUMBERS)
)
_UNCONFIRMED = Attempt.outcome == "unconfirmed"
_OUTCOMES = Prepared(
    Attempt.select(
        *(
            fn.COUNT(Case(None, [(which, Attempt.part)]).distinct())
            for which in ((Attempt.outcome == "sent") | _REFUSED | _UNCONFIRMED, _REFUSED, _UNCONFIRMED)
        )
    ).where(Attempt.host == given("host"), Attempt.modem == given("modem"), Attempt.ended_at >= given("since"))
)


@dataclass(frozen=True, slots=True)
class Outcomes:
    """Parts handed to a modem in the last 24 hours; one that was refused and then taken counts among both."""

    tried: int = 0
    refused: int = 0
    unconfirmed: int = 0

    @property
    def refusal_rate(self) -> float:
        return self.refused / self.tried if self.tried else 0.0

    @property
    def unconfirmed_rate(self) -> float:
        return self.unconfirmed / self.tried if self.tried else 0.0

    @property
    def is_bad(self) -> bool:
        """A technician should check, although the modem reports that it is ready."""
        return self.refused + self.unconfirmed >= max(_AT_LEAST, _SHARE * self.tried)

    @property
    def told(self) -> Sentence:
        """Empty where nothing is wrong."""
        if not (self.refused or self.unconfirmed):
            return NOTHING
        return coded("modem_outcomes", tried=self.tried, refused=self.refused, unconfirmed=self.unconfirmed)


NOTHING_SENT = Outcomes()


def outcomes(host: str, modem: str, now: datetime) -> Outcomes:
    """The outcomes of this modem's attempts, with any SIM."""
    return Outcomes(*_OUTCOMES.rows(host=host, modem=modem, since=now - LATELY)[0])
