"""The scheduler and its workers: found or started, and checked before anything is read."""

from __future__ import annotations

import contextlib
import importlib.util
import logging
import time
import warnings
from collections.abc import Iterator
from typing import TYPE_CHECKING

from handwriting import console, processes, stopping
from handwriting.cluster.travel import caller, packed
from handwriting.cluster.versions import differences, facts

if TYPE_CHECKING:  # an optional package
    from distributed import Client, LocalCluster

LOCAL = "local"
CONNECT_SECONDS = 6  # a scheduler that doesn't answer by then isn't there
WORKER_SECONDS = 10  # how long a scheduler may have no worker; new ones take some seconds to start
CLOSE_SECONDS = 2
SILENT = logging.CRITICAL + 1
REQUIREMENTS = "python -m pip install -r requirements-cluster.txt"
SCHEDULER_GONE = "the scheduler is gone, and the readings are not written; start it and read again"
START_WORKERS = "start some in the project's folder: dask worker ADDRESS --nworkers 2 --nthreads 1"

# Empty, in place of what Dask would set. Its MALLOC_TRIM_THRESHOLD_ makes workers return memory again and again, which
# takes time. Its OMP_NUM_THREADS and the like limit the threads, so that sums would be rounded differently from here.
WORKER_ENVIRONMENT: dict[str, str] = {}


class ClusterLost(console.InputError):
    """The scheduler or all workers are gone in the middle of the work."""

    code = 1


@contextlib.contextmanager
def connected(address: str) -> Iterator[Client]:
    """A client of the scheduler at an address, or of one on this machine with a worker for each core.

    Raises InputError if there is no scheduler, no worker, or one with other versions.
    """
    check_dask()
    with warnings.catch_warnings(), contextlib.ExitStack() as stack:
        warnings.simplefilter("ignore")  # Dask's own: its versions, its ports, the size of what is sent
        client = local_client(stack) if address == LOCAL else client_of(address, stack)
        check_versions(client, first_workers(client, address))
        try:
            yield client
        except KeyboardInterrupt:
            stack.pop_all()  # closing takes longer than a program that is stopped may take
            stopping.kill_children()
            raise


def check_dask() -> None:
    """Raises InputError if Dask is not installed. Makes it silent if it is."""
    if not all(importlib.util.find_spec(package) for package in ("dask", "distributed")):
        raise console.InputError(f"expected Dask for --cluster, which is not installed; run: {REQUIREMENTS}")
    import dask

    # What goes wrong is said in this project's words.
    dask.config.set({"logging": {"distributed": SILENT, "tornado": SILENT, "asyncio": SILENT}})


def local_client(stack: contextlib.ExitStack) -> Client:
    """A client of a scheduler in this process. Its workers are processes of this machine, one for each core."""
    import dask
    from distributed import Client, LocalCluster

    processes.start_tracker()
    dask.config.set({"distributed.nanny.pre-spawn-environ": WORKER_ENVIRONMENT})
    with processes.ctrl_c_blocked():
        cluster = LocalCluster(
            n_workers=processes.usable_cores(),
            threads_per_worker=1,
            dashboard_address=None,
            memory_limit=None,
            silence_logs=SILENT,
        )
        stack.callback(closed, cluster)
        client = Client(cluster)
    stack.callback(closed, client)
    return client


def closed(end: Client | LocalCluster) -> None:
    """Closes a client or a cluster. One that doesn't close soon ends with this program."""
    with contextlib.suppress(OSError, RuntimeError):
        end.close(CLOSE_SECONDS)


def client_of(address: str, stack: contextlib.ExitStack) -> Client:
    """A client of a scheduler that runs already. Raises InputError if there is none."""
    from distributed import Client

    try:
        client = Client(address, timeout=CONNECT_SECONDS)
    except Exception as error:  # what answers there may be anything
        raise console.InputError(
            f"expected a Dask scheduler at {address}, got no answer ({console.first_line(error)}); "
            "start one: dask scheduler; or read on this machine: --cluster local"
        ) from None
    stack.callback(closed, client)
    return client


def workers_of(client: Client) -> list[str]:
    """The addresses of the workers that are there now. Raises ClusterLost if the scheduler is gone."""
    try:
        return list(client.nthreads())
    except (OSError, RuntimeError):
        raise ClusterLost(SCHEDULER_GONE) from None


def first_workers(client: Client, address: str) -> list[str]:
    """The workers of a scheduler. Raises InputError if none starts soon."""
    deadline = time.monotonic() + WORKER_SECONDS
    while not (workers := workers_of(client)):
        if time.monotonic() > deadline:
            raise console.InputError(
                f"expected workers of the scheduler at {address}, got none; {START_WORKERS}"
            )
        time.sleep(0.1)
    return workers


def check_versions(client: Client, workers: list[str]) -> None:
    """Raises InputError if a worker has other versions of this project or of what it stands on."""
    for worker, reason in unlike(client, workers).items():
        raise console.InputError(
            f"expected the same versions on all machines, but the worker {worker} differs: {reason}; "
            "update it, and start it again in the project's folder"
        )


def unlike(client: Client, workers: list[str]) -> dict[str, str]:
    """The workers whose versions differ from those here, and how they differ."""
    ours = facts()
    pythons = python_versions(client)
    reasons = {worker: differences({"python": ours["python"]}, pythons.get(worker, {})) for worker in workers}
    asked = [
        worker for worker in workers if not reasons[worker]
    ]  # functions travel between equal Pythons alone
    answers = client.run(
        caller(), "handwriting.cluster.versions:facts", packed(), workers=asked, on_error="return"
    )
    for worker in asked:
        reasons[worker] = difference_of(ours, answers.get(worker))
    return {worker: reason for worker, reason in reasons.items() if reason}


def python_versions(client: Client) -> dict[str, dict[str, str]]:
    """The first two numbers of the workers' Pythons."""
    workers = client.get_versions()["workers"]
    return {
        worker: {"python": ".".join(str(of_worker["host"]["python"]).split(".")[:2])}
        for worker, of_worker in workers.items()
    }


def difference_of(ours: dict[str, str], answer: object) -> str:
    """How a worker differs, by its answer to the question for its versions."""
    if isinstance(answer, dict):
        return differences(ours, answer)
    if isinstance(answer, (ImportError, AttributeError)):
        return f"it can't import this version of the project ({console.first_line(answer)})"
    return "it gave no answer" if answer is None else console.first_line(answer)
