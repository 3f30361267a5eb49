"""The process's end: questions from the driver, answered one by one, and what comes from the phone in between."""

import os
import select
from collections.abc import Iterable, Iterator
from typing import Final

from modem.driver.gammu_process import facts, radio, storage
from modem.driver.gammu_process.messages import (
    Card,
    Connect,
    Delete,
    Done,
    Gone,
    Hold,
    ListStored,
    Look,
    Message,
    Prepare,
    Probe,
    Read,
    Ready,
    Refused,
    Restart,
    Sent,
    Submit,
    Switch,
    Switched,
    Unlock,
    line,
    parse,
)
from modem.driver.gammu_process.phone import Phone
from modem.driver.gammu_process.port import Port, watch_hang_up
from modem.driver.gammu_process.refusals import Refusal, refused_by
from modem.driver.gammu_process.submitting import submit
from modem.driver.gammu_process.trail import Trail
from modem.errors import ModemError

# A phone that is no AT phone is looked after so often; an AT phone's port wakes us by itself.
LISTEN_EVERY_S: Final = 0.5
_READ_SIZE: Final = 65536
# SMSC address unknown (27.005 § 3.2.5): libgammu sends nothing without one.
_NO_CENTRE: Final = 330


class Session:
    """Reads questions from one pipe and writes answers into another until the first one ends. One phone in its life."""

    def __init__(self, questions: int, answers: int) -> None:
        self._questions_fd, self._answers_fd = questions, answers
        self._phone: Phone | None = None
        self._smsc: str | None = None

    def run(self) -> None:
        """Returns when the driver has gone; ends the process when it goes, or the port, in the middle of a call."""
        watch_hang_up(self._questions_fd, lambda: os._exit(0))
        pending = b""
        while True:
            ready = self._ready()
            if self._questions_fd in ready:
                data = os.read(self._questions_fd, _READ_SIZE)
                if not data:
                    return
                *lines, pending = (pending + data).split(b"\n")
                for question in lines:
                    self._answer(parse(question))
            if self._phone is not None:
                if self._phone.port.fd is None or self._phone.port.fd in ready:
                    self._phone.listen()
                self._phone.attend()

    def _ready(self) -> list[int]:
        """Waits; what may be read then."""
        port = self._phone.port.fd if self._phone else None
        fds = [self._questions_fd] if port is None else [self._questions_fd, port]
        timeout_s = LISTEN_EVERY_S if self._phone and port is None else None
        return select.select(fds, [], [], timeout_s)[0]

    def _tell(self, message: Message) -> None:
        os.write(self._answers_fd, line(message))

    def _answer(self, question: Message) -> None:
        try:
            for answer in self._answers(question):
                self._tell(answer)
        except Refusal as refusal:
            self._tell(refusal.refused)
        except ModemError as error:
            self._tell(refused_by(error))
        else:
            self._tell(Done())

    def _answers(self, question: Message) -> Iterator[Message]:
        if isinstance(question, Connect):
            self._phone = self._connected(question)
            yield facts.identity(self._phone)
        elif self._phone is None:
            raise Refusal(Refused("gone", "the phone"))
        elif self._phone.port.hung_up:
            raise Refusal(Refused("gone", "the port"))
        elif isinstance(question, Prepare):
            yield self._prepare(self._phone, question)
        elif isinstance(question, Submit):
            yield Sent(submit(self._phone, question, self._smsc or ""))
        elif isinstance(question, Ready) and not self._smsc:
            raise Refusal(Refused("CMS", "SendSMS", _NO_CENTRE))
        else:
            yield from _asked(self._phone, question)

    def _connected(self, question: Connect) -> Phone:
        port = Port(question.device)
        port.watch(self._gone)
        try:
            return Phone(question, port, Trail(), self._tell)
        except Refusal as refusal:
            raise (port.busy() if refusal.refused.reason == "busy" else refusal) from None

    def _gone(self) -> None:
        self._tell(Gone())
        os._exit(0)

    def _prepare(self, phone: Phone, question: Prepare) -> Message:
        card = facts.card(phone)
        self._smsc = question.smsc or card.smsc or self._smsc
        if phone.is_at:
            radio.choose_bearer(phone)
            phone.ask("AT+CMGF=0")  # where it is refused libgammu would hand over texts, to be written as it pleases
        phone.announce()
        return Card(card.imsi, card.smsc or self._smsc)


def _asked(phone: Phone, question: Message) -> Iterable[Message]:
    match question:
        case Unlock():
            phone.call("EnterSecurityCode", "PIN", question.pin)
        case Read():
            return storage.read(phone, question.storage, question.index)
        case Delete():
            storage.delete(phone, question.storage, question.index)
        case ListStored():
            return storage.waiting(phone)
        case Look():
            return _seen(phone, question)
        case Probe():
            facts.probe(phone)
        case _:
            return _done(phone, question)
    return ()


def _done(phone: Phone, question: Message) -> Iterable[Message]:
    match question:
        case Hold():
            radio.hold_link(phone, question.hold)
        case Switch():
            return [Switched(radio.switch_bearer(phone))]
        case Restart():
            phone.call("Reset", False)
    return ()


def _seen(phone: Phone, question: Look) -> Iterable[Message]:
    match question.at:
        case "network":
            return [facts.network(phone)]
        case "signal":
            return [facts.signal(phone)]
        case "storages":
            return storage.use(phone)
