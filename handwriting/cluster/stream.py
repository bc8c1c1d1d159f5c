"""Batches of items go to the workers, and what these make of them comes back in the items' order.

Each worker has one batch at a time. So it is known which batch a worker had that died. That batch goes to another
worker. If that one dies, too, the items go one by one. An item that is alone when a worker dies is tried once more, and
then refused: the worker may have been dying already when it got the item.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from handwriting import console
from handwriting.cluster.connecting import SCHEDULER_GONE, ClusterLost, unlike, workers_of
from handwriting.cluster.travel import caller, packed

if TYPE_CHECKING:  # an optional package
    from distributed import Client, Future

TRIES = 2  # of a batch, before its items are read one by one, and of an item, before it is refused
AHEAD = 8  # batches for each worker that may be read before an earlier one is back
LOOK_SECONDS = 0.5  # between two looks at which workers are there
RESULT_SECONDS = 2  # a result that takes longer may have died with its worker
LONELY_SECONDS = 60  # with no worker at all; a new one is there by then, or never
WORKERS_GONE = "all workers are gone, and the readings are not written; start some and read again"


@dataclass(frozen=True)
class Task:
    """What a worker does at a time.

    Args:
        batch: its number.
        items: of the batch, or one of them.
        place: of the one item in its batch. None if it is the whole batch.
        deaths: how many workers ended while they had it.
    """

    batch: int
    items: Sequence
    place: int | None = None
    deaths: int = 0


@dataclass
class Work:
    """The tasks that are left, and the results that can't be given out yet.

    Args:
        batches: the items.
        refused: gives the result for an item that ends its worker.
        again: tasks whose worker died.
        begun: batches that workers were given.
        given: batches that were given out.
        results: of batches that are not given out: by the number of the batch and the place in it.
    """

    batches: Sequence[Sequence]
    refused: Callable
    again: deque[Task] = field(default_factory=deque)
    begun: int = 0
    given: int = 0
    results: dict[int, dict[int, object]] = field(default_factory=dict)

    def next_task(self, workers: int) -> Task | None:
        """The task for a worker that has none. None if there is none, or if all workers are far ahead."""
        if self.again:
            return self.again.popleft()
        if self.begun == len(self.batches) or self.begun >= self.given + AHEAD * workers:
            return None
        self.begun += 1
        return Task(self.begun - 1, self.batches[self.begun - 1])

    def keep(self, task: Task, results: list) -> None:
        """Keeps the results of a task until they can be given out."""
        places = range(len(task.items)) if task.place is None else [task.place]
        self.results.setdefault(task.batch, {}).update(zip(places, results, strict=True))

    def after_death(self, task: Task) -> None:
        """Decides what becomes of a task whose worker died."""
        task = replace(task, deaths=task.deaths + 1)
        if task.deaths < TRIES:
            self.again.append(task)
        elif len(task.items) == 1:
            self.keep(task, [self.refused(task.items[0])])
        else:
            self.again += [Task(task.batch, [item], place) for place, item in enumerate(task.items)]

    def ready(self) -> Iterator[list]:
        """The results of whole batches, in their order."""
        while self.given < len(self.batches):
            results = self.results.get(self.given, {})
            if len(results) < len(self.batches[self.given]):
                return
            del self.results[self.given]
            self.given += 1
            yield [results[place] for place in range(len(results))]


def in_order(
    client: Client, function: str, shared: Future | None, batches: Sequence[Sequence], refused: Callable
) -> Iterator[list]:
    """What a function gives for the items of each batch, in the batches' order.

    Args:
        function: "module:name". It gets `shared` and the items of a batch, and returns a result for each.
        shared: a task whose result every call gets.
        batches: the items.
        refused: gives the result for an item that ends its worker.
    """
    work = Work(batches, refused)
    busy: dict[str, tuple[Task, Future]] = {}
    checked, last_seen = set(workers_of(client)), time.monotonic()
    while work.given < len(batches):
        present = workers_of(client)
        checked |= new_workers(client, set(present) - checked)
        usable = [worker for worker in present if worker in checked]
        if usable:
            last_seen = time.monotonic()
        elif time.monotonic() > last_seen + LONELY_SECONDS:
            raise ClusterLost(WORKERS_GONE)
        for worker in set(busy) - set(present):
            work.after_death(busy.pop(worker)[0])
        for worker in usable:
            if worker not in busy and (task := work.next_task(len(usable))):
                busy[worker] = task, submitted(client, function, shared, task, worker)
        for worker in done_soon({worker: future for worker, (_, future) in busy.items()}):
            task, future = busy.pop(worker)
            # The worker has its next batch before the results of this one are fetched.
            if worker in usable and (following := work.next_task(len(usable))):
                busy[worker] = following, submitted(client, function, shared, following, worker)
            collect(client, work, task, future, worker)
        yield from work.ready()


def on_every_worker(client: Client, function: str, shared: Future) -> object:
    """What a function gives for a shared result. Every worker is asked, and the first answer counts.

    Raises ClusterLost if all that were asked are gone.
    """
    asked = {
        worker: client.submit(caller(), function, packed(), shared, workers=[worker], pure=False)
        for worker in workers_of(client)
    }
    while not (done := done_soon(asked)):
        if not asked.keys() & set(workers_of(client)):
            raise ClusterLost(WORKERS_GONE)
    if asked[done[0]].cancelled():
        raise ClusterLost(SCHEDULER_GONE)
    return asked[done[0]].result()


def new_workers(client: Client, workers: set[str]) -> set[str]:
    """Those of some workers that may be used, because their versions are the same as here."""
    if not workers:
        return set()
    reasons = unlike(client, list(workers))
    for worker, reason in reasons.items():
        console.complain(f"not used  the worker {worker}: {reason}")
    return workers - set(reasons)


def submitted(client: Client, function: str, shared: Future | None, task: Task, worker: str) -> Future:
    """The future of a task that this worker does."""
    more = [] if shared is None else [shared]
    arguments = packed(task.items)
    return client.submit(caller(), function, arguments, *more, workers=[worker], pure=False)


def done_soon(asked: dict[str, Future]) -> list[str]:
    """Which of the workers that were asked for these futures are done. If none is, it waits a moment."""
    from distributed import wait
    from distributed.client import FuturesCancelledError

    if not asked:
        time.sleep(LOOK_SECONDS)
        return []
    try:
        wait(list(asked.values()), timeout=LOOK_SECONDS, return_when="FIRST_COMPLETED")
    except TimeoutError:
        return []
    except FuturesCancelledError:
        pass
    return [worker for worker, future in asked.items() if future.done()]


def collect(client: Client, work: Work, task: Task, future: Future, worker: str) -> None:
    """Takes the results of a task that is over, or notes that its worker died."""
    from distributed import KilledWorker
    from distributed.client import FutureCancelledError

    while True:
        try:
            return work.keep(task, future.result(timeout=RESULT_SECONDS))
        except TimeoutError:
            if worker not in workers_of(client):
                return work.after_death(task)
        except (KilledWorker, FutureCancelledError):
            return work.after_death(task)
