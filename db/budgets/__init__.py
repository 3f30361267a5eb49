"""Budgets per SIM: what operators count, what is left of it, and whose member is whose."""

from db.budgets.counting import count_sent
from db.budgets.limits import Limits, apply_configured, clear_limits, set_limits
from db.budgets.planning import Passed, Plan, plan, planned
from db.budgets.presets import PRESETS, Preset, preset
from db.budgets.room import Room, Use, has_met, limits_of, room_of, use_of

__all__ = [
    "PRESETS",
    "Limits",
    "Passed",
    "Plan",
    "Preset",
    "Room",
    "Use",
    "apply_configured",
    "clear_limits",
    "count_sent",
    "has_met",
    "limits_of",
    "plan",
    "planned",
    "preset",
    "room_of",
    "set_limits",
    "use_of",
]
