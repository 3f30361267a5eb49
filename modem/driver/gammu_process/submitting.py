"""One part through SendSMS, and what the modem said to it.

libgammu waits for the prompt (30 s), writes the PDU, sleeps 600 ms and ends it with Ctrl-Z. Whether that point was
reached is in the trail, and so is the result: python-gammu forgets the code of a refusal, takes an old answer for a
new one, and stops waiting after a hundred reads, however short.
"""

from modem.at import answers
from modem.at.finals import Final as FinalResult
from modem.at.finals import parse_final
from modem.driver.gammu_process.messages import Refused, Submit
from modem.driver.gammu_process.phone import Phone
from modem.driver.gammu_process.refusals import Refusal, refused
from modem.driver.gammu_process.trail import Passage
from modem.sms.submit import libgammu_message

_COMMAND = "AT+CMGS"


def submit(phone: Phone, question: Submit, smsc: str) -> int:
    """TP-MR. Waits for ever where no answer comes: whoever asked has the deadline. Raises Refusal."""
    message = libgammu_message(question.part)
    message["SMSC"]["Number"] = smsc
    try:
        reference = int(phone.call("SendSMS", message))
    except Refusal as refusal:
        if phone.is_at and phone.passage.handed_over:
            return _awaited(phone)
        if phone.is_at and refusal.refused.reason == "timeout":
            raise Refusal(Refused("timeout", f"{_COMMAND} (prompt)")) from None
        if not phone.is_at and refusal.refused.reason == "timeout":
            raise Refusal(Refused("gone", _COMMAND)) from None  # where it was, python-gammu does not say
        raise
    return _awaited(phone) if phone.is_at else _checked(reference)


def _awaited(phone: Phone) -> int:
    """The result, which stands behind the prompt and nowhere else."""
    while (told := _result(phone.passage)) is None:
        phone.wait()
    lines, final = told
    if final.ok:
        return _checked(answers.reference(lines))
    raise Refusal(refused(final, _COMMAND))


def _result(passage: Passage) -> tuple[tuple[str, ...], FinalResult] | None:
    for frame in passage.frames:
        final = parse_final(frame[-1], _COMMAND)
        if final is not None and any(line.startswith(">") for line in frame):
            return frame, final
    return None


def _checked(reference: int | None) -> int:
    """It was taken; without its reference it can be matched with no report."""
    if reference is None or not 0 <= reference <= 255:
        raise Refusal(Refused("protocol", _COMMAND))
    return reference
