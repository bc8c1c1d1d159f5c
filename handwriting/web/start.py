"""Starts the server of the page, says where the page is, and opens it in the browser."""

import errno
import socket
import threading
import webbrowser
from pathlib import Path

from handwriting import console
from handwriting.web.learning import Learning
from handwriting.web.mine import MyDigits
from handwriting.web.server import SERVER, Server
from handwriting.web.worker import Worker

OUTSIDE = ("192.0.2.1", 9)  # an address for documentation; nothing is sent to it
LAN_WARNING = (
    "warning: with --lan, the device that opens this address first can draw here, read pictures, see and delete the "
    "pictures in data/mine, and have them learned. What it sends is not encrypted. Use --lan only in a network that "
    "you trust"
)


def serve(folder: Path, out: Path, port: int | None, lan: bool, browser: bool) -> int:
    """Serves the page until Ctrl-C.

    Args:
        folder: of the person's own digits.
        out: the folder whose checkpoints/ gets the network that learns the person's hand.
        port: to serve on. None takes the first free one.
        lan: whether one other device of the network may connect.
        browser: whether the browser is to be opened.
    """
    lan_address = own_address() if lan else None
    mine = MyDigits(folder)
    learning = Learning(mine, out)
    with listening(port, learning.worker, mine, learning, lan_address) as server:
        learning.worker.start()
        introduce(server)
        if browser:
            threading.Thread(target=open_browser, args=(server.address,), daemon=True).start()
        try:
            server.serve_forever()
        finally:
            learning.stop()
    return 0


def listening(
    port: int | None, worker: Worker, mine: MyDigits, learning: Learning, lan_address: str | None
) -> Server:
    """A server on a port, or on the first free one of some. Raises InputError if none is free."""
    ports = range(SERVER.port, SERVER.port + SERVER.ports) if port is None else [port]
    for number in ports:
        try:
            server = Server(number, worker, mine, learning, lan_address)
        except OSError as error:
            if error.errno not in (errno.EADDRINUSE, errno.EACCES):
                raise
            continue
        if number != ports[0]:
            console.say(f"port {ports[0]} is in use; took {number}")
        return server
    what = f"port {port}" if port else f"ports {ports[0]} to {ports[-1]}"
    raise console.InputError(
        f"expected a free port, got {what}, which other programs use or which need more rights; "
        "give another with --port"
    )


def introduce(server: Server) -> None:
    """Prints where the page is."""
    console.say(f"draw here: {server.address}")
    gate = server.gate
    if gate.lan_address:
        print(
            f"on one other device: http://{gate.lan_address}:{gate.port}/?token={gate.lan_pass.token}",
            flush=True,
        )
        console.say(LAN_WARNING)
    console.say("Ctrl-C ends it")


def open_browser(address: str) -> None:
    """Opens the page in the browser, or says how."""
    try:
        opened = webbrowser.open(address)
    except Exception:  # whatever a browser's launcher raises
        opened = False
    if not opened:
        console.say(f"no browser was found; open {address} in one")


def own_address() -> str:
    """This machine's address in its network. Raises InputError if it is in none."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(OUTSIDE)  # chooses the way out, and sends nothing
            address = probe.getsockname()[0]
        except OSError:
            address = "127.0.0.1"
    if address.startswith("127."):
        raise console.InputError(
            "--lan: expected this machine to be in a network, got none; connect it first"
        )
    return address
