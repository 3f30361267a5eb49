"""The submits of a modem from before its port was opened: it is heard out before anything is asked of it
(docs/reference/modem-facts.md, "Time-outs"; docs/adr/0200).

Nothing is written while its result is likely to come: a character may end what the modem does (V.250 § 5.6.1), or
become a part of a PDU whose prompt the process before left open. Then ESC leaves such a prompt, and AT is asked until
it is answered, which a modem that is busy with a submit does only afterwards.
"""

from typing import Final

from modem.at.engine import ESC
from modem.driver.base.interface import Before
from modem.driver.dialogue.dialogue import Dialogue
from modem.errors import ModemTimeout

# By then nearly all modems have an answer, or give up what the network does not acknowledge: TR1M, 24.011 § 10.1.
ACKNOWLEDGED_WITHIN_S: Final = 45.0
# What is in the port already is read in this time.
SHORTEST_LISTEN_S: Final = 0.3
# Beyond the usual time of a result, and in all where no time is usual.
MARGIN_S: Final = 0.5
LISTEN_S: Final = 5.0
# AT is asked again after so long; an answer that took longer than the second came after something else.
ASK_S: Final = 5.0
# A prompt that was left open answers ESC with an OK of its own, and AT's follows so soon.
SECOND_OK_S: Final = 0.2
AT_ONCE_S: Final = 1.0


def hear_out(dialogue: Dialogue, before: Before) -> None:
    """Return once nothing that was handed over before can be answered, as far as can be told. Raises PortGone."""
    newest_s = before.submits[-1].age_s
    until = dialogue.clock.monotonic() + ACKNOWLEDGED_WITHIN_S - newest_s
    usual_s = LISTEN_S if before.usual_s is None else before.usual_s + MARGIN_S
    listen_s = usual_s - newest_s if before.is_blocked else ACKNOWLEDGED_WITHIN_S - newest_s
    _listen(dialogue, max(listen_s, SHORTEST_LISTEN_S))
    if not dialogue.awaits_older:
        return
    dialogue.write(ESC)
    was_silent = False
    while dialogue.awaits_older and (left_s := until - dialogue.clock.monotonic()) > 0:
        asked_at = dialogue.clock.monotonic()
        try:
            dialogue.attempt("AT", min(left_s, ASK_S))
        except ModemTimeout:
            was_silent = True
            continue
        was_busy = was_silent or dialogue.clock.monotonic() - asked_at > AT_ONCE_S
        if before.is_blocked and (was_busy or before.reference is None):
            dialogue.none_before()
        _listen(dialogue, SECOND_OK_S)
        return


def _listen(dialogue: Dialogue, for_s: float) -> None:
    until = dialogue.clock.monotonic() + for_s
    while dialogue.awaits_older and (left_s := until - dialogue.clock.monotonic()) > 0:
        dialogue.pause(left_s)
