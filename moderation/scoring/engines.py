"""Run shards: in this process, on local worker processes or threads, or on a Dask cluster.

An engine takes an iterator of shards and gives back the receipts as they come, in any order. Shards are drawn only while there is
room in a window, so a slow reader of the results holds the work back. A worker that dies is replaced and its shards are given out again.
"""

import os
import signal
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from typing import Any

from moderation.errors import MissingExtra, ModerationError
from moderation.scoring.job import Receipt, Shard, Work
from moderation.scoring.workers import check_version, run_shard

__all__ = ["DEATHS", "Receipts", "open_dask", "open_processes", "open_threads", "run_here", "run_on"]

DEATHS = 4
"""How often workers may die without a shard getting done between, before the run gives up."""

Receipts = Generator[list[Receipt], None, None]


class Pool:
    """Workers: `submit` a shard, `restart` after one died, `close`; `width` is their number."""

    def __init__(
        self,
        start: Callable[[], Executor],
        stop: Callable[[Executor], None],
        width: int,
        deadly: tuple[type[Exception], ...],
    ) -> None:
        self.start = start
        self.stop = stop
        self.width = width
        self.deadly = deadly
        self.executor = start()

    def restart(self) -> None:
        """Replace all workers."""
        self.stop(self.executor)
        self.executor = self.start()

    def close(self) -> None:
        """Stop all workers, at once."""
        self.stop(self.executor)


def run_here(work: Work, shards: Iterator[Shard]) -> Receipts:
    """Do the shards one after another in this process."""
    for shard in shards:
        yield run_shard(work, shard)


def run_on(pool: Pool, work: Work, shards: Iterator[Shard]) -> Receipts:
    """Do the shards on the workers of a pool, at most two for each worker given out at a time.

    Raises ModerationError when workers die `DEATHS` times without finishing a shard, and whatever a worker raises.
    """
    running: dict[Future[list[Receipt]], Shard] = {}
    again: deque[Shard] = deque()
    deaths = 0
    try:
        while True:
            while len(running) < 2 * pool.width:
                shard = again.popleft() if again else next(shards, None)
                if shard is None:
                    break
                try:
                    running[pool.executor.submit(_work, work, shard)] = shard
                except pool.deadly:
                    again.appendleft(shard)
                    break
            if not running and not again:
                return
            died = not running
            for future in wait(running, return_when=FIRST_COMPLETED).done if running else ():
                shard = running.pop(future)
                try:
                    receipts = future.result()
                except pool.deadly:
                    again.append(shard)
                    died = True
                    continue
                deaths = 0
                yield receipts
            if died:
                deaths += 1
                again = deque(sorted([*again, *running.values()], key=lambda shard: shard.name))
                running.clear()
                if deaths >= DEATHS:
                    raise _given_up(again)
                pool.restart()
    finally:
        pool.close()


def _given_up(shards: deque[Shard]) -> ModerationError:
    names = sorted({piece.path for shard in shards for piece in shard.pieces})
    return ModerationError(
        f"workers were killed {DEATHS} times in a row, perhaps because memory ran out",
        ", ".join(names[:3]),
        "run the same command again, with --workers 1 if it goes on; finished parts are kept",
    )


def _work(work: Work, shard: Shard) -> list[Receipt]:
    check_version(work)
    return run_shard(work, shard)


def open_threads(workers: int) -> Pool:
    """Threads of this process: no start-up, but reading and writing share one interpreter lock."""
    return Pool(
        lambda: ThreadPoolExecutor(workers), lambda pool: pool.shutdown(cancel_futures=True), workers, (BrokenExecutor,)
    )


def open_processes(workers: int) -> Pool:
    """Local processes (joblib's loky), one model each; their arrays are memory-mapped files, so they share the memory."""
    from joblib.externals.loky import ProcessPoolExecutor

    _start_tracker()
    single = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"), "1")

    def start() -> Executor:
        pool: Executor = ProcessPoolExecutor(workers, initializer=_attend, initargs=(os.getpid(),), env=single)
        return pool

    def stop(pool: Any) -> None:
        with suppress(BrokenExecutor):
            _let_go_out(pool.submit(int))
        pool.shutdown(wait=True, kill_workers=True)

    return Pool(start, stop, workers, (BrokenExecutor,))


def _start_tracker() -> None:
    """Start loky's tracker of semaphores, silent: it removes those of workers that were killed, and needs not tell anybody."""
    from joblib.externals.loky.backend import resource_tracker

    sys.warnoptions.append(f"ignore::UserWarning:{resource_tracker.__name__}")
    try:
        resource_tracker.ensure_running()
    finally:
        sys.warnoptions.pop()


def _let_go_out(last: Future[int]) -> None:
    """Wait until the last task submitted has left for the workers: killed before, loky's thread looks for it and ends in a KeyError."""
    end = time.monotonic() + 5
    while not (last.running() or last.done()) and time.monotonic() < end:
        time.sleep(0.001)


def _attend(parent: int) -> None:
    """In a worker: leave Ctrl-C to the parent, and end when the parent is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        os._exit(1)

    if os.name == "posix":
        threading.Thread(target=watch, daemon=True).start()


def open_dask(scheduler: str) -> Pool:
    """The workers of a Dask cluster that exists; they read the inputs and write the parts themselves, on a file system that all share.

    Raises MissingExtra without Dask, ModerationError when the scheduler does not answer or has no workers.
    """
    try:
        from distributed import Client
        from distributed.scheduler import KilledWorker
    except ModuleNotFoundError:
        raise MissingExtra("distributed", "dask") from None
    try:
        client: Any = Client(scheduler, timeout=5, set_as_default=False)  # type: ignore[no-untyped-call]
    except (OSError, ValueError) as error:
        raise ModerationError(
            f"no Dask scheduler answers ({error})", scheduler, "start one with: dask scheduler"
        ) from None
    threads = sum(client.nthreads().values())
    if not threads:
        client.close()
        raise ModerationError(
            "the Dask scheduler has no workers", scheduler, f"start some with: dask worker {scheduler} --nthreads 1"
        )

    def stop(pool: Any) -> None:
        pool.shutdown(wait=False)
        client.close()

    def start() -> Executor:
        pool: Executor = client.get_executor(pure=False)
        return pool

    return Pool(start, stop, threads, (KilledWorker,))
