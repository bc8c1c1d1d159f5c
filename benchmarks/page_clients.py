"""Many clients of the page at once: some have pictures read, others send bad requests."""

import http.client
import random
import re
import socket
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

import handwriting
from handwriting.shipped import PROJECT
from tests.web.client import ask_at

CLIENTS = 8
BAD_REQUESTS = 1_000
BAD_SENDERS = 4  # threads that send bad requests
EVERY = 5  # the clients send every fifth picture of data/
GOOD_ENDS = ("right", "wrong", "told to wait", "failed", "without a server")
BAD_ENDS = ("refused", "closed without a word", "let in", "sent to no server")


@dataclass
class Siege:
    """What many clients do to a server, and what becomes of their requests.

    Args:
        port: the server's.
        until: when the clients end, by `time.monotonic`.
        ended: set when the server has ended; then the clients end, too.
        counts: how many requests had which end.
    """

    port: int
    until: float
    ended: threading.Event = field(default_factory=threading.Event)
    counts: Counter[str] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def goes_on(self) -> bool:
        return time.monotonic() < self.until and not self.ended.is_set()

    def count(self, what: str) -> None:
        with self.lock:
            self.counts[what] += 1

    def send_good(self, pictures: dict[bytes, str], seed: int) -> None:
        """Has pictures read, and compares the readings."""
        chance = random.Random(seed)
        while self.goes_on:
            picture = chance.choice(list(pictures))
            try:
                status, answer, _ = ask_at(self.port, "POST", "/api/read", picture)
            except ConnectionRefusedError:
                self.count("without a server")
                time.sleep(0.1)
                continue
            except (OSError, http.client.HTTPException):
                self.count("failed")
                continue
            if status == 200:
                self.count("right" if answer["reading"] == pictures[picture] else "wrong")
            else:
                self.count("told to wait" if status == 503 else "failed")

    def send_bad(self, count: int, seed: int) -> None:
        """Sends bad requests, spread over the time that is left."""
        kinds, chance = bad_requests(self.port), random.Random(seed)
        for number in range(count):
            left = self.until - time.monotonic()
            if self.ended.wait(max(0, left / (count - number) * chance.random())):
                return
            self.count(sent(self.port, chance.choice(kinds)()))


def many_clients(program: subprocess.Popen, port: int, seconds: float) -> tuple[list[list[str]], bool]:
    """The rows of what became of the requests, and whether the program is still there."""
    files = sorted((PROJECT / "data").glob("*.*"))[::EVERY]
    pictures = {file.read_bytes(): handwriting.read(file).reading for file in files}
    began = time.monotonic()
    siege = Siege(port, began + seconds)
    clients = [threading.Thread(target=siege.send_good, args=(pictures, seed)) for seed in range(CLIENTS)]
    clients += [
        threading.Thread(target=siege.send_bad, args=(BAD_REQUESTS // BAD_SENDERS, CLIENTS + seed))
        for seed in range(BAD_SENDERS)
    ]
    before = highest = memory(program)
    for client in clients:
        client.start()
    while any(client.is_alive() for client in clients) and program.poll() is None:
        highest = max(highest, memory(program))
        time.sleep(0.5)
    lasted, is_alive = time.monotonic() - began, program.poll() is None
    siege.ended.set()
    for client in clients:
        client.join()
    state = (
        "is still there" if is_alive else f"ended after {lasted:.0f} s with exit code {program.returncode}"
    )
    return [
        [f"pictures of {CLIENTS} clients in {seconds:g} s", in_words(siege.counts, GOOD_ENDS)],
        ["bad requests meanwhile", in_words(siege.counts, BAD_ENDS)],
        ["draw.py under all these", f"{before:.0f} MB before, {highest:.0f} MB at most; it {state}"],
    ], is_alive


def in_words(counts: Counter[str], ends: tuple[str, ...]) -> str:
    """How many requests had each of these ends."""
    return ", ".join(f"{counts[end]:,} {end}" for end in ends)


def sent(port: int, pieces: list[bytes]) -> str:
    """Sends a bad request, and says what became of it."""
    answer = b""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
            for piece in pieces:
                connection.sendall(piece)
                if len(pieces) > 1:
                    time.sleep(0.2)
            connection.shutdown(socket.SHUT_WR)
            answer = connection.recv(100)
    except ConnectionRefusedError:
        return "sent to no server"
    except OSError:
        pass  # closed while it was being sent
    if not answer:
        return "closed without a word"
    return "let in" if answer.startswith(b"HTTP/1.1 2") else "refused"


def bad_requests(port: int) -> list[Callable[[], list[bytes]]]:
    """The kinds of bad requests: each makes the pieces that are sent, with a pause after each."""
    noise = np.random.default_rng(0).bytes
    return [
        lambda: [head(port, "Content-Length: 5000") + noise(400)],
        lambda: [head(port, "Content-Length: 100000000") + bytes(200_000)],
        lambda: [head(port, "Content-Length: 40"), b"slow", b"slow", b"slow"],
        lambda: [head(port, "Content-Length: 4", origin="http://evil.example") + b"evil"],
        lambda: [head(port, "Content-Length: 4", host="evil.example") + b"evil"],
        lambda: [head(port, "Transfer-Encoding: chunked") + b"4\r\nevil\r\n0\r\n\r\n"],
        lambda: [head(port, "Content-Length: many")],
        lambda: [noise(300) + b"\r\n\r\n"],
        lambda: [b"GET /../../etc/passwd HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"],
        lambda: [head(port, "Content-Length: 2", path="/api/mine") + b"[]"],
        lambda: [b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 200 + b"\r\n"],
        lambda: [b"G"],
    ]


def head(port: int, *lines: str, path: str = "/api/read", host: str = "", origin: str = "") -> bytes:
    """The head of a request to read or to save a picture."""
    here = f"127.0.0.1:{port}"
    first = [f"POST {path} HTTP/1.1", f"Host: {host or here}", f"Origin: {origin or f'http://{here}'}"]
    return "\r\n".join([*first, *lines, "", ""]).encode()


def memory(program: subprocess.Popen) -> float:
    """The memory of a program in MB. 0 if it has ended."""
    found = re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{program.pid}/status").read_text())
    return int(found[1]) / 1024 if found else 0
