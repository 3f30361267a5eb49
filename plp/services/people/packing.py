"""Rows of a long list, as another process hands them over and a console keeps them for an hour."""

import pickle
import zlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TypeVar

T = TypeVar("T")
# A page shows so many; to make objects of them takes two milliseconds.
AT_ONCE = 50


class Packed(Sequence[T]):
    """Rows, pickled a page at a time: whoever looks at some makes objects of these alone. As objects, a list of 50,000
    takes 120 MB and two seconds to hand over, in which no page is answered; packed 14 MB and a moment.
    """

    def __init__(self, rows: Iterable[T]) -> None:
        whole = [*rows]
        pieces = (whole[start : start + AT_ONCE] for start in range(0, len(whole), AT_ONCE))
        self._pieces = [zlib.compress(pickle.dumps(piece, pickle.HIGHEST_PROTOCOL), 1) for piece in pieces]
        self._count = len(whole)

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, at: Any) -> Any:
        wanted = range(self._count)[at]
        if isinstance(wanted, int):
            return self._piece(wanted // AT_ONCE)[wanted % AT_ONCE]
        pieces = {number: self._piece(number) for number in sorted({row // AT_ONCE for row in wanted})}
        return [pieces[row // AT_ONCE][row % AT_ONCE] for row in wanted]

    def __iter__(self) -> Iterator[T]:
        for number in range(len(self._pieces)):
            yield from self._piece(number)

    def _piece(self, number: int) -> list[T]:
        return list(pickle.loads(zlib.decompress(self._pieces[number])))  # noqa: S301  (a process of ours wrote it)
