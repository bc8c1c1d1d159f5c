"""One thread for the networks: one picture is read after another, however many pages ask."""

import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as WaitedTooLong
from dataclasses import dataclass

from handwriting.web.not_answered import NotAnswered


@dataclass(frozen=True)
class WorkerSettings:
    """How long the line before the networks may be."""

    waiting: int = 16  # questions; a page asks one at a time, so that more are from many pages
    patience: float = 60  # seconds until an answer; the slowest picture takes some ten


WORKER = WorkerSettings()


class Worker:
    """Loads the networks, then answers questions, one after another, in a thread of its own.

    Args:
        load: is called once, first. What it raises ends the worker.
        settings: how many questions may wait, and for how long.
    """

    def __init__(self, load: Callable[[], None], settings: WorkerSettings = WORKER):
        self.load = load
        self.settings = settings
        self.questions: queue.Queue[tuple[Future, Callable]] = queue.Queue(settings.waiting)
        self.ready = threading.Event()
        self.failure: Exception | None = None
        self.thread = threading.Thread(target=self.work, name="networks", daemon=True)

    def start(self) -> None:
        """Begins to load the networks."""
        self.thread.start()

    def ask(self, question: Callable[[], object]) -> object:
        """What a question returns or raises. Raises NotAnswered if there are too many, or if it takes too long."""
        answer: Future = Future()
        try:
            self.questions.put_nowait((answer, question))
        except queue.Full:
            raise NotAnswered(503, "too many pictures wait to be read; try again in a moment") from None
        try:
            return answer.result(self.settings.patience)
        except WaitedTooLong:
            if answer.done():  # the question itself waited too long for something
                raise
            answer.cancel()
            raise NotAnswered(503, "the networks have not answered in time; try again") from None

    def work(self) -> None:
        """What the thread does."""
        try:
            self.load()
        except Exception as failure:  # the main thread raises it again, see `Server.service_actions`
            self.failure = failure
            return
        self.ready.set()
        while True:
            answer, question = self.questions.get()
            if answer.set_running_or_notify_cancel():
                give(answer, question)


def give(answer: Future, question: Callable[[], object]) -> None:
    """Answers a question. An error is an answer, too."""
    try:
        result = question()
    except Exception as error:  # whoever has asked gets it
        answer.set_exception(error)
    else:
        answer.set_result(result)
