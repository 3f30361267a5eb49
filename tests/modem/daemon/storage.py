"""Texts in a modem's storage, and a driver whose calls are written down."""

from modem.sms.message import Concatenation, Deliver
from tests.support.inbound import received_texts

SENDER = "+32470009999"
FIVE_MINUTES = 300


def text(words, now, seq=1, total=1):
    return Deliver(SENDER, words, now, Concatenation(7, seq, total) if total > 1 else None)


def stored_texts():
    return [card.text for card in reversed(received_texts())]


class Calls:
    """Counts, then does what it stands for; errors are raised in turn."""

    def __init__(self, does, *trouble):
        self.does, self.trouble, self.count = does, list(trouble), 0

    def __call__(self, *arguments):
        self.count += 1
        if self.trouble:
            raise self.trouble.pop(0)
        return self.does(*arguments)
