"""Compile a loop with numba, caching the machine code where a folder is writable and saying so once where none is."""

import warnings
from collections.abc import Callable
from typing import Any

from numba import njit

__all__ = ["compiled"]

_warned = False


def compiled(function: Callable[..., Any], inline: bool = False) -> Any:
    """`function` compiled in nopython mode, without the interpreter lock; numba's errors apply."""
    global _warned
    options: dict[str, Any] = {"nogil": True, "error_model": "numpy", "inline": "always" if inline else "never"}
    try:
        return njit(function, cache=True, **options)
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
        return njit(function, **options)
