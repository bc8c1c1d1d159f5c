"""What is installed: the check of Python and packages, Keras without TensorFlow's log lines, versions, the machine."""

from __future__ import annotations  # lets an old Python reach the check of its version

import contextlib
import logging
import os
import platform
import sys
import tempfile
from importlib import metadata
from pathlib import Path

from handwriting import processes

BACKENDS = ("tensorflow", "jax", "torch")  # Keras has more, but those can't train
OLDEST_PYTHON = (3, 11)

# Keras 3.14 and older can't read the files that Keras 3.15 saves.
OLDEST_PACKAGES = {
    "keras": "3.15",
    "numpy": "2.0",
    "matplotlib": "3.8",
    "pillow": "11.0",
    "tensorflow": "2.19",
}


def check_installation() -> None:
    """Ends the program with one line if Python or a package is missing or too old."""
    if sys.version_info < OLDEST_PYTHON:
        stop(
            f"expected Python {'.'.join(map(str, OLDEST_PYTHON))} or newer, got {platform.python_version()}; "
            "install a newer Python (3.13 is best) and make the virtual environment with it"
        )
    if backend() not in BACKENDS:
        stop(
            f"KERAS_BACKEND: expected {', '.join(BACKENDS)}, got {backend()}; set it to one of these, or unset it"
        )
    for package, version in OLDEST_PACKAGES.items():
        if package == "tensorflow" and backend() != "tensorflow":
            continue
        installed = installed_version(package)
        if version_numbers(installed) < version_numbers(version):
            stop(
                f"expected {package} {version} or newer, got {installed}; "
                "run: python -m pip install -r requirements.txt"
            )
    if installed_version(backend()) == "none":
        stop(
            f"KERAS_BACKEND names {backend()}, which is not installed; run: python -m pip install {backend()}"
        )


def backend() -> str:
    """The name of the package that Keras computes with."""
    return os.environ.get("KERAS_BACKEND") or "tensorflow"  # for Keras, too, an empty name is no name


def start_keras():
    """Checks the installation and returns the module `keras`, without the log lines that TensorFlow starts with.

    Since TensorFlow 2.19 no setting silences these lines. So the error output goes to a file until a first operation
    has started the devices. The lines are shown if that fails. What Python itself prints meanwhile is shown at once: it
    may be the last words of a program that is stopped.
    """
    check_installation()
    os.environ["KERAS_BACKEND"] = (
        backend()
    )  # the one that was checked, and that the record of a run will name
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    # TensorFlow would warn that one program uses several models.
    logging.getLogger("tensorflow").setLevel(logging.ERROR)
    sys.stderr.flush()
    with (
        tempfile.TemporaryFile() as greeting,
        os.fdopen(os.dup(2), "w", buffering=1, encoding="utf-8", errors="replace") as error_output,
        contextlib.redirect_stderr(error_output),
    ):
        os.dup2(greeting.fileno(), 2)
        try:
            import keras

            # Other projects may have written other settings into ~/.keras/keras.json.
            keras.config.set_image_data_format("channels_last")
            keras.config.set_floatx("float32")
            keras.ops.zeros(1)
            return keras
        except Exception:
            greeting.seek(0)
            os.write(error_output.fileno(), greeting.read())
            raise
        finally:
            os.dup2(error_output.fileno(), 2)


def stop(line: str):
    """Ends the program: one line on the error output, exit code 2."""
    print(line, file=sys.stderr)
    raise SystemExit(2)


def installed_version(package: str) -> str:
    """The version of an installed package, or 'none'. `tensorflow-cpu` counts as TensorFlow."""
    for name in [package, f"{package}-cpu"]:
        with contextlib.suppress(metadata.PackageNotFoundError):
            return metadata.version(name)
    return "none"


def version_numbers(version: str) -> tuple[int, ...]:
    """The first two numbers of a version: '2.21.0rc1' -> (2, 21), 'none' -> ()."""
    return tuple(int(part) for part in version.split(".")[:2] if part.isdecimal())


def versions() -> dict[str, str]:
    """The versions that a measured figure depends on."""
    packages = {name: installed_version(name) for name in ("keras", backend(), "numpy", "pillow")}
    return {"python": platform.python_version(), **packages}


def machine() -> str:
    """One line with the processor and the number of cores that may be used."""
    name = platform.processor() or platform.machine()
    cpu_list = Path("/proc/cpuinfo")
    if cpu_list.exists():
        lines = [line for line in cpu_list.read_text().splitlines() if line.startswith("model name")]
        name = lines[0].partition(":")[2].strip() if lines else name
    return f"{platform.system()}, {name}, {processes.usable_cores()} cores"
