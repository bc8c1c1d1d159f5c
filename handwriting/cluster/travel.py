"""A function that travels whole to a worker: neither the scheduler nor the worker needs this project to unpack it."""

from __future__ import annotations

import pickle
from collections.abc import Callable


def caller() -> Callable:
    """A function that calls one of this project's functions where it arrives.

    A function inside another is sent as it is, not by its name. So a scheduler that can't import this project passes
    it on, and a worker looks for the project in the folder in which it was started.
    """

    def call(function: str, arguments: bytes, *results):
        """Calls the function "module:name" with pickled arguments, and with the results of earlier tasks."""
        import importlib
        import pathlib
        import pickle
        import sys

        here = str(pathlib.Path.cwd())
        if here not in sys.path:
            sys.path.append(here)
        module, _, name = function.partition(":")
        return getattr(importlib.import_module(module), name)(*results, *pickle.loads(arguments))

    return call


def packed(*arguments) -> bytes:
    """Arguments for `call`. The scheduler doesn't unpack them."""
    return pickle.dumps(arguments)
