"""smspdudecoder's reading of user data, around its one fault.

Its `UserData.decode` (2.2.0) unpacks header and text together and then counts characters where TP-UDL counts
septets: a `€` brings in the padding as `@`, a header with an escape's bits in it swallows the text's first character.
So its alphabet decoder gets the text's own septets, packed anew.
"""

from dataclasses import dataclass
from io import StringIO
from typing import Any

from smspdudecoder.codecs import GSM, UCS2
from smspdudecoder.fields import UserDataHeader


@dataclass(frozen=True)
class UserData:
    text: str
    elements: list[dict[str, Any]]
    octets: int


def user_data(hex_from_length: str, *, ucs2: bool, has_header: bool) -> UserData:
    """`hex_from_length` begins with TP-UDL and ends with the PDU."""
    length, body = int(hex_from_length[:2], 16), hex_from_length[2:]
    header = UserDataHeader.decode(StringIO(body)) if has_header else None
    size = header["length"] + 1 if header else 0
    if ucs2:
        assert length * 2 == len(body)
        text = UCS2.decode(body[2 * size :])
    else:
        skipped = -(-size * 8 // 7)
        septets = length - skipped
        assert (length * 7 + 7) // 8 * 2 == len(body)
        packed = int.from_bytes(bytes.fromhex(body), "little") >> 7 * skipped
        octets = packed.to_bytes((septets * 7 + 7) // 8, "little")
        text = GSM.decode(octets.hex()) if octets else ""
        if septets % 8 == 7:
            assert text.endswith("@")
            text = text[:-1]
    return UserData(text, header["elements"] if header else [], len(body) // 2)
