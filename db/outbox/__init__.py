"""The outbox: from an order to what became of each part. Every way in and every mark is here."""

from db.models import LANE_DRILL, LANE_NORMAL, LANE_URGENT
from db.outbox.alarm import alarms_since, place_alarm
from db.outbox.answer import place_answer
from db.outbox.approval import (
    ApprovalCard,
    approval_of,
    approve_broadcast,
    break_glass,
    lapse_approvals,
    mark_alone_told,
    refuse_broadcast,
    untold_alone,
    waiting_approvals,
)
from db.outbox.chosen import Chosen, chosen
from db.outbox.claim import claim_part, is_still_due
from db.outbox.control import (
    cancel_broadcast,
    expire_broadcast,
    pause_broadcast,
    release_broadcast,
    resume_broadcast,
)
from db.outbox.earlier import REPEAT_WINDOW, placed_before
from db.outbox.follow_up import (
    can_be_followed,
    followed_before,
    follows_late,
    place_corrected,
    place_follow_up,
    reached,
    untouched,
)
from db.outbox.holding import HoldCard, doubtful_people, hold_of
from db.outbox.housekeeping import close_done, delete_cut_short, expire_due, release_due
from db.outbox.marks import (
    ClaimLost,
    mark_blamed,
    mark_failed,
    mark_late,
    mark_pdu_started,
    mark_released,
    mark_retry,
    mark_sent,
    mark_sent_and_claim,
    mark_unconfirmed,
)
from db.outbox.openings import OPENING_WORDS, corrected_text, follow_up_text
from db.outbox.orders import DRILL_WORDS, MAXIMUM_PARTS, drill_text, place_order
from db.outbox.recovery import Recovered, recover, take_back_expired, take_back_of
from db.outbox.reports import NetworkReport, apply_report, apply_reports
from db.outbox.resending import Only, resend_broadcast
from db.outbox.selftest import SelfTest, place_selftest, selftest_outcome
from db.outbox.stopped import finish_stops
from db.outbox.texts import MAIN_LANGUAGE, Texts, language_for, parts_per_person, total_parts
from db.outbox.values import Claim, Composed, Following, FollowUp, Order, Placed, Sender

__all__ = [
    "DRILL_WORDS",
    "LANE_DRILL",
    "LANE_NORMAL",
    "LANE_URGENT",
    "MAIN_LANGUAGE",
    "MAXIMUM_PARTS",
    "OPENING_WORDS",
    "REPEAT_WINDOW",
    "ApprovalCard",
    "Chosen",
    "Claim",
    "ClaimLost",
    "Composed",
    "FollowUp",
    "Following",
    "HoldCard",
    "NetworkReport",
    "Only",
    "Order",
    "Placed",
    "Recovered",
    "SelfTest",
    "Sender",
    "Texts",
    "alarms_since",
    "apply_report",
    "apply_reports",
    "approval_of",
    "approve_broadcast",
    "break_glass",
    "can_be_followed",
    "cancel_broadcast",
    "chosen",
    "claim_part",
    "close_done",
    "corrected_text",
    "delete_cut_short",
    "doubtful_people",
    "drill_text",
    "expire_broadcast",
    "expire_due",
    "finish_stops",
    "follow_up_text",
    "followed_before",
    "follows_late",
    "hold_of",
    "is_still_due",
    "language_for",
    "lapse_approvals",
    "mark_alone_told",
    "mark_blamed",
    "mark_failed",
    "mark_late",
    "mark_pdu_started",
    "mark_released",
    "mark_retry",
    "mark_sent",
    "mark_sent_and_claim",
    "mark_unconfirmed",
    "parts_per_person",
    "pause_broadcast",
    "place_alarm",
    "place_answer",
    "place_corrected",
    "place_follow_up",
    "place_order",
    "place_selftest",
    "placed_before",
    "reached",
    "recover",
    "refuse_broadcast",
    "release_broadcast",
    "release_due",
    "resend_broadcast",
    "resume_broadcast",
    "selftest_outcome",
    "take_back_expired",
    "take_back_of",
    "total_parts",
    "untold_alone",
    "untouched",
    "waiting_approvals",
]
