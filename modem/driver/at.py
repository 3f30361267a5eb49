"""The AT driver: any modem with 3GPP TS 27.005 and 27.007 on a tty."""

import re
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Final, Unpack

from modem.at import answers
from modem.at.commands import CALL_ENDS
from modem.at.engine import AtEngine
from modem.at.events import Urc
from modem.at.urcs import URCS
from modem.driver.base import interface
from modem.driver.base.port import Port
from modem.driver.dialogue.dialogue import USSD, Clock, Dialogue, Heard
from modem.driver.dialogue.handover import Handover, Patience
from modem.driver.dialogue.older import hear_out
from modem.driver.dialogue.setup import Session, SetUp, ims, registration, set_smsc, ussd
from modem.driver.dialogue.steps import hang_up, other_bearer, restart, restart_blindly, ring
from modem.driver.dialogue.storage import CALLS, TELLING, event
from modem.driver.dialogue.unlock import check_card
from modem.driver.models.models import by_usb_id, for_model
from modem.driver.models.quirks import Quirks, quirks_for
from modem.errors import ModemError, PortGone
from modem.sms.message import OutgoingPart
from modem.sms.submit import encode_submit

PROBE_TIMEOUT_S: Final = 5.0
_ADDRESS: Final = re.compile(r"\+?[0-9]{3,20}")


