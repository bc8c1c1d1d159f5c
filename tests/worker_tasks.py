"""What worker processes do in tests. Nothing heavy is imported here, so a process starts within a second."""

import os
import time


def path_name_unless_bad(path) -> str:
    """The name of a path. At "bad", the process ends."""
    if path.name == "bad":
        os._exit(1)
    return path.name


def slow_touch(path):
    """Leaves a file beside the path after a while."""
    time.sleep(0.2)
    path.with_suffix(".done").touch()
    return path


def leave_file(folder, number: int) -> int:
    (folder / str(number)).touch()
    return number
