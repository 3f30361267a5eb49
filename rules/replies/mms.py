"""The notice that a multimedia message waits at the operator's: a WAP push (WAP-230-WSP § 8.2.4.1, § 8.4) with an
m-notification-ind (OMA-TS-MMS_ENC § 6.2). The one Python library for it is for Python 2. Nothing is fetched.
"""

from collections.abc import Iterator
from dataclasses import dataclass

# OMA-TS-MMS_ENC § 7.3: the fields of interest, and the type of a notification.
_MESSAGE_TYPE, _FROM, _MESSAGE_SIZE, _NOTIFICATION = 0x8C, 0x89, 0x8E, b"\x82"
_PUSH, _ADDRESS_PRESENT = 0x06, 0x80
_CONTENT_TYPES = (b"\xbe", b"application/vnd.wap.mms-message")


@dataclass(frozen=True, slots=True)
class MmsNotice:
    """`sender` is E.164 or as the network gave it, empty when it is hidden; `octets` is the size, 0 when unknown."""

    sender: str
    octets: int


def mms_notice(push: bytes) -> MmsNotice | None:
    """The notice in the user data of a WAP push to port 2948, None when it is another push or is cut short."""
    try:
        if push[1] != _PUSH:
            return None
        headers, body = _quoted(push[2:])
        content_type = next(_values(headers))
        if not content_type.startswith(_CONTENT_TYPES):
            return None
        values = _values(body)
        # By their well-known number; a field with a name in letters is passed over.
        fields = {name[0]: value for name, value in zip(values, values, strict=False) if len(name) == 1}
    except (IndexError, StopIteration):
        return None
    if fields.get(_MESSAGE_TYPE) != _NOTIFICATION:
        return None
    return MmsNotice(_address(fields.get(_FROM, b"")), int.from_bytes(fields.get(_MESSAGE_SIZE, b"")[:4]))


def _address(value: bytes) -> str:
    """§ 7.3.12: a token, then perhaps a length and a character set, then `+32470123456/TYPE=PLMN`."""
    if value[:1] != bytes([_ADDRESS_PRESENT]):
        return ""
    text = value[1:].split(b"/", 1)[0]
    if b"@" in text:  # sent from a mailbox
        return ""
    return "".join(chr(octet) for octet in text if chr(octet) in "+0123456789")


def _values(octets: bytes) -> Iterator[bytes]:
    """WAP-230 § 8.4.1.2: an octet from 128 is a value; 0 to 31 is the length of one; all else is text up to a NUL."""
    while octets:
        first = octets[0]
        if first >= 0x80:
            value, octets = octets[:1], octets[1:]
        elif first < 0x1F:
            value, octets = octets[1 : 1 + first], octets[1 + first :]
        elif first == 0x1F:
            value, octets = _quoted(octets[1:])
        else:
            value, _nul, octets = octets.partition(b"\0")
        yield value


def _quoted(octets: bytes) -> tuple[bytes, bytes]:
    """Octets after a length, a uintvar of § 8.1.2, and the rest. IndexError when the length is cut short."""
    length, at = 0, 0
    while True:
        length = length << 7 | octets[at] & 0x7F
        at += 1
        if octets[at - 1] < 0x80:
            return octets[at : at + length], octets[at + length :]
