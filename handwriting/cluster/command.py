"""What `test_load.py --cluster` does, from the pictures to the tables and the picture sheet."""

from __future__ import annotations

import argparse
import contextlib
import itertools
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from handwriting import console, safe_files
from handwriting.cluster import tables
from handwriting.cluster.connecting import ClusterLost, connected, workers_of
from handwriting.cluster.description import Description, NetworkFiles, NetworksFailed
from handwriting.cluster.stream import in_order, on_every_worker
from handwriting.cluster.travel import caller, packed
from handwriting.pictures.decoding import FilePage, UnreadablePicture
from handwriting.reading.inputs import complain_of_refused, networks_in, pictures_in
from handwriting.reading.readings import ENSEMBLE_NAME, TOGETHER, ReadPicture, in_words, unreadable
from handwriting.reading.results import LOOK_THERE, PictureRow, picture_row, shown_names
from handwriting.reading.sheet import draw_marked_copies, draw_sheet, left_off

if TYPE_CHECKING:  # an optional package
    from distributed import Client, Future

FUNCTIONS = "handwriting.cluster.worker"
MOST_WHOLE = 1_000  # pictures; of more, pixels are sent for the picture sheet alone
SHEET_TOGETHER = 10  # pictures of the sheet that a worker reads at a time
NETWORK_BYTES = 110_000_000  # of a file, at most; the workers check what is in it
ENDS_ITS_WORKER = UnreadablePicture("it ends the worker that reads it")


@dataclass(frozen=True)
class Batches(Sequence):
    """Pictures by their whole paths, so many at a time. They are made when they are asked for, to save memory."""

    files: list[Path | FilePage]
    size: int

    def __len__(self) -> int:
        return -(-len(self.files) // self.size)

    def __getitem__(self, number: int) -> list[Path | FilePage]:
        some = self.files[number * self.size : (number + 1) * self.size]
        return [
            file.absolute() if isinstance(file, Path) else replace(file, path=file.path.absolute())
            for file in some
        ]


def read_on_cluster(arguments: argparse.Namespace) -> int:
    """Reads as the command line of test_load.py says. Returns the exit code."""
    logs = arguments.out / "logs"
    files = pictures_in(arguments.paths, logs)
    networks, refused = network_files(networks_in(arguments.models))
    safe_files.make_folder(logs)
    reader = f"{FUNCTIONS}:{'read_whole' if len(files) <= MOST_WHOLE else 'read_lightly'}"
    with connected(arguments.cluster) as client:
        while True:
            shared = sent(client, networks)
            known = described(client, shared, refused)
            try:
                batches = Batches(files, batch_size(len(files), len(workers_of(client))))
                read = in_order(client, reader, shared, batches, refusal(known))
                rows = labelled_rows(read, files, not arguments.no_labels)
                summary, written = tables.write_tables(logs, rows, len(files))
                break
            except (
                NetworksFailed
            ) as failed:  # it gives no reading for any picture, so the reading begins again
                reasons = failed.args[0]
                refused += in_words(reasons)
                gone = {known.paths[name] for name in reasons}
                networks = tuple(network for network in networks if network[0] not in gone)
        worst = summary.worst
        if len(files) > MOST_WHOLE:
            worst = read_again(client, shared, known, worst)
    refused = refused + known.refused
    complain_of_refused(refused)
    tables.show(summary, [*known.paths, ENSEMBLE_NAME] if arguments.all else [ENSEMBLE_NAME])
    for name, why in known.left_out.items():
        console.say(f"{name} is not in the ensemble: {why}")
    console.say(known.ensemble)
    tables.complain_of_unreadable(summary)
    if worst is not None:
        draw(logs, worst, summary.pictures)
        written.append(logs / "predictions.png")
    for path in written:
        print(f"wrote {console.shown(path)}")
    if worst is None:
        console.complain(
            "the cluster is gone: the tables are written, the picture sheet is not; read again for it"
        )
    else:
        console.say(LOOK_THERE)
    return 1 if worst is None or refused or summary.unreadable else 0


def batch_size(pictures: int, workers: int) -> int:
    """How many pictures a worker reads at a time: so few that each worker gets some.

    For a moment there may be no worker: one that has died is started again.
    """
    return min(TOGETHER, math.ceil(pictures / max(1, workers)))


def network_files(paths: list[Path]) -> tuple[NetworkFiles, list[str]]:
    """The content of these files, and why some of them can't be sent."""
    files, refused = [], []
    for path in paths:
        if reason := safe_files.unusable(path, NETWORK_BYTES):
            refused.append(f"{path}: {reason}")
            continue
        try:
            files.append((str(path), path.read_bytes()))
        except PermissionError:
            refused.append(f"{path}: no permission to read it")
    return tuple(files), refused


def sent(client: Client, networks: NetworkFiles) -> Future:
    """A task whose result are the networks' files. The workers get them from each other, each once."""
    return client.submit(caller(), f"{FUNCTIONS}:as_it_is", packed(networks), pure=False)


def described(client: Client, shared: Future, refused: list[str]) -> Description:
    """What the workers say of these networks, which all of them load. Raises InputError if none can be used."""
    known = on_every_worker(client, f"{FUNCTIONS}:described", shared)
    if not known.paths:
        complain_of_refused(refused + known.refused)
        raise console.InputError("none of the models can be used; train one: python cnn_model_v2.py")
    return known


def labelled_rows(
    read: Iterator[list[ReadPicture]], files: list[Path | FilePage], labelled: bool
) -> Iterator[list[PictureRow]]:
    """The rows of the pictures, a batch at a time. A progress bar appears if it takes long."""
    named = zip(files, shown_names(files), strict=True)
    with contextlib.closing(console.progress(read, len(files), "reading pictures", len)) as shown:
        for of_batch in shown:
            yield [picture_row(*next(named), of_file, labelled) for of_file in of_batch]


def refusal(known: Description) -> Callable[[Path | FilePage], ReadPicture]:
    """Gives the row of a picture that can't be read, because it ends its worker."""
    return lambda file: unreadable(ENDS_ITS_WORKER, known.paths)


def read_again(
    client: Client, shared: Future, known: Description, rows: list[PictureRow]
) -> list[PictureRow] | None:
    """The same rows with their pixels, for the picture sheet. None if the cluster is gone."""
    readable = [row for row in rows if not row.unreadable]
    batches = Batches([row.file for row in readable], SHEET_TOGETHER)
    read = in_order(client, f"{FUNCTIONS}:read_whole", shared, batches, refusal(known))
    whole = itertools.chain.from_iterable(read)
    try:
        return [row if row.unreadable else replace(row, read=next(whole)) for row in rows]
    except ClusterLost:
        return None


def draw(logs: Path, worst: list[PictureRow], count: int) -> None:
    """Draws the picture sheet with the worst of so many pictures. Marked copies of pages are not drawn."""
    sheet = logs / "predictions.png"
    safe_files.keep_previous(sheet)
    shown = draw_sheet(sheet, worst, count)
    draw_marked_copies(logs / "marked", [])  # those of the readings before move to previous/
    if line := left_off(shown, count):
        console.say(line)
