"""Splits bytes into whole lines and prompts; the same lines come out for any chunking."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

# Control characters, and the 0xFF that lines carry while they settle; CR and LF stay.
_NOISE: Final = bytes(c for c in (*range(0x20), 0x7F, 0xFF) if c not in b"\r\n")
_PIECES: Final = re.compile(rb"[\r\n]+|[^\r\n]+")
# No answer comes near; what is longer is noise without a line end.
LINE_LIMIT: Final = 4096


@dataclass(frozen=True, slots=True)
class PromptSign:
    """`>` at the start of a line while one was expected."""


class Framer:
    """Set `expects_prompt` while a prompt may come: it has no line end, so only the caller can recognise it."""

    def __init__(self) -> None:
        self.expects_prompt = False
        self._text = bytearray()

    def forget_prompt(self) -> None:
        """Drop a stale prompt that waits for its line end."""
        if self._text.lstrip().startswith(b">"):
            self._text.clear()

    def feed(self, data: bytes) -> Iterator[str | PromptSign]:
        for piece in _PIECES.findall(data.translate(None, _NOISE)):
            if piece[0] in b"\r\n":
                if self._text.strip():
                    yield self._text.decode("latin-1")
                self._text.clear()
            elif self.expects_prompt and not self._text.strip() and piece.lstrip().startswith(b">"):
                self.expects_prompt = False
                self._text[:] = piece[piece.index(b">") + 1 :][:LINE_LIMIT]
                yield PromptSign()
            else:
                self._text += piece[: LINE_LIMIT - len(self._text)]
