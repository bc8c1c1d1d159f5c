"""What worker processes do in tests. Nothing heavy is imported here, so a process starts within a second."""

import os
import time


def path_name_unless_bad(path) -> str:
    """The name of a path. At "bad", the process ends, and at "once" the first time."""
    if path.name == "bad" or path.name == "once" and not path.exists():
        path.touch()
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


def names_unless_bad(paths) -> list[str]:
    """The names of paths, slowly. At "bad", the process ends, and at "once" the first time."""
    names = []
    for path in paths:
        time.sleep(0.02)
        names.append(path_name_unless_bad(path))
    return names
