"""The identity of a simulated modem and its SIM (docs/adr/0003)."""

from dataclasses import dataclass
from hashlib import sha256

# Mobile country code 001 is the test country and 001/01 its test network (3GPP TS 23.003, ITU-T E.212): no SIM that an
# operator sold begins like this, so what went through a simulator can be recognised for ever.
TEST_NETWORK = "00101"


@dataclass(frozen=True, slots=True)
class Identity:
    """Digits only: `imei` 15 with its check digit, `imsi` 15, `iccid` 19 with its check digit."""

    imei: str
    imsi: str
    iccid: str

    @classmethod
    def derive(cls, *traits: object) -> "Identity":
        """The same traits (a seed, a link) always give the same identity, others another one."""
        digest = sha256("\0".join(map(str, traits)).encode()).digest()
        number = int.from_bytes(digest, "big")
        serial, number = number % 10**6, number // 10**6
        subscriber, number = number % 10**9, number // 10**9
        card = number % 10**11
        return cls(
            imei=_with_check_digit(f"00101900{serial:06}"),
            imsi=f"{TEST_NETWORK}9{subscriber:09}",
            iccid=_with_check_digit(f"8900101{card:011}"),
        )


def _with_check_digit(digits: str) -> str:
    """Luhn's formula (ISO/IEC 7812-1), as for IMEI in TS 23.003 annex B."""
    total = 0
    for position, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if position % 2 == 0 else 1)
        total += value // 10 + value % 10
    return f"{digits}{-total % 10}"
