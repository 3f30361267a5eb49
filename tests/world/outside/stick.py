"""A modem in a USB port: the simulator of `tests/simulator` behind a port in memory, its card, and its plug."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field

from modem.errors import PortGone
from modem.sim.identity import Identity
from modem.sms.incoming import decode_incoming
from modem.sms.message import Deliver
from tests.simulator.base.network import Network
from tests.simulator.base.tpdu import Submit
from tests.simulator.faults import Faults
from tests.simulator.modem import SimModem
from tests.simulator.phone import Phone
from tests.simulator.profile import Profile
from tests.world.outside.carrier import Carrier
from tests.world.outside.port import SteppedDialogue
from tests.world.timeline import Timeline

# From the last byte of one side to its reading by the other.
WIRE_S = 0.01


@dataclass
class WorldPhone(Phone):
    """The phone inside a stick, in the world's network."""

    carrier: Carrier | None = field(default=None, kw_only=True)

    @property
    def imsi(self) -> str:
        return self.identity.imsi

    def hand_over(self, submit: Submit, reference: int, now: float, began: float) -> None:
        assert self.carrier is not None
        self.carrier.take(self, submit, reference, began)

    def hear_report(self, due_s: float, tpdu: bytes, smsc: str) -> None:
        self.arrivals.add(due_s, "report", tpdu, smsc)

    def texts_of_card(self) -> set[Deliver]:
        """Those that the card holds, and those that are on their way to it; what is in ME is the modem's own."""
        kept = [
            stored.pdu for name, place in self.storages.items() if name != "ME" for stored in place.messages.values()
        ]
        coming = [self.smsc_field(arrival.smsc) + arrival.tpdu for arrival in self.arrivals.coming]
        decoded = (decode_incoming(pdu.hex()) for pdu in kept + coming)
        return {text for text in decoded if isinstance(text, Deliver)}


class Stick:
    """One modem. `touched` is called after bytes that nobody waits for came in."""

    def __init__(
        self, timeline: Timeline, name: str, number: int, carrier: Carrier, profile: Profile, submit_s: float
    ) -> None:
        self._timeline = timeline
        self.name, self.device = name, f"/dev/world-{name}"
        imei = f"35000000000{number:04}"
        identity = Identity(imei, f"20601000000{number:04}", f"8932000000000000{number:03}")
        self.phone = WorldPhone(identity, Network(), profile, carrier=carrier)
        self.modem = SimModem(self.phone, Faults(seed=number), submit_s=submit_s)
        self.plugged = True
        # Texts that were on cards when these were taken out, or on their way to them.
        self.left: set[Deliver] = set()
        self.woken: Callable[[], None] = lambda: None
        self.crash_point: Callable[[], None] = lambda: None
        # Called with what the modem just took from its client.
        self.took: Callable[[bytes], None] = lambda _data: None
        self._dialogue: SteppedDialogue | None = None
        self._polls_at_s = math.inf
        self.modem.power_on(timeline.now_s, warm=True)

    @property
    def imsi(self) -> str:
        return self.phone.identity.imsi

    # -- the port ----------------------------------------------------------------------------------------------

    def listen(self, dialogue: SteppedDialogue) -> None:
        self._dialogue = dialogue

    def leave(self) -> None:
        self._dialogue = None

    def type(self, data: bytes) -> None:
        """A client's bytes. Raises PortGone."""
        self.crash_point()
        if not self.plugged:
            raise PortGone(f"{self.device} vanished")
        self._say(self.modem.feed(data, self._timeline.now_s))
        self.took(data)
        self.crash_point()

    def step(self) -> None:
        """Say what is due by itself; after anything in its world changed, too."""
        if self.plugged:
            self._say(self.modem.poll(self._timeline.now_s))

    def _say(self, data: bytes) -> None:
        dialogue = self._dialogue
        if data and dialogue is not None:
            self._timeline.after(WIRE_S, lambda: self._read(dialogue, data))
        self._follow()

    def _read(self, dialogue: SteppedDialogue, data: bytes) -> None:
        if dialogue is self._dialogue:
            dialogue.say(data)
            self.woken()

    def _follow(self) -> None:
        absence_s = self.modem.power.absence_s
        if absence_s is not None:
            self.unplug()
            if absence_s < math.inf:
                self._timeline.after(absence_s, self.plug_in)
            return
        due_s = self.modem.due()
        if due_s is not None and due_s < self._polls_at_s:
            self._polls_at_s = due_s = max(due_s, self._timeline.now_s)
            self._timeline.at(due_s, lambda: self._poll(due_s))

    def _poll(self, due_s: float) -> None:
        if self._polls_at_s == due_s:
            self._polls_at_s = math.inf
            self.step()

    # -- hands -------------------------------------------------------------------------------------------------

    def unplug(self) -> None:
        self.plugged = False
        dialogue, self._dialogue = self._dialogue, None
        if dialogue is not None:
            dialogue.hang_up()
            self.woken()

    def plug_in(self) -> None:
        if not self.plugged:
            self.plugged = True
            self.modem.power_on(self._timeline.now_s)
            self.step()

    def client_died(self) -> None:
        """The program that had it open is gone; the modem does not notice."""
        self._dialogue = None

    def swap_card(self, seconds: float) -> None:
        """Take the card out, and so much later put another one in; what waited for the old one stays with that.
        No modem keeps an SMS over that, not even one that hangs.
        """
        self.phone.now = self._timeline.now_s
        self.modem.power.resume()
        self.phone.take_card_out()
        self.step()
        self._timeline.after(seconds, self._put_other_card_in)

    def _put_other_card_in(self) -> None:
        self.phone.now = self._timeline.now_s
        self.left |= self.phone.texts_of_card()
        self.phone.swap_card()
        self.step()

    def text(self, sender: str, words: str) -> None:
        """Somebody writes to this card."""
        self.phone.now = self._timeline.now_s
        self.phone.expect_text(sender, words, self._timeline.now_s)
        self._follow()
