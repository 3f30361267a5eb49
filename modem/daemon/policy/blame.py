"""The decision whether a PDU was refused because of its text or number, or because the modem lost its mind: our own
codec wrote it, so one refusal proves nothing (docs/adr/0205-a-pdu-is-wrong-when-two-modems-say-so.md).
"""

from typing import Final, NamedTuple

from db.alerts.queue.blame import Refusals
from modem.daemon.policy.error_table import Remedy

# So often a lone modem is asked, set up anew and restarted meanwhile, before it is believed.
TRIES: Final = 5
# A modem that refused no more others in a row is not known to refuse all.
FEW: Final = 2
# What a modem needs by its refusals in a row; after so many more that begins anew.
_MENDING: Final[dict[int, Remedy]] = {2: "reopen", 4: "restart"}
_ANEW: Final = 30


class Verdict(NamedTuple):
    """`is_the_parts`: it fails. `goes_elsewhere`: another modem has to say the same."""

    is_the_parts: bool
    goes_elsewhere: bool
    remedy: Remedy


def verdict(before: Refusals) -> Verdict:
    """The verdict on one more refusal."""
    often = before.here + 1 >= TRIES
    if (before.sends_others and (before.elsewhere or often)) or (often and before.others <= FEW):
        return Verdict(True, False, "none")
    return Verdict(False, before.here > 0, _MENDING.get((before.in_a_row + 1) % _ANEW, "none"))
