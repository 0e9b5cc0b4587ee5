"""Compile a loop with numba, caching the machine code where a folder is writable and saying so once where none is."""

import hashlib
import warnings
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from numba import njit, types
from numba.core import caching, cgutils
from numba.extending import intrinsic
from numba.np import arrayobj

__all__ = ["borrowed", "compiled", "count_ones", "trailing_zeros"]

_warned = False


@cache
def _sources() -> str:
    """A hash of all code that may be compiled into one loop."""
    here = Path(__file__).resolve().parent
    files = [*sorted(here.glob("*.py")), here.parent / "text.py"]
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:12]


def _keyed(locator: Any) -> Any:
    """A place for machine code that numba knows, with `_sources` in the names of the files.

    numba itself looks at the file of the outermost function only: after an upgrade it would run, or fail to load, the loops of before.
    """

    class Keyed(locator):  # type: ignore[misc]
        def get_disambiguator(self) -> str:
            return f"{super().get_disambiguator() or ''}{_sources()}"

    return Keyed


class _Stored(caching.FunctionCache._impl_class):  # type: ignore[misc]
    _locator_classes = tuple(map(_keyed, caching.FunctionCache._impl_class._locator_classes))


class _Cache(caching.FunctionCache):  # type: ignore[misc]
    _impl_class = _Stored


def compiled(function: Callable[..., Any], inline: bool = False) -> Any:
    """`function` compiled in nopython mode, without the interpreter lock; numba's errors apply."""
    global _warned
    dispatcher = njit(function, nogil=True, error_model="numpy", inline="always" if inline else "never")
    try:
        dispatcher._cache = _Cache(function)
    except RuntimeError as error:
        if "cannot cache" not in str(error):
            raise
        if not _warned:
            _warned = True
            warnings.warn(
                "no folder is writable for compiled code, so it is compiled anew (some seconds) in each process; "
                "set NUMBA_CACHE_DIR to a writable folder to keep it",
                RuntimeWarning,
                stacklevel=2,
            )
    return dispatcher


def _trailing_zeros(context: Any, value: Any) -> Any:
    """Place of the lowest 1 of a uint64 that is not 0, as int64: one machine instruction, which numba has no name for."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.cttz(arguments[0], context.get_constant(types.boolean, 1))

    return types.int64(types.uint64), generate


trailing_zeros: Any = intrinsic(_trailing_zeros)


def _count_ones(context: Any, value: Any) -> Any:
    """Number of ones in a uint64, as int64."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.ctpop(arguments[0])

    return types.int64(types.uint64), generate


count_ones: Any = intrinsic(_count_ones)


def _borrowed(context: Any, arrays: Any) -> Any:
    """The same tuple of arrays without their owners: numba then counts no references to them.

    Counting is an atomic addition for each array at each call, and was more than half of the time. The caller of the outermost
    compiled function holds the arrays meanwhile.
    """

    def lend(context: Any, builder: Any, kind: Any, value: Any) -> Any:
        if isinstance(kind, types.BaseTuple):
            parts = [
                lend(context, builder, part, builder.extract_value(value, at)) for at, part in enumerate(kind.types)
            ]
            return context.make_tuple(builder, kind, parts)
        given = arrayobj.make_array(kind)(context, builder, value)
        lent = arrayobj.make_array(kind)(context, builder)
        arrayobj.populate_array(
            lent,
            data=given.data,
            shape=cgutils.unpack_tuple(builder, given.shape, kind.ndim),
            strides=cgutils.unpack_tuple(builder, given.strides, kind.ndim),
            itemsize=given.itemsize,
            meminfo=None,
        )
        return lent._getvalue()

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return lend(context, builder, arrays, arguments[0])

    return arrays(arrays), generate


borrowed: Any = intrinsic(_borrowed)
