"""The decoder against everything: a text, a report, or PduError."""

import random

import pytest

from modem.errors import PduError
from modem.sms.incoming import decode_incoming
from modem.sms.message import Deliver
from tests.modem.sms.seeds import SEEDS
from tests.soak.budget import Budget
from tests.soak.figures import note

FULL_PDUS = 4_000_000
ROUND_PDUS = 20_000
_REAL = [bytes.fromhex(seed) for seed in SEEDS]
_REAL.append(bytes.fromhex("07913247000000F0440B913247000000F10008621142211480408C0500034D0201" + "00E9" * 67))


def some_pdu(dice: random.Random) -> str:
    """Random, real with changes, cut short, or no hexadecimal at all."""
    match dice.randrange(8):
        case 0:
            return dice.randbytes(dice.randrange(200)).hex()
        case 1:
            return "".join(map(chr, dice.choices(range(0x20, 0x250), k=dice.randrange(40))))
        case 2:
            real = dice.choice(_REAL)
            return real[: dice.randrange(len(real))].hex().upper()
        case _:
            octets = bytearray(dice.choice(_REAL))
            for _ in range(dice.randrange(1, 6)):
                at = dice.randrange(len(octets) + 1)
                size = dice.choice((0, 0, 1, 1, 1, 1, 1, 2))
                octets[at : at + size] = dice.randbytes(dice.choice((0, size, size, size, size, size + 1)))
            return octets.hex().upper()


def is_clean(decoded: object) -> bool:
    """No control character gets out of a PDU but a text's line ends."""
    shown = decoded.sender + decoded.text if isinstance(decoded, Deliver) else decoded.recipient  # type: ignore[attr-defined]
    return shown.replace("\n", "").isprintable() or not any(
        c < " " or "\x7f" <= c <= "\x9f" for c in shown if c != "\n"
    )


@pytest.mark.soak(3)
def test_decoder(budget: Budget):
    size = budget.scaled(FULL_PDUS)
    tried = decoded = 0
    for number, dice in budget.rounds():
        with budget.round(number):
            for _ in range(ROUND_PDUS):
                tried += 1
                pdu = some_pdu(dice)
                try:
                    incoming = decode_incoming(pdu)
                except PduError:
                    continue
                decoded += 1
                assert is_clean(incoming), pdu
        if tried >= size:
            break
    assert tried >= size, f"only {tried} of {size} PDUs in {budget.seconds:.0f} s"
    note(
        budget,
        "PDU decoder, any PDU",
        f"{tried:,} PDUs",
        f"{decoded:,} decoded, {tried - decoded:,} refused with PduError, no other exception, "
        f"{tried / budget.passed_s:,.0f}/s",
    )
