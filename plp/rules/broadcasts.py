"""The codes of broadcasts: lanes of the queue, and kinds."""

from typing import Final

# Lower goes first, at the next part boundary. A call of somebody on duty is one SMS, and an alert may wait for them.
LANE_CALL = -1
LANE_URGENT, LANE_DRILL, LANE_NORMAL = 0, 1, 2
# Kinds that no officer ordered: nobody waits to undo them, they count against no ceiling and stand in no history.
AUTOMATIC = ("welcome", "renewal", "selftest", "proof", "alarm", "test", "answer")
# Kinds that test one SIM, which no other may send.
OF_ONE_SIM = ("selftest", "proof")
# Kinds that speak of an earlier broadcast, to those whom it reached.
FOLLOW_UPS = ("correction", "end")
# The right text of an alert that was corrected, to those of its people whom the wrong one did not reach.
CORRECTED: Final = "corrected"
# The category of the bulletin that says more of an alert: it goes to the alert's people, who relay nothing.
LONGER: Final = "longer"
