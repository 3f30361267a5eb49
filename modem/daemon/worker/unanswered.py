"""Submits that were given up, by the driver's number, until their receipt comes after all."""

from db.alerts.values import Claim

# A receipt that comes after so many other submits is history.
_REMEMBERED = 32


class Unanswered:
    """Certain late receipts of the driver arrive here; the other submits stay UNCONFIRMED."""

    def __init__(self) -> None:
        self._claims: dict[int, Claim] = {}

    def gave_up(self, submit: int | None, claim: Claim) -> None:
        """Nobody answered this submit."""
        if submit is not None:
            self._claims[submit] = claim
            while len(self._claims) > _REMEMBERED:
                del self._claims[next(iter(self._claims))]

    def take(self, submit: int) -> Claim | None:
        """The claim of this late receipt; None when it is known no more."""
        return self._claims.pop(submit, None)

    def forget(self) -> None:
        """The port was closed: the driver counts anew."""
        self._claims.clear()
