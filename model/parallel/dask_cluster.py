"""Pieces of long work shared among the workers of a Dask cluster, like `crew` does among processes of this machine.

Dask is an optional requirement (requirements-cluster.txt). Scheduler and workers need this project on their path and the same
libraries, so they are started in the project's folder:

    PYTHONPATH=. dask scheduler
    PYTHONPATH=. dask worker tcp://SCHEDULER:8786 --nthreads 1 --nworkers 8

Each piece travels with its task, so any worker, one that joined late too, can take it; when a worker is lost, the scheduler
gives its pieces to others, and a result counts once.
"""

from __future__ import annotations

import pickle
import threading
from collections.abc import Callable, Generator, Sequence
from functools import partial
from hashlib import sha256
from typing import Any

from model.errors import InputError, SolverFailed
from model.parallel.progress import Progress, Stop, never, silent
from model.parallel.task import Task, one_thread_each

CONNECT_SECONDS = 10
WORKERS_SECONDS = 30
"""How long to wait for a scheduler to answer, and for its first worker."""
AHEAD = 3
"""Pieces under way for each thread of the cluster: enough that none waits, few enough that memory stays flat."""


class ClusterError(InputError):
    """A cluster that cannot be used; the message says why."""


def spread(
    address: str, task: Task, pieces: Sequence[Any], progress: Progress = silent, stop: Stop = never
) -> Generator[tuple[int, Any], None, None]:
    """The place and the result of each piece as it is ready, worked out by the cluster at this address. Ends early when asked to stop.
    Raises `ClusterError`, what a piece raises, and `SolverFailed` when the cluster gives up."""
    try:
        from distributed import Client, as_completed
    except ImportError:
        raise ClusterError("--scheduler: Dask is missing; pip install -r requirements-cluster.txt") from None
    try:
        client = Client(address, timeout=CONNECT_SECONDS, set_as_default=False)
    except (OSError, TimeoutError) as error:
        raise ClusterError(f"--scheduler {address}: no scheduler answers there ({type(error).__name__})") from None
    with client:
        try:
            client.wait_for_workers(1, timeout=WORKERS_SECONDS)
        except TimeoutError:
            raise ClusterError(f"--scheduler {address}: it has no workers") from None
        whole = pickle.dumps(task, protocol=pickle.HIGHEST_PROTOCOL)
        submit = partial(client.submit, _work_on, sha256(whole).hexdigest(), whole, pure=False)
        left = iter(enumerate(pieces))
        places: dict[str, int] = {}
        under_way = as_completed(loop=client.loop)

        def hand_out() -> None:
            place, piece = next(left, (-1, None))
            if place >= 0:
                future = submit(piece)
                places[future.key] = place
                under_way.add(future)

        for _ in range(min(len(pieces), AHEAD * max(1, sum(client.nthreads().values())))):
            hand_out()
        for done, future in enumerate(under_way, 1):
            hand_out()
            yield places.pop(future.key), result_of(future)
            future.release()
            progress(done, len(pieces))
            if stop():
                return


def result_of(future: Any) -> Any:
    """The result of a piece. Raises what it raised, `SolverFailed` when the cluster could not finish it, and `ClusterError` when it does
    not know this project."""
    from distributed import KilledWorker
    from distributed.client import FutureCancelledError

    try:
        return future.result()
    except (KilledWorker, FutureCancelledError) as error:
        raise SolverFailed(f"the cluster lost too many workers ({type(error).__name__})") from None
    except (ImportError, RuntimeError) as error:
        missing = error if isinstance(error, ImportError) else error.__cause__
        if not isinstance(missing, ImportError):
            raise
        raise ClusterError(
            f"--scheduler: the scheduler or a worker lacks this project or a library ({missing}); start them in the project's folder"
            " with PYTHONPATH=."
        ) from None


_READY = threading.local()
"""What this thread of a worker made ready last: the digest of a task, and its function. Programs in memory are not shared by threads."""


def _work_on(digest: str, whole: bytes, piece: Any) -> Any:
    """On a worker: one piece of a task that is made ready once in each thread."""
    if getattr(_READY, "digest", None) != digest:
        one_thread_each()
        task: Task = pickle.loads(whole)  # noqa: S301 - sent by the process that asks, over the cluster's own connection
        work: Callable[[Any], Any] = task.ready()
        _READY.digest, _READY.work = digest, work
    return _READY.work(piece)


__all__ = ["ClusterError", "spread"]