class AtDriver(interface.BaseDriver):
    """`ModemDriver` over a tty. `quirks` are used instead of those of the table of models."""

    # A modem that makes no voice calls shows it only when it is to call.
    capabilities: Final = frozenset[interface.Capability]({"port", "voice"})

    def __init__(
        self,
        device: str,
        *,
        quirks: Quirks | None = None,
        clock: Clock | None = None,
        **wiring: Unpack[interface.Wiring],
    ) -> None:
        super().__init__(device, **wiring)
        self._quirks = quirks
        if self._smsc is not None and not _ADDRESS.fullmatch(self._smsc):
            raise ValueError("smsc is not a number")
        self._clock = clock or Clock()
        self._patience = Patience()
        self._ringing = False
        self._ussd: deque[str] = deque(maxlen=1)
        self._call_ends: deque[str] = deque(maxlen=1)
        # There from the first byte on, so that `close` can end a set-up; the open port only after it.
        self._dialogue: Dialogue | None = None
        self._open_port: Session | None = None
        # The caller's numbers of what was handed over before: in the engine, as in `LateReceipt`, they count from 1.
        self._older: list[int] = []
        # What the next set-up must know: modems (IMEI) that never list, and whose echo once came back while their
        # settings stayed, and the service centres of cards (IMSI).
        self._mute: set[str] = set()
        self._echoing: set[str] = set()
        self._told_smsc: dict[str, str] = {}

    # -- the port ----------------------------------------------------------------------------------------------

    def open(self, before: interface.Before | None = None) -> interface.ModemIdentity:
        with self._turn:
            self._drop()
            self._forget_losses()
            quirks = self._known_before()
            with self._new_dialogue(quirks, before) as dialogue:
                if before and before.submits:
                    hear_out(dialogue, before)
                session = SetUp(dialogue, quirks, self._find_quirks, self._pin, self._smsc).run()
            identity = session.identity
            if before and identity.imsi != before.imsi:
                session.dialogue.forget_before()
            session.storages.lists = identity.imei not in self._mute
            session.dialogue.footing.minds_echo &= identity.imei not in self._echoing
            self._open_port = session
            if identity.imsi and identity.smsc:
                self._told_smsc[identity.imsi] = identity.smsc
            return identity

    def close(self) -> None:
        if dialogue := self._dialogue:
            dialogue.abort()
        with self._turn:
            self._drop()

    def _known_before(self) -> Quirks:
        """The model's needs, as far as they are known before the modem reports its model."""
        return self._quirks or quirks_for(next(iter(by_usb_id(self._usb_id or "")), None))

    @contextmanager
    def _new_dialogue(self, quirks: Quirks, before: interface.Before | None = None) -> Iterator[Dialogue]:
        """It stays after the block, unless that fails."""
        self._drop()
        engine = AtEngine((*quirks.urcs, *URCS))
        older = before.submits if before else ()
        if before:
            ages_s, now = [one.age_s for one in older], self._clock.monotonic()
            engine.begin_after(ages_s, before.reference, before.since, now, before.is_blocked)
        self._older = [one.submit for one in older]
        port = Port(self._device, keeps=bool(older))
        self._dialogue = dialogue = Dialogue(port, engine, self._clock, self._hear, self._show)
        try:
            yield dialogue
        except BaseException:
            self._drop()
            raise

    def _drop(self) -> None:
        dialogue, self._dialogue = self._dialogue, None
        self._open_port = None
        self._ringing = False
        if dialogue:
            dialogue.close()

    def _find_quirks(self, manufacturer: str, model: str) -> Quirks:
        return self._quirks or quirks_for(for_model(manufacturer, model, self._usb_id), manufacturer)

    # -- questions and orders ----------------------------------------------------------------------------------

    def registration(self) -> interface.Registration:
        with self._asking(as_set_up=False) as open_port:
            open_port.kept.prove()
            open_port.kept.try_missing()
            network = registration(open_port.steps)
            if (imsi := open_port.identity.imsi) is not None:
                check_card(open_port.steps, imsi)
            return network

    def signal_dbm(self) -> int | None:
        with self._asking() as open_port:
            return answers.signal_dbm(open_port.steps.answer("AT+CSQ"))

    def ims(self) -> interface.ImsState:
        with self._asking() as open_port:
            return ims(open_port.steps)

    def ussd(self, code: str) -> str:
        with self._asking() as open_port:
            return ussd(open_port.dialogue, code, open_port.quirks.packed_ussd, self._ussd)

    def ring(self, number: str, ring_s: float, goes_on: Callable[[], bool]) -> interface.Ring:
        with self._asking() as open_port:
            return ring(open_port.dialogue, number, ring_s, goes_on, self._call_ends)

    def hold_link(self, hold: bool) -> None:
        with suppress(ModemError), self._asking() as open_port:  # a courtesy: the next submit finds out what is wrong
            if open_port.holds_link:
                open_port.dialogue.attempt("AT+CMMS=2" if hold else "AT+CMMS=0")

    def submit(self, part: OutgoingPart, on_pdu_start: Callable[[], None]) -> int:
        pdu = encode_submit(part)
        with self._asking() as open_port:
            handover = Handover(open_port.dialogue, open_port.kept, self._patience, self._submit_timeout_s)
            return handover.submit(pdu, on_pdu_start)

    def probe(self) -> None:
        with self._asking(as_set_up=False) as open_port:
            open_port.dialogue.attempt("AT", PROBE_TIMEOUT_S)  # ERROR is a sign of life too

    def reset(self) -> None:
        with self._turn:
            if self._open_port is not None:
                restart(self._open_port.dialogue, self._open_port.quirks.reset)
            else:
                before = self._known_before()
                with self._new_dialogue(before) as dialogue:
                    restart_blindly(dialogue, before.reset)
            self._drop()  # held, the port's name could not come back

    def switch_bearer(self) -> bool:
        with self._asking() as open_port:
            other = other_bearer(open_port.dialogue, open_port.quirks.bearer, open_port.bearer)
            open_port.bearer = other or open_port.bearer
            return other is not None

    def restore_smsc(self) -> bool:
        with self._asking() as open_port:
            smsc = self._smsc or self._told_smsc.get(open_port.identity.imsi or "")
            return smsc is not None and open_port.dialogue.attempt(set_smsc(smsc)) is not None

    # -- what came in ------------------------------------------------------------------------------------------

    def storage_use(self) -> list[interface.StorageUse]:
        with self._asking() as open_port:
            return open_port.storages.use()

    def list_stored(self) -> Iterator[tuple[interface.StoredEvent, interface.StoredContent]]:
        first, waiting = self._open_port, None
        while True:
            with self._asking() as open_port:
                if open_port is not first:
                    raise PortGone(f"{self._device} was closed meanwhile")
                waiting = waiting or open_port.storages.waiting()
                found = next(waiting, None)
                if not open_port.storages.lists:
                    self._mute.add(open_port.identity.imei)
            if found is None:
                return
            yield found

    def read_stored(self, stored: interface.StoredEvent) -> interface.StoredContent | None:
        with self._asking() as open_port:
            return open_port.storages.read(stored)

    def delete_stored(self, stored: interface.StoredEvent) -> None:
        with self._asking() as open_port:
            open_port.storages.delete(stored)

    def drain_events(self) -> list[interface.ModemEvent]:
        """Events fetched before are stored by now, so they are acknowledged; those fetched now soon will be."""
        routing = self._open_port.routing if self._open_port else None
        if routing and routing.owes:
            with suppress(ModemError), self._turn:  # a courtesy: the next command finds out what is wrong
                routing.acknowledge()
        events = super().drain_events()
        if routing:
            routing.took_over(sum(isinstance(event, interface.StoredContent) for event in events))
            if routing.owes:
                self._on_event()
        return events

    @contextmanager
    def _asking(self, as_set_up: bool = True) -> Iterator[Session]:
        """The open port, exclusively, after a waiting call is refused, received messages are acknowledged, and the
        modem is known to be as it was set up.
        """
        with self._turn:
            open_port = self._open_port
            if open_port is None:
                raise PortGone(f"{self._device} is not open")
            if self._ringing:
                self._ringing = False
                hang_up(open_port.dialogue)
            open_port.routing.acknowledge()
            try:
                if as_set_up:
                    open_port.kept.ensure()
                yield open_port
            finally:
                if open_port.kept.echoed_alone:
                    self._echoing.add(open_port.identity.imei)

    def _hear(self, heard: Heard) -> None:
        if isinstance(heard, Urc) and heard.name in CALLS:
            self._ringing = True
        if isinstance(heard, Urc) and heard.name == USSD:
            self._ussd.append("\n".join(heard.lines))
        if isinstance(heard, Urc) and heard.name in CALL_ENDS:
            self._call_ends.append(heard.name)
        if not isinstance(heard, Urc) or heard.name in TELLING:
            if news := event(heard):
                if isinstance(news, interface.LateReceipt) and self._open_port:
                    self._open_port.kept.counts()
                self._add(self._named(news))
            else:
                self._on_event()

    def _named(self, news: interface.ModemEvent) -> interface.ModemEvent:
        """A receipt from before this dialogue by the number that the caller has for its submit."""
        if isinstance(news, interface.LateReceipt) and news.submit <= len(self._older):
            return interface.OlderReceipt(news.reference, self._older[news.submit - 1])
        return news
