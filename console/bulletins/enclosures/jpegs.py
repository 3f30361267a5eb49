"""Encoded pictures inside a PDF, without what they say beside the picture. Pure."""

import re

# ITU-T T.81 B.1.1.2: any number of fill bytes before a marker; 00 and RST stand in the picture, TEM has no length.
_MARKER = re.compile(rb"\xff+[^\x00\x01\xff\xd0-\xd8]")
_END, _SCAN = 0xD9, 0xDA
# What a decoder needs: frames, tables, the number of lines, restarts.
_NEEDED = frozenset(range(0xC0, 0xD0)) | {0xDB, 0xDC, 0xDD}
# Which colours they are: JFIF without its small picture, and Adobe's transform.
_COLOURS = {0xE0: (b"JFIF\x00", 16), 0xEE: (b"Adobe", 14)}
_JP2_NEEDED = frozenset({b"jP  ", b"ftyp", b"jp2h", b"jp2c"})


def bare_jpeg(content: bytes) -> bytes:
    """A JPEG with nothing but its picture: no EXIF, XMP, comments, small pictures, and nothing behind its end.

    Raises ValueError where it is none.
    """
    at = content.find(b"\xff\xd8\xff")
    if at < 0:
        raise ValueError("no JPEG")
    kept, at = [b"\xff\xd8"], at + 2
    while found := _MARKER.search(content, at):
        marker, begin = content[found.end() - 1], found.end()
        at = begin + int.from_bytes(content[begin : begin + 2], "big")
        if marker == _END or at > len(content):
            break
        if marker == _SCAN:
            behind = _MARKER.search(content, at)
            at = behind.start() if behind else len(content)
        if marker == _SCAN or marker in _NEEDED or _is_of_colours(marker, content[begin:at]):
            kept.append(bytes((0xFF, marker)) + content[begin:at])
    return b"".join([*kept, b"\xff\xd9"])


def bare_jp2(content: bytes) -> bytes:
    """A JPEG 2000 picture without boxes of other things (ISO 15444-1 I.4); a bare codestream as it is."""
    if not content.startswith(b"\x00\x00\x00\x0cjP  "):
        return content
    kept, at = [], 0
    while at + 8 <= len(content):
        size = int.from_bytes(content[at : at + 4], "big")
        if size == 1:  # the size proper stands behind the name
            size = int.from_bytes(content[at + 8 : at + 16], "big")
        end = len(content) if size == 0 else at + max(size, 8)
        if content[at + 4 : at + 8] in _JP2_NEEDED:
            kept.append(content[at:end])
        at = end
    return b"".join(kept)


def _is_of_colours(marker: int, segment: bytes) -> bool:
    begins, size = _COLOURS.get(marker, (b"", 0))
    return bool(begins) and segment[2:].startswith(begins) and len(segment) == size
