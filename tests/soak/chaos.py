"""Bytes that a modem might send, and bytes that no modem should."""

import random

from tests.modem.at.matrix import DIALECTS, TALKS
from tests.modem.at.urc_samples import FORMS, SAMPLES, wire

COMMANDS = (
    ("AT+CMGS=16", True),
    ("AT+CMGS=154", True),
    ("AT+CMGW=16", True),
    *((command, False) for command in ("AT", "ATE0", "ATH", "AT+CREG?", "AT+CEREG?", "AT+CSQ", "AT+COPS?", "AT+CGSN")),
    *((command, False) for command in ("AT+CMGL=4", "AT+CMGR=3", "AT+CPMS?", "AT+CMGD=1", "AT+CNMI=2,1,0,1,0")),
)
_URCS = [wire(lines, end) for lines in SAMPLES.values() for end in (b"\r\n", b"\r\r\n")]
_URCS += [f"\r\n{line}\r\n".encode() for _, line in FORMS]
_TRANSCRIPTS = [
    dialogue.before + dialogue.after
    for talk in TALKS
    for dialect in DIALECTS
    for dialogue in (talk.spoken(dialect, echo=False), talk.spoken(dialect, echo=True))
]
_FRAGMENTS = (
    *(b"\r", b"\n", b"\r\n", b"\r\r\n", b"> ", b">", b"\xff", b"\x00", b"\x1a", b"\x1b", b'"', b",", b" ", b":"),
    *(b"OK", b"ERROR", b"+CMGS: 1", b"+CMGS", b"+CMS ERROR: 38", b"+CME ERROR: 10", b"+CMS ERROR: 3", b"8", b"AT"),
    *(b"+CDS: 25", b"+CMT: ,22", b"+CBM: 88", b'+CUSD: 0,"', b"00060A0B", b"+CREG: 2", b",1", b"RDY", b"NO CARRIER"),
)


def mutated(dice: random.Random, data: bytes) -> bytes:
    """The same with a few bytes lost, doubled, changed or moved."""
    octets = bytearray(data)
    for _ in range(dice.randrange(4)):
        at = dice.randrange(len(octets) + 1)
        match dice.randrange(4):
            case 0:
                del octets[at : at + dice.randrange(1, 6)]
            case 1:
                octets[at:at] = octets[max(0, at - dice.randrange(1, 12)) : at]
            case 2:
                octets[at:at] = dice.randbytes(dice.randrange(1, 4))
            case _:
                octets[at : at + 1] = bytes([dice.choice(b"\r\n>\xff\x00+: 0")])
    return bytes(octets)


def noise(dice: random.Random) -> bytes:
    """Bytes of one kind or another: mostly a few hundred, at times a flood."""
    if dice.random() < 0.01:
        return dice.choice((b"U", b"+CMGL: 1\r\n", b"00\r\n", b"+CMGS: 1\r\n", b"\r\n", b"> ")) * 10_000
    match dice.randrange(6):
        case 0:
            return dice.randbytes(dice.randrange(1, 600))
        case 1:
            return b"".join(dice.choices(_FRAGMENTS, k=dice.randrange(1, 40)))
        case 2:
            return b"".join(dice.choices(_URCS, k=dice.randrange(1, 20)))
        case 3:
            return dice.choice(_TRANSCRIPTS)
        case 4:
            return b"".join(mutated(dice, dice.choice(_TRANSCRIPTS)) for _ in range(3))
        case _:
            return mutated(dice, b"".join(dice.choices(_URCS, k=4)) + dice.choice(_TRANSCRIPTS))
