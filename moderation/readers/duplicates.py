"""Remembers which comment ids were seen: the first in a set, which is quick, many in an open-addressed table of hashes."""

from array import array

__all__ = ["Seen"]

_FEW = 1 << 18
"""Pairs that the set holds; then they move to the table."""

_FIRST = 1 << 19
_MASK = (1 << 64) - 1


class Seen:
    """Whether a (thread, id) pair came before.

    Holds at most `limit` pairs, 16 to 32 bytes each on average; then it forgets them all and starts anew, so two equal ids are found
    when fewer than `limit` others lie between them. Two different pairs are taken for equal with probability 2^-64.
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._most = min(_FEW, limit)
        self._clear()

    def _clear(self) -> None:
        self._few: set[int] | None = set()
        self._slots = array("Q")
        self._count = 0

    def add(self, thread: str, id: str) -> bool:
        """Remember the pair; True when it was there already."""
        mark = hash((thread, id))
        few = self._few
        if few is not None:
            if mark in few:
                return True
            few.add(mark)
            if len(few) >= self._most:
                self._move(few)
            return False
        return self._enter(mark & _MASK or 1)

    def _move(self, few: set[int]) -> None:
        if len(few) >= self.limit:
            self._clear()
            return
        self._few, self._slots = None, array("Q", bytes(8 * _FIRST))
        for mark in few:
            self._enter(mark & _MASK or 1)

    def _enter(self, mark: int) -> bool:
        slots = self._slots
        last = len(slots) - 1
        at = mark & last
        while found := slots[at]:
            if found == mark:
                return True
            at = (at + 1) & last
        slots[at] = mark
        self._count += 1
        if self._count * 3 > last * 2 or self._count >= self.limit:
            self._grow()
        return False

    def _grow(self) -> None:
        if self._count >= self.limit:
            self._clear()
            return
        old = self._slots
        last = len(old) * 2 - 1
        slots = array("Q", bytes(8 * (last + 1)))
        for mark in old:
            if mark:
                at = mark & last
                while slots[at]:
                    at = (at + 1) & last
                slots[at] = mark
        self._slots = slots
