"""What a modem says to a submit."""

from tests.modem.driver.peer import PDU, PROMPT, answer

RECEIPT = answer("+CMGS: 7")


def cms(code):
    return f"\r\n+CMS ERROR: {code}\r\n".encode()


def cme(code):
    return f"\r\n+CME ERROR: {code}\r\n".encode()


def nothing():
    """The database's commit of PDU_STARTED."""


def after_silence(seconds, then=b""):
    def reply(peer):
        peer.silence(seconds)
        if then:
            peer.say(then)

    return reply


def ok_again(driver, peer, part, reference=99):
    """The driver and its modem still understand each other."""
    peer.replies |= {"AT+CMGS": PROMPT, PDU: answer(f"+CMGS: {reference}")}
    assert driver.submit(part, nothing) == reference
