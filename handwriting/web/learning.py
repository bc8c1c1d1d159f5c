"""Learning the person's hand: one training at a time, in a process of its own, so that the page goes on reading."""

import contextlib
import json
import os
import re
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path

from handwriting.data.hand import HAND, too_few
from handwriting.pictures.files import label_of
from handwriting.shipped import LEARNED, LEARNS, PROJECT, shipped_network
from handwriting.training.run_files import learned_run
from handwriting.web import answers
from handwriting.web.mine import MyDigits, changing
from handwriting.web.not_answered import NotAnswered
from handwriting.web.worker import Worker

START = shipped_network(LEARNS)  # each training starts from it, with all of the digits
PROGRAM = (sys.executable, "-u", str(PROJECT / "cnn_model_v2.py"))
EPOCH = re.compile(r" *([0-9]+)/([0-9]+) ")  # how the line of an epoch begins
COMPLAINT = "cnn_model_v2.py: "  # how the line begins that says why it has ended
PUBLISHED = "wrote "  # how the lines begin that name the files of the learned network
ENDED = "the training was stopped; learn again to go on with it"
POLITENESS = 10  # how far the training stands back behind other programs, of 19


@dataclass
class Progress:
    """How a training goes.

    Args:
        share: how much is done, from 0 to 1.
        complaint: why it has failed, if it has.
    """

    share: float = 0.0
    complaint: str = ""


class Learning:
    """Learns the person's hand when asked to. It has the worker, whose networks change with what is learned.

    Args:
        mine: the person's digits.
        out: the folder whose checkpoints/ gets the learned network.
        program: the command that trains.
    """

    def __init__(self, mine: MyDigits, out: Path, program: tuple[str, ...] = PROGRAM):
        self.mine = mine
        self.out = out
        self.worker = Worker(self.load)
        self.program = program
        self.run = learned_run(out, START)
        self.lock = threading.Lock()
        self.process: subprocess.Popen | None = None
        self.follower: threading.Thread | None = None
        self.progress = Progress()
        self.networks = None  # with which pictures are read; None for the shipped ones

    @property
    def is_busy(self) -> bool:
        """Whether it learns now, or takes over what was learned."""
        return self.follower is not None and self.follower.is_alive()

    def load(self) -> None:
        """Loads the networks. The worker calls this. If the learned one does not read with them, the page says so."""
        self.networks = answers.load(self.run.final.model)
        if self.run.final.model.exists():
            self.progress.complaint = why_unheard(self.networks)

    def start(self) -> None:
        """Begins to learn, or goes on with a training that was stopped. Raises NotAnswered if it can't."""
        with self.lock:
            if self.is_busy:
                raise NotAnswered(409, "your hand is being learned already")
            digits = sum(label_of(path) is not None for path in self.mine.pictures())
            if digits < HAND.fewest and not self.run.is_unfinished:
                raise NotAnswered(409, too_few(digits, "in My digits"))
            command = [*self.program, "--start", START, "--data", self.mine.folder, "--out", self.out]
            if self.run.is_unfinished:
                command.append("--resume")
            self.progress = Progress()
            try:
                self.process = subprocess.Popen(
                    list(map(str, command)),
                    cwd=PROJECT,
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.STDOUT,
                    env={**os.environ, "PYTHONIOENCODING": "utf-8"},  # else Windows has another for pipes
                    encoding="utf-8",
                    errors="replace",
                )
            except OSError as error:
                raise NotAnswered(500, f"the training did not start: {error.strerror}") from None
            stand_back(self.process)
            self.follower = threading.Thread(target=self.follow, args=[self.process], daemon=True)
            self.follower.start()

    def follow(self, process: subprocess.Popen) -> None:
        """Follows what the training prints, to its end. Then the learned network reads with the others."""
        complaint, is_published = "", False
        with process:
            for line in process.stdout:
                if epoch := EPOCH.match(line):
                    self.progress.share = int(epoch[1]) / int(epoch[2])
                elif line.startswith(COMPLAINT):
                    complaint = line.strip()
                elif line.startswith(PUBLISHED):
                    is_published = True
        if is_published:
            self.join()
        else:
            self.progress.complaint = f"Nothing was changed: {self.for_the_page(complaint)}"

    def for_the_page(self, complaint: str) -> str:
        """A complaint without what only means something in a terminal."""
        return complaint.removeprefix(COMPLAINT).replace(f"{self.out}{os.sep}", "") or ENDED

    def join(self) -> None:
        """Has the networks loaded anew."""
        try:
            self.worker.ask(self.load)
        except Exception as error:  # nobody else would say so
            self.progress.complaint = f"The networks could not be loaded anew ({error}). Start draw.py again."

    def take_back(self) -> None:
        """Takes the learned network back: its files move to the folders previous/. Raises NotAnswered if it can't."""
        with self.lock:
            if self.is_busy:
                raise NotAnswered(409, "your hand is being learned; wait for the end")
            with changing(self.run.final.model.parent):
                self.run.take_back()
            self.progress = Progress()
            self.join()

    def stop(self) -> None:
        """Ends the process that learns. What it has learned so far is kept, to go on with."""
        if self.process:
            self.process.terminate()

    def described(self) -> dict:
        """How it stands, for the page."""
        is_busy = self.is_busy
        return {
            "state": "learning" if is_busy else "learned" if self.run.final.model.exists() else "none",
            "share": self.progress.share,
            "complaint": self.progress.complaint,
            "unfinished": not is_busy and self.run.is_unfinished,
            "fewest": HAND.fewest,
            "result": self.result(),
        }

    def result(self) -> dict | None:
        """What the record of the learned network says: how many digits it was judged by, and its misses."""
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            record = json.loads(self.run.final.record.read_text(encoding="utf-8"))
            return {
                "learned": int(record["images"]["learned"]),
                "judged_by": str(record["judged_by"]),
                "count": int(record["after"]["hand"]["count"]),
                "before": int(record["before"]["hand"]["misses"]),
                "after": int(record["after"]["hand"]["misses"]),
            }
        return None


def why_unheard(networks) -> str:
    """Why the network that has learned the hand does not read with these. Nothing if it does.

    Args:
        networks: what `answers.load` returns for its file.
    """
    if networks is None:
        return "The learned network can't be used: the others read without it. draw.py's terminal says why."
    reasons = [why for name, why in networks.left_out.items() if name.endswith(LEARNED)]
    return f"The learned network does not read with the others: {reasons[0]}." if reasons else ""


def stand_back(process: subprocess.Popen) -> None:
    """Lets the page go before the training where both need the processor."""
    with contextlib.suppress(AttributeError, OSError):  # on Windows, and for a process that has ended already
        os.setpriority(os.PRIO_PROCESS, process.pid, POLITENESS)
