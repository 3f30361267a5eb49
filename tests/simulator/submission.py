"""A submit between AT+CMGS and its result: how long it takes, what the network makes of it, what the client hears."""

from tests.simulator.base.tpdu import Submit
from tests.simulator.commands import cms_line
from tests.simulator.faults import Rule
from tests.simulator.phone import Phone
from tests.simulator.speech import Speech

# AT+CMMS: the link is closed when the next AT+CMGS comes later than this (27.005 § 3.5.6 leaves 1 to 5 s to the maker)
_LINK_KEPT_S = 1.0
_NOT_SUBSCRIBED = 50


def text_submit(number: str, text: str) -> Submit:
    """What text mode makes of a number and of what is typed at the prompt; without a report, the default of AT+CSMP."""
    return Submit(number, b"", text, "gsm7", None, False, b"")


class Submission:
    """One after the other. `submit_s` and `link_s` are as in Profile."""

    def __init__(self, phone: Phone, speech: Speech, submit_s: float | None, link_s: float | None) -> None:
        profile = phone.profile
        self._phone = phone
        self._speech = speech
        self._submit_s = profile.submit_s if submit_s is None else submit_s
        self._link_s = min(self._submit_s, profile.link_s if link_s is None else link_s)
        self._link_until = 0.0
        self.doom: Rule | None = None  # what happens to the modem in the course of this submit
        self.ends_early = False  # its OK comes before the PDU

    def forget(self) -> None:
        """The power went."""
        self._link_until = 0.0
        self.doom = None

    def begin(self) -> bool:
        """AT+CMGS has come; False when it is lost."""
        faults = self._phone.faults
        faults.submits += 1
        self.doom = next(filter(None, map(faults.hits, ("reset", "brownout", "hang", "unplug"))), None)
        self.ends_early = faults.hits("ok-first") is not None
        return faults.hits("noprompt") is None

    def duration(self, submit: Submit, began: float) -> float:
        """From Ctrl-Z to the network's decision, in seconds."""
        settings = self._phone.settings
        slow = self._phone.faults.hits("slow", submit.to)
        seconds = self._submit_s + (slow.seconds if slow else 0.0)
        if settings.keep_link and began <= self._link_until:
            return seconds - self._link_s
        if settings.keep_link == 1 and self._link_until:  # 1 ends with the first pause, 2 stays
            settings.keep_link = 0
        return seconds

    def decide(self, submit: Submit, began: float, now: float) -> int | None:
        """The TP-MR under which the network has it; None when it is refused, which is said here."""
        phone, faults = self._phone, self._phone.faults
        self._meet_the_world()
        refusal = self._refusal(submit)
        if refusal:
            self._speech.line(refusal)
            return None
        reference = phone.take_reference()
        self._link_until = now + _LINK_KEPT_S if phone.settings.keep_link else 0.0
        if faults.hits("untaken", submit.to) or faults.filters(submit.to, submit.text):
            return reference
        phone.hand_over(submit, reference, now, began)
        return reference

    def _meet_the_world(self) -> None:
        """Let faults of SIM and network strike at this submit."""
        phone, faults = self._phone, self._phone.faults
        if loss := faults.hits("loss"):
            phone.lose_network(loss.seconds)
        if mad := faults.hits("mad"):
            phone.mad_code = mad.code
        if sim := faults.hits("sim"):
            if sim.text == "out":
                phone.take_card_out()
            elif sim.text == "stuck":
                phone.is_stuck = True
            else:
                phone.lock("SIM PIN" if sim.text == "pin" else "SIM PUK")

    def _refusal(self, submit: Submit) -> str:
        """The final result line, empty when it is taken."""
        phone, faults, to = self._phone, self._phone.faults, submit.to
        code = phone.submit_refusal()
        if code is not None:
            return cms_line(code, phone)
        if phone.mad_code:
            return cms_line(phone.mad_code, phone)
        if rule := faults.hits("cms", to):
            return cms_line(rule.code, phone)
        if rule := faults.hits("cme", to):
            return f"+CME ERROR: {rule.code}"
        if faults.hits("error", to):
            return "ERROR"
        rule = faults.hits("validity", to)
        if rule and submit.tpdu[0] & 0x18:  # TP-VPF: it has a validity
            return cms_line(rule.code, phone)
        rule = faults.hits("bearer", to)
        if rule and rule.code != phone.settings.bearer:
            return cms_line(_NOT_SUBSCRIBED, phone)
        return ""

    def answer(self, reference: int, submit: Submit, now: float) -> None:
        """The result line, unless a fault has it otherwise."""
        faults, to = self._phone.faults, submit.to
        if faults.hits("unanswered", to) or self.ends_early:
            return
        if faults.hits("ok-alone", to):
            self._speech.line("OK")
            return
        if late := faults.hits("late", to):
            self._speech.later(now + late.seconds, f"+CMGS: {reference}", "OK")
            return
        self._speech.line(f"+CMGS: {reference}")
        self._speech.line("OK")
