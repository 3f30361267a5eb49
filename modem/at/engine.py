"""The sans-IO engine: `send` gives the bytes to write, `feed` turns the bytes read into events.

One command is in flight at a time. A line that is also a URC's name (`+CREG:`, `+CPIN:`) belongs to the command in
flight when that reads it. A result that may be of the submit in flight or of an older one is given to neither.
"""

from collections.abc import Iterable, Iterator, Sequence

from modem.at.classifier import Boot, Sorter
from modem.at.commands import RECEIPT, Command, Commands, Final, command_name
from modem.at.events import Doubtful, Event, Late, Prompt, Response, Restarted, Urc
from modem.at.framing import Framer, PromptSign
from modem.at.submit_matching import Owned, Result, Submits
from modem.at.urcs import URCS, UrcRule, head

CTRL_Z = "\x1a"
ESC = b"\x1b"

_OK = Final("OK", text="OK")


class AtEngine:
    """The dialogue with one modem. Misuse (two commands at once) raises RuntimeError; bytes never do."""

    def __init__(self, urcs: Iterable[UrcRule] = URCS) -> None:
        self._commands = Commands()
        self._sorter = Sorter(urcs, self._commands)
        self._framer = Framer()
        self._submits = Submits()
        # Events that were seen while nothing was fed.
        self._untold: list[Event] = []
        self._blocks = False

    @property
    def in_flight(self) -> str | None:
        return self._commands.text

    @property
    def has_told(self) -> bool:
        """A line with the name of the read command in flight has arrived: no OK is needed to settle it."""
        current = self._commands.current
        return bool(
            current and current.text.endswith("?") and any(head(line) == current.name for line in current.lines)
        )

    @property
    def echoes(self) -> int:
        """The number of commands that came back as an echo."""
        return self._commands.echoes

    @property
    def submits(self) -> int:
        """The number of PDUs that `payload` handed out for AT+CMGS: that of the newest submit, as in `Late.submit`."""
        return self._submits.number

    @property
    def any_awaited(self) -> bool:
        """True when a submit that was given up, or is from before this dialogue, may be answered still."""
        return self._submits.any_awaited

    def begin_after(self, ages_s: Sequence[float], reference: int | None, since: int, now: float, blocks: bool) -> None:
        """Tell of submits from before this dialogue, so many seconds before `now`, that may be answered still, as
        `Submits.begin_after`. `blocks`: this modem answers nothing else meanwhile.
        """
        command = f"AT{RECEIPT}"
        self._submits.begin_after(command, [now - age_s for age_s in ages_s], reference, since)
        for _ in ages_s:
            self._commands.begin_after(command)
        self._blocks = blocks

    def none_before(self) -> None:
        """Nothing from before this dialogue is answered any more."""
        self._submits.none_before()

    def forget_before(self) -> None:
        """The SIM is another one than before: nothing follows from the references of the last."""
        self._submits.forget_before()

    def believe(self) -> Response | None:
        """The answer to the submit in flight that only one from before this dialogue could claim, if there is one."""
        current = self._commands.current
        believed = self._submits.believe() if current and current.pdu_is_out else None
        return self._response(current, believed) if current and believed else None

    def send(self, command: str, expects_prompt: bool = False) -> bytes:
        """The bytes that ask `command` (without its CR); CMGS and CMGW expect a prompt."""
        if self._commands.current:
            raise RuntimeError(f"{command_name(self._commands.current.text)} is still in flight")
        self._commands.current = Command(command, expects_prompt)
        self._commands.sent(command)
        self._framer.forget_prompt()
        self._framer.expects_prompt = expects_prompt
        return command.encode("ascii") + b"\r"

    def payload(self, text: str, now: float = 0.0) -> bytes:
        """The bytes for the prompt, at `now` in seconds: `text` and Ctrl-Z."""
        current = self._commands.current
        if not current or current.waits_for_prompt or current.payload is not None:
            raise RuntimeError("no prompt is open")
        if current.is_submit:
            self._submits.begin(current.text, now)
        current.payload = text
        self._commands.sent(text)
        return (text + CTRL_Z).encode("ascii")

    def escape(self) -> bytes:
        """The bytes that cancel the prompt; the command stays in flight, as most modems still answer it."""
        self._framer.expects_prompt = False
        if self._commands.current:
            self._commands.current.escaped = True
        return ESC

    def abandon(self) -> tuple[str, ...]:
        """Give the command up; a later answer is `Late`. The lines so far, a receipt only when it is surely its own."""
        self._framer.expects_prompt = False
        command = self._commands.give_up()
        if command is None:
            return ()
        lines = tuple(command.lines)
        if not command.pdu_is_out:
            return lines
        if any(head(line) == RECEIPT for line in lines):
            verdict = self._submits.settle(Result(lines, _OK))
            self._untold.extend(self._told(verdict.late))
            if verdict.mine:
                return lines
            lines = ()
        self._submits.give_up()
        return lines

    def feed(self, data: bytes) -> list[Event]:
        """The events of the bytes; the same for any chunking."""
        events, self._untold = self._untold, []
        for token in self._framer.feed(data):
            if isinstance(token, PromptSign):
                events.extend(self._prompt())
                continue
            for event in self._sorter.sort(token):
                if isinstance(event, Urc):
                    events.append(event)
                elif isinstance(event, Final):
                    events.extend(self._final(event))
                else:
                    events.append(self._restarted(event))
        return events

    def _prompt(self) -> Iterator[Event]:
        if current := self._commands.current:
            current.waits_for_prompt = False
            yield from self._doubted(current)
            self._commands.caught_up()
            yield Prompt(current.text)

    def _restarted(self, _: Boot) -> Restarted:
        command = self.in_flight or ""
        self.abandon()  # its answer may come all the same, when the line was an old one in a buffer
        self._commands.late_lines.clear()
        self._untold.clear()
        self._submits.forget()
        return Restarted(command)

    def _final(self, final: Final) -> Iterator[Event]:
        current = self._commands.current
        awaited = self._submits.any_awaited
        if current is None or self._commands.is_late(final, awaited):
            yield from self._late(final)
        elif current.waits_for_prompt and not current.escaped and awaited and current.doubtful is None:
            current.doubtful = final
            yield Doubtful(current.text, (), final)
        elif current.pdu_is_out:  # of this submit, of an older one, or not yet known
            result = Result(tuple(current.lines), final)
            current.lines.clear()
            verdict = self._submits.settle(result)
            yield from self._told(verdict.late)
            if verdict.mine:
                yield self._response(current, verdict.mine)
            elif verdict.in_doubt:
                yield Doubtful(current.text, result.lines, result.final, self._submits.is_in_brief_doubt)
        else:
            yield from self._doubted(current)
            if current.asks and current.lines:
                self._commands.caught_up()
            yield self._response(current, Result(tuple(current.lines), final))

    def _response(self, current: Command, result: Result) -> Response:
        self._commands.current = None
        self._framer.expects_prompt = False
        return Response(current.text, result.lines, result.final)

    def _late(self, final: Final) -> Iterator[Event]:
        """The end of an answer to something that was given up."""
        result = Result(tuple(self._commands.late_lines), final)
        self._commands.late_lines.clear()
        if self._blocks and not result.lines and final.kind != "CMS":  # whatever was in flight before has ended
            self._submits.none_before()
        if final.kind == "CMS" or any(head(line) == RECEIPT for line in result.lines):
            yield from self._told(self._submits.late(result))
        elif (command := self._commands.late_command(result.lines)) is not None:
            yield Late(command, result.lines, result.final)

    def _doubted(self, current: Command) -> Iterator[Event]:
        """The earlier result turns out to have been an older submit's refusal."""
        if current.doubtful:
            doubtful, current.doubtful = current.doubtful, None
            yield from self._told(self._submits.late(Result((), doubtful)))

    def _told(self, owned: list[Owned]) -> Iterator[Late]:
        for owner, result in owned:
            if owner:
                self._commands.forget_given_up(owner.command)
                yield Late(owner.command, result.lines, result.final, owner.number)
            else:
                command = self._commands.late_command(result.lines)
                yield Late(command or "", result.lines, result.final)
