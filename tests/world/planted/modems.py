"""Faults in the care of modems and cards."""

from db.modems import sims
from modem.daemon.witness import Witness
from modem.daemon.worker import worker
from tests.world.planted.faults import Table, nothing

TABLE = Table("machines")
plant = TABLE.plant

plant("any card that is plugged in sends", (sims, "apply_seen", nothing(True)))
plant("a suspended modem sends", (worker, "_suspension", nothing()))
plant(
    "a card that nobody accepted is accepted by itself",
    (sims, "_ACCEPTED", sims.SimCard.select().where(sims.SimCard.id < 0)),
)
plant("the witness stops every daemon", (Witness, "may_send", nothing(False)), kind="agreement")
plant(
    "a defect of the worker",
    (worker.Watching, "is_due", nothing(None)),
    (worker.Guarding, "look", lambda self, now: 1 / 0),
    kind="agreement",
)
