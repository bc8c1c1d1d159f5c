"""The thread of the networks: one question at a time, and not too many in the line."""

import threading
import time

import pytest

from handwriting.web.not_answered import NotAnswered
from handwriting.web.worker import Worker, WorkerSettings


def started(load=lambda: None, **settings) -> Worker:
    """A worker that works. It ends with the tests."""
    worker = Worker(load, WorkerSettings(**settings))
    worker.start()
    return worker


def test_questions_are_answered_one_after_another():
    worker = started()
    busy, answers = [], []

    def question():
        busy.append(1)
        assert len(busy) == 1
        time.sleep(0.01)
        busy.pop()
        return threading.current_thread().name

    askers = [threading.Thread(target=lambda: answers.append(worker.ask(question))) for _ in range(8)]
    for asker in askers:
        asker.start()
    for asker in askers:
        asker.join()
    assert answers == ["networks"] * 8


def test_an_error_is_an_answer_and_the_next_question_has_its_own():
    worker = started()
    with pytest.raises(ZeroDivisionError):
        worker.ask(lambda: 1 / 0)
    assert worker.ask(lambda: 7) == 7


def test_one_too_many_and_one_too_slow_are_said_to_be():
    worker = started(waiting=1, patience=0.5)
    go_on = threading.Event()
    answered = []
    with pytest.raises(NotAnswered, match="not answered in time"):
        worker.ask(go_on.wait)
    with pytest.raises(NotAnswered, match="not answered in time"):
        worker.ask(lambda: answered.append(1))
    with pytest.raises(NotAnswered, match="too many pictures wait"):
        worker.ask(lambda: 7)
    go_on.set()
    while not worker.questions.empty():
        time.sleep(0.01)
    assert worker.ask(lambda: 7) == 7
    assert answered == []  # nobody waits for it any more


def test_networks_that_cannot_be_loaded_are_a_failure_that_is_kept():
    def load():
        raise OSError("damaged")

    worker = started(load)
    worker.thread.join()
    assert str(worker.failure) == "damaged"
    assert not worker.ready.is_set()


def test_a_question_that_waited_too_long_for_something_says_so_itself():
    def question():
        raise TimeoutError("the network drive does not answer")

    with pytest.raises(TimeoutError, match="network drive"):
        started().ask(question)
